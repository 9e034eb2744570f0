"""Collected statistics against Float64 and against ONNX Runtime in training mode, with the whole
set as one batch."""

import json
import os
import signal
import subprocess
import sys
import time

import float64
import numpy as np
import onnx
import onnxruntime as ort
import pytest
from conftest import BINARY, FIXTURES, ROOT
from onnx import numpy_helper

import volumes

COUNT = 24
MODEL = FIXTURES / "unet3d_mni_op13.onnx"


def norms(model):
    return [node for node in model.graph.node if node.op_type == "BatchNormalization"]


def constants(model):
    return {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}


def statistics(path):
    """Mean and variance of every BatchNormalization, by the name of its output."""
    model = onnx.load(path)
    numbers = constants(model)
    return {n.output[0]: (numbers[n.input[3]], numbers[n.input[4]]) for n in norms(model)}


def free_batch(model):
    for value in [*model.graph.input, *model.graph.output]:
        value.type.tensor_type.shape.dim[0].dim_param = "N"
    del model.graph.value_info[:]
    return model


def training_statistics(data):
    """What training mode computes with the set as one batch: momentum 0 shows it whole."""
    model = free_batch(onnx.load(MODEL))
    model.opset_import[0].version = 15
    names = []
    for node in norms(model):
        del node.attribute[:]
        node.attribute.extend(
            [
                onnx.helper.make_attribute("training_mode", 1),
                onnx.helper.make_attribute("momentum", 0.0),
                onnx.helper.make_attribute("epsilon", epsilon(node)),
            ]
        )
        y = node.output[0]
        node.output.extend([y + ".mean", y + ".var"])
        names.append(y)
        for suffix in (".mean", ".var"):
            model.graph.output.append(
                onnx.helper.make_tensor_value_info(y + suffix, onnx.TensorProto.FLOAT, None)
            )
    outputs = [name + suffix for name in names for suffix in (".mean", ".var")]
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    results = session.run(outputs, {model.graph.input[0].name: data})
    return {name: (results[2 * i], results[2 * i + 1]) for i, name in enumerate(names)}


def epsilon(node):
    return next((a.f for a in node.attribute if a.name == "epsilon"), 1e-5)


def joint_statistics(data):
    """Statistics of the activations of a plain pass."""
    model = free_batch(onnx.load(MODEL))
    names = {n.input[0]: n.output[0] for n in norms(model)}
    for name in names:
        model.graph.output.append(
            onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
        )
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    results = session.run(list(names), {model.graph.input[0].name: data})
    found = {}
    for (_, output), x in zip(names.items(), results):
        axes = (0, *range(2, x.ndim))
        x = x.astype(np.float64)
        found[output] = (x.mean(axes), x.var(axes))
    return found


def agree(found, wanted, tolerance=1e-5):
    assert found.keys() == wanted.keys()
    for name, (mean, var) in wanted.items():
        scale = np.sqrt(var) + np.abs(mean) + 1e-6
        assert np.max(np.abs(found[name][0] - mean) / scale) < tolerance, name
        # A channel that is almost dead is no more exact than the others.
        scale = var + 1e-3 * var.max() + 1e-6
        assert np.max(np.abs(found[name][1] - var) / scale) < tolerance, name


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("calibrate")
    array = volumes.volumes(COUNT, seed=3)
    np.save(folder / "data.npy", array)
    np.save(folder / "shuffled.npy", array[np.random.default_rng(0).permutation(COUNT)])
    return folder, array


@pytest.fixture(scope="module")
def sequential(surgeon, data):
    folder, _ = data
    surgeon("calibrate", MODEL, "--data", folder / "data.npy", "-o", folder / "s.onnx", code=0)
    return statistics(folder / "s.onnx")


@pytest.fixture(scope="module")
def truth(data):
    return float64.statistics(onnx.load(MODEL), data[1])


def test_sequential_is_training_mode_on_the_whole_set(sequential, truth, data):
    agree(sequential, truth, tolerance=1e-6)
    # ONNX Runtime sums in Float32, which costs it some 1e-5 of the truth.
    agree(sequential, training_statistics(data[1]), tolerance=2e-5)


def test_joint_is_a_plain_pass(surgeon, data, tmp_path):
    out = tmp_path / "j.onnx"
    surgeon(
        "calibrate", MODEL, "--mode", "joint", "--data", data[0] / "data.npy", "-o", out, code=0
    )
    agree(statistics(out), joint_statistics(data[1]))


# Of 7 the last batch has the three that are left.
@pytest.mark.parametrize("batch", [3, 7, 8])
def test_the_batch_size_does_not_matter(surgeon, sequential, data, tmp_path, batch):
    out = tmp_path / "b.onnx"
    surgeon(
        "calibrate", MODEL, "--data", data[0] / "data.npy", "--batch-size", batch, "-o", out, code=0
    )
    agree(statistics(out), sequential)


