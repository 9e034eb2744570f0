"""What the Float64 engine is measured on: operators as models of one node, and networks.

Operations are those of the definition: two for each product, those with the padding included. Bytes
are those of the inputs, the weights and the output, each once.
"""

import math

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from networks import NETWORKS as ALL_NETWORKS


def case(op, inputs, weights, output, attributes, operations):
    """An operator on inputs of these shapes; the first weight is the factor, a second one the bias."""
    elements = sum(math.prod(shape) for shape in [*inputs, *weights, output])
    return {
        "op": op, "inputs": inputs, "weights": weights, "attributes": attributes,
        "flops": operations, "bytes": 8 * elements}


def product(left, right):
    """A product of (stacks of) matrices of these shapes."""
    output = [*left[:-1], right[-1]]
    return case("MatMul", [left], [right], output, {}, 2 * math.prod(output) * left[-1])


def gemm(rows, depth, columns):
    """A fully connected layer, its weights as PyTorch exports them."""
    return case(
        "Gemm", [[rows, depth]], [[columns, depth], [columns]], [rows, columns], {"transB": 1},
        2 * rows * depth * columns)


def conv(channels, size, filters, kernel, stride=1, pad=None, groups=1, dilation=1):
    """A convolution of `channels` x `size` with `filters` windows of `kernel`."""
    axes = len(size)
    pad = [dilation * (k // 2) for k in kernel] if pad is None else [pad] * axes
    output = [(n + 2 * p - dilation * (k - 1) - 1) // stride + 1
              for n, p, k in zip(size, pad, kernel)]
    weights = [filters, channels // groups, *kernel]
    attributes = {
        "kernel_shape": kernel, "strides": [stride] * axes, "pads": pad * 2, "group": groups,
        "dilations": [dilation] * axes}
    return case(
        "Conv", [[1, channels, *size]], [weights, [filters]], [1, filters, *output], attributes,
        2 * math.prod(output) * math.prod(weights))


def depthwise(channels, size, kernel, stride=1):
    return conv(channels, size, channels, kernel, stride, groups=channels)


def transposed(channels, size, filters, kernel, stride, pad=0):
    axes = len(size)
    weights = [channels, filters, *kernel]
    output = [stride * (n - 1) + k - 2 * pad for n, k in zip(size, kernel)]
    attributes = {"kernel_shape": kernel, "strides": [stride] * axes, "pads": [pad] * axes * 2}
    return case(
        "ConvTranspose", [[1, channels, *size]], [weights, [filters]], [1, filters, *output],
        attributes, 2 * math.prod(size) * math.prod(weights))


OPERATORS = {
    "MatMul 256 x 256 x 256": product([256, 256], [256, 256]),
    "MatMul 512 x 512 x 512": product([512, 512], [512, 512]),
    "MatMul 1024 x 1024 x 1024": product([1024, 1024], [1024, 1024]),
    "MatMul 4096 x 256 x 64, tall": product([4096, 256], [256, 64]),
    "MatMul 64 x 256 x 4096, wide": product([64, 256], [256, 4096]),
    "MatMul 12 of 197 x 64 x 197": product([12, 197, 64], [12, 64, 197]),
    "MatMul 197 x 768 x 3072": product([197, 768], [768, 3072]),
    "MatMul 8 x 1024 x 1024, few rows": product([8, 1024], [1024, 1024]),
    "Gemm 64 x 512 x 1000": gemm(64, 512, 1000),
    "Gemm 8 x 512 x 1000, few rows": gemm(8, 512, 1000),
    "Gemm 1 x 2048 x 1000, one row": gemm(1, 2048, 1000),
    "Conv 1x1, 64 to 256, 56x56": conv(64, [56, 56], 256, [1, 1]),
    "Conv 1x1, 512 to 2048, 7x7": conv(512, [7, 7], 2048, [1, 1]),
    "Conv 1x1 / 2, 256 to 512, 56x56": conv(256, [56, 56], 512, [1, 1], 2),
    "Conv 3x3, 64 to 64, 56x56": conv(64, [56, 56], 64, [3, 3]),
    "Conv 3x3, 256 to 256, 14x14": conv(256, [14, 14], 256, [3, 3]),
    "Conv 3x3, 512 to 512, 7x7": conv(512, [7, 7], 512, [3, 3]),
    "Conv 3x3 / 2, 128 to 128, 56x56": conv(128, [56, 56], 128, [3, 3], 2),
    "Conv 3x3, 12 to 24, 112x112": conv(12, [112, 112], 24, [3, 3]),
    "Conv 3x3 dilated by 4, 64 to 64, 28x28": conv(64, [28, 28], 64, [3, 3], dilation=4),
    "Conv 7x7 / 2, 3 to 64, 224x224": conv(3, [224, 224], 64, [7, 7], 2),
    "Conv 3x3 / 2, 3 to 32, 224x224": conv(3, [224, 224], 32, [3, 3], 2),
    "Conv 64 / 1, 128 to 64, 128 (audio)": conv(128, [128], 64, [64], pad=32),
    "Conv 512 / 4, 1 to 128, 1024 (audio)": conv(1, [1024], 128, [512], 4, pad=254),
    "Conv 3x3x3, 1 to 8, 32^3": conv(1, [32] * 3, 8, [3, 3, 3]),
    "Conv 3x3x3, 8 to 8, 32^3": conv(8, [32] * 3, 8, [3, 3, 3]),
    "Conv 3x3x3, 24 to 8, 32^3": conv(24, [32] * 3, 8, [3, 3, 3]),
    "Conv 3x3x3, 16 to 16, 16^3": conv(16, [16] * 3, 16, [3, 3, 3]),
    "Conv 3x3x3, 32 to 32, 8^3": conv(32, [8] * 3, 32, [3, 3, 3]),
    "Conv 1x1x1, 8 to 3, 32^3": conv(8, [32] * 3, 3, [1, 1, 1]),
    "Conv 3x3, 32 groups of 4, 56x56": conv(128, [56, 56], 128, [3, 3], groups=32),
    "Conv 3x3, 32 groups of 16, 14x14": conv(512, [14, 14], 512, [3, 3], groups=32),
    "ConvTranspose 2x2 / 2, 128 to 64, 28x28": transposed(128, [28, 28], 64, [2, 2], 2),
    "ConvTranspose 4x4 / 2, 64 to 32, 28x28": transposed(64, [28, 28], 32, [4, 4], 2, 1),
    "ConvTranspose 2x2x2 / 2, 16 to 8, 16^3": transposed(16, [16] * 3, 8, [2, 2, 2], 2),
    "Depthwise 3x3, 32 channels, 112x112": depthwise(32, [112, 112], [3, 3]),
    "Depthwise 3x3 / 2, 96 channels, 112x112": depthwise(96, [112, 112], [3, 3], 2),
    "Depthwise 3x3, 192 channels, 28x28": depthwise(192, [28, 28], [3, 3]),
    "Depthwise 3x3, 384 channels, 14x14": depthwise(384, [14, 14], [3, 3]),
    "Depthwise 3x3, 960 channels, 7x7": depthwise(960, [7, 7], [3, 3]),
    "Depthwise 5x5, 240 channels, 28x28": depthwise(240, [28, 28], [5, 5]),
    "Depthwise 3x3x3, 16 channels, 32^3": depthwise(16, [32] * 3, [3, 3, 3]),
}

NETWORKS = ["resnet50", "resnet18", "mobilenet_v2", "unet3d", "r3d_18"]


def one_node(case):
    """The case as a model with constant weights, and its inputs by name."""
    rng = np.random.default_rng(0)
    value = helper.make_tensor_value_info
    weights = [
        numpy_helper.from_array(rng.standard_normal(shape), f"w{i}")
        for i, shape in enumerate(case["weights"])]
    names = [f"x{i}" for i in range(len(case["inputs"]))]
    node = helper.make_node(
        case["op"], names + [w.name for w in weights], ["y"], **case["attributes"])
    graph = helper.make_graph(
        [node], "one", [value(n, TensorProto.DOUBLE, s) for n, s in zip(names, case["inputs"])],
        [value("y", TensorProto.DOUBLE, None)], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    return model, {n: rng.standard_normal(s) for n, s in zip(names, case["inputs"])}


def network(name):
    """A network with weights, and a random input in the type that it declares."""
    model = ALL_NETWORKS[name]()
    initialized = {tensor.name for tensor in model.graph.initializer}
    (value,) = (value for value in model.graph.input if value.name not in initialized)
    shape = [dim.dim_value or 1 for dim in value.type.tensor_type.shape.dim]
    return model, {
        value.name: np.random.default_rng(1).standard_normal(shape).astype(np.float32)}


def operations(model):
    """Those of a network's convolutions and products; shapes are inferred."""
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    shapes = {tensor.name: list(tensor.dims) for tensor in inferred.initializer}
    for value in [*inferred.value_info, *inferred.input, *inferred.output]:
        shapes[value.name] = [dim.dim_value or 1 for dim in value.type.tensor_type.shape.dim]
    total = 0
    for node in inferred.node:
        if node.op_type == "Conv":
            total += 2 * math.prod(shapes[node.output[0]]) * math.prod(shapes[node.input[1]][1:])
        elif node.op_type == "ConvTranspose":
            total += 2 * math.prod(shapes[node.input[0]]) * math.prod(shapes[node.input[1]][1:])
        elif node.op_type in ("Gemm", "MatMul"):
            rows, columns = shapes[node.output[0]][-2:]
            total += 2 * math.prod(shapes[node.input[1]]) * rows
    return total
