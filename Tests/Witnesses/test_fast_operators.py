"""Operators with kernels of their own in the fast engine agree with ONNX Runtime and NumPy, on random
shapes, and with the same bits for any number of threads."""

import json

import numpy as np
import onnx
import onnxruntime
import pytest
from conftest import BINARY
from onnx import helper
from peak import peak

FLOAT = onnx.TensorProto.FLOAT


def model_of(nodes, feeds, outputs, opset=17):
    """A model of `nodes` whose inputs are `feeds`, and whose outputs have the given element types."""
    types = {name: helper.np_dtype_to_tensor_dtype(array.dtype) for name, array in feeds.items()}
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info(n, types[n], a.shape) for n, a in feeds.items()],
        [helper.make_tensor_value_info(n, t, None) for n, t in outputs.items()],
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8 if opset < 21 else 10
    )


@pytest.fixture
def results(surgeon, tmp_path):
    """What surgeon makes of a model, once it has computed the same on one and on two threads."""

    def run(model, feeds):
        onnx.save(model, tmp_path / "m.onnx")
        np.savez(tmp_path / "in.npz", **feeds)
        found = []
        for threads in (1, 2):
            surgeon(
                "run", tmp_path / "m.onnx", "--inputs", tmp_path / "in.npz", "--threads", threads,
                "-o", tmp_path / "o.npz", code=0,
            )  # fmt: skip
            found.append(dict(np.load(tmp_path / "o.npz")))
        for name, array in found[0].items():
            assert array.tobytes() == found[1][name].tobytes()
        return found[0]

    return run


def judged(model, feeds):
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return dict(zip([o.name for o in session.get_outputs()], session.run(None, feeds), strict=True))


def assert_close(found, expected, tolerance=2e-6):
    for name, array in expected.items():
        assert found[name].shape == array.shape and found[name].dtype == array.dtype
        np.testing.assert_allclose(found[name], array, rtol=tolerance, atol=tolerance)


RECURRENT = [
    (operator, direction, seed)
    for operator in ("LSTM", "GRU", "GRU linear", "RNN", "RNN Relu")
    for direction in ("forward", "reverse", "bidirectional")
    for seed in range(2)
]


@pytest.mark.parametrize("kind,direction,seed", RECURRENT)
def test_recurrent_networks_agree_with_onnx_runtime(results, kind, direction, seed):
    random = np.random.default_rng(seed)
    operator = kind.split()[0]
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[operator]
    count = 2 if direction == "bidirectional" else 1
    time, batch, size = random.integers(1, 9), random.integers(1, 23), random.integers(1, 40)
    # The second case is large enough for threads to share a step.
    hidden = int([random.integers(1, 50), 129][seed])
    uniform = lambda *shape: random.uniform(-0.5, 0.5, shape).astype(np.float32)
    feeds = dict(
        x=uniform(time, batch, size),
        w=uniform(count, gates * hidden, size),
        r=uniform(count, gates * hidden, hidden),
        b=uniform(count, 2 * gates * hidden),
        h=uniform(count, batch, hidden),
    )
    attributes = dict(hidden_size=hidden, direction=direction)
    if kind == "GRU linear":
        attributes["linear_before_reset"] = 1
    if kind == "RNN Relu":
        attributes["activations"] = ["Relu"] * count
    inputs = ["x", "w", "r", "b", "", "h"]
    outputs = ["y", "last"]
    if operator == "LSTM":
        feeds["c"] = uniform(count, batch, hidden)
        inputs.append("c")
        outputs.append("cell")
    node = helper.make_node(operator, inputs, outputs, **attributes)
    model = model_of([node], feeds, dict.fromkeys(outputs, FLOAT))
    assert_close(results(model, feeds), judged(model, feeds), 1e-5)


@pytest.mark.parametrize("axis", [0, 1, 2, 3])
@pytest.mark.parametrize("operator", ["Softmax", "LogSoftmax", "ArgMax", "ArgMin"])
@pytest.mark.parametrize("is_convolved", [False, True])
def test_any_axis_of_either_arrangement(results, operator, axis, is_convolved):
    random = np.random.default_rng(axis)
    shape = [int(n) for n in random.integers(2, 90, 4)]
    shape[0] = 3
    feeds = {"x": random.normal(size=shape).astype(np.float32) * 4}
    nodes, value = [], "x"
    if is_convolved:
        feeds["w"] = random.normal(size=(21, shape[1], 1, 1)).astype(np.float32)
        nodes, value = [helper.make_node("Conv", ["x", "w"], ["c"])], "c"
    nodes.append(helper.make_node(operator, [value], ["y"], axis=axis))
    is_place = operator.startswith("Arg")
    outputs = {"y": onnx.TensorProto.INT64 if is_place else FLOAT}
    model = model_of(nodes, feeds, outputs)
    expected = judged(model, feeds)
    found = results(model, feeds)
    if is_place:
        assert (found["y"] == expected["y"]).mean() > 0.999
    else:
        # The convolution's own rounding is multiplied by the slope.
        assert_close(found, expected, 2e-4 if is_convolved else 1e-5)