def test_a_pitch_tracker_on_tones(surgeon, zoo, tmp_path):
    """Another kind of network: every BatchNormalization behind a Relu, its pads computed."""
    path = zoo["crepe_tiny_op13"]
    model = onnx.load(path)
    rng = np.random.default_rng(2)
    seconds = np.arange(1024) / 16000
    tones = [
        sum(
            rng.uniform(0.1, 1) / h * np.sin(2 * np.pi * h * pitch * seconds + rng.uniform(0, 6))
            for h in range(1, 6)
        )
        for pitch in rng.uniform(50, 1500, 8)
    ]
    frames = np.stack([(t - t.mean()) / t.std() for t in tones]).astype(np.float32)
    np.save(tmp_path / "tones.npy", frames)
    padded = [node for node in model.graph.node if node.op_type == "Pad"]
    for node in padded:
        model.graph.output.append(
            onnx.helper.make_tensor_value_info(node.input[1], onnx.TensorProto.INT64, None)
        )
    amounts = ort.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    ).run([node.input[1] for node in padded], {model.graph.input[0].name: frames[:1]})
    pads = {node.output[0]: list(a) for node, a in zip(padded, amounts)}
    for mode in ("sequential", "joint"):
        out = tmp_path / f"{mode}.onnx"
        surgeon(
            *("calibrate", path, "--mode", mode, "--data", tmp_path / "tones.npy", "-o", out),
            "--allow-constant",
            code=0,
        )
        wanted = float64.statistics(onnx.load(path), frames, mode == "sequential", pads)
        assert len(wanted) == 6
        agree(statistics(out), wanted)


def test_the_order_does_not_matter(surgeon, sequential, data, tmp_path):
    out = tmp_path / "o.onnx"
    surgeon("calibrate", MODEL, "--data", data[0] / "shuffled.npy", "-o", out, code=0)
    agree(statistics(out), sequential)


def test_activations_may_go_to_disk(surgeon, sequential, data, tmp_path):
    out = tmp_path / "d.onnx"
    surgeon(
        *("calibrate", MODEL, "--data", data[0] / "data.npy", "-o", out),
        *("--memory", 0, "--workspace", tmp_path),
        code=0,
    )
    # More is computed again where keeping is dearer, with other roundings in between.
    agree(statistics(out), sequential)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["d.onnx"]


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


def test_the_result_is_a_valid_model_and_nothing_else_changed(sequential, data):
    before, after = onnx.load(MODEL), onnx.load(data[0] / "s.onnx")
    onnx.checker.check_model(after, full_check=True)
    assert [n.op_type for n in before.graph.node] == [n.op_type for n in after.graph.node]
    moved = {name for n in norms(before) for name in n.input[3:5]}
    old, new = constants(before), constants(after)
    for name, numbers in old.items():
        if name not in moved:
            assert np.array_equal(numbers, new[name])


def test_spoiled_statistics_are_repaired(surgeon, sequential, data, tmp_path):
    """Means shifted and variances scaled by 4: sequential mode never looks at them."""
    model = onnx.load(MODEL)
    moved = {name: slot for n in norms(model) for slot, name in ((3, n.input[3]), (4, n.input[4]))}
    for tensor in model.graph.initializer:
        if tensor.name in moved:
            numbers = numpy_helper.to_array(tensor)
            spoiled = numbers + 1 if moved[tensor.name] == 3 else numbers * 4
            tensor.CopyFrom(numpy_helper.from_array(spoiled.astype(np.float32), tensor.name))
    onnx.save(model, tmp_path / "spoiled.onnx")
    out = tmp_path / "repaired.onnx"
    surgeon(
        *("calibrate", tmp_path / "spoiled.onnx", "--data", data[0] / "data.npy", "-o", out), code=0
    )
    agree(statistics(out), sequential)


def labels(path, data):
    """What the network says of each voxel, with statistics of any kind."""
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return np.stack([session.run(None, {name: x[None]})[0][0].argmax(0) for x in data])


def dice(found, wanted):
    """The mean overlap of grey and white matter."""
    return np.mean(
        [
            2 * np.sum((found == tissue) & (wanted == tissue))
            / (np.sum(found == tissue) + np.sum(wanted == tissue))
            for tissue in (1, 2)
        ]
    )


def with_statistics(model, numbers, path):
    initializers = {t.name: t for t in model.graph.initializer}
    for node in norms(model):
        for name, values in zip(node.input[3:5], numbers[node.output[0]]):
            initializers[name].CopyFrom(numpy_helper.from_array(values.astype(np.float32), name))
    onnx.save(model, path)
    return path


