"""A BatchNormalization in training mode computes something else than its running statistics say."""

import onnx
import pytest
from conftest import TRAINING, normalizations


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
