"""A BatchNormalization in training mode computes something else than its running statistics say."""

import onnx
import pytest
from conftest import TRAINING, normalizations


@pytest.mark.parametrize("form", ["affine", "split", "fold"])
@pytest.mark.parametrize("name", TRAINING)
def test_training_mode_is_not_frozen_in_silence(surgeon, zoo, tmp_path, name, form):
    before, after = zoo[name], tmp_path / "after.onnx"
    result = surgeon("rewrite", before, "--to", "frozen", "--form", form, "-o", after)
    assert "training mode" in result.out + result.err
    if after.exists():
        count = len(normalizations(onnx.load(before)))
        assert len(normalizations(onnx.load(after))) == count


def test_the_way_to_inference_mode_says_that_the_function_changes(surgeon, zoo, tmp_path):
    before, after = zoo["audio1d_train_op13"], tmp_path / "after.onnx"
    result = surgeon("rewrite", before, "--to", "batchnorm", "-o", after, "--keep")
    assert "training mode" in result.out + result.err
    model = onnx.load(after)
    onnx.checker.check_model(model, full_check=True)
    assert [len(node.output) for node in normalizations(model)] == [1] * 5
