"""A process that is killed while it writes leaves the old file and nothing beside it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from conftest import BINARY
from onnx import TensorProto, helper, numpy_helper

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks /proc what a process writes")


def large_model(path):
    """64 MB that a rewrite copies, spread to 256 MB that a run writes."""
    weights = np.ones((16, 1024, 1024), np.float32)
    numbers = [np.ones(16, np.float32)] * 4
    names = ["gamma", "beta", "mean", "var"]
    graph = helper.make_graph(
        [
            helper.make_node("Add", ["x", "w"], ["a"]),
            helper.make_node("BatchNormalization", ["a", *names], ["y"]),
        ],
        "large",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [4, 1, 1, 1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [4, 16, 1024, 1024])],
        [numpy_helper.from_array(weights, "w")]
        + [numpy_helper.from_array(n, name) for n, name in zip(numbers, names)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    onnx.save(model, path)


def writes_into(process, folder):
    """Whether the process has a file of the folder open that is neither read nor there before."""
    try:
        links = [os.readlink(entry) for entry in Path(f"/proc/{process.pid}/fd").iterdir()]
    except OSError:
        return False
    return any(link.startswith(f"{folder}/") for link in links)


def open_filesystem(folder):
    try:
        os.close(os.open(folder, os.O_TMPFILE | os.O_RDWR))
    except OSError:
        pytest.skip("the file system has no files without a name")


@pytest.mark.parametrize(
    "command, output",
    [
        (["rewrite", "--no-verify"], "old.onnx"),
        (["run", "--output-format", "npy"], "y.npy"),
    ],
)
def test_a_killed_process_leaves_the_old_file_and_nothing_else(tmp_path, command, output):
    model, folder = tmp_path / "large.onnx", tmp_path / "out"
    folder.mkdir()
    open_filesystem(folder)
    large_model(model)
    (folder / output).write_bytes(b"old")
    path = folder / output if command[0] == "rewrite" else folder
    arguments = [str(BINARY), command[0], str(model), *command[1:], "-o", str(path)]
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None and not writes_into(process, folder):
            pass
        process.kill()
    assert process.returncode == -signal.SIGKILL, "it had written everything already"
    assert [entry.name for entry in folder.iterdir()] == [output]
    assert (folder / output).read_bytes() == b"old"
