"""Functions of numbers with vector kernels, counted in units in the last place of what NumPy computes
in Float64, and what two elements of any type make."""

import numpy as np
import onnx
import pytest
from onnx import helper
from test_fast_operators import FLOAT, model_of, results  # noqa: F401 (a fixture)


def units(found, expected):
    """How far apart Float32 numbers are, in units in the last place of what is expected."""
    rounded = expected.astype(np.float32)
    spacing = np.spacing(np.maximum(np.abs(rounded), np.float32(2**-126))).astype(np.float64)
    with np.errstate(all="ignore"):
        distance = np.abs(found.astype(np.float64) - expected) / spacing
    return np.where((found == rounded) | (np.isnan(found) & np.isnan(rounded)), 0, distance)


def run_one(results, operator, *arrays, opset=17, **attributes):
    feeds = {f"x{i}": array for i, array in enumerate(arrays)}
    node = helper.make_node(operator, list(feeds), ["y"], **attributes)
    return results(model_of([node], feeds, {"y": FLOAT}, opset), feeds)["y"]


# What docs/numerics.md promises.
FUNCTIONS = {
    "Exp": (np.exp, -110, 95, 2),
    "Tanh": (np.tanh, -12, 12, 3),
    "Sigmoid": (lambda x: 1 / (1 + np.exp(-x)), -80, 80, 3),
    "Elu": (lambda x: np.where(x < 0, np.expm1(x), x), 0, 30, 2),
}


@pytest.mark.parametrize("operator", FUNCTIONS)
def test_functions_are_good_to_the_last_places(results, operator):  # noqa: F811
    exact, low, high, bound = FUNCTIONS[operator]
    random = np.random.default_rng(0)
    x = random.uniform(low, high, 60000).astype(np.float32)
    x[:30000] *= 10.0 ** random.uniform(-6, 0, 30000).astype(np.float32)
    with np.errstate(all="ignore"):
        expected = exact(x.astype(np.float64))
    assert units(run_one(results, operator, x), expected).max() <= bound


@pytest.mark.parametrize("operator", ["Exp", "Tanh", "Sigmoid"])
def test_limits_and_what_is_no_number(results, operator):  # noqa: F811
    special = np.array([np.inf, -np.inf, np.nan, 0, -0.0, 88.7, 89, -104, 1e30, -1e30], np.float32)
    # Alone, and among numbers that the quick way is for.
    x = np.concatenate([special, np.linspace(-3, 3, 5000, dtype=np.float32), special])
    with np.errstate(all="ignore"):
        expected = FUNCTIONS[operator][0](x.astype(np.float64))
    expected[np.isposinf(x)] = np.inf if operator == "Exp" else 1
    found = run_one(results, operator, x)
    # A sigmoid below the smallest normal number is zero.
    np.testing.assert_allclose(found, expected.astype(np.float32), rtol=5e-7, atol=1e-37)
    quick = run_one(results, operator, x[10:-10])
    assert quick.tobytes() == found[10:-10].tobytes()


def test_exponentials_in_the_place_of_their_operands(results):  # noqa: F811
    x = np.linspace(-3, 3, 5000, dtype=np.float32)
    x[[7, 2100, 4999]] = [60, -48, np.nan]
    feeds = {"x": x, "two": np.array(2, np.float32)}
    nodes = [helper.make_node("Mul", ["x", "two"], ["d"]), helper.make_node("Exp", ["d"], ["y"])]
    (found,) = results(model_of(nodes, feeds, {"y": FLOAT}), feeds).values()
    with np.errstate(over="ignore"):
        expected = np.exp(2 * x.astype(np.float64)).astype(np.float32)
    np.testing.assert_allclose(found, expected, rtol=5e-7, atol=1e-37)


EXPONENTS = [0.5, -0.5, -1, 1, 2, 3, 0, 1.7, -7, 0.333, 30, np.inf, -np.inf, np.nan, -2, 5]


@pytest.mark.parametrize("exponent", EXPONENTS)
@pytest.mark.parametrize("is_constant", [True, False])
def test_powers_are_rounded_once(results, exponent, is_constant):  # noqa: F811
    random = np.random.default_rng(1)
    x = np.exp(random.uniform(-20, 20, 20000)).astype(np.float32)
    x[::3] *= -1
    x[:9] = [0, -0.0, np.inf, -np.inf, np.nan, 1, -1, 1e-40, -1e-40]
    y = np.array(exponent, np.float32)
    with np.errstate(all="ignore"):
        # One exponent for all would become a square root or a square.
        expected = np.power(x.astype(np.float64), np.full(len(x), y, np.float64))
        single = expected.astype(np.float32)
    feeds, inits = {"x": x}, []
    if is_constant:
        inits = [onnx.numpy_helper.from_array(y, "p")]
    else:
        feeds["p"] = np.full_like(x, y)
    model = model_of([helper.make_node("Pow", ["x", "p"], ["y"])], feeds, {"y": FLOAT})
    model.graph.initializer.extend(inits)
    found = results(model, feeds)["y"]
    np.testing.assert_array_equal(np.isnan(found), np.isnan(single))
    np.testing.assert_array_equal(np.signbit(found[:9]), np.signbit(single[:9]) & ~np.isnan(single[:9]))
    assert units(found, expected)[~np.isnan(single)].max() <= (2 if exponent == 3 else 1)


