"""Products that the Float64 engine computes in a way of their own, against NumPy: transposed
convolutions whose kernels lie side by side, and matrices of few rows, pointwise filters among them.

The bits of one, two and three threads are the same.
"""

import numpy as np
import onnx
import pytest
from float64 import conv_transpose
from onnx import TensorProto, helper

TRANSPOSED = [
    ([1, 5, 7, 9], [5, 3, 2, 2]),
    ([2, 16, 6, 5, 16], [16, 8, 2, 2, 2]),
    ([1, 4, 3, 5, 29], [4, 1, 3, 1, 2]),
    ([3, 300, 41], [300, 2, 2]),
    # A last axis that is not 2 goes another way.
    ([1, 3, 4, 5], [3, 4, 2, 3]),
]
PRODUCTS = [
    ([8, 1024], [1024, 1000]),
    ([3, 8], [8, 5000]),
    ([16, 300], [300, 33]),
    ([5, 11, 40], [40, 70]),
    ([2, 3, 6, 20], [3, 20, 19]),
    ([1, 700], [700, 1]),
]
FILTERS = [([2, 8, 32, 32], [3, 8, 1, 1]), ([1, 70, 13], [16, 70, 1])]


def outputs(surgeon, folder, node, inputs, threads):
    values = [
        helper.make_tensor_value_info(name, TensorProto.DOUBLE, array.shape)
        for name, array in inputs.items()
    ]
    y = helper.make_tensor_value_info("y", TensorProto.DOUBLE, None)
    graph = helper.make_graph([node], "g", values, [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "m.onnx")
    np.savez(folder / "in.npz", **inputs)
    surgeon(
        "run", folder / "m.onnx", "--inputs", folder / "in.npz", "-o", folder / "o.npz",
        "--threads", threads, code=0,
    )  # fmt: skip
    with np.load(folder / "o.npz") as archive:
        return archive["y"]


def check(surgeon, folder, node, inputs, expected):
    actual = outputs(surgeon, folder, node, inputs, threads=1)
    assert actual.dtype == np.float64 and actual.shape == expected.shape
    assert np.abs(actual - expected).max() <= 1e-13 * np.abs(expected).max()
    for threads in [2, 3]:
        assert outputs(surgeon, folder, node, inputs, threads).tobytes() == actual.tobytes()


@pytest.mark.parametrize("x, w", TRANSPOSED)
def test_transposed_convolution(surgeon, tmp_path, x, w):
    draw = np.random.default_rng(1).standard_normal
    inputs = {"x": draw(x), "w": draw(w), "b": draw(w[1])}
    strides = w[2:]
    node = helper.make_node("ConvTranspose", list(inputs), ["y"], strides=strides)
    check(surgeon, tmp_path, node, inputs, conv_transpose(*inputs.values(), strides=strides))


@pytest.mark.parametrize("left, right", PRODUCTS)
def test_product(surgeon, tmp_path, left, right):
    draw = np.random.default_rng(2).standard_normal
    inputs = {"x": draw(left), "w": draw(right)}
    node = helper.make_node("MatMul", list(inputs), ["y"])
    check(surgeon, tmp_path, node, inputs, inputs["x"] @ inputs["w"])


@pytest.mark.parametrize("x, w", FILTERS)
def test_pointwise_filters(surgeon, tmp_path, x, w):
    draw = np.random.default_rng(3).standard_normal
    inputs = {"x": draw(x), "w": draw(w), "b": draw(w[0])}
    summed = np.moveaxis(np.tensordot(inputs["w"].reshape(w[:2]), inputs["x"], (1, 1)), 0, 1)
    bias = inputs["b"].reshape(-1, *[1] * (len(x) - 2))
    node = helper.make_node("Conv", list(inputs), ["y"])
    check(surgeon, tmp_path, node, inputs, summed + bias)
