"""A model of one BatchNormalization, and what its rewrites must compute, in NumPy."""

import numpy as np
import onnx
from onnx import helper, numpy_helper

C = 3
EPSILON = 0.125
GAMMA, BETA = np.array([1.5, -0.75, 2.0]), np.array([0.5, -1.0, 0.25])
MEAN, VAR = np.array([0.25, -0.5, 1.0]), np.array([0.5, 0.75, 2.0])


def one_norm(path, opset, positions, dtype=np.float32, batch="N", ir_version=None):
    """A model of one BatchNormalization over [batch, C, *positions]."""
    element = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    shape = [batch, C, *positions]
    parameters = dict(gamma=GAMMA, beta=BETA, mean=MEAN, var=VAR)
    graph = helper.make_graph(
        [helper.make_node("BatchNormalization", ["x", *parameters], ["y"], epsilon=EPSILON)],
        "one",
        [helper.make_tensor_value_info("x", element, shape)],
        [helper.make_tensor_value_info("y", element, shape)],
        [numpy_helper.from_array(v.astype(dtype), k) for k, v in parameters.items()],
    )
    versions = [helper.make_opsetid("", opset)]
    model = helper.make_model(graph, opset_imports=versions)
    model.ir_version = ir_version or helper.find_min_ir_version_for(versions)
    onnx.save(model, path)
    return path


def normalize(x, mean, var):
    shape = (1, C) + (1,) * (x.ndim - 2)
    scale = GAMMA / np.sqrt(var + EPSILON)
    return (x - mean.reshape(shape)) * scale.reshape(shape) + BETA.reshape(shape)


def batch_statistics(x):
    axes = (0, *range(2, x.ndim))
    return x.mean(axes), x.var(axes)


class Welford:
    """Chan's merge, written down once more and from the paper."""

    def __init__(self, count, maximum, unit, start):
        self.constant, self.maximum, self.unit = count == "constant", maximum, unit
        # An unlimited count starts with what its statistics are taken to stand on.
        full = maximum if np.isfinite(maximum) else 2048
        self.n = full if self.constant or start == "pretrained" else 0.0
        pretrained = start == "pretrained"
        self.mean = MEAN.copy() if pretrained else np.zeros(C)
        self.m2 = (VAR if pretrained else np.ones(C)) * self.n

    def update(self, x):
        mean, var = batch_statistics(x)
        n_b = x.shape[0] if self.unit == "samples" else x.size / C
        total = self.n + n_b
        delta = mean - self.mean
        self.mean = self.mean + delta * n_b / total
        self.m2 = self.m2 + n_b * var + delta**2 * self.n * n_b / total
        kept = self.maximum if self.constant else min(total, self.maximum)
        self.m2, self.n = self.m2 * kept / total, kept


def close(actual, expected, tolerance, unit=0.0):
    scale = max(np.abs(expected).max(), unit)
    assert np.abs(np.asarray(actual, np.float64) - expected).max() <= tolerance * scale
