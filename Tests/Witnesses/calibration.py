"""What the witnesses of `surgeon calibrate` share: a network, a set of volumes, and what surgeon
measures on it."""

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from conftest import FIXTURES
from onnx import numpy_helper

import volumes

COUNT = 24
MODEL = FIXTURES / "unet3d_mni_op13.onnx"


def norms(model):
    return [node for node in model.graph.node if node.op_type == "BatchNormalization"]


def constants(model):
    return {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}


def statistics(path):
    """Mean and variance of every BatchNormalization, by the name of its output."""
    model = onnx.load(path)
    numbers = constants(model)
    return {n.output[0]: (numbers[n.input[3]], numbers[n.input[4]]) for n in norms(model)}


def free_batch(model):
    for value in [*model.graph.input, *model.graph.output]:
        value.type.tensor_type.shape.dim[0].dim_param = "N"
    del model.graph.value_info[:]
    return model


def training_statistics(model, data):
    """What training mode computes with the set as one batch: momentum 0 shows it whole."""
    model = free_batch(model)
    model.opset_import[0].version = 15
    names = []
    for node in norms(model):
        del node.attribute[:]
        node.attribute.extend(
            [
                onnx.helper.make_attribute("training_mode", 1),
                onnx.helper.make_attribute("momentum", 0.0),
                onnx.helper.make_attribute("epsilon", epsilon(node)),
            ]
        )
        y = node.output[0]
        node.output.extend([y + ".mean", y + ".var"])
        names.append(y)
        for suffix in (".mean", ".var"):
            model.graph.output.append(
                onnx.helper.make_tensor_value_info(y + suffix, onnx.TensorProto.FLOAT, None)
            )
    outputs = [name + suffix for name in names for suffix in (".mean", ".var")]
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    results = session.run(outputs, {model.graph.input[0].name: data})
    return {name: (results[2 * i], results[2 * i + 1]) for i, name in enumerate(names)}


def epsilon(node):
    return next((a.f for a in node.attribute if a.name == "epsilon"), 1e-5)


def agree(found, wanted, tolerance=1e-5):
    assert found.keys() == wanted.keys()
    for name, (mean, var) in wanted.items():
        scale = np.sqrt(var) + np.abs(mean) + 1e-6
        assert np.max(np.abs(found[name][0] - mean) / scale) < tolerance, name
        # A channel that is almost dead is no more exact than the others.
        scale = var + 1e-3 * var.max() + 1e-6
        assert np.max(np.abs(found[name][1] - var) / scale) < tolerance, name


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("calibrate")
    array = volumes.volumes(COUNT, seed=3)
    np.save(folder / "data.npy", array)
    np.save(folder / "shuffled.npy", array[np.random.default_rng(0).permutation(COUNT)])
    return folder, array


@pytest.fixture(scope="module")
def sequential(surgeon, data):
    folder, _ = data
    surgeon("calibrate", MODEL, "--data", folder / "data.npy", "-o", folder / "s.onnx", code=0)
    return statistics(folder / "s.onnx")
