"""What the Float64 engine is compared with: OpenBLAS, which NumPy comes with, for products of matrices,
and PyTorch for networks.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
from onnx import helper, numpy_helper

# Seconds that PyTorch may take for a few runs of a network.
PATIENCE = 40

# NumPy's product in a process of its own, where the number of threads can be set.
OPENBLAS = """
import sys, time
import numpy as np
left, right = (eval(text) for text in sys.argv[1:3])
rng = np.random.default_rng(0)
a, b = rng.standard_normal(left), rng.standard_normal(right)
out = a @ b
times, end = [], time.perf_counter() + float(sys.argv[3])
while len(times) < 3 or time.perf_counter() < end:
    start = time.perf_counter()
    np.matmul(a, b, out=out)
    times.append(time.perf_counter() - start)
print(sorted(times)[len(times) // 2] * 1e3)
"""


def openblas_ms(case, threads, budget):
    left, right = case["inputs"][0], case["weights"][0]
    done = subprocess.run(
        [sys.executable, "-c", OPENBLAS, str(left), str(right), str(budget)],
        check=True, capture_output=True, text=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": str(threads)})
    return float(done.stdout)


def as_arrays(model, inputs, expected, path):
    """Nodes, weights and inputs for torch_double.py."""
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    nodes = []
    for node in model.graph.node:
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type == "Constant":
            arrays[node.output[0]] = numpy_helper.to_array(attributes["value"])
            continue
        kept = {name: list(value) if isinstance(value, (list, tuple)) else value
                for name, value in attributes.items() if not isinstance(value, bytes)}
        nodes.append({"op": node.op_type, "inputs": [name for name in node.input if name],
                      "output": node.output[0], "attributes": kept})
    arrays |= inputs
    arrays = {name: array.astype(np.float64) for name, array in arrays.items()}
    np.savez(path, nodes=json.dumps(nodes), expected=expected, **arrays)


def find_torch(chosen):
    """A Python that can import torch; None where there is none."""
    found = chosen or shutil.which("python3", path=os.defpath)
    if not found:
        return None
    done = subprocess.run([found, "-c", "import torch; print(torch.__version__)"],
                          capture_output=True, text=True)
    return (found, done.stdout.strip()) if done.returncode == 0 else None


def torch_ms(torch, arrays, threads, budget):
    """None where PyTorch does not come to an end: its Conv3d in Float64 takes minutes for a video."""
    command = [torch[0], Path(__file__).with_name("torch_double.py"), arrays, threads, budget]
    try:
        done = subprocess.run(
            list(map(str, command)), capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        print(f"PyTorch: no result within {PATIENCE} seconds", file=sys.stderr)
        return None
    if done.returncode != 0:
        sys.exit(f"torch_double.py:\n{done.stderr}")
    found = json.loads(done.stdout)
    if found["error"] > 1e-10:
        sys.exit(f"PyTorch computes something else: {found['error']:.1e} of the largest output")
    return found["median_ms"]
