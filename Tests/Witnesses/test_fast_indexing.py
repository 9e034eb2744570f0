"""Operators that look elements up by index, sample images and add up along an axis, against NumPy and
ONNX Runtime."""

import numpy as np
import onnx
import pytest
from onnx import helper
from onnx.reference import ReferenceEvaluator
from test_fast_operators import FLOAT, assert_close, judged, model_of, results  # noqa: F401

KINDS = ["float32", "int64", "uint8", "float16", "complex128"]


def code_of(array):
    return helper.np_dtype_to_tensor_dtype(array.dtype)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("axis", [0, 1, 2, -1])
@pytest.mark.parametrize("index", ["int32", "int64"])
def test_elements_are_gathered_and_scattered(results, kind, axis, index):  # noqa: F811
    random = np.random.default_rng(axis + 1)
    shape = (9, 21, 40)
    x = (random.random(shape) * 99).astype(kind)
    smaller = [7, 15, 33]
    places = np.argsort(random.random([9, 21, 40]), axis=axis)[:7, :15, :33]
    axis_size = shape[axis]
    # Some count from the end.
    given = np.where(random.random(smaller) < 0.3, places - axis_size, places).astype(index)
    feeds = {"x": x, "i": given}
    model = model_of([helper.make_node("GatherElements", ["x", "i"], ["y"], axis=axis)], feeds, {"y": code_of(x)})
    part = [slice(0, n) for n in smaller]
    part[axis] = slice(None)
    np.testing.assert_array_equal(
        results(model, feeds)["y"], np.take_along_axis(x[tuple(part)], places, axis)
    )
    # Of several updates of one element the last one stays.
    repeated = random.integers(0, axis_size, smaller).astype(index)
    for chosen in (given, repeated):
        feeds = {"x": x, "i": chosen, "u": (random.random(smaller) * 99).astype(kind)}
        node = helper.make_node("ScatterElements", ["x", "i", "u"], ["y"], axis=axis)
        expected = x.copy()
        for place in np.ndindex(*smaller):
            target = list(place)
            target[axis] = chosen[place]
            expected[tuple(target)] = feeds["u"][place]
        found = results(model_of([node], feeds, {"y": code_of(x)}, 18), feeds)["y"]
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_slices_are_scattered(results, kind, depth):  # noqa: F811
    random = np.random.default_rng(depth)
    x = (random.random((6, 7, 8)) * 99).astype(kind)
    indices = np.stack([random.integers(-n, n, (5, 9)) for n in x.shape[:depth]], -1)
    updates = (random.random((5, 9, *x.shape[depth:])) * 99).astype(kind)
    feeds = {"x": x, "i": indices, "u": updates}
    expected = x.copy()
    for place in np.ndindex(5, 9):
        expected[tuple(indices[place])] = updates[place]
    model = model_of([helper.make_node("ScatterND", ["x", "i", "u"], ["y"])], feeds, {"y": code_of(x)}, 18)
    np.testing.assert_array_equal(results(model, feeds)["y"], expected)


@pytest.mark.parametrize("index", [4, -5])
@pytest.mark.parametrize("operator", ["GatherElements", "ScatterElements"])
def test_an_index_outside_is_told(surgeon, tmp_path, operator, index):
    feeds = {"x": np.zeros((3, 4), np.float32), "i": np.full((3, 4), 1)}
    feeds["i"][2, 3] = index
    if operator == "ScatterElements":
        feeds["u"] = np.zeros((3, 4), np.float32)
    model = model_of([helper.make_node(operator, list(feeds), ["y"], axis=1)], feeds, {"y": FLOAT}, 18)
    onnx.save(model, tmp_path / "m.onnx")
    np.savez(tmp_path / "in.npz", **feeds)
    done = surgeon("run", tmp_path / "m.onnx", "--inputs", tmp_path / "in.npz", "-o", tmp_path / "o.npz")
    assert done.code != 0 and f"index {index} lies outside" in done.err


