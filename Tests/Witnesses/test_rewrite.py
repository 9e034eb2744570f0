"""Frozen statistics on whole networks: checked by onnx, run by ONNX Runtime."""

import json

import onnx
import pytest
from conftest import INFERENCE, assert_same_function, normalizations, random_inputs


@pytest.mark.parametrize("form", ["affine", "split", "fold"])
@pytest.mark.parametrize("name", INFERENCE)
def test_frozen_networks_are_the_same_function(surgeon, zoo, tmp_path, name, form):
    before, after = zoo[name], tmp_path / "after.onnx"
    untouched = before.read_bytes()
    surgeon("rewrite", before, "--to", "frozen", "--form", form, "-o", after, code=0)
    assert before.read_bytes() == untouched

    model = onnx.load(after)
    onnx.checker.check_model(model, full_check=True)
    assert normalizations(model) == []
    original = onnx.load(before)
    assert model.ir_version == original.ir_version
    assert model.opset_import == original.opset_import
    assert_same_function(before, after, random_inputs(original))


@pytest.mark.parametrize("form", ["affine", "split", "fold"])
@pytest.mark.parametrize("name", INFERENCE)
def test_in_float64_nothing_is_left_of_the_difference(surgeon, zoo, tmp_path, name, form):
    before, after = zoo[name], tmp_path / "after.onnx"
    # Before the constants are rounded for the file, the two networks are one function.
    report = json.loads(
        surgeon(
            "rewrite", before, "--form", form, "-o", after, "--precision", "double", "--json",
            code=0,
        ).out
    )
    for output in report["verification"]["outputs"]:
        assert output["max_relative_error"] < 1e-10
    # What the file holds was rounded to Float32 once.
    report = json.loads(
        surgeon("verify", before, after, "--precision", "double", "--json", code=0).out
    )
    for output in report["outputs"]:
        assert output["max_relative_error"] < 1e-5
