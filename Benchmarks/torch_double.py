"""A network in PyTorch's Float64, for Benchmarks/float64.py: a process of its own, because the Python
that has PyTorch need not have onnx.

    torch_double.py NETWORK.npz THREADS SECONDS

NETWORK.npz holds the nodes as JSON and every tensor by name (`float64.as_arrays`). Prints the median of
repeated runs in milliseconds and the largest difference from what the file expects, as a part of the
largest output.
"""

import json
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

CONVOLUTIONS = {2: F.conv1d, 3: F.conv2d, 4: F.conv3d}
TRANSPOSED = {2: F.conv_transpose1d, 3: F.conv_transpose2d, 4: F.conv_transpose3d}
POOLS = {3: F.max_pool1d, 4: F.max_pool2d, 5: F.max_pool3d}


def before(attributes, rank):
    pads = attributes.get("pads", [0] * 2 * rank)
    assert pads[:rank] == pads[rank:], "PyTorch pads both ends alike"
    return pads[:rank]


def convolve(inputs, a, functions):
    x, weights, bias = (inputs + [None])[:3]
    rank = x.dim() - 2
    return functions[rank + 1](
        x, weights, bias, stride=a.get("strides", [1] * rank), padding=before(a, rank),
        dilation=a.get("dilations", [1] * rank), groups=a.get("group", 1))


def fully_connected(inputs, a):
    x, weights, bias = inputs
    return F.linear(x, weights if a.get("transB") else weights.T, bias)


def normalize(inputs, a):
    x, gamma, beta, mean, variance = inputs
    return F.batch_norm(x, mean, variance, gamma, beta, eps=a.get("epsilon", 1e-5))


def pool(inputs, a):
    (x,) = inputs
    rank = x.dim() - 2
    return POOLS[x.dim()](
        x, a["kernel_shape"], stride=a.get("strides", [1] * rank), padding=before(a, rank))


OPERATORS = {
    "Conv": lambda inputs, a: convolve(inputs, a, CONVOLUTIONS),
    # PyTorch's order of arguments differs; only what these networks have is written here.
    "ConvTranspose": lambda inputs, a: TRANSPOSED[inputs[0].dim() - 1](
        *inputs, stride=a["strides"], padding=before(a, inputs[0].dim() - 2)),
    "Gemm": fully_connected,
    "BatchNormalization": normalize,
    "Relu": lambda inputs, a: torch.relu(inputs[0]),
    "Clip": lambda inputs, a: torch.clamp(inputs[0], float(inputs[1]), float(inputs[2])),
    "Add": lambda inputs, a: inputs[0] + inputs[1],
    "MaxPool": pool,
    "GlobalAveragePool": lambda inputs, a: inputs[0].mean(
        dim=list(range(2, inputs[0].dim())), keepdim=True),
    "Flatten": lambda inputs, a: inputs[0].flatten(a.get("axis", 1)),
    "Concat": lambda inputs, a: torch.cat(inputs, a["axis"]),
}


def run(nodes, tensors):
    values = dict(tensors)
    last_use = {name: i for i, node in enumerate(nodes) for name in node["inputs"]}
    for i, node in enumerate(nodes):
        inputs = [values[name] for name in node["inputs"]]
        values[node["output"]] = OPERATORS[node["op"]](inputs, node["attributes"])
        for name in node["inputs"]:
            if last_use[name] == i:
                values.pop(name, None)
    return values[nodes[-1]["output"]]


def main():
    path, threads, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    torch.set_num_threads(threads)
    arrays = dict(np.load(path))
    nodes = json.loads(str(arrays.pop("nodes")))
    expected = arrays.pop("expected")
    tensors = {name: torch.from_numpy(np.asarray(array)) for name, array in arrays.items()}
    with torch.no_grad():
        result = run(nodes, tensors).numpy()
        times, end = [], time.perf_counter() + seconds
        while len(times) < 3 or time.perf_counter() < end:
            start = time.perf_counter()
            run(nodes, tensors)
            times.append(time.perf_counter() - start)
    error = np.abs(result - expected).max() / np.abs(expected).max()
    print(json.dumps({"median_ms": sorted(times)[len(times) // 2] * 1e3, "error": float(error)}))


if __name__ == "__main__":
    main()
