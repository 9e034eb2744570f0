"""The bits of a result do not depend on the number of threads.

oneDNN cuts sums to suit the number of threads, each of its implementations in its own way, so a
list of cases would miss most of them: the convolutions and products here are random, and computed
with the implementations for older processors too. Against the same sums with one cut for every
number of threads, about one case in fifty differed.
"""

import random

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

CASES = 60
LARGEST_WORK = 3e7


def size(choose, low, high):
    """Each order of magnitude is as likely as another."""
    return round(np.exp(choose.uniform(np.log(low), np.log(high))))


def convolution(choose, is_transposed):
    """The shapes of the input and the weights, and the attributes."""
    while True:
        rank = choose.choice([1, 1, 2, 2, 2, 3])
        group = choose.choice([1, 1, 1, 2, 4])
        channels, results = (-(-size(choose, 1, 1024) // group) * group for _ in "io")
        if choose.random() < 0.15:
            group = results = channels
        longest = {1: 400, 2: 7, 3: 5}[rank]
        kernel = [size(choose, 1, longest) for _ in range(rank)]
        stride = [choose.choice([1, 1, 1, 2, 3]) for _ in range(rank)]
        pads = [choose.randint(0, k // 2) for k in kernel]
        spatial = [k - 1 + size(choose, 1, {1: 1500, 2: 60, 3: 20}[rank]) for k in kernel]
        batch = choose.choice([1, 1, 1, 2, 3, 8])
        positions = [(x + 2 * p - k) // s + 1 for x, p, k, s in zip(spatial, pads, kernel, stride)]
        taps = channels * results // group * np.prod(kernel)
        if 1e4 < batch * taps * np.prod(positions) < LARGEST_WORK and taps < 1e6:
            break
    outer = (channels, results) if is_transposed else (results, channels)
    attributes = {"group": group, "strides": stride, "pads": pads + pads}
    return [batch, channels, *spatial], [outer[0], outer[1] // group, *kernel], attributes


def product(choose):
    while True:
        m, k, n = size(choose, 1, 2000), size(choose, 1, 8000), size(choose, 1, 2000)
        if 1e4 < m * k * n < LARGEST_WORK and k * n < 1e6:
            return [m, k], [k, n], {}


def random_model(seed):
    choose, values = random.Random(seed), np.random.default_rng(seed)
    nodes, inputs, weights, outputs = [], [], [], []
    for index in range(CASES):
        operator = choose.choice(["Conv", "Conv", "Conv", "ConvTranspose", "Gemm", "MatMul"])
        if operator.startswith("Conv"):
            x, w, attributes = convolution(choose, operator == "ConvTranspose")
        else:
            x, w, attributes = product(choose)
        inputs.append(helper.make_tensor_value_info(f"x{index}", TensorProto.FLOAT, x))
        constant = values.standard_normal(w).astype(np.float32)
        if choose.random() < 0.8:
            weights.append(numpy_helper.from_array(constant, f"w{index}"))
        else:
            inputs.append(helper.make_tensor_value_info(f"w{index}", TensorProto.FLOAT, w))
        nodes.append(
            helper.make_node(operator, [f"x{index}", f"w{index}"], [f"y{index}"], **attributes)
        )
        outputs.append(helper.make_tensor_value_info(f"y{index}", TensorProto.FLOAT, [None] * len(x)))
    graph = helper.make_graph(nodes, "g", inputs, outputs, weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.mark.parametrize("instructions", ["ALL", "AVX2", "SSE41"])
def test_one_two_and_three_threads_give_the_same_bits(surgeon, tmp_path, monkeypatch, instructions):
    monkeypatch.setenv("DNNL_MAX_CPU_ISA", instructions)
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", instructions)
    model = random_model(seed={"ALL": 5, "AVX2": 11, "SSE41": 12}[instructions])
    onnx.save(model, tmp_path / "m.onnx")
    shapes = {node.output[0]: node for node in model.graph.node}

    def outputs(threads):
        file = tmp_path / f"{threads}.npz"
        surgeon("run", tmp_path / "m.onnx", "--seed", "1", "--threads", str(threads), "-o", file)
        with np.load(file) as archive:
            return {name: archive[name] for name in shapes}

    single = outputs(1)
    for threads in [2, 3]:
        several = outputs(threads)
        differing = [name for name in shapes if single[name].tobytes() != several[name].tobytes()]
        assert differing == [], f"{threads} threads: {[str(shapes[name]) for name in differing]}"
