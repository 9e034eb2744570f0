"""Statistics that keep running and group normalisations, with ONNX Runtime as the witness."""

import json
import sys

import numpy as np
import onnx
import onnx.reference
import pytest
from conftest import ROOT, TRAINED, normalizations
from one_norm import (
    BETA,
    C,
    EPSILON,
    GAMMA,
    MEAN,
    VAR,
    Welford,
    close,
    normalize,
    one_norm,
)

sys.path.insert(0, str(ROOT / "Examples"))

from streaming_statistics import StatefulSession  # noqa: E402


@pytest.mark.parametrize("opset", [9, 11, 13, 17, 18, 21])
def test_state_loads_at_every_opset(surgeon, tmp_path, opset):
    before = one_norm(tmp_path / "before.onnx", opset, [4, 3], ir_version=max(4, 8 * (opset > 14)))
    for target in ["welford", "running"]:
        after = tmp_path / f"{target}.onnx"
        surgeon("rewrite", before, "--to", target, "-o", after, code=0)
        model = onnx.load(after)
        onnx.checker.check_model(model, full_check=True)
        assert model.opset_import[0].version == opset
        (y,) = StatefulSession(after).run({"x": np.ones((2, C, 4, 3), np.float32)})
        assert np.isfinite(y).all()


@pytest.mark.parametrize("opset", [9, 11, 12, 13, 18, 21])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_welford_as_a_function(surgeon, tmp_path, opset, dtype):
    before = one_norm(
        tmp_path / "before.onnx", opset, [4, 3], dtype, ir_version=8 if opset < 21 else 10
    )
    called, spelled = tmp_path / "called.onnx", tmp_path / "spelled.onnx"
    surgeon("rewrite", before, "--to", "welford", "--as-function", "-o", called, code=0)
    surgeon("rewrite", before, "--to", "welford", "-o", spelled, code=0)
    model = onnx.load(called)
    onnx.checker.check_model(model, full_check=True)
    assert [function.name for function in model.functions] == ["WelfordNorm"]
    assert sum(node.domain == "surgeon" for node in model.graph.node) == 1
    first, second = StatefulSession(called), StatefulSession(spelled)
    rng = np.random.default_rng(opset)
    for size in [1, 3, 8]:
        x = rng.normal(0.5, 2, (size, C, 4, 3)).astype(dtype)
        close(first.run({"x": x})[0], second.run({"x": x})[0], 1e-6)
        for name, value in second.state.items():
            close(first.state[name], value, 1e-6)
    back = tmp_path / "back.onnx"
    surgeon("rewrite", called, "--to", "batchnorm", "-o", back, code=0)
    model = onnx.load(back)
    onnx.checker.check_model(model, full_check=True)
    assert not model.functions and len(normalizations(model)) == 1
    assert [entry.domain for entry in model.opset_import] == [""]


@pytest.mark.parametrize("batch", [1, 2, 8])
def test_running_statistics_at_small_batches(surgeon, tmp_path, batch):
    before, after = one_norm(tmp_path / "before.onnx", 15, [4]), tmp_path / "after.onnx"
    surgeon("rewrite", before, "--to", "running", "--momentum", 0.75, "-o", after, code=0)
    network = StatefulSession(after)
    rng = np.random.default_rng(batch)
    mean, square = MEAN, VAR + MEAN**2
    for _ in range(20):
        x = rng.normal(0, 1, (batch, C, 4)).astype(np.float32)
        keep = 0.75**batch
        # Averages of x and of x^2, as the method is usually written.
        mean = keep * mean + (1 - keep) * x.mean((0, 2), dtype=np.float64)
        square = keep * square + (1 - keep) * (x.astype(np.float64) ** 2).mean((0, 2))
        (y,) = network.run({"x": x})
        close(network.state["y.mean"], mean, 1e-5, 1)
        close(network.state["y.var"], square - mean**2, 1e-5, 1)
        close(y, normalize(x.astype(np.float64), mean, square - mean**2), 1e-5)


@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_the_way_back_takes_the_final_state(surgeon, tmp_path, dtype):
    before = one_norm(tmp_path / "before.onnx", 15, [4], dtype)
    stream, back = tmp_path / "stream.onnx", tmp_path / "back.onnx"
    surgeon("rewrite", before, "--to", "welford", "--max-count", 16, "-o", stream, code=0)
    network = StatefulSession(stream)
    reference = Welford("constant", 16, "samples", "pretrained")
    rng = np.random.default_rng(0)
    for _ in range(10):
        x = rng.normal(1, 2, (4, C, 4)).astype(dtype)
        network.run({"x": x})
        reference.update(x.astype(np.float64))
    np.savez(tmp_path / "state.npz", **network.state)
    surgeon(
        "rewrite", stream, "--to", "batchnorm", "--state", tmp_path / "state.npz", "-o", back,
        code=0,
    )
    model = onnx.load(back)
    onnx.checker.check_model(model, full_check=True)
    assert len(normalizations(model)) == 1
    assert [value.name for value in model.graph.input] == ["x"]
    assert [value.name for value in model.graph.output] == ["y"]
    x = rng.normal(1, 2, (4, C, 4)).astype(dtype)
    (y,) = StatefulSession(back).run({"x": x})
    expected = normalize(x.astype(np.float64), reference.mean, reference.m2 / 16)
    close(y, expected, 5e-3 if dtype == np.float16 else 1e-9)