@pytest.mark.parametrize("keepdims", [0, 1])
@pytest.mark.parametrize("takes_last", [0, 1])
@pytest.mark.parametrize("columns", [5, 64, 65, 301])
def test_the_first_or_last_of_equal_elements(results, columns, takes_last, keepdims):
    random = np.random.default_rng(columns)
    feeds = {"x": random.integers(0, 4, (37, columns)).astype(np.float32)}
    for axis in (0, 1):
        node = helper.make_node(
            "ArgMax", ["x"], ["y"], axis=axis, keepdims=keepdims, select_last_index=takes_last
        )
        model = model_of([node], feeds, {"y": onnx.TensorProto.INT64})
        x = np.flip(feeds["x"], axis) if takes_last else feeds["x"]
        expected = np.argmax(x, axis=axis, keepdims=bool(keepdims))
        if takes_last:
            expected = feeds["x"].shape[axis] - 1 - expected
        np.testing.assert_array_equal(results(model, feeds)["y"], expected)


TYPES = "bool int8 uint8 int16 uint16 int32 uint32 int64 uint64 float16 float32 float64".split()


@pytest.mark.parametrize("source", TYPES)
def test_casts_between_all_types(results, source):
    random = np.random.default_rng(0)
    numbers = random.uniform(0, 100, (3, 1201))
    feeds = {"x": (numbers > 50 if source == "bool" else numbers.astype(source))}
    for target in TYPES:
        code = helper.np_dtype_to_tensor_dtype(np.dtype(target))
        model = model_of([helper.make_node("Cast", ["x"], ["y"], to=code)], feeds, {"y": code})
        np.testing.assert_array_equal(results(model, feeds)["y"], feeds["x"].astype(target))


def test_a_cast_to_float16_rounds_as_numpy_does(results):
    bits = np.arange(2**32, step=65537 // 8, dtype=np.uint64).astype(np.uint32)
    feeds = {"x": bits.view(np.float32)}
    code = onnx.TensorProto.FLOAT16
    model = model_of([helper.make_node("Cast", ["x"], ["y"], to=code)], feeds, {"y": code})
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(results(model, feeds)["y"], feeds["x"].astype(np.float16))


@pytest.mark.parametrize("seed", range(8))
def test_where_broadcasts_all_three(results, seed):
    random = np.random.default_rng(seed)
    shape = random.integers(1, 40, 3)
    kind = ["float32", "int64", "uint8", "float16"][seed % 4]
    stretched = lambda: [int(n) if random.random() < 0.7 else 1 for n in shape]
    feeds = {
        "m": random.random(stretched()) < 0.5,
        "a": (random.random(stretched()) * 99).astype(kind),
        "b": (random.random(stretched()) * 99).astype(kind),
    }
    code = helper.np_dtype_to_tensor_dtype(np.dtype(kind))
    model = model_of([helper.make_node("Where", ["m", "a", "b"], ["y"])], feeds, {"y": code})
    np.testing.assert_array_equal(
        results(model, feeds)["y"], np.where(feeds["m"], feeds["a"], feeds["b"])
    )


@pytest.mark.parametrize("kind", ["float32", "int64", "float16", "uint8"])
@pytest.mark.parametrize("seed", range(3))
def test_elements_of_every_width_are_moved(results, kind, seed):
    random = np.random.default_rng(seed)
    shape = [int(n) for n in random.integers(1, 21, 4)]
    x = (random.random(shape) * 99).astype(kind)
    perm = [int(n) for n in random.permutation(4)]
    code = helper.np_dtype_to_tensor_dtype(np.dtype(kind))
    model = model_of([helper.make_node("Transpose", ["x"], ["y"], perm=perm)], {"x": x}, {"y": code})
    np.testing.assert_array_equal(results(model, {"x": x})["y"], x.transpose(perm))
    feeds = {"x": x[..., :1], "s": np.array([2, *shape], np.int64)}
    model = model_of([helper.make_node("Expand", ["x", "s"], ["y"])], feeds, {"y": code})
    np.testing.assert_array_equal(
        results(model, feeds)["y"], np.broadcast_to(feeds["x"], feeds["s"])
    )


@pytest.mark.parametrize("upper", [0, 1])
@pytest.mark.parametrize("k", [-50, -3, 0, 2, 50])
def test_triangles(results, k, upper):
    feeds = {"x": np.random.default_rng(k + 50).normal(size=(3, 17, 29)), "k": np.array(k)}
    node = helper.make_node("Trilu", ["x", "k"], ["y"], upper=upper)
    model = model_of([node], feeds, {"y": onnx.TensorProto.DOUBLE})
    expected = np.triu(feeds["x"], k) if upper else np.tril(feeds["x"], k)
    np.testing.assert_array_equal(results(model, feeds)["y"], expected)


@pytest.mark.parametrize("operator", ["Sin", "Cos"])
def test_sine_and_cosine(results, operator):
    angles = np.random.default_rng(0).normal(size=40000).astype(np.float32)
    feeds = {"x": angles * np.repeat(np.array([1, 1e3, 1e8, 1e-8], np.float32), 10000)}
    feeds["x"][:4] = [np.inf, -np.inf, np.nan, -0.0]
    model = model_of([helper.make_node(operator, ["x"], ["y"])], feeds, {"y": FLOAT})
    with np.errstate(all="ignore"):
        expected = getattr(np, operator.lower())(feeds["x"].astype(np.float64))
    found = results(model, feeds)["y"]
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-7)
    assert np.signbit(found[3]) == np.signbit(expected[3])


