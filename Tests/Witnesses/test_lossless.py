"""What is not rewritten stays as it was: byte for byte, or message for message."""

import onnx
import pytest
from exotic import UNKNOWN, exotic_model, small_model


@pytest.fixture
def exotic(tmp_path):
    path = tmp_path / "exotic.onnx"
    path.write_bytes(exotic_model().SerializeToString())
    return path


def test_the_model_is_what_it_claims(exotic):
    onnx.checker.check_model(str(exotic), full_check=True)
    assert exotic.read_bytes().count(UNKNOWN) == 2


def test_no_change_asked_no_byte_changed(surgeon, exotic, tmp_path):
    after = tmp_path / "after.onnx"
    surgeon("rewrite", exotic, "--except", "*", "-o", after, "--no-verify", code=0)
    assert after.read_bytes() == exotic.read_bytes()


@pytest.mark.parametrize("name", ["resnet18_op13", "light_shufflenet", "audio1d_train_op13"])
def test_no_change_asked_no_byte_changed_in_real_models(surgeon, zoo, tmp_path, name):
    after = tmp_path / "after.onnx"
    surgeon("rewrite", zoo[name], "--except", "*", "-o", after, "--no-verify", code=0)
    assert after.read_bytes() == zoo[name].read_bytes()


def test_a_model_without_normalization_is_written_only_when_asked(surgeon, tmp_path):
    model = small_model()
    model.graph.node[0].output[0] = "b"
    del model.graph.node[1]
    path = tmp_path / "plain.onnx"
    onnx.save(model, path)
    result = surgeon("rewrite", path, code=0)
    assert "no BatchNormalization" in result.out + result.err
    assert [entry.name for entry in tmp_path.iterdir()] == ["plain.onnx"]
    surgeon("rewrite", path, "-o", tmp_path / "copy.onnx", code=0)
    assert (tmp_path / "copy.onnx").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("form", ["affine", "split", "fold"])
def test_after_a_one_node_rewrite_everything_else_is_still_there(surgeon, exotic, tmp_path, form):
    path = tmp_path / "after.onnx"
    surgeon("rewrite", exotic, "--form", form, "-o", path, "--no-verify", code=0)
    before, after = onnx.load(exotic), onnx.load(path)
    onnx.checker.check_model(str(path), full_check=True)
    assert [node.op_type for node in after.graph.node].count("BatchNormalization") == 0
    assert path.read_bytes().count(UNKNOWN) == 2

    # The model, but for its graph.
    for descriptor, value in before.ListFields():
        if descriptor.name == "graph":
            continue
        assert getattr(after, descriptor.name) == value, descriptor.name
    # The graph, but for what a rewrite may touch.
    touched = {"node", "initializer", "value_info"}
    for descriptor, value in before.graph.ListFields():
        if descriptor.name not in touched:
            assert getattr(after.graph, descriptor.name) == value, descriptor.name

    kept = {node.name: node.SerializeToString() for node in after.graph.node}
    for node in before.graph.node:
        replaced = node.name == "bn" or (form == "fold" and node.name == "conv")
        if not replaced:
            assert kept[node.name] == node.SerializeToString(), node.name
    order = [node.name for node in after.graph.node]
    survivors = [node.name for node in before.graph.node if node.name in order]
    assert [name for name in order if name in survivors] == survivors

    tensors = {tensor.name: tensor.SerializeToString() for tensor in after.graph.initializer}
    for tensor in before.graph.initializer:
        # conv.w is pinned: training_info and a quantization annotation speak of it.
        if not tensor.name.startswith("bn."):
            assert tensors[tensor.name] == tensor.SerializeToString(), tensor.name
    infos = {info.name: info.SerializeToString() for info in after.graph.value_info}
    for info in before.graph.value_info:
        if info.name in infos:
            assert infos[info.name] == info.SerializeToString()
