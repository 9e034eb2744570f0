"""The loss of a network whose samples come one at a time, or eight, in ONNX Runtime."""

import numpy as np
import onnx
import onnxruntime
from onnx import helper


def in_training_mode(model):
    """The same network with every BatchNormalization normalising by its own batch."""
    trained = onnx.ModelProto()
    trained.CopyFrom(model)
    opset = next(o for o in trained.opset_import if o.domain == "")
    opset.version = max(opset.version, 15)
    for node in trained.graph.node:
        if node.op_type == "BatchNormalization":
            node.attribute.append(helper.make_attribute("training_mode", 1))
            y = node.output[0]
            node.output.extend([y + ".mean", y + ".var"])
    # Shapes that an exporter fixed for one batch size.
    del trained.graph.value_info[:]
    for value in [*trained.graph.input, *trained.graph.output]:
        value.type.tensor_type.shape.dim[0].dim_param = "N"
    return trained


def session(model):
    """A session without ONNX Runtime's own fusions. `model` is a path or a ModelProto."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    source = model.SerializeToString() if isinstance(model, onnx.ModelProto) else str(model)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def cross_entropy(logits, labels):
    """Mean over the positions of each sample. logits [N, classes, ...], labels [N, ...]."""
    z = logits.astype(np.float64)
    z -= z.max(1, keepdims=True)
    log_probability = z - np.log(np.exp(z).sum(1, keepdims=True))
    picked = np.take_along_axis(log_probability, labels[:, np.newaxis].astype(np.int64), 1)
    return -picked.reshape(len(logits), -1).mean(1)


def binary_cross_entropy(probabilities, targets):
    """Mean over the outputs of each sample: what CREPE was trained with."""
    p = np.clip(probabilities.astype(np.float64), 1e-7, 1 - 1e-7)
    loss = -(targets * np.log(p) + (1 - targets) * np.log(1 - p))
    return loss.reshape(len(p), -1).mean(1)


def losses(model, samples, targets, batch, loss=cross_entropy):
    """The loss of each sample, where the network sees `batch` samples at a time."""
    network = session(model)
    name = network.get_inputs()[0].name
    parts = [slice(i, i + batch) for i in range(0, len(samples), batch)]
    return np.concatenate(
        [loss(network.run(None, {name: samples[p]})[0], targets[p]) for p in parts]
    )