@pytest.mark.parametrize("alpha,beta", [(1, 1), (0.5, 1), (1, -2), (0.25, 0.75)])
@pytest.mark.parametrize("addend", [None, [], [1], [31], [1, 31], [17, 1], [17, 31]])
def test_a_gemm_with_any_addend(results, alpha, beta, addend):
    random = np.random.default_rng(0)
    feeds = {n: random.normal(size=s).astype(np.float32) for n, s in [("a", (17, 9)), ("b", (31, 9))]}
    if addend is not None:
        feeds["c"] = np.array(random.normal(size=addend), np.float32)
    node = helper.make_node("Gemm", list(feeds), ["y"], alpha=float(alpha), beta=float(beta), transB=1)
    model = model_of([node], feeds, {"y": FLOAT})
    assert_close(results(model, feeds), judged(model, feeds), 1e-5)


@pytest.mark.parametrize("scales", [[1, 1, 2, 2], [1, 1, 1, 3], [1, 1, 2.5, 0.7], [1, 1, 5, 1]])
@pytest.mark.parametrize("is_convolved", [False, True])
def test_nearest_elements_in_either_arrangement(results, is_convolved, scales):
    random = np.random.default_rng(0)
    feeds = {
        "x": random.normal(size=(2, 11, 13, 17)).astype(np.float32),
        "w": random.normal(size=(11, 11, 1, 1)).astype(np.float32),
        "s": np.array(scales, np.float32),
    }
    nodes, value = [], "x"
    if is_convolved:
        nodes, value = [helper.make_node("Conv", ["x", "w"], ["c"])], "c"
    else:
        del feeds["w"]
    for mode in ("floor", "round_prefer_ceil"):
        node = helper.make_node(
            "Resize", [value, "", "s"], ["y"], mode="nearest", nearest_mode=mode,
            coordinate_transformation_mode="asymmetric",
        )  # fmt: skip
        model = model_of([*nodes, node], feeds, {"y": FLOAT})
        assert_close(results(model, feeds), judged(model, feeds), 1e-4)