def test_a_number_to_many_powers(results):  # noqa: F811
    y = np.linspace(-30, 30, 30000, dtype=np.float32).reshape(100, 300)
    for base in (2, 0.3, 1):
        expected = np.power(np.float64(np.float32(base)), y.astype(np.float64))
        found = run_one(results, "Pow", np.array(base, np.float32), y)
        assert units(found, expected).max() <= 1


@pytest.mark.parametrize("axes", [[0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2]])
@pytest.mark.parametrize("keepdims", [0, 1])
def test_the_logarithm_of_a_sum_of_exponentials(results, axes, keepdims):  # noqa: F811
    random = np.random.default_rng(0)
    x = (random.normal(size=(7, 33, 150)) * 30).astype(np.float32)
    x[0, 0, :] = -np.inf
    x[1, 1, 3] = np.inf
    x[2, 2, 5] = np.nan
    wide = x.astype(np.float64)
    top = np.max(np.where(np.isfinite(wide), wide, -1e300), axis=tuple(axes), keepdims=True)
    top = np.where(top < -1e299, 0, top)
    with np.errstate(all="ignore"):
        total = np.exp(wide - top).sum(axis=tuple(axes), keepdims=True)
        expected = np.log(total) + top
    if not keepdims:
        expected = expected.reshape([n for i, n in enumerate(x.shape) if i not in axes])
    found = run_one(results, "ReduceLogSumExp", x, opset=13, axes=axes, keepdims=keepdims)
    np.testing.assert_allclose(found, expected.astype(np.float32), rtol=1e-6, atol=2e-6)


NUMBERS = "int8 uint8 int16 uint16 int32 uint32 int64 uint64 float32 float64 float16".split()
PAIRS = {
    "Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Equal": np.equal, "Less": np.less,
    "LessOrEqual": np.less_equal, "Greater": np.greater, "GreaterOrEqual": np.greater_equal,
}  # fmt: skip


@pytest.mark.parametrize("kind", NUMBERS)
@pytest.mark.parametrize("operator", PAIRS)
def test_pairs_of_every_type(results, operator, kind):  # noqa: F811
    random = np.random.default_rng(0)
    for shapes in ([(40, 333), (40, 333)], [(40, 333), (1,)], [(40, 1), (333,)], [(), (70,)]):
        operands = []
        for shape in shapes:
            if kind.startswith("float"):
                operands.append(np.array(random.integers(-9, 9, shape) / 2).astype(kind))
            else:
                # Sums and products that lose their higher bits.
                limits = np.iinfo(kind)
                wide = random.integers(limits.min, limits.max, shape, np.dtype(kind), endpoint=True)
                near = np.array(random.integers(0, 3, shape)).astype(kind)
                operands.append(np.where(random.random(shape) < 0.5, wide, near))
        with np.errstate(all="ignore"):
            expected = PAIRS[operator](*operands)
        feeds = dict(zip("ab", operands, strict=True))
        code = helper.np_dtype_to_tensor_dtype(expected.dtype)
        model = model_of([helper.make_node(operator, ["a", "b"], ["y"])], feeds, {"y": code})
        np.testing.assert_array_equal(results(model, feeds)["y"], expected)


@pytest.mark.parametrize("operator", ["And", "Or", "Xor"])
def test_truth_values(results, operator):  # noqa: F811
    random = np.random.default_rng(0)
    pick = lambda *shape: random.random(shape) < 0.5
    exact = {"And": np.logical_and, "Or": np.logical_or, "Xor": np.logical_xor}[operator]
    for shapes in ([(40, 333), (40, 333)], [(40, 1), (333,)], [(1,), (9, 9)]):
        feeds = {"a": pick(*shapes[0]), "b": pick(*shapes[1])}
        code = onnx.TensorProto.BOOL
        model = model_of([helper.make_node(operator, ["a", "b"], ["y"])], feeds, {"y": code})
        np.testing.assert_array_equal(results(model, feeds)["y"], exact(feeds["a"], feeds["b"]))


@pytest.mark.parametrize("stride,dilation", [(1, 1), (2, 1), (1, 3)])
@pytest.mark.parametrize("is_constant", [True, False])
def test_rows_whose_channels_are_by_themselves(results, stride, dilation, is_constant):  # noqa: F811
    from test_fast_operators import assert_close, judged

    random = np.random.default_rng(0)
    for channels, kernel in ((24, 3), (33, 7)):
        weights = {
            "w": random.normal(size=(channels, 1, kernel)).astype(np.float32),
            "b": random.normal(size=channels).astype(np.float32),
        }
        feeds = {"x": random.normal(size=(2, channels, 57)).astype(np.float32)}
        node = helper.make_node(
            "Conv", ["x", "w", "b"], ["c"], group=channels, strides=[stride], dilations=[dilation],
            pads=[2, 1],
        )  # fmt: skip
        nodes = [node, helper.make_node("Sigmoid", ["c"], ["s"]), helper.make_node("Mul", ["c", "s"], ["y"])]
        model = model_of(nodes, feeds if is_constant else feeds | weights, {"y": FLOAT})
        if is_constant:
            for name, array in weights.items():
                model.graph.initializer.append(onnx.numpy_helper.from_array(array, name))
        feeds = feeds if is_constant else feeds | weights
        assert_close(results(model, feeds), judged(model, feeds), 1e-5)
