"""The networks that the runtime is measured on, as files with weights.

Skeletons of fixtures/ and the onnx package's light models get random weights; inception_v3 and
efficientnet, of which neither has one, are built here after the papers, node by node as PyTorch
exports them for training (no BatchNormalization folded).
"""

import math
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from measuring import FIXTURES

sys.path.insert(0, str(FIXTURES))
import skeleton  # noqa: E402

LIGHT = Path(onnx.__file__).parent / "backend/test/data/light"


class Layers:
    """A graph that grows layer by layer; each method adds one and returns its output's name."""

    def __init__(self, epsilon):
        self.epsilon = epsilon
        self.nodes = []
        self.weights = []
        self.channels = {"input": 3}
        self.rng = np.random.default_rng(0)

    def add(self, op, inputs, channels, **attributes):
        output = f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        self.channels[output] = channels
        return output

    def weight(self, array):
        name = f"weight_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(array.astype(np.float32), name))
        return name

    def conv(self, x, channels, kernel, stride=1, pad=0, groups=1, bias=False):
        """`kernel` and `pad` are numbers or pairs (height, width)."""
        kernel = (kernel, kernel) if isinstance(kernel, int) else kernel
        pad = (pad, pad) if isinstance(pad, int) else pad
        shape = (channels, self.channels[x] // groups, *kernel)
        deviation = math.sqrt(2 / np.prod(shape[1:]))
        inputs = [x, self.weight(self.rng.normal(0, deviation, shape))]
        if bias:
            inputs.append(self.weight(self.rng.normal(0, 0.05, channels)))
        return self.add("Conv", inputs, channels, kernel_shape=kernel, strides=[stride] * 2,
                        pads=[*pad, *pad], group=groups)

    def normalize(self, x):
        channels = self.channels[x]
        uniform = self.rng.uniform
        statistics = [uniform(0.5, 1.5, channels), uniform(-0.2, 0.2, channels),
                      uniform(-0.3, 0.3, channels), uniform(0.5, 2, channels)]
        return self.add("BatchNormalization", [x, *map(self.weight, statistics)], channels,
                        epsilon=self.epsilon)

    def unary(self, op, x):
        return self.add(op, [x], self.channels[x])

    def binary(self, op, a, b):
        return self.add(op, [a, b], self.channels[a])

    def concat(self, *parts):
        return self.add("Concat", parts, sum(self.channels[part] for part in parts), axis=1)

    def pool(self, op, x, kernel, stride, pad=0):
        # PyTorch's average counts the padding.
        extra = {"count_include_pad": 1} if op == "AveragePool" else {}
        return self.add(op, [x], self.channels[x], kernel_shape=[kernel] * 2,
                        strides=[stride] * 2, pads=[pad] * 4, **extra)

    def classify(self, x, classes=1000):
        x = self.unary("Flatten", self.unary("GlobalAveragePool", x))
        shape = (classes, self.channels[x])
        factor = self.weight(self.rng.normal(0, math.sqrt(2 / shape[1]), shape))
        bias = self.weight(self.rng.normal(0, 0.05, classes))
        return self.add("Gemm", [x, factor, bias], classes, transB=1)

    def model(self, output, size):
        tensor = helper.make_tensor_value_info
        graph = helper.make_graph(
            self.nodes, "network",
            [tensor("input", TensorProto.FLOAT, ["N", 3, size, size])],
            [tensor(output, TensorProto.FLOAT, ["N", self.channels[output]])], self.weights)
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)


def inception_v3():
    """Szegedy et al. 2015, without the auxiliary classifier."""
    net = Layers(epsilon=1e-3)

    def conv(x, channels, kernel, stride=1, pad=0):
        return net.unary("Relu", net.normalize(net.conv(x, channels, kernel, stride, pad)))

    def averaged(x, channels):
        return conv(net.pool("AveragePool", x, 3, 1, 1), channels, 1)

    def block_a(x, pooled):
        return net.concat(
            conv(x, 64, 1), conv(conv(x, 48, 1), 64, 5, pad=2),
            conv(conv(conv(x, 64, 1), 96, 3, pad=1), 96, 3, pad=1), averaged(x, pooled))

    def block_b(x):
        return net.concat(
            conv(x, 384, 3, 2), conv(conv(conv(x, 64, 1), 96, 3, pad=1), 96, 3, 2),
            net.pool("MaxPool", x, 3, 2))

    def row(x, channels):
        return conv(x, channels, (1, 7), pad=(0, 3))

    def column(x, channels):
        return conv(x, channels, (7, 1), pad=(3, 0))

    def block_c(x, width):
        short = column(row(conv(x, width, 1), width), 192)
        long = row(column(row(column(conv(x, width, 1), width), width), width), 192)
        return net.concat(conv(x, 192, 1), short, long, averaged(x, 192))

    def block_d(x):
        return net.concat(
            conv(conv(x, 192, 1), 320, 3, 2), conv(column(row(conv(x, 192, 1), 192), 192), 192, 3, 2),
            net.pool("MaxPool", x, 3, 2))

    def forked(x):
        return [conv(x, 384, (1, 3), pad=(0, 1)), conv(x, 384, (3, 1), pad=(1, 0))]

    def block_e(x):
        return net.concat(
            conv(x, 320, 1), *forked(conv(x, 384, 1)),
            *forked(conv(conv(x, 448, 1), 384, 3, pad=1)), averaged(x, 192))

    x = conv(conv(conv("input", 32, 3, 2), 32, 3), 64, 3, pad=1)
    x = conv(conv(net.pool("MaxPool", x, 3, 2), 80, 1), 192, 3)
    x = net.pool("MaxPool", x, 3, 2)
    for pooled in (32, 64, 64):
        x = block_a(x, pooled)
    x = block_b(x)
    for width in (128, 160, 160, 192):
        x = block_c(x, width)
    x = block_e(block_e(block_d(x)))
    return net.model(net.classify(x), 299)


