"""Networks of a few operators in Float64, the whole set as one batch: the truth about statistics.

Neither ONNX Runtime nor PyTorch's exporter runs convolutions in Float64 on a processor, and their
Float32 statistics differ from one another by more than what is asked of surgeon.
"""

import itertools

import numpy as np
from onnx import helper, numpy_helper


def windows(x, kernel, strides, output):
    """For each place in the kernel, what it sees of x."""
    for place in itertools.product(*map(range, kernel)):
        span = tuple(
            slice(p, p + s * (n - 1) + 1, s) for p, s, n in zip(place, strides, output)
        )
        yield place, x[(slice(None), slice(None), *span)]


def conv(x, w, b=None, *, strides, pads, **_):
    rank = x.ndim - 2
    x = np.pad(x, [(0, 0), (0, 0), *zip(pads[:rank], pads[rank:])])
    kernel = w.shape[2:]
    output = [(n - k) // s + 1 for n, k, s in zip(x.shape[2:], kernel, strides)]
    y = np.zeros((w.shape[0], x.shape[0], *output))
    for place, seen in windows(x, kernel, strides, output):
        y += np.tensordot(w[(slice(None), slice(None), *place)], seen, (1, 1))
    y = np.moveaxis(y, 0, 1)
    return y if b is None else y + b.reshape(-1, *[1] * rank)


def conv_transpose(x, w, b, *, strides, **_):
    """For a kernel as large as its strides, whose places do not overlap."""
    assert list(w.shape[2:]) == list(strides)
    y = np.zeros((x.shape[0], w.shape[1], *(n * s for n, s in zip(x.shape[2:], strides))))
    for place in itertools.product(*map(range, strides)):
        part = np.tensordot(w[(slice(None), slice(None), *place)], x, (0, 1))
        span = tuple(slice(p, None, s) for p, s in zip(place, strides))
        y[(slice(None), slice(None), *span)] = np.moveaxis(part, 0, 1)
    return y + b.reshape(-1, *[1] * len(strides))


def max_pool(x, *, kernel_shape, strides, **_):
    output = [(n - k) // s + 1 for n, k, s in zip(x.shape[2:], kernel_shape, strides)]
    return np.maximum.reduce([seen for _, seen in windows(x, kernel_shape, strides, output)])


def normalize(x, scale, bias, mean, var, epsilon):
    shape = (-1, *[1] * (x.ndim - 2))
    factor = scale / np.sqrt(var + epsilon)
    return (x - mean.reshape(shape)) * factor.reshape(shape) + bias.reshape(shape)


def statistics(model, x, sequential=True, pads=None):
    """Mean and variance of every BatchNormalization's input, by the name of its output.

    Sequential: each normalises with what was measured; otherwise with the model's statistics.
    `pads` gives the amounts of Pad nodes whose computation is of no interest here.
    """
    values = {t.name: numpy_helper.to_array(t).astype(np.float64) for t in model.graph.initializer}
    values[model.graph.input[0].name] = x.astype(np.float64)
    found = {}
    for node in model.graph.node:
        inputs = [values.get(name) for name in node.input]
        known = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        if not inputs or inputs[0] is None:
            continue  # part of the computation of shapes
        match node.op_type:
            case "Conv":
                y = conv(*inputs, **known)
            case "ConvTranspose":
                y = conv_transpose(*inputs, **known)
            case "MaxPool":
                y = max_pool(*inputs, **known)
            case "Relu":
                y = np.maximum(inputs[0], 0)
            case "Concat":
                y = np.concatenate(inputs, axis=known["axis"])
            case "Unsqueeze":
                y = np.expand_dims(inputs[0], -1 if inputs[0].ndim > 2 else 1)
            case "Pad":
                amounts = pads[node.output[0]]
                half = len(amounts) // 2
                y = np.pad(inputs[0], list(zip(amounts[:half], amounts[half:])))
            case "BatchNormalization":
                axes = (0, *range(2, inputs[0].ndim))
                measured = inputs[0].mean(axes), inputs[0].var(axes)
                found[node.output[0]] = measured
                used = measured if sequential else inputs[3:5]
                epsilon = known.get("epsilon", 1e-5)
                y = normalize(inputs[0], *inputs[1:3], *used, epsilon)
            case _:
                break  # behind the last normalisation
        values[node.output[0]] = y
    return found
