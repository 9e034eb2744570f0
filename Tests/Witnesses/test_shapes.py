"""Inferred types against onnx.shape_inference (strict, with data propagation)."""

import json
import re
from pathlib import Path

import onnx
import pytest
from conftest import INFERENCE, TRAINING
from onnx import TensorProto, helper, shape_inference

NAMES = {value: key.lower() for key, value in TensorProto.DataType.items()}
DATA = Path(onnx.__file__).parent / "backend/test/data"
CONVERTED = sorted(p for d in ("simple", "pytorch-converted") for p in (DATA / d).glob("*/model.onnx"))


def without_records(path):
    """The model without what would make inference easy."""
    model = onnx.load(path)
    del model.graph.value_info[:]
    for output in model.graph.output:
        if output.type.HasField("tensor_type"):
            output.type.tensor_type.ClearField("shape")
    return model


def theirs(model):
    inferred = shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph
    found = {}
    for value in [*inferred.input, *inferred.output, *inferred.value_info]:
        if not value.type.HasField("tensor_type"):
            continue
        tensor = value.type.tensor_type
        sizes = None
        if tensor.HasField("shape"):
            sizes = [
                d.dim_value if d.HasField("dim_value") and d.dim_value >= 0 else d.dim_param or None
                for d in tensor.shape.dim
            ]
        found[value.name] = (NAMES[tensor.elem_type], sizes)
    return found


def parse(text):
    match = re.fullmatch(r"([a-z0-9_]+)(?:\[(.*)\])?", text)
    if not match or match[1] == "undefined":
        return None
    if match[2] is None:
        return match[1], []
    words = [word.strip() for word in match[2].split(",") if word.strip()]
    if words == ["..."]:
        return match[1], None
    return match[1], [int(w) if w.lstrip("-").isdigit() else w for w in words]


def compare(surgeon, model, tmp_path):
    path = tmp_path / "model.onnx"
    onnx.save(model, path)
    document = json.loads(surgeon("inspect", path, "--types", "--json", code=0).out)
    assert document["problems"] == []
    ours = {value["name"]: parse(value["type"]) for value in document["values"]}
    for name, (element, sizes) in theirs(model).items():
        assert ours.get(name), f"{name}: nothing inferred, onnx says {element}{sizes}"
        found, shape = ours[name]
        assert found == element, name
        if sizes is None:
            continue
        assert shape is not None and len(shape) == len(sizes), f"{name}: {shape}, onnx {sizes}"
        for mine, wanted in zip(shape, sizes):
            if isinstance(wanted, int):
                assert mine == wanted, f"{name}: {shape}, onnx {sizes}"


@pytest.mark.parametrize("name", INFERENCE + TRAINING)
def test_networks(surgeon, zoo, tmp_path, name):
    compare(surgeon, without_records(zoo[name]), tmp_path)


def test_converted_models(surgeon, tmp_path):
    for path in CONVERTED:
        try:
            model = without_records(path)
            theirs(model)
        except shape_inference.InferenceError:
            continue
        compare(surgeon, model, tmp_path)


def test_a_wrong_record_is_a_warning(surgeon, tmp_path):
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 4])
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"], name="r")], "g", [x], [y])
    onnx.save(helper.make_model(graph, ir_version=8), tmp_path / "wrong.onnx")
    result = surgeon("inspect", tmp_path / "wrong.onnx", code=0)
    assert "the recorded type of 'y' is wrong" in result.err
    assert "float[2, 3]" in result.err