@pytest.mark.parametrize("mode", ["linear", "cubic"])
@pytest.mark.parametrize("ends_graph", [True, False])
@pytest.mark.parametrize(
    "shape,scales",
    [
        ((2, 5, 19), [1, 1, 3]),
        ((2, 5, 7, 9), [1, 1, 4, 2.5]),
        ((2, 5, 7, 9), [1, 1, 3, 1]),
        ((2, 5, 7, 9), [1, 1, 1, 3]),
        ((2, 5, 7, 9), [1, 1, 0.5, 3]),
        ((2, 5, 7, 9), [1, 1, 3, 0.5]),
        ((2, 5, 7, 9), [1, 1, 0.6, 0.5]),
        ((1, 3, 4, 5, 6), [1, 1, 2, 3, 1.5]),
        ((1, 3, 4, 5, 6), [1, 1, 1, 0.5, 2]),
    ],
)
def test_weighted_sums_of_lines_in_either_arrangement(results, mode, ends_graph, shape, scales):
    if mode == "cubic" and len(shape) != 4:
        pytest.skip("ONNX Runtime has cubic interpolation of images alone")
    random = np.random.default_rng(0)
    channels = shape[1]
    feeds = {
        "x": random.normal(size=shape).astype(np.float32),
        "w": random.normal(size=(channels, channels) + (1,) * (len(shape) - 2)).astype(np.float32),
        "s": np.array(scales, np.float32),
    }
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"]),
        helper.make_node("Resize", ["c", "", "s"], ["y" if ends_graph else "r"], mode=mode),
    ]
    if not ends_graph:
        nodes.append(helper.make_node("Relu", ["r"], ["y"]))
    model = model_of(nodes, feeds, {"y": FLOAT})
    assert_close(results(model, feeds), judged(model, feeds), 1e-5)


def test_a_large_output_is_in_memory_once(tmp_path):
    model = model_of(
        [
            helper.make_node("Conv", ["x", "w"], ["c"]),
            helper.make_node("Resize", ["c", "", "s"], ["y"], mode="linear"),
        ],
        feeds := {
            "x": np.ones((1, 8, 128, 128), np.float32),
            "w": np.ones((8, 8, 1, 1), np.float32),
            "s": np.array([1, 1, 16, 16], np.float32),
        },
        {"y": FLOAT},
    )
    onnx.save(model, tmp_path / "m.onnx")
    np.savez(tmp_path / "in.npz", **feeds)
    used = peak(BINARY, "run", tmp_path / "m.onnx", "--inputs", tmp_path / "in.npz")
    assert used < 1.5 * 8 * 2048 * 2048 * 4


def test_the_reorder_of_an_output_counts_as_its_node_s(surgeon, tmp_path):
    feeds = {
        "x": np.ones((1, 8, 9, 9), np.float32),
        "w": np.ones((8, 8, 3, 3), np.float32),
    }
    model = model_of([helper.make_node("Conv", ["x", "w"], ["y"])], feeds, {"y": FLOAT})
    onnx.save(model, tmp_path / "m.onnx")
    np.savez(tmp_path / "in.npz", **feeds)
    document = surgeon(
        "run", tmp_path / "m.onnx", "--inputs", tmp_path / "in.npz", "--profile", "--json", code=0
    )
    (row,) = json.loads(document.out)["profile"]
    # The input becomes channels-last, and the output row-major again.
    assert row["reorders"] == 2


