"""Exit codes, the two output streams, and --json."""

import json
import re

import numpy as np
import onnx
import pytest
from conftest import FIXTURES, judge, random_inputs
from exotic import small_model

UNET = FIXTURES / "unet3d_mni_op13.onnx"
COMMANDS = ["rewrite", "verify", "inspect", "run", "show", "diff", "why", "calibrate"]


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.onnx"
    path.write_bytes(small_model().SerializeToString())
    return path


@pytest.fixture
def rewritten(surgeon, small, tmp_path):
    path = tmp_path / "rewritten.onnx"
    surgeon("rewrite", small, "-o", path, code=0)
    return path


@pytest.fixture
def changed(small, tmp_path):
    model = onnx.load(small)
    weight = model.graph.initializer[0]
    array = onnx.numpy_helper.to_array(weight) + np.float32(0.5)
    weight.CopyFrom(onnx.numpy_helper.from_array(array, weight.name))
    path = tmp_path / "changed.onnx"
    onnx.save(model, path)
    return path


def test_help_and_version(surgeon):
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", surgeon("--version", code=0).out)
    overview = surgeon("--help", code=0).out
    for command in COMMANDS:
        assert command in overview
        assert "surgeon " + command in surgeon(command, "--help", code=0).out


@pytest.mark.parametrize(
    "arguments", [["frobnicate"], ["rewrite"], ["rewrite", "x.onnx", "--to", "nothing"], ["-z"]]
)
def test_wrong_usage_is_64(surgeon, arguments):
    result = surgeon(*arguments, code=64)
    assert result.out == "" and result.err != ""


def test_the_default_output_stands_beside_the_model(surgeon, small):
    surgeon("rewrite", small, code=0)
    assert sorted(p.name for p in small.parent.iterdir()) == [
        "small.onnx", "small.rewritten.onnx",
    ]


def test_verify_tells_same_from_different(surgeon, small, rewritten, changed):
    surgeon("verify", small, rewritten, code=0)
    surgeon("verify", small, changed, code=1)
    surgeon("verify", small, small.parent / "nowhere.onnx", code=2)


def test_diff_tells_same_from_different(surgeon, small, rewritten, changed):
    surgeon("diff", small, small, code=0)
    surgeon("diff", small, rewritten, code=1)
    surgeon("diff", small, changed, code=1)


def test_json_is_one_document_and_nothing_else(surgeon, small, rewritten, tmp_path):
    for arguments in [
        ["rewrite", small, "-o", tmp_path / "o.onnx"], ["verify", small, rewritten],
        ["inspect", small], ["run", small], ["diff", small, rewritten],
    ]:
        document = json.loads(surgeon(*arguments, "--json").out)
        assert isinstance(document["version"], int), arguments


def test_an_error_leaves_stdout_empty(surgeon, tmp_path):
    for command in ["rewrite", "inspect", "run", "show"]:
        result = surgeon(command, tmp_path / "nowhere.onnx", code=2)
        assert result.out == ""
        assert result.err.startswith("error: ")


def test_the_diff_counts_what_a_rewrite_did(surgeon, small, rewritten):
    summary = json.loads(surgeon("diff", small, rewritten, "--json", code=1).out)["summary"]
    assert summary["nodes_replaced"] == 1
    for key in ["nodes_added", "nodes_removed", "nodes_changed", "nodes_renamed"]:
        assert summary[key] == 0, key


@pytest.mark.parametrize("precision", ["single", "double"])
def test_a_run_gives_what_onnx_runtime_gives(surgeon, tmp_path, precision):
    inputs = random_inputs(onnx.load(UNET), batch=2)
    np.savez(tmp_path / "in.npz", **inputs)
    surgeon(
        "run", UNET, "--inputs", tmp_path / "in.npz", "-o", tmp_path / "out.npz",
        "--precision", precision, code=0,
    )
    outputs = np.load(tmp_path / "out.npz")
    expected = judge(UNET, inputs)[0]
    [actual] = [outputs[name] for name in outputs.files]
    assert actual.shape == expected.shape
    assert np.abs(actual - expected).max() <= 1e-4 * np.abs(expected).max()


def test_an_array_is_one_sample_where_the_model_leaves_its_rows_open(surgeon, tmp_path):
    """For `run`; for `calibrate` each row is one, and --batch-size says how many are."""
    model, data = tmp_path / "m.onnx", tmp_path / "x.npy"
    model.write_bytes(
        onnx.parser.parse_model(
            """<ir_version: 8, opset_import: ["": 15]> g (float[N, 2] x) => (float[N, 2] y)
            <float[2] one = {1, 1}, float[2] zero = {0, 0}>
            { y = BatchNormalization (x, one, zero, zero, one) }"""
        ).SerializeToString()
    )
    np.save(data, np.arange(12, dtype=np.float32).reshape(6, 2))
    run = json.loads(surgeon("run", model, "--inputs", data, "--json", code=0).out)
    assert run["samples"] == 1 and run["outputs"][0]["shape"] == [6, 2]
    stats = tmp_path / "s.json"
    for size, rounds in [(1, 6), (4, 2)]:
        surgeon(
            *("calibrate", model, "--mode", "joint", "--data", data, "--batch-size", size),
            *("--shard", "1/1", "--stats", stats), code=0,
        )
        assert json.loads(stats.read_text())["samples"] == rounds
        stats.unlink()


def test_no_colour_where_no_terminal_is(surgeon, small):
    assert "\x1b" not in surgeon("inspect", small, code=0).out
    assert "\x1b" in surgeon("inspect", small, "--color", "always", code=0).out


def test_a_closed_pipe_is_silent(surgeon, small):
    import subprocess

    from conftest import BINARY

    done = subprocess.run(
        f"'{BINARY}' show '{small}' | head -c 1", shell=True, capture_output=True
    )
    assert done.stderr == b""
