"""Collected statistics against Float64 and against ONNX Runtime in training mode, with the whole
set as one batch."""

import float64
import numpy as np
import onnx
import onnxruntime as ort
import pytest
from calibration import (  # noqa: F401
    MODEL,
    agree,
    constants,
    data,
    epsilon,
    free_batch,
    norms,
    sequential,
    statistics,
    training_statistics,
)
from onnx import numpy_helper

import volumes


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


@pytest.fixture(scope="module")
def truth(data):
    return float64.statistics(onnx.load(MODEL), data[1])


def test_sequential_is_training_mode_on_the_whole_set(sequential, truth, data):
    agree(sequential, truth, tolerance=1e-6)
    # ONNX Runtime sums in Float32, which costs it some 1e-5 of the truth.
    agree(sequential, training_statistics(onnx.load(MODEL), data[1]), tolerance=2e-5)


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


def test_what_no_disk_has_room_for_is_computed_again(surgeon, sequential, data, tmp_path):
    out = tmp_path / "n.onnx"
    surgeon(
        *("calibrate", MODEL, "--data", data[0] / "data.npy", "-o", out),
        *("--memory", 0, "--workspace-limit", 0, "--workspace", tmp_path / "nowhere"),
        code=0,
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
