"""A BatchNormalization in training mode computes something else than its running statistics say."""

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from conftest import TRAINING, normalizations
from onnx import TensorProto, helper, numpy_helper


@pytest.mark.parametrize("form", ["affine", "split"])
@pytest.mark.parametrize("name", TRAINING)
def test_training_mode_is_not_frozen_in_silence(surgeon, zoo, tmp_path, name, form):
    """Frozen statistics promise the same function: the node is left alone, and said why."""
    before, after = zoo[name], tmp_path / "after.onnx"
    result = surgeon("rewrite", before, "--to", "frozen", "--form", form, "-o", after, code=0)
    text = " ".join((result.out + result.err).split())
    assert "training mode" in text and "the function would change" in text
    left = [node.SerializeToString() for node in normalizations(onnx.load(after))]
    assert left == [node.SerializeToString() for node in normalizations(onnx.load(before))]


@pytest.mark.parametrize("name", TRAINING)
def test_the_way_to_inference_mode_says_that_the_function_changes(surgeon, zoo, tmp_path, name):
    before, after = zoo[name], tmp_path / "after.onnx"
    result = surgeon("rewrite", before, "--to", "batchnorm", "-o", after, code=0)
    text = result.out + result.err
    assert "training" in text and "function changes" in text
    assert "equal" not in text
    model = onnx.load(after)
    onnx.checker.check_model(model, full_check=True)
    left = normalizations(model)
    assert len(left) == len(normalizations(onnx.load(before)))
    for node in left:
        assert len(node.output) == 1
        assert not any(a.name == "training_mode" and a.i for a in node.attribute)


@pytest.mark.parametrize("name", TRAINING)
def test_what_only_the_weights_change_stays_in_training_mode(surgeon, zoo, tmp_path, name):
    """Folding promises the same function, so a node in training mode is left alone, and said so."""
    before, after = zoo[name], tmp_path / "after.onnx"
    result = surgeon("rewrite", before, "--form", "fold", "-o", after)
    assert "training" in result.out + result.err
    if after.exists():
        left = normalizations(onnx.load(after))
        changed = len(left) != len(normalizations(onnx.load(before)))
        assert not changed or "function changes" in result.out + result.err


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    """What an export in training mode writes: BatchNormalization with its running statistics as
    further outputs, and Dropout whose mode is a constant."""
    rng = np.random.default_rng(4)
    parameters = {
        "w": rng.standard_normal((8, 3, 3, 3)),
        "gamma": rng.uniform(0.5, 2, 8),
        "beta": rng.standard_normal(8),
        "mean": rng.standard_normal(8),
        "var": rng.uniform(0.5, 2, 8),
        "f": rng.standard_normal((8, 5)),
    }
    node = helper.make_node
    graph = helper.make_graph(
        [
            node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1]),
            node(
                "BatchNormalization",
                ["c", "gamma", "beta", "mean", "var"],
                ["n", "next_mean", "next_var"],
                name="/bn/BatchNormalization",
                training_mode=1,
            ),
            node("Relu", ["n"], ["r"]),
            node("Constant", [], ["ratio"], value=helper.make_tensor("", TensorProto.FLOAT, [], [0.5])),
            node("Constant", [], ["mode"], value=helper.make_tensor("", TensorProto.BOOL, [], [1])),
            node("Dropout", ["r", "ratio", "mode"], ["d", "mask"], name="/drop/Dropout"),
            node("GlobalAveragePool", ["d"], ["p"]),
            node("Flatten", ["p"], ["t"]),
            node("Gemm", ["t", "f"], ["y"]),
        ],
        "main_graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, 9, 9])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 5])],
        [numpy_helper.from_array(v.astype(np.float32), k) for k, v in parameters.items()],
    )
    model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
    onnx.checker.check_model(model, full_check=True)
    path = tmp_path_factory.mktemp("export") / "train.onnx"
    onnx.save(model, path)
    return path, parameters


def test_a_training_export_becomes_one_function(surgeon, export, tmp_path):
    """After --to batchnorm the network is what its weights say, in every run of ONNX Runtime."""
    path, p = export
    after = tmp_path / "after.onnx"
    result = surgeon("rewrite", path, "--to", "batchnorm", "-o", after, code=0)
    assert "1 Dropout in inference mode now (first: '/drop/Dropout')" in result.out
    assert "function changes" in result.out and "training mode" not in result.err
    model = onnx.load(after)
    onnx.checker.check_model(model, full_check=True)
    dropout = next(node for node in model.graph.node if node.op_type == "Dropout")
    assert list(dropout.input) == ["r", "ratio"]
    x = np.random.default_rng(5).standard_normal((3, 3, 9, 9)).astype(np.float32)
    session = ort.InferenceSession(after, providers=["CPUExecutionProvider"])
    first, second = (session.run(["y"], {"x": x})[0] for _ in range(2))
    assert np.array_equal(first, second)
    padded = np.pad(x.astype(np.float64), ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (2, 3))
    c = np.einsum("ncijkl,ockl->noij", windows, p["w"])
    each = (slice(None), None, None)
    n = (c - p["mean"][each]) / np.sqrt(p["var"][each] + 1e-5) * p["gamma"][each] + p["beta"][each]
    wanted = np.maximum(n, 0).mean((2, 3)) @ p["f"]
    assert np.allclose(first, wanted, rtol=1e-4, atol=1e-5)


def test_the_plan_of_that_does_it_again(surgeon, export, tmp_path):
    path, _ = export
    printed = surgeon(
        "rewrite", path, "--to", "batchnorm", "--print-plan", "-o", tmp_path / "a.onnx", code=0
    ).out
    (tmp_path / "plan.toml").write_text(printed)
    surgeon(
        "rewrite", path, "--plan", tmp_path / "plan.toml", "-o", tmp_path / "b.onnx", code=0
    )
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()


@pytest.mark.parametrize("target", ["welford", "running", "instancenorm"])
def test_who_trains_on_keeps_the_dropout_and_is_warned(surgeon, export, tmp_path, target):
    path, _ = export
    after = tmp_path / "after.onnx"
    result = surgeon("rewrite", path, "--to", target, "-o", after, code=0)
    assert "1 Dropout in training mode (first: '/drop/Dropout')" in result.err
    assert "--rule stop-dropout" in result.err
    before = next(n for n in onnx.load(path).graph.node if n.op_type == "Dropout")
    assert before in onnx.load(after).graph.node