def efficientnet_b0():
    """Tan and Le 2019: inverted residuals with squeeze and excitation, x sigmoid(x) throughout."""
    net = Layers(epsilon=1e-5)

    def swish(x):
        return net.binary("Mul", x, net.unary("Sigmoid", x))

    def conv(x, channels, kernel, stride=1, groups=1):
        return net.normalize(net.conv(x, channels, kernel, stride, kernel // 2, groups))

    def excite(x, squeezed):
        channels = net.channels[x]
        pooled = net.unary("GlobalAveragePool", x)
        inner = swish(net.conv(pooled, squeezed, 1, bias=True))
        return net.binary("Mul", net.unary("Sigmoid", net.conv(inner, channels, 1, bias=True)), x)

    def block(x, expansion, kernel, stride, channels):
        width = net.channels[x]
        y = x if expansion == 1 else swish(conv(x, width * expansion, 1))
        y = swish(conv(y, width * expansion, kernel, stride, groups=width * expansion))
        y = conv(excite(y, width // 4), channels, 1)
        return net.binary("Add", y, x) if stride == 1 and width == channels else y

    stages = [(1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3),
              (6, 5, 1, 112, 3), (6, 5, 2, 192, 4), (6, 3, 1, 320, 1)]
    x = swish(conv("input", 32, 3, 2))
    for expansion, kernel, stride, channels, depth in stages:
        for index in range(depth):
            x = block(x, expansion, kernel, stride if index == 0 else 1, channels)
    return net.model(net.classify(swish(conv(x, 1280, 1))), 224)


def from_skeleton(name):
    model = onnx.load(FIXTURES / "skeletons" / f"{name}.onnx")
    skeleton.fill(model, seed=0)
    return model


def from_light(name):
    model = onnx.load(LIGHT / f"light_{name}.onnx")
    skeleton.randomise(model, seed=0)
    return model


def with_open_batch(model):
    """The same network for any number of samples, where its file is for one."""
    graph = model.graph
    weights = {tensor.name: tensor for tensor in graph.initializer}
    for value in [*graph.input, *graph.output]:
        if value.name not in weights:
            value.type.tensor_type.shape.dim[0].dim_param = "N"
    del graph.value_info[:]
    for node in graph.node:
        if node.op_type == "Reshape" and node.input[1] in weights:
            shape = weights[node.input[1]]
            # 0: as many as there were.
            kept = np.array([0, *numpy_helper.to_array(shape)[1:]], np.int64)
            shape.CopyFrom(numpy_helper.from_array(kept, shape.name))
    return model


NETWORKS = {
    "resnet50": lambda: from_skeleton("resnet50_op13"),
    "resnet18": lambda: from_skeleton("resnet18_op13"),
    "mobilenet_v2": lambda: from_skeleton("mobilenet_v2_op13"),
    "mobilenet_v3_small": lambda: from_skeleton("mobilenet_v3_small_op9"),
    "densenet121": lambda: from_light("densenet121"),
    "googlenet": lambda: from_skeleton("googlenet_op13"),
    "inception_v3": inception_v3,
    "efficientnet_b0": efficientnet_b0,
    "shufflenet": lambda: from_light("shufflenet"),
    "r3d_18": lambda: from_skeleton("r3d_18_op13"),
    "unet3d": lambda: onnx.load(FIXTURES / "unet3d_mni_op13.onnx"),
    "crepe_tiny": lambda: from_skeleton("crepe_tiny_op13"),
    "lraspp_mobilenet_v3": lambda: from_skeleton("lraspp_mobilenet_v3_large_op13"),
}
