"""What surgeon writes, models and texts, is what the onnx package reads."""

import os
import resource

import numpy as np
import onnx
import onnx.parser
import pytest
from conftest import FIXTURES, judge, random_inputs
from onnx import numpy_helper


def bare(node):
    """A node without what the text syntax has no words for."""
    copy = onnx.NodeProto.FromString(node.SerializeToString())
    for field in ("doc_string", "metadata_props", "device_configurations"):
        copy.ClearField(field)
    for field in ("name", "domain", "overload"):
        if not getattr(copy, field):
            copy.ClearField(field)
    for attribute in copy.attribute:
        attribute.ClearField("doc_string")
        if attribute.HasField("t"):
            attribute.t.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(attribute.t)))
        if attribute.HasField("g"):
            attribute.g.CopyFrom(onnx.GraphProto(node=[bare(n) for n in attribute.g.node]))
    return copy


def types(values):
    """Names and types, where a negative size and a question mark are unknown sizes."""
    result = []
    for value in values:
        kind = onnx.TypeProto.FromString(value.type.SerializeToString())
        kind.ClearField("denotation")
        for dim in kind.tensor_type.shape.dim:
            dim.ClearField("denotation")
            if dim.dim_value < 0 or dim.dim_param == "?":
                dim.Clear()
        result.append((value.name, kind))
    return result


@pytest.mark.parametrize(
    "name", ["unet3d_mni_op13", "resnet18_op13", "audio1d_train_op13", "light_shufflenet"]
)
def test_what_show_prints_is_the_model(surgeon, zoo, name):
    before = onnx.load(zoo[name])
    text = surgeon("show", zoo[name], "--elements", 2**40, code=0).out
    after = onnx.parser.parse_model(text)
    assert [bare(n) for n in after.graph.node] == [bare(n) for n in before.graph.node]
    assert types(after.graph.input) == types(before.graph.input)
    assert types(after.graph.output) == types(before.graph.output)
    assert [t.name for t in after.graph.initializer] == [t.name for t in before.graph.initializer]
    for old, new in zip(before.graph.initializer, after.graph.initializer):
        assert np.array_equal(numpy_helper.to_array(old), numpy_helper.to_array(new)), old.name
    opsets = [[(o.domain, o.version) for o in m.opset_import] for m in (before, after)]
    assert opsets[0] == opsets[1]


def test_what_show_prints_of_big_models_still_parses(surgeon, zoo):
    text = surgeon("show", zoo["resnet50_op13"], code=0).out
    assert len(onnx.parser.parse_model(text).graph.node) == len(
        onnx.load(zoo["resnet50_op13"]).graph.node
    )
    assert len(text) < 200_000


def test_weights_beside_the_model(surgeon, tmp_path):
    source = FIXTURES / "unet3d_mni_op13.onnx"
    path = tmp_path / "out.onnx"
    surgeon("rewrite", source, "-o", path, "--no-verify", "--external-data", code=0)
    assert sorted(os.listdir(tmp_path)) == ["out.onnx", "out.onnx.data"]
    onnx.checker.check_model(str(path), full_check=True)
    inline = tmp_path / "inline.onnx"
    surgeon("rewrite", source, "-o", inline, "--no-verify", code=0)
    loaded = onnx.load(path)
    for tensor in loaded.graph.initializer:
        tensor.ClearField("data_location")
    expected = onnx.load(inline)
    assert [numpy_helper.to_array(t).tobytes() for t in loaded.graph.initializer] == [
        numpy_helper.to_array(t).tobytes() for t in expected.graph.initializer
    ]
    inputs = random_inputs(expected)
    for ours, theirs in zip(judge(path, inputs), judge(inline, inputs)):
        assert np.array_equal(ours, theirs)


def test_a_limit_on_the_size_of_files(surgeon, tmp_path):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    path = tmp_path / "out.onnx"
    result = surgeon(
        "rewrite", FIXTURES / "unet3d_mni_op13.onnx", "-o", path, "--no-verify", code=2,
        preexec_fn=limit,
    )  # fmt: skip
    assert result.err.startswith(f"error: cannot write '{path}': File too large"), result.err
    assert os.listdir(tmp_path) == []
