"""What every target writes, of every kind of model: a file that others can work with."""

import numpy as np
import onnx
import onnx.parser
import pytest
from conftest import INFERENCE, judge, normalizations, random_inputs
from targets import STATEFUL, TARGETS

# The oldest files of all (IR 3), PyTorch's exports for training, an old opset, a BatchNormalization
# that no convolution can take.
MODELS = [
    "light_shufflenet", "audio1d_train_op13", "resnet18_train_op17", "mobilenet_v3_small_op9",
    "crepe_tiny_op9",
]
GRAPH_PARAMETERS = """
    <ir_version: 8, opset_import: ["" : {opset}]>
    g (float[N, 4, 5, 3] x, float[6, 4, 1, 1] w, float[6] gamma, float[6] beta)
      => (float[N, 6, 5, 3] y)
    <float[6] mean = {{1, 3, -2, 2, 0, 1}}, float[6] var = {{3, 8, 15, 24, 1, 2}}>
    {{
      c = Conv(x, w)
      b = BatchNormalization(c, gamma, beta, mean, var)
      y = Relu(b)
    }}
    """


def computed(graph):
    return {name for node in graph.node for name in node.output if name}


def assert_written_well(before, after):
    """Opset and IR version kept, and a value_info with a rank for every value that was added."""
    onnx.checker.check_model(after, full_check=True)
    assert after.opset_import == before.opset_import
    known = {
        value.name: value.type.tensor_type.HasField("shape")
        for value in [*after.graph.value_info, *after.graph.output]
    }
    added = computed(after.graph) - computed(before.graph)
    assert not [name for name in added if not known.get(name)]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", MODELS)
def test_a_file_that_others_can_work_with(surgeon, zoo, tmp_path, name, target):
    before, after = onnx.load(zoo[name]), tmp_path / "after.onnx"
    arguments = [*TARGETS[target], "--no-verify", "-o", after]
    version = before.ir_version
    if target in STATEFUL and version < 4:
        # An input cannot have a default there; the hint names the way.
        result = surgeon("rewrite", zoo[name], *arguments, code=0)
        assert "hint: raise the file's IR version with --ir-version 4" in result.out
        arguments += ["--ir-version", version := 4]
    result = surgeon("rewrite", zoo[name], *arguments, code=0)
    left = "_train_" in name and target in ("affine", "split", "fold")
    if left or (target == "batchnorm" and "_train_" not in name):
        # The function would change, or there is nothing to do: said, and nothing written.
        assert f"0 of {len(normalizations(before))}" in result.out
        assert "in training mode" in result.out or "in inference mode already" in result.out
        return
    rewritten = onnx.load(after)
    if target != "batchnorm":
        # Behind a Gemm an instance normalisation would see one number.
        alone = result.out.count("- a group would hold one number")
        assert len(normalizations(rewritten)) == alone
    if target not in ("batchnorm", "fold"):
        assert_written_well(before, rewritten)
    onnx.checker.check_model(rewritten, full_check=True)
    assert rewritten.ir_version == version
    for output in judge(after, random_inputs(before, batch=2)):
        assert np.isfinite(output).all()


@pytest.mark.parametrize("target", [t for t in TARGETS if t != "batchnorm"])
@pytest.mark.parametrize("opset", [9, 13, 17, 21])
def test_gamma_and_beta_that_are_inputs(surgeon, tmp_path, opset, target):
    path, after = tmp_path / "before.onnx", tmp_path / "after.onnx"
    before = onnx.parser.parse_model(GRAPH_PARAMETERS.format(opset=opset))
    onnx.save(before, path)
    surgeon("rewrite", path, *TARGETS[target], "--no-verify", "-o", after, code=0)
    rewritten = onnx.load(after)
    assert not normalizations(rewritten)
    assert_written_well(before, rewritten)
    inputs = random_inputs(before, batch=2)
    wanted, found = judge(path, inputs)[0], judge(after, inputs)[0]
    assert found.shape == wanted.shape
    if target in ("affine", "split", "fold", "welford, capped"):
        assert np.abs(found - wanted).max() <= 1e-6 * np.abs(wanted).max()


@pytest.mark.parametrize("name", INFERENCE)
def test_no_more_normalisations_are_left_than_onnxslim_leaves(surgeon, zoo, tmp_path, name):
    import onnxslim

    after = tmp_path / "after.onnx"
    surgeon("rewrite", zoo[name], "--form", "fold", "--no-verify", "-o", after, code=0)
    theirs = normalizations(onnxslim.slim(onnx.load(zoo[name])))
    assert len(normalizations(onnx.load(after))) <= len(theirs)