@pytest.mark.parametrize("operators", ["native", "primitive"])
@pytest.mark.parametrize("opset", [9, 13, 17, 18, 20, 21])
def test_group_normalisation_runs_at_every_opset(surgeon, tmp_path, opset, operators):
    before = one_norm(tmp_path / "before.onnx", opset, [4, 3], ir_version=8 if opset < 21 else 10)
    x = np.random.default_rng(opset).normal(0, 1, (2, C, 4, 3)).astype(np.float32)
    for target, groups in [("layernorm", 1), ("instancenorm", C)]:
        after = tmp_path / f"{target}.onnx"
        surgeon("rewrite", before, "--to", target, "--ops", operators, "-o", after, code=0)
        model = onnx.load(after)
        onnx.checker.check_model(model, full_check=True)
        used = {node.op_type for node in model.graph.node}
        if operators == "primitive":
            assert used <= {"Reshape", "ReduceMean", "Sub", "Mul", "Add", "Sqrt", "Div"}
        # Moment matching, once more.
        mu = MEAN.reshape(groups, -1).mean(1, keepdims=True)
        var = (VAR.reshape(groups, -1) + (MEAN.reshape(groups, -1) - mu) ** 2).mean(
            1, keepdims=True
        )
        mu, var = (np.repeat(v, C // groups, 1).ravel() for v in (mu, var))
        scale = GAMMA * np.sqrt(var + EPSILON) / np.sqrt(VAR + EPSILON)
        shift = BETA + GAMMA * (mu - MEAN) / np.sqrt(VAR + EPSILON)
        grouped = x.astype(np.float64).reshape(2, groups, -1)
        spread = np.sqrt(grouped.var(2, keepdims=True) + EPSILON)
        z = ((grouped - grouped.mean(2, keepdims=True)) / spread).reshape(x.shape)
        expected = z * scale.reshape(1, C, 1, 1) + shift.reshape(1, C, 1, 1)
        (y,) = StatefulSession(after).run({"x": x})
        close(y, expected, 2e-6)


def test_a_plan_treats_nodes_differently_and_prints_as_it_was_used(surgeon, zoo, tmp_path):
    before = zoo["unet3d_mni_op13"]
    plan, after = tmp_path / "plan.toml", tmp_path / "after.onnx"
    plan.write_text(
        'version = 1\n[[nodes]]\nmatch = "/e1/*"\nto = "groupnorm"\n'
        '[[nodes]]\nmatch = "/d*"\nto = "welford"\n[[nodes]]\nform = "fold"\n'
    )
    printed = surgeon(
        "rewrite", before, "--plan", plan, "-o", after, "--print-plan", code=0
    ).out
    onnx.checker.check_model(str(after), full_check=True)
    report = json.loads(surgeon("rewrite", before, "--plan", plan, "--json", "-o", after).out)
    rules = [row["rules"][-1] for row in report["batch_normalizations"]]
    assert rules == ["group-norm"] * 2 + ["fold-into-conv"] * 4 + ["welford-statistics"] * 4
    again = tmp_path / "again.onnx"
    (tmp_path / "used.toml").write_text(printed)
    surgeon("rewrite", before, "--plan", tmp_path / "used.toml", "-o", again, code=0)
    assert again.read_bytes() == after.read_bytes()


@pytest.mark.parametrize("name", TRAINED)
def test_previous_statistics_start_as_the_frozen_network(surgeon, zoo, tmp_path, name):
    after = tmp_path / "after.onnx"
    report = json.loads(
        surgeon(
            "rewrite", zoo[name], "--to", "welford", "--normalize-with", "previous",
            "--precision", "double", "--json", "-o", after, code=0,
        ).out
    )
    outputs = report["verification"]["outputs"]
    assert max(output["max_relative_error"] for output in outputs) < 1e-10


@pytest.mark.parametrize("operators", ["native", "primitive"])
@pytest.mark.parametrize("opset", [9, 13, 17, 18, 20, 21])
def test_matched_moments_are_exact_where_a_sample_has_the_running_statistics(
    surgeon, tmp_path, opset, operators
):
    """In Float64, run by onnx's own reference: every number of groups is the BatchNormalization."""
    rng = np.random.default_rng(opset)
    channels = 12
    spread = rng.uniform(0.5, 2, (channels, 1, 1))
    x = rng.normal(0, 1, (1, channels, 5, 4)) * spread + rng.normal(0, 1, (channels, 1, 1))
    constants = dict(
        gamma=rng.uniform(0.5, 2, channels), beta=rng.normal(0, 1, channels),
        mean=x.mean((0, 2, 3)), var=x.var((0, 2, 3)),
    )
    values = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.DOUBLE, ["N", channels, 5, 4])
        for name in "xy"
    ]
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("BatchNormalization", ["x", *constants], ["y"], epsilon=EPSILON)],
        "matched", values[:1], values[1:],
        [onnx.numpy_helper.from_array(v, name) for name, v in constants.items()],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", opset)])
    before, after = tmp_path / "before.onnx", tmp_path / "after.onnx"
    model.ir_version = 8 if opset < 21 else 10
    onnx.save(model, before)
    gain = constants["gamma"] / np.sqrt(constants["var"] + EPSILON)
    shift = constants["beta"] - constants["mean"] * gain
    expected = x * gain[:, np.newaxis, np.newaxis] + shift[:, np.newaxis, np.newaxis]
    for groups in (1, 2, 3, 4, 6, 12):
        surgeon(
            *("rewrite", before, "--to", "groupnorm", "--groups", groups, "--ops", operators),
            *("-o", after),
            code=0,
        )
        (y,) = onnx.reference.ReferenceEvaluator(str(after)).run(None, {"x": x})
        assert y.dtype == np.float64
        close(y, expected, 1e-10)
