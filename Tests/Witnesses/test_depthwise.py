"""Convolutions of few channels in each group, in Float64: NumPy's sums, and ONNX Runtime's in Float32.

ONNX Runtime has no convolution in Float64. The shapes are random, so that lines of every length, strides
and dilations meet; the bits of one, two and three threads are the same.
"""

import random

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

CASES = 40


def random_case(choose):
    """The shapes of the input and the weights, and the attributes."""
    while True:
        rank = choose.choice([1, 2, 2, 2, 3])
        groups, channels, filters = choose.choice(
            [(1, 1, 1), (7, 1, 1), (32, 1, 1), (6, 1, 2), (3, 1, 4), (4, 2, 1), (3, 2, 2), (2, 5, 1)])
        batch = choose.choice([1, 1, 2])
        kernel = [choose.choice([1, 2, 3, 3, 5, 7]) for _ in range(rank)]
        if rank == 1:
            kernel = [choose.randint(2, 60)]
        strides = [choose.choice([1, 1, 1, 2, 3]) for _ in range(rank)]
        dilations = [choose.choice([1, 1, 1, 2, 3]) for _ in range(rank)]
        pads = [choose.randint(0, d * (k - 1)) for k, d in zip(kernel, dilations)] * 2
        longest = {1: 3000, 2: 70, 3: 24}[rank]
        size = [choose.randint(1, longest) for _ in range(rank)]
        if all(n + 2 * p > d * (k - 1) for n, p, d, k in zip(size, pads, dilations, kernel)):
            attributes = {"group": groups, "strides": strides, "dilations": dilations, "pads": pads}
            weights = [groups * filters, channels, *kernel]
            return [batch, groups * channels, *size], weights, attributes


def by_definition(x, w, bias, group, strides, dilations, pads):
    rank = len(strides)
    x = np.pad(x, [(0, 0), (0, 0), *zip(pads[:rank], pads[rank:])])
    extent = [d * (k - 1) + 1 for d, k in zip(dilations, w.shape[2:])]
    axes = tuple(range(2, 2 + rank))
    windows = np.lib.stride_tricks.sliding_window_view(x, extent, axis=axes)
    windows = windows[(..., *[slice(None, None, s) for s in strides], *[slice(None)] * rank)]
    windows = windows[(..., *[slice(None, None, d) for d in dilations])]
    channels, filters = w.shape[1], w.shape[0] // group
    parts = [
        np.tensordot(
            windows[:, g * channels : (g + 1) * channels],
            w[g * filters : (g + 1) * filters],
            ([1, *range(-rank, 0)], [1, *range(2, 2 + rank)]),
        )
        for g in range(group)
    ]
    return np.moveaxis(np.concatenate(parts, axis=-1) + bias, -1, 1)


def model_of(cases, element_type):
    nodes, inputs, outputs = [], [], []
    for index, (x, w, attributes) in enumerate(cases):
        names = [f"x{index}", f"w{index}", f"b{index}"]
        for name, shape in zip(names, [x, w, w[:1]]):
            inputs.append(helper.make_tensor_value_info(name, element_type, shape))
        nodes.append(helper.make_node("Conv", names, [f"y{index}"], **attributes))
        outputs.append(helper.make_tensor_value_info(f"y{index}", element_type, [None] * len(x)))
    graph = helper.make_graph(nodes, "g", inputs, outputs)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.mark.parametrize("seed", [3, 4])
def test_agrees(surgeon, tmp_path, seed):
    choose, values = random.Random(seed), np.random.default_rng(seed)
    cases = [random_case(choose) for _ in range(CASES)]
    single = model_of(cases, TensorProto.FLOAT)
    onnx.save(model_of(cases, TensorProto.DOUBLE), tmp_path / "m.onnx")
    inputs = {
        value.name: values.standard_normal([d.dim_value for d in value.type.tensor_type.shape.dim])
        for value in single.graph.input
    }
    np.savez(tmp_path / "in.npz", **inputs)

    def outputs(threads):
        surgeon(
            "run", tmp_path / "m.onnx", "--inputs", tmp_path / "in.npz",
            "-o", tmp_path / "o.npz", "--threads", threads, code=0,
        )  # fmt: skip
        with np.load(tmp_path / "o.npz") as archive:
            return {name: archive[name] for name in archive.files}

    actual = outputs(1)
    session = onnxruntime.InferenceSession(
        single.SerializeToString(), providers=["CPUExecutionProvider"])
    rounded = {name: array.astype(np.float32) for name, array in inputs.items()}
    witness = dict(zip([o.name for o in session.get_outputs()], session.run(None, rounded)))
    for index, (_, _, attributes) in enumerate(cases):
        x, w, b = (inputs[f"{name}{index}"] for name in "xwb")
        expected = by_definition(x, w, b, **attributes)
        y = actual[f"y{index}"]
        scale = np.abs(expected).max()
        assert y.shape == expected.shape and y.dtype == np.float64
        assert np.abs(y - expected).max() <= 1e-14 * scale, cases[index]
        assert np.abs(y - witness[f"y{index}"]).max() <= 1e-5 * scale, cases[index]
    for threads in [2, 3]:
        several = outputs(threads)
        assert all(several[name].tobytes() == y.tobytes() for name, y in actual.items())
