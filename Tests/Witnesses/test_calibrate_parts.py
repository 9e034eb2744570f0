"""Work that is divided among processes, or ended before it is done and taken up again: the statistics
are those of one process that runs to its end."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from calibration import MODEL, agree, data, sequential, statistics  # noqa: F401
from conftest import BINARY, ROOT

import volumes


def test_four_shards_are_the_whole(surgeon, sequential, data, tmp_path):
    merged = None
    while True:
        parts = [tmp_path / f"part{i}.json" for i in range(1, 5)]
        for index, part in enumerate(parts, 1):
            more = ["--from", merged] if merged else []
            surgeon(
                *("calibrate", MODEL, "--data", data[0] / "data.npy"),
                *("--shard", f"{index}/4", "--stats", part, *more),
                code=0,
            )
        merged = tmp_path / "merged.json"
        surgeon("calibrate", "--merge", *parts, "--stats", merged, code=0)
        state = json.loads(merged.read_text())
        if state["completeGroups"] == state["groupCount"]:
            break
    out = tmp_path / "merged.onnx"
    surgeon(
        *("calibrate", MODEL, "--data", data[0] / "data.npy", "--stats", merged, "-o", out), code=0
    )
    agree(statistics(out), sequential)


def test_a_shard_without_samples_is_no_error(surgeon, sequential, data, tmp_path):
    """A job array may have more tasks than there are samples."""
    np.save(tmp_path / "three.npy", data[1][:3])
    arguments = ["calibrate", MODEL, "--mode", "joint", "--data", tmp_path / "three.npy"]
    parts = [tmp_path / f"{index}.json" for index in range(1, 6)]
    for index, part in enumerate(parts, 1):
        result = surgeon(*arguments, "--shard", f"{index}/5", "--stats", part, code=0)
        assert ("holds no samples" in result.err) == (index > 3)
    out, whole = tmp_path / "merged.onnx", tmp_path / "whole.onnx"
    surgeon("calibrate", MODEL, "--merge", *parts, "-o", out, code=0)
    surgeon(*arguments, "-o", whole, code=0)
    agree(statistics(out), statistics(whole))


def interrupt(command, stats, progress):
    """Kills surgeon once it has kept something; what it had kept."""

    def kept():
        return stats.exists() and json.loads(stats.read_text())[progress] > 0

    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while not kept() and process.poll() is None:
            time.sleep(0.01)
        process.kill()
    return json.loads(stats.read_text())


@pytest.mark.parametrize("mode", ["joint", "sequential"])
def test_killed_work_is_taken_up_again(surgeon, tmp_path, mode):
    repeated = np.tile(volumes.volumes(6, seed=5), (60, 1, 1, 1, 1))
    np.save(tmp_path / "long.npy", repeated)
    stats, out = tmp_path / "kept.json", tmp_path / "out.onnx"
    command = [
        *(str(BINARY), "calibrate", str(MODEL), "--data", str(tmp_path / "long.npy")),
        *("--mode", mode, "--stats", str(stats), "-o", str(out)),
        *("--threads", "1", "--memory", "64", "--workspace", str(tmp_path)),
    ]
    progress = "samples" if mode == "joint" else "completeGroups"
    kept = interrupt(command, stats, progress)
    assert 0 < kept[progress] < (360 if mode == "joint" else kept["groupCount"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.json", "long.npy"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    whole = tmp_path / "whole.onnx"
    surgeon(
        *("calibrate", MODEL, "--data", tmp_path / "long.npy", "--mode", mode, "-o", whole), code=0
    )
    agree(statistics(out), statistics(whole))


@pytest.mark.parametrize("mode", ["joint", "sequential"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_work_that_is_kept(surgeon, tmp_path, mode, number):
    """Slurm sends SIGTERM when the time is up; the same command goes on, to the same bits."""
    np.save(tmp_path / "long.npy", np.tile(volumes.volumes(6, seed=5), (40, 1, 1, 1, 1)))
    stats, out = tmp_path / "kept.json", tmp_path / "out.onnx"
    arguments = ["calibrate", MODEL, "--data", tmp_path / "long.npy", "--mode", mode]
    command = [str(a) for a in (BINARY, *arguments, "--stats", stats, "-o", out, "--threads", 1)]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        while not stats.exists() and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(number)
        error = process.communicate()[1]
    assert process.returncode == 2
    assert "interrupted before all was measured" in error
    assert not out.exists()
    kept = json.loads(stats.read_text())
    assert kept["completeGroups"] < kept["groupCount"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    surgeon(*arguments, "--stats", tmp_path / "whole.json", "-o", tmp_path / "whole.onnx", code=0)
    assert out.read_bytes() == (tmp_path / "whole.onnx").read_bytes()


def test_dask_workers_give_the_same_statistics(sequential, data, tmp_path):
    example = ROOT / "Examples/calibrate-on-a-cluster/calibrate_with_dask.py"
    out = tmp_path / "dask.onnx"
    subprocess.run(
        [sys.executable, example, MODEL, data[0] / "data.npy", out, "--shards", "3"],
        check=True,
        env={**os.environ, "SURGEON": str(BINARY)},
        timeout=600,
    )
    agree(statistics(out), sequential)