def test_accuracy_comes_back_as_with_the_true_statistics(surgeon, truth, data, tmp_path):
    held_out = volumes.volumes(6, seed=77)
    wanted = labels(MODEL, held_out)
    model = onnx.load(MODEL)
    spoiled = {
        name: (mean + np.sqrt(var), 4 * var) for name, (mean, var) in statistics(MODEL).items()
    }
    path = with_statistics(model, spoiled, tmp_path / "spoiled.onnx")
    broken = dice(labels(path, held_out), wanted)
    out = tmp_path / "repaired.onnx"
    surgeon("calibrate", path, "--data", data[0] / "data.npy", "-o", out, code=0)
    repaired = dice(labels(out, held_out), wanted)
    witness = with_statistics(onnx.load(MODEL), truth, tmp_path / "witness.onnx")
    assert abs(repaired - dice(labels(witness, held_out), wanted)) < 0.005
    assert repaired > broken + 0.1


def test_a_channel_that_never_varies(surgeon, data, tmp_path):
    np.save(tmp_path / "flat.npy", np.full_like(data[1][:2], 0.5))
    model, flat = tmp_path / "model.onnx", tmp_path / "flat.npy"
    graph = onnx.parser.parse_graph(
        "g (float[N, 1, 32, 32, 32] x) => (float[N, 1, 32, 32, 32] y)"
        " <float[1] s = {1}, float[1] b = {0}, float[1] m = {0}, float[1] v = {1}>"
        "{ y = BatchNormalization(x, s, b, m, v) }"
    )
    onnx.save(
        onnx.helper.make_model(
            graph, ir_version=8, opset_imports=[onnx.helper.make_opsetid("", 15)]
        ),
        model,
    )
    out = tmp_path / "out.onnx"
    err = surgeon("calibrate", model, "--data", flat, "-o", out, code=2).err
    assert "a channel never varies over the data" in err
    assert "'y': channel 0 is always 0.5" in err and "--allow-constant" in err
    assert not out.exists()
    result = surgeon("calibrate", model, "--data", flat, "-o", out, "--allow-constant", code=0)
    assert "1 channel never varied over the data" in result.err
    assert statistics(out)["y"] == (0.5, 0)


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
    assert not out.exists()
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


def test_memory_does_not_grow_with_the_data(surgeon, tmp_path):
    """A set of 1 GB, most of it a hole in the file, against one of 8 MB."""
    graph = onnx.parser.parse_graph(
        "g (float[N, 1, 1024, 1024] x) => (float[N, 1, 128, 128] y)"
        " <float[1] s = {1}, float[1] b = {0}, float[1] m = {0}, float[1] v = {1}>"
        "{ c = MaxPool <kernel_shape = [8, 8], strides = [8, 8]> (x)"
        "  y = BatchNormalization(c, s, b, m, v) }"
    )
    model = tmp_path / "model.onnx"
    onnx.save(
        onnx.helper.make_model(
            graph, ir_version=8, opset_imports=[onnx.helper.make_opsetid("", 15)]
        ),
        model,
    )
    peaks = []
    for count in (2, 256):
        path = tmp_path / f"{count}.npy"
        array = np.lib.format.open_memmap(path, "w+", np.float32, (count, 1, 1024, 1024))
        array[0] = np.random.default_rng(0).standard_normal((1, 1024, 1024))
        array.flush()
        command = [
            *(str(BINARY), "calibrate", str(model), "--data", str(path)),
            *("-o", str(tmp_path / "o.onnx")),
        ]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = status
        assert status == 0
        peaks.append(usage.ru_maxrss)
    assert peaks[1] < peaks[0] + 16 * 1024  # kilobytes


def test_bad_data_are_named(surgeon, data, tmp_path):
    broken = data[1].copy()
    broken[5, 0, 3, 3, 3] = np.nan
    np.save(tmp_path / "nan.npy", broken)
    result = surgeon("calibrate", MODEL, "--data", tmp_path / "nan.npy", code=2)
    assert "sample 5 holds NaN" in result.err
    np.save(tmp_path / "shape.npy", broken[:, :, :, :, :31])
    assert "shape" in surgeon("calibrate", MODEL, "--data", tmp_path / "shape.npy", code=2).err
    np.save(tmp_path / "type.npy", data[1].astype(np.int32))
    assert "type" in surgeon("calibrate", MODEL, "--data", tmp_path / "type.npy", code=2).err
    np.save(tmp_path / "empty.npy", broken[:0])
    assert "empty" in surgeon("calibrate", MODEL, "--data", tmp_path / "empty.npy", code=2).err
    missing = surgeon("calibrate", MODEL, "--data", tmp_path / "missing", code=2).err
    assert "there is no such file or directory" in missing
    assert not list(tmp_path.glob("*.onnx"))


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
