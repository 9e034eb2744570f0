"""Half precision, doubles and the mixed types of BatchNormalization-15, against Float64."""

import ml_dtypes
import numpy as np
import onnx
import onnxruntime
import pytest
from conftest import normalizations
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

C = 6
EPSILON = 0.0009765625
TYPES = {
    "float": (TensorProto.FLOAT, np.float32, 2.0**-24),
    "float16": (TensorProto.FLOAT16, np.float16, 2.0**-11),
    "bfloat16": (TensorProto.BFLOAT16, ml_dtypes.bfloat16, 2.0**-8),
    "double": (TensorProto.DOUBLE, np.float64, 2.0**-53),
}
# Types of X, of gamma and beta, and of mean and variance.
MIXES = [
    ("float16", "float16", "float16"),
    ("float16", "float16", "float"),
    ("float16", "float", "float"),
    ("bfloat16", "bfloat16", "bfloat16"),
    ("bfloat16", "bfloat16", "float"),
    ("bfloat16", "float", "float"),
    ("float", "float", "double"),
    ("double", "double", "double"),
]
SAME = {
    "affine": ["--form", "affine"],
    "split": ["--form", "split"],
    "fold": ["--form", "fold"],
    "welford": ["--to", "welford", "--normalize-with", "previous"],
}
OTHER = {
    "welford, updated": ["--to", "welford"],
    "running": ["--to", "running"],
    "groupnorm": ["--to", "groupnorm", "--groups", 2],
    "groupnorm, primitive": ["--to", "groupnorm", "--groups", 2, "--ops", "primitive"],
    "layernorm": ["--to", "layernorm"],
    "instancenorm": ["--to", "instancenorm"],
}


def network(mix, opset):
    """MatMul over the last axis (every type has it since opset 13), then a BatchNormalization."""
    rng = np.random.default_rng(0)
    (element, dtype, _), parameter, statistic = (TYPES[name] for name in mix)
    numbers = {
        "w": (rng.normal(0, 0.3, (8, 8)), dtype),
        "gamma": (rng.uniform(0.5, 1.5, C), parameter[1]),
        "beta": (rng.normal(0, 0.5, C), parameter[1]),
        "mean": (rng.normal(0, 0.5, C), statistic[1]),
        "var": (rng.uniform(0.5, 2, C), statistic[1]),
    }
    constants = {name: array.astype(kind) for name, (array, kind) in numbers.items()}
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "w"], ["c"]),
            helper.make_node(
                "BatchNormalization", ["c", "gamma", "beta", "mean", "var"], ["y"], "bn",
                epsilon=EPSILON,
            ),
        ],
        "typed",
        [helper.make_tensor_value_info("x", element, ["N", C, 8, 8])],
        [helper.make_tensor_value_info("y", element, ["N", C, 8, 8])],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = helper.find_min_ir_version_for(model.opset_import)
    x = rng.standard_normal((2, C, 8, 8)).astype(dtype)
    k = {name: array.astype(np.float64) for name, array in constants.items()}
    gain, mean, beta = (
        v.reshape(1, C, 1, 1)
        for v in (k["gamma"] / np.sqrt(k["var"] + EPSILON), k["mean"], k["beta"])
    )
    return model, x, (x.astype(np.float64) @ k["w"] - mean) * gain + beta


def compute(path, x):
    """In ONNX Runtime, or in onnx's reference where it lacks kernels for a type."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    model = onnx.load(path)
    try:
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        y = session.run(None, {"x": x})[0]
    except Exception:
        inputs = {value.name for value in model.graph.input}
        state = {
            t.name: numpy_helper.to_array(t) for t in model.graph.initializer if t.name in inputs
        }
        y = ReferenceEvaluator(model).run(None, {"x": x, **state})[0]
    assert y.dtype == x.dtype
    return y.astype(np.float64)


def rewritten(surgeon, folder, mix, opset, options):
    before, after = folder / "before.onnx", folder / "after.onnx"
    model, x, expected = network(mix, opset)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, before)
    surgeon("rewrite", before, *options, "-o", after, code=0)
    found = onnx.load(after)
    onnx.checker.check_model(found, full_check=True)
    assert normalizations(found) == []
    return found, compute(after, x), expected


@pytest.mark.parametrize("form", SAME)
@pytest.mark.parametrize("opset", [15, 22])
@pytest.mark.parametrize("mix", MIXES, ids="-".join)
def test_the_function_stays_within_the_rounding_of_its_type(
    surgeon, tmp_path, mix, opset, form
):
    _, found, expected = rewritten(surgeon, tmp_path, mix, opset, SAME[form])
    unit = TYPES[mix[0]][2]
    assert np.abs(found - expected).max() <= 8 * unit * np.abs(expected).max()


@pytest.mark.parametrize("target", OTHER)
@pytest.mark.parametrize("opset", [15, 22])
@pytest.mark.parametrize("mix", MIXES, ids="-".join)
def test_every_target_takes_every_type(surgeon, tmp_path, mix, opset, target):
    model, found, expected = rewritten(surgeon, tmp_path, mix, opset, OTHER[target])
    assert np.isfinite(found).all()
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.5
    # State of half-precision models is kept in Float32.
    kinds = {value.type.tensor_type.elem_type for value in model.graph.input if value.name != "x"}
    half = (TensorProto.FLOAT16, TensorProto.BFLOAT16)
    assert not kinds & set(half)
