"""What surgeon writes, loaded and run by tract: an engine that shares nothing with ONNX Runtime."""

import numpy as np
import onnx
import pytest
import tract
from conftest import judge, random_inputs
from onnx import numpy_helper, version_converter
from targets import TARGETS

import volumes

MODELS = [
    ("crepe_tiny_op9", 9),
    *(("unet3d_mni_op13", opset) for opset in (13, 17, 18, 20, 21)),
    ("mobilenet_v2_op13", 13),
    ("resnet18_op13", 13),
]
TYPES = {"float32": "f32", "int64": "i64"}


def at_opset(model, opset):
    """The model at another opset, for one sample: tract reads no sizes from its inputs' values."""
    if model.opset_import[0].version != opset:
        model = version_converter.convert_version(model, opset)
        model.ir_version = onnx.helper.find_min_ir_version_for(model.opset_import)
    for value in [*model.graph.input, *model.graph.output]:
        value.type.tensor_type.shape.dim[0].dim_value = 1
    del model.graph.value_info[:]
    return onnx.shape_inference.infer_shapes(model, strict_mode=True)


def run_in_tract(path, inputs):
    """Every output; state takes the defaults in the file."""
    defaults = {t.name: t for t in onnx.load(path).graph.initializer}
    model = tract.onnx().load(str(path))
    arrays = []
    for index in range(model.input_count()):
        name = model.input_name(index)
        array = inputs[name] if name in inputs else numpy_helper.to_array(defaults[name])
        sizes = [str(size) for size in array.shape]
        model.set_input_fact(index, ",".join([*sizes, TYPES[str(array.dtype)]]))
        arrays.append(np.ascontiguousarray(array))
    results = model.into_model().into_runnable().run(arrays)
    return [result.to_numpy() for result in results]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name,opset", MODELS)
def test_tract_computes_what_onnx_runtime_computes(
    surgeon, zoo, tmp_path, name, opset, target
):
    before, after = tmp_path / "before.onnx", tmp_path / "after.onnx"
    model = at_opset(onnx.load(zoo[name]), opset)
    onnx.save(model, before)
    surgeon("rewrite", before, *TARGETS[target], "-o", after, "--no-verify", code=0)
    rewritten = onnx.load(after)
    onnx.checker.check_model(rewritten, full_check=True)
    assert rewritten.opset_import[0].version == opset
    assert rewritten.ir_version == model.ir_version
    inputs = random_inputs(model)
    if name.startswith("unet"):
        inputs = {"input": volumes.volumes(1)}
    wanted = judge(after, inputs)
    for found, expected in zip(run_in_tract(after, inputs), wanted, strict=True):
        assert np.abs(found - expected).max() <= 1e-4 * np.abs(expected).max()