@pytest.mark.parametrize("largest", [0, 1])
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("kind", ["float32", "int64", "uint8"])
def test_the_best_of_many_with_ties(results, kind, axis, largest):
    random = np.random.default_rng(axis)
    x = random.integers(0, 60, (7, 41, 130)).astype(kind)
    for k in (1, 3, x.shape[axis] // 2, x.shape[axis]):
        feeds = {"x": x, "k": np.array([k], np.int64)}
        node = helper.make_node("TopK", ["x", "k"], ["y", "i"], axis=axis, largest=largest)
        outputs = {"y": helper.np_dtype_to_tensor_dtype(x.dtype), "i": onnx.TensorProto.INT64}
        found = results(model_of([node], feeds, outputs), feeds)
        key = -x.astype(np.int64) if largest else x.astype(np.int64)
        order = np.argsort(key, axis=axis, kind="stable")
        places = np.take(order, range(k), axis=axis)
        np.testing.assert_array_equal(found["i"], places)
        np.testing.assert_array_equal(found["y"], np.take_along_axis(x, places, axis))


def test_what_is_no_number_is_larger_than_all_numbers(results):
    x = np.array([[1, np.nan, 3, 2, np.nan, np.inf, 0, 5]], np.float32)
    for largest, places in ((1, [1, 4, 5]), (0, [6, 0, 3])):
        feeds = {"x": x, "k": np.array([3], np.int64)}
        node = helper.make_node("TopK", ["x", "k"], ["y", "i"], largest=largest)
        model = model_of([node], feeds, {"y": FLOAT, "i": onnx.TensorProto.INT64})
        assert results(model, feeds)["i"].tolist() == [places]


WINDOWS = [
    dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
    dict(kernel_shape=[2, 2], strides=[2, 2]),
    dict(kernel_shape=[5, 2], strides=[1, 1], pads=[2, 0, 1, 1]),
    dict(kernel_shape=[3, 4], strides=[3, 4], ceil_mode=1),
    dict(kernel_shape=[1, 9], strides=[1, 2], pads=[0, 4, 0, 4]),
]


@pytest.mark.parametrize("operator", ["MaxPool", "AveragePool", "AveragePool with padding"])
@pytest.mark.parametrize("window", range(len(WINDOWS)))
@pytest.mark.parametrize("width", [8, 19, 64, 5])
def test_pools_of_planes(results, operator, window, width):
    random = np.random.default_rng(width)
    attributes = dict(WINDOWS[window])
    if operator == "AveragePool with padding":
        attributes["count_include_pad"] = 1
    feeds = {"x": random.normal(size=(2, 7, 13, width)).astype(np.float32)}
    node = helper.make_node(operator.split()[0], ["x"], ["y"], **attributes)
    if attributes["kernel_shape"][1] > width + sum(attributes.get("pads", [0])[1::2]):
        pytest.skip("the window is larger than the plane")
    model = model_of([node], feeds, {"y": FLOAT}, opset=19)
    assert_close(results(model, feeds), judged(model, feeds))


# Behind a convolution values are channels-last.
CHANNEL_WINDOWS = [
    dict(size=[13, 9], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
    dict(size=[8, 6], kernel_shape=[2, 2], strides=[2, 2]),
    dict(size=[7, 11], kernel_shape=[2, 3], strides=[1, 2], dilations=[3, 2], pads=[1, 2, 0, 1]),
    dict(size=[9, 10], kernel_shape=[3, 4], strides=[3, 4], ceil_mode=1),
    dict(size=[25, 25], kernel_shape=[13, 11], strides=[1, 1], pads=[6, 5, 6, 5]),
    dict(size=[3000], kernel_shape=[5], strides=[2], pads=[2, 1]),
    dict(size=[600, 1], kernel_shape=[2, 1], strides=[2, 1]),
    dict(size=[4, 6, 5], kernel_shape=[2, 2, 2], strides=[2, 2, 1]),
    dict(size=[5, 4, 7], kernel_shape=[3, 3, 3], strides=[1, 1, 2], pads=[1, 0, 1, 1, 1, 0]),
]


def behind_a_convolution(x, operator, attributes):
    """A pool behind a convolution that leaves every channel as it is, and what to feed it."""
    channels = x.shape[1]
    identity = np.ones([channels, 1] + [1] * (x.ndim - 2), np.float32)
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], group=channels),
        helper.make_node(operator, ["c"], ["y"], **attributes),
    ]
    feeds = {"x": x, "w": identity}
    return model_of(nodes, feeds, {"y": FLOAT}, opset=19), feeds


@pytest.mark.parametrize("operator", ["MaxPool", "AveragePool", "AveragePool with padding"])
@pytest.mark.parametrize("window", range(len(CHANNEL_WINDOWS)))
@pytest.mark.parametrize("channels", [3, 8, 21, 64])
def test_pools_of_channels(results, operator, window, channels):
    attributes = dict(CHANNEL_WINDOWS[window])
    if operator == "AveragePool with padding":
        attributes["count_include_pad"] = 1
    random = np.random.default_rng(channels)
    x = random.normal(size=[2, channels] + attributes.pop("size")).astype(np.float32)
    model, feeds = behind_a_convolution(x, operator.split()[0], attributes)
    assert_close(results(model, feeds), judged(model, feeds))


@pytest.mark.parametrize("is_behind_a_convolution", [False, True])
def test_a_pool_keeps_what_is_no_number(results, is_behind_a_convolution):
    x = np.arange(2 * 9 * 24, dtype=np.float32).reshape(1, 2, 9, 24) % 23
    x[0, 0, 4, 5] = np.nan
    x[0, 1] = -np.inf
    attributes = dict(kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1])
    if is_behind_a_convolution:
        model, feeds = behind_a_convolution(x, "MaxPool", attributes)
    else:
        feeds = {"x": x}
        node = helper.make_node("MaxPool", ["x"], ["y"], **attributes)
        model = model_of([node], feeds, {"y": FLOAT})
    y = results(model, feeds)["y"]
    windows = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(windows, (3, 3), axis=(2, 3))
    np.testing.assert_array_equal(y, windows.max(axis=(4, 5)))