@pytest.mark.parametrize("kind", ["float32", "float64", "int32", "int64"])
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("exclusive", [0, 1])
@pytest.mark.parametrize("reverse", [0, 1])
def test_running_sums(results, kind, axis, exclusive, reverse):  # noqa: F811
    x = np.random.default_rng(0).integers(-50, 50, (5, 23, 37)).astype(kind)
    feeds = {"x": x, "a": np.array(axis)}
    node = helper.make_node("CumSum", ["x", "a"], ["y"], exclusive=exclusive, reverse=reverse)
    turned = np.flip(x, axis) if reverse else x
    expected = np.cumsum(turned, axis, dtype=kind) - (turned if exclusive else 0)
    expected = np.flip(expected, axis) if reverse else expected
    found = results(model_of([node], feeds, {"y": code_of(x)}), feeds)["y"]
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("kind", ["float32", "int64", "uint8"])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_one_hot(results, kind, axis):  # noqa: F811
    indices = np.random.default_rng(0).integers(-9, 12, (5, 6))
    feeds = {"i": indices, "d": np.array([9]), "v": np.array([3, 7]).astype(kind)}
    node = helper.make_node("OneHot", ["i", "d", "v"], ["y"], axis=axis)
    model = model_of([node], feeds, {"y": code_of(feeds["v"])})
    place = np.where(indices < 0, indices + 9, indices)
    hot = np.moveaxis(place[..., None] == np.arange(9), -1, axis)
    np.testing.assert_array_equal(results(model, feeds)["y"], np.where(hot, 7, 3).astype(kind))


@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("aligns", [0, 1])
@pytest.mark.parametrize("axes", [2, 3])
def test_images_are_sampled(results, mode, padding, aligns, axes):  # noqa: F811
    random = np.random.default_rng(0)
    spatial = [9, 11, 7][:axes]
    feeds = {
        "x": random.normal(size=(2, 5, *spatial)).astype(np.float32),
        "g": random.uniform(-1.4, 1.4, (2, 19, 23, 3, axes)[: axes + 1] + (axes,)).astype(np.float32),
    }
    node = helper.make_node(
        "GridSample", ["x", "g"], ["y"], mode=mode, padding_mode=padding, align_corners=aligns
    )
    model = model_of([node], feeds, {"y": FLOAT}, 20)
    # ONNX Runtime does not sample volumes cubically, nor images as the standard says.
    reference = lambda: {"y": ReferenceEvaluator(model).run(None, feeds)[0]}
    expected = reference() if mode == "cubic" else judged(model, feeds)
    assert_close(results(model, feeds), expected, 2e-5)


def test_padding_hides_what_is_infinite(results):  # noqa: F811
    x = np.full((1, 1, 4, 4), np.inf, np.float32)
    x[0, 0, 1:3, 1:3] = 1
    feeds = {"x": x, "g": np.array([[[[-3, -3], [0, 0], [np.nan, 0]]]], np.float32)}
    model = model_of([helper.make_node("GridSample", ["x", "g"], ["y"])], feeds, {"y": FLOAT}, 20)
    assert results(model, feeds)["y"].ravel().tolist() == [0, 1, 0]


@pytest.mark.parametrize("mode", ["avg", "max"])
@pytest.mark.parametrize("ratio", [0, 2])
def test_regions_are_pooled(results, mode, ratio):  # noqa: F811
    random = np.random.default_rng(0)
    corners = np.sort(random.uniform(-5, 90, (17, 2, 2)), 1).reshape(17, 4).astype(np.float32)
    feeds = {
        "x": random.normal(size=(2, 13, 24, 22)).astype(np.float32),
        "r": corners,
        "b": random.integers(0, 2, 17),
    }
    node = helper.make_node(
        "RoiAlign", ["x", "r", "b"], ["y"], output_height=5, output_width=6, sampling_ratio=ratio,
        spatial_scale=0.25, mode=mode,
    )  # fmt: skip
    model = model_of([node], feeds, {"y": FLOAT}, 16)
    assert_close(results(model, feeds), judged(model, feeds), 2e-5)
