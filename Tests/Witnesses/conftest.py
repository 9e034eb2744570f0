"""What the witnesses share: the command under test, the models, and ONNX Runtime as the judge."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import pytest

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
sys.path.insert(0, str(FIXTURES))

import skeleton  # noqa: E402

BINARY = Path(os.environ.get("SURGEON", ROOT / ".build/release/surgeon"))


@dataclass
class Result:
    code: int
    out: str
    err: str


def run(*arguments, code=None, timeout=300, **options):
    """Runs surgeon. A death by signal is a failure whatever the test expects."""
    command = [str(BINARY), *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, stdin=subprocess.DEVNULL, timeout=timeout, **options
    )
    result = Result(
        done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    )
    assert result.code >= 0, f"{command} died of signal {-result.code}\n{result.err}"
    if code is not None:
        assert result.code == code, f"{command}: exit {result.code}\n{result.out}{result.err}"
    return result


@pytest.fixture(scope="session")
def surgeon():
    assert BINARY.exists(), f"{BINARY} is not built: make build"
    return run


# Models whose every BatchNormalization is in inference mode.
SKELETONS = sorted(
    path.stem for path in (FIXTURES / "skeletons").glob("*.onnx") if "_train_" not in path.stem
)
TRAINING = sorted(path.stem for path in (FIXTURES / "skeletons").glob("*_train_*.onnx"))
TRAINED = ["unet3d_mni_op13", "meshnet3d_mni_op13"]
LIGHT = ["light_resnet50", "light_densenet121", "light_inception_v2", "light_shufflenet"]
INFERENCE = TRAINED + SKELETONS + LIGHT


class Zoo:
    """Paths of models by name, each made when it is first asked for."""

    def __init__(self, folder):
        self.folder = folder

    def __getitem__(self, name):
        if name in TRAINED:
            return FIXTURES / f"{name}.onnx"
        path = self.folder / f"{name}.onnx"
        if not path.exists():
            if name in LIGHT:
                data = Path(onnx.__file__).parent / "backend/test/data/light"
                model = onnx.load(data / f"{name}.onnx")
                skeleton.randomise(model, seed=1)
            else:
                model = onnx.load(FIXTURES / "skeletons" / f"{name}.onnx")
                skeleton.fill(model, seed=1)
            onnx.save(model, path)
        return path


@pytest.fixture(scope="session")
def zoo(tmp_path_factory):
    return Zoo(tmp_path_factory.mktemp("zoo"))


def normalizations(model):
    """Every BatchNormalization of a model, in bodies and functions too."""
    found = []

    def visit(nodes):
        for node in nodes:
            if node.op_type == "BatchNormalization":
                found.append(node)
            for attribute in node.attribute:
                for graph in [attribute.g, *attribute.graphs]:
                    visit(graph.node)

    visit(model.graph.node)
    for function in model.functions:
        visit(function.node)
    return found


def real_inputs(model):
    """The inputs that a caller gives: below IR version 4 initializers are listed as well."""
    constants = {t.name for t in model.graph.initializer}
    return [value for value in model.graph.input if value.name not in constants]


def random_inputs(model, seed=0, batch=1):
    rng = np.random.default_rng(seed)
    inputs = {}
    for value in real_inputs(model):
        tensor = value.type.tensor_type
        shape = [d.dim_value if d.dim_value > 0 else batch for d in tensor.shape.dim]
        dtype = onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)
        inputs[value.name] = rng.standard_normal(shape).astype(dtype)
    return inputs


def judge(path, inputs):
    """What ONNX Runtime computes, node by node: its own fusions would hide what was rewritten."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"]
    )
    return session.run(None, inputs)


def assert_same_function(before, after, inputs, relative=1e-4):
    """Both models give the same outputs within Float32's rounding, and outputs worth comparing."""
    for expected, actual in zip(judge(before, inputs), judge(after, inputs), strict=True):
        assert expected.shape == actual.shape
        scale = np.abs(expected).max()
        assert expected.std() > 1e-3 * scale, "a constant output is evidence of nothing"
        assert np.abs(expected - actual).max() <= relative * scale