@pytest.mark.parametrize("operator", ["Softmax", "LogSoftmax"])
@pytest.mark.parametrize("columns", [1, 9, 15, 16, 17, 31, 32, 33, 49, 64, 197, 1000])
def test_lines_of_any_length(results, operator, columns):
    random = np.random.default_rng(columns)
    for lines in (1, 2, 5, 203):
        x = (random.normal(size=(lines, columns)) * 8).astype(np.float32)
        x[0, 0] = -np.inf if columns > 1 else 0
        wide = x.astype(np.float64)
        wide -= wide.max(axis=1, keepdims=True)
        expected = np.exp(wide) / np.exp(wide).sum(axis=1, keepdims=True)
        if operator == "LogSoftmax":
            expected = wide - np.log(np.exp(wide).sum(axis=1, keepdims=True))
        model = model_of([helper.make_node(operator, ["x"], ["y"])], {"x": x}, {"y": FLOAT})
        found = results(model, {"x": x})["y"]
        np.testing.assert_allclose(found, expected.astype(np.float32), rtol=2e-6, atol=4e-6)


@pytest.mark.parametrize("seed", range(4))
def test_boxes_that_overlap_no_better_one(results, seed):
    random = np.random.default_rng(seed)
    batches, classes, count = random.integers(1, 3), random.integers(1, 5), [7, 130, 900, 2000][seed]
    corners = random.uniform(0, 20, (batches, count, 2, 2)).astype(np.float32)
    boxes = np.sort(corners, axis=2).reshape(batches, count, 4)
    if seed % 2:
        boxes = np.concatenate([boxes[..., :2], boxes[..., 2:] / 4], axis=2)
    # Many equal scores, whose boxes follow each other by their places.
    scores = np.round(random.uniform(0, 1, (batches, classes, count)), 2).astype(np.float32)
    constants = {
        "k": np.array([[3, 40, 200, 5000][seed]], np.int64), "o": np.array([0.4], np.float32),
        "t": np.array([0.25], np.float32),
    }  # fmt: skip
    feeds = {"b": boxes, "s": scores} | constants
    node = helper.make_node("NonMaxSuppression", list("bskot"), ["y"], center_point_box=seed % 2)
    model = model_of([node], feeds, {"y": onnx.TensorProto.INT64})
    np.testing.assert_array_equal(results(model, feeds)["y"], judged(model, feeds)["y"])


@pytest.mark.parametrize("columns", [1, 31, 32, 47, 48, 64, 100, 1000])
@pytest.mark.parametrize("rows", [1, 4])
def test_few_rows_times_a_small_matrix(results, columns, rows):
    random = np.random.default_rng(columns)
    weights = random.normal(size=(51, columns)).astype(np.float32)
    bias = random.normal(size=columns).astype(np.float32)
    feeds = {"x": random.normal(size=(rows, 51)).astype(np.float32)}
    nodes = [
        helper.make_node("Gemm", ["x", "w", "b"], ["y"]),
        helper.make_node("Gemm", ["x", "t"], ["z"], transB=1),
        helper.make_node("MatMul", ["x", "w"], ["m"]),
    ]
    model = model_of(nodes, feeds, {"y": FLOAT, "z": FLOAT, "m": FLOAT})
    for name, array in {"w": weights, "b": bias, "t": weights.T.copy()}.items():
        model.graph.initializer.append(onnx.numpy_helper.from_array(array, name))
    product = feeds["x"].astype(np.float64) @ weights
    expected = {"y": product + bias, "z": product, "m": product}
    found = results(model, feeds)
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array.astype(np.float32), rtol=1e-5, atol=2e-5)


@pytest.mark.parametrize("kind", ["float32", "uint8", "float16"])
@pytest.mark.parametrize("repeats", [(1, 1, 2, 3), (1, 1, 1, 4), (1, 1, 5, 1), (1, 2, 1, 3), (3, 1, 2, 1)])
def test_blocks_are_repeated(results, kind, repeats):
    random = np.random.default_rng(0)
    for shape in ((2, 9, 5, 7), (3, 64, 17, 33)):
        x = random.integers(0, 200, shape).astype(kind)
        feeds = {"x": x, "r": np.array(repeats, np.int64)}
        code = helper.np_dtype_to_tensor_dtype(x.dtype)
        model = model_of([helper.make_node("Tile", ["x", "r"], ["y"])], feeds, {"y": code})
        np.testing.assert_array_equal(results(model, feeds)["y"], np.tile(x, repeats))
