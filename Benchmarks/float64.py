#!/usr/bin/env python3
"""The Float64 reference engine against the machine's arithmetic peak, and against other programs.

    float64.py [--only NAME,...] [--threads 1,2] [--write]
    float64.py --report        write the tables from what was measured before

Results are kept in .build/float64.json, so that the measurement can be cut into pieces.

The peak is measured in the same run, before and after each table (Benchmarks/MachinePeak): chains of
multiplications and additions that never leave the registers, in the instruction set that surgeon's
kernels take. An operator is a model of one node, repeated in a process of its own; its fraction is
two operations for each product of the definition, padding included, over time and peak.

ONNX Runtime has no convolution in Float64. The peers are OpenBLAS, which NumPy comes with, for
products of matrices, and PyTorch for networks: a python3 that can import torch (`--torch PYTHON`);
without one its columns stay empty. Everything takes about three minutes.
"""

import argparse
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from measuring import ROOT, SURGEON, machine, write_table
from networks import NETWORKS as ALL_NETWORKS

RESULTS = ROOT / ".build/float64.json"
BUILD = ["swift", "build", "-c", "release", "--product", "MachinePeak"]
# Seconds that a process spends on repeated runs.
BUDGET = 0.15
ROUNDS = 3


def product(left, right):
    """A product of (stacks of) matrices of these shapes."""
    stack = math.prod(left[:-2])
    return {
        "op": "MatMul", "inputs": [left], "weights": [right], "attributes": {},
        "flops": 2 * stack * left[-2] * left[-1] * right[-1]}


def gemm(rows, depth, columns):
    """A fully connected layer, its weights as PyTorch exports them."""
    return {
        "op": "Gemm", "inputs": [[rows, depth]], "weights": [[columns, depth], [columns]],
        "attributes": {"transB": 1}, "flops": 2 * rows * depth * columns}


def conv(channels, size, filters, kernel, stride=1, pad=None, groups=1, dilation=1, batch=1):
    """A convolution of `channels` x `size` with `filters` windows of `kernel`."""
    axes = len(size)
    pad = [dilation * (k // 2) for k in kernel] if pad is None else [pad] * axes
    output = [(n + 2 * p - dilation * (k - 1) - 1) // stride + 1
              for n, p, k in zip(size, pad, kernel)]
    weights = [filters, channels // groups, *kernel]
    return {
        "op": "Conv", "inputs": [[batch, channels, *size]], "weights": [weights, [filters]],
        "attributes": {
            "kernel_shape": kernel, "strides": [stride] * axes, "pads": pad * 2, "group": groups,
            "dilations": [dilation] * axes},
        "flops": 2 * batch * math.prod(output) * math.prod(weights),
        "bytes": 8 * batch * (channels * math.prod(size) + filters * math.prod(output))}


def transposed(channels, size, filters, kernel, stride, pad=0):
    axes = len(size)
    weights = [channels, filters, *kernel]
    return {
        "op": "ConvTranspose", "inputs": [[1, channels, *size]], "weights": [weights, [filters]],
        "attributes": {
            "kernel_shape": kernel, "strides": [stride] * axes, "pads": [pad] * axes * 2},
        "flops": 2 * math.prod(size) * math.prod(weights)}


OPERATORS = {
    "MatMul 256 x 256 x 256": product([256, 256], [256, 256]),
    "MatMul 512 x 512 x 512": product([512, 512], [512, 512]),
    "MatMul 1024 x 1024 x 1024": product([1024, 1024], [1024, 1024]),
    "MatMul 4096 x 256 x 64, tall": product([4096, 256], [256, 64]),
    "MatMul 64 x 256 x 4096, wide": product([64, 256], [256, 4096]),
    "MatMul 12 of 197 x 64 x 197": product([12, 197, 64], [12, 64, 197]),
    "MatMul 197 x 768 x 3072": product([197, 768], [768, 3072]),
    "MatMul 8 x 1024 x 1024, few rows": product([8, 1024], [1024, 1024]),
    "Gemm 64 x 512 x 1000": gemm(64, 512, 1000),
    "Gemm 8 x 512 x 1000, few rows": gemm(8, 512, 1000),
    "Conv 1x1, 64 to 256, 56x56": conv(64, [56, 56], 256, [1, 1]),
    "Conv 1x1, 512 to 2048, 7x7": conv(512, [7, 7], 2048, [1, 1]),
    "Conv 1x1 / 2, 256 to 512, 56x56": conv(256, [56, 56], 512, [1, 1], 2),
    "Conv 3x3, 64 to 64, 56x56": conv(64, [56, 56], 64, [3, 3]),
    "Conv 3x3, 256 to 256, 14x14": conv(256, [14, 14], 256, [3, 3]),
    "Conv 3x3, 512 to 512, 7x7": conv(512, [7, 7], 512, [3, 3]),
    "Conv 3x3 / 2, 128 to 128, 56x56": conv(128, [56, 56], 128, [3, 3], 2),
    "Conv 3x3, 12 to 24, 112x112": conv(12, [112, 112], 24, [3, 3]),
    "Conv 3x3 dilated by 4, 64 to 64, 28x28": conv(64, [28, 28], 64, [3, 3], dilation=4),
    "Conv 7x7 / 2, 3 to 64, 224x224": conv(3, [224, 224], 64, [7, 7], 2),
    "Conv 3x3 / 2, 3 to 32, 224x224": conv(3, [224, 224], 32, [3, 3], 2),
    "Conv 64 / 1, 128 to 64, 128 (audio)": conv(128, [128], 64, [64], pad=32),
    "Conv 512 / 4, 1 to 128, 1024 (audio)": conv(1, [1024], 128, [512], 4, pad=254),
    "Conv 3x3x3, 1 to 8, 32^3": conv(1, [32] * 3, 8, [3, 3, 3]),
    "Conv 3x3x3, 8 to 8, 32^3": conv(8, [32] * 3, 8, [3, 3, 3]),
    "Conv 3x3x3, 24 to 8, 32^3": conv(24, [32] * 3, 8, [3, 3, 3]),
    "Conv 3x3x3, 16 to 16, 16^3": conv(16, [16] * 3, 16, [3, 3, 3]),
    "Conv 3x3x3, 32 to 32, 8^3": conv(32, [8] * 3, 32, [3, 3, 3]),
    "Conv 1x1x1, 8 to 3, 32^3": conv(8, [32] * 3, 3, [1, 1, 1]),
    "Conv 3x3, 32 groups of 4, 56x56": conv(128, [56, 56], 128, [3, 3], groups=32),
    "Conv 3x3, 32 groups of 16, 14x14": conv(512, [14, 14], 512, [3, 3], groups=32),
    "ConvTranspose 2x2 / 2, 128 to 64, 28x28": transposed(128, [28, 28], 64, [2, 2], 2),
    "ConvTranspose 4x4 / 2, 64 to 32, 28x28": transposed(64, [28, 28], 32, [4, 4], 2, 1),
    "ConvTranspose 2x2x2 / 2, 16 to 8, 16^3": transposed(16, [16] * 3, 8, [2, 2, 2], 2),
}

DEPTHWISE = {
    "3x3, 32 channels, 112x112": conv(32, [112, 112], 32, [3, 3], groups=32),
    "3x3 / 2, 96 channels, 112x112": conv(96, [112, 112], 96, [3, 3], 2, groups=96),
    "3x3, 192 channels, 28x28": conv(192, [28, 28], 192, [3, 3], groups=192),
    "3x3, 384 channels, 14x14": conv(384, [14, 14], 384, [3, 3], groups=384),
    "3x3, 960 channels, 7x7": conv(960, [7, 7], 960, [3, 3], groups=960),
    "5x5, 240 channels, 28x28": conv(240, [28, 28], 240, [5, 5], groups=240),
}


NETWORKS = ["resnet50", "resnet18", "mobilenet_v2", "unet3d", "r3d_18"]

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


def machine_peak(threads):
    """By number of threads: what MachinePeak prints."""
    subprocess.run(BUILD, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    lines = subprocess.run(
        [ROOT / ".build/release/MachinePeak", *map(str, threads)],
        check=True, capture_output=True, text=True).stdout.splitlines()
    names = ("gflops", "cache_gbs", "memory_gbs", "per_cycle")
    found = {}
    for line in lines:
        count, *numbers, variant = line.split()
        found[count] = dict(zip(names, map(float, numbers))) | {"set": variant}
    return found


def best_of(peaks):
    """Of several measurements: a peak is what the machine reaches when nothing disturbs it."""
    best = {}
    for peak in peaks:
        for count, found in peak.items():
            known = best.setdefault(count, found)
            best[count] = {name: max(known[name], found[name]) for name in found}
    return best


def one_node(case):
    """The case as a model with constant weights, and its inputs by name."""
    rng = np.random.default_rng(0)
    value = helper.make_tensor_value_info
    weights = [
        numpy_helper.from_array(rng.standard_normal(shape), f"w{i}")
        for i, shape in enumerate(case["weights"])]
    names = [f"x{i}" for i in range(len(case["inputs"]))]
    node = helper.make_node(
        case["op"], names + [w.name for w in weights], ["y"], **case["attributes"])
    graph = helper.make_graph(
        [node], "one", [value(n, TensorProto.DOUBLE, s) for n, s in zip(names, case["inputs"])],
        [value("y", TensorProto.DOUBLE, None)], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    return model, {n: rng.standard_normal(s) for n, s in zip(names, case["inputs"])}


def network(name):
    """A network with weights, and a random input in the type that it declares."""
    model = ALL_NETWORKS[name]()
    initialized = {tensor.name for tensor in model.graph.initializer}
    (value,) = (value for value in model.graph.input if value.name not in initialized)
    shape = [dim.dim_value or 1 for dim in value.type.tensor_type.shape.dim]
    return model, {
        value.name: np.random.default_rng(1).standard_normal(shape).astype(np.float32)}


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


def surgeon_run(model, inputs, threads, *options):
    done = subprocess.run(
        [SURGEON, "run", model, "--inputs", inputs, "--precision", "double", "--json",
         "--threads", str(threads), *map(str, options)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{model}:\n{done.stderr}")
    return json.loads(done.stdout)


def find_torch(chosen):
    """A Python that can import torch; None where there is none."""
    found = chosen or shutil.which("python3", path=os.defpath)
    if not found:
        return None
    done = subprocess.run([found, "-c", "import torch; print(torch.__version__)"],
                          capture_output=True, text=True)
    return (found, done.stdout.strip()) if done.returncode == 0 else None


def torch_ms(torch, arrays, threads, budget):
    done = subprocess.run(
        [torch[0], Path(__file__).with_name("torch_double.py"), arrays, str(threads), str(budget)],
        capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"torch_double.py:\n{done.stderr}")
    found = json.loads(done.stdout)
    if found["error"] > 1e-10:
        sys.exit(f"PyTorch computes something else: {found['error']:.1e} of the largest output")
    return found["median_ms"]


def openblas_ms(case, threads):
    left, right = case["inputs"][0], case["weights"][0]
    done = subprocess.run(
        [sys.executable, "-c", OPENBLAS, str(left), str(right), str(BUDGET)],
        check=True, capture_output=True, text=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": str(threads)})
    return float(done.stdout)


def saved(model, inputs, folder):
    """Where the model and its inputs are as files."""
    path, data = Path(folder) / "model.onnx", Path(folder) / "inputs.npz"
    onnx.save(model, path)
    np.savez(data, **inputs)
    return path, data


def measure_operator(case, threads, folder):
    peer = None
    if case["op"] == "MatMul":
        peer = lambda count: openblas_ms(case, count)  # noqa: E731
    return measure(*saved(*one_node(case), folder), threads, peer)


def measure_network(name, threads, torch, folder):
    model, inputs = network(name)
    path, data = saved(model, inputs, folder)
    if not torch:
        return measure(path, data, threads, None)
    outputs, arrays = Path(folder) / "outputs.npz", Path(folder) / "arrays.npz"
    surgeon_run(path, data, 0, "-o", outputs)
    as_arrays(model, inputs, next(iter(np.load(outputs).values())), arrays)
    return measure(path, data, threads, lambda count: torch_ms(torch, arrays, count, BUDGET))


def measure(path, data, threads, peer):
    """Milliseconds of surgeon and of the peer by number of threads, in turns."""
    found = {}
    for count in threads:
        first = surgeon_run(path, data, count, "--repeat", 2)["median_ms"]
        repeats = max(3, min(200, int(BUDGET * 1e3 / max(first, 0.01))))
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(surgeon_run(path, data, count, "--repeat", repeats)["median_ms"])
            if peer and len(theirs) < 2:
                theirs.append(peer(count))
        found[str(count)] = {
            "ms": statistics.median(ours), "peer": min(theirs, default=None)}
    return found


def heading(first, counts, columns):
    """The head of a table with the same columns for each number of threads."""
    names = [first]
    for count in counts:
        names += [columns[0] + f", {count} thread{'s' if int(count) > 1 else ''}", *columns[1:]]
    return ["| " + " | ".join(names) + " |", "|---|" + "---:|" * (len(names) - 1)]


def against(row):
    return f"{row['peer'] / row['ms']:.2f}" if row["peer"] else ""


def operator_table(results):
    peaks = results["peaks"]
    lines = heading("operator", peaks, ["ms", "GFLOP/s", "fraction", "OpenBLAS / ours"])
    for name, case in OPERATORS.items():
        cells = [name]
        for count, row in results["operators"].get(name, {}).items():
            rate = case["flops"] / row["ms"] / 1e6
            cells += [f"{row['ms']:.3f}", f"{rate:.1f}",
                      f"**{rate / peaks[count]['gflops']:.2f}**", against(row)]
        if len(cells) > 1:
            lines.append("| " + " | ".join(cells) + " |")
    return lines


def depthwise_table(results):
    peaks = results["peaks"]
    lines = heading("depthwise Conv", peaks, ["ms", "fraction", "GB/s"])
    for name, case in DEPTHWISE.items():
        cells = [name]
        for count, row in results["operators"].get(name, {}).items():
            fraction = case["flops"] / row["ms"] / 1e6 / peaks[count]["gflops"]
            cells += [f"{row['ms']:.3f}", f"{fraction:.2f}",
                      f"{case['bytes'] / row['ms'] / 1e6:.1f}"]
        if len(cells) > 1:
            lines.append("| " + " | ".join(cells) + " |")
    return lines


def network_table(results):
    lines = heading("network, batch 1", results["peaks"], ["ms", "PyTorch", "ratio"])
    for name, found in results["networks"].items():
        cells = [name]
        for row in found.values():
            theirs = f"{row['peer']:.1f}" if row["peer"] else ""
            cells += [f"{row['ms']:.1f}", theirs, against(row)]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def report(results):
    peaks = results["peaks"]
    lines = [f"Machine: {results['machine']}. {results['peers']}", ""]
    for count, peak in peaks.items():
        cycles = f", {peak['per_cycle']:.1f} operations in a cycle" if peak["per_cycle"] else ""
        lines.append(
            f"- {count} thread{'s' if int(count) > 1 else ''}: peak {peak['gflops']:.0f} GFLOP/s "
            f"({peak['set']}{cycles}); a copy moves {peak['cache_gbs']:.0f} GB/s in the caches, "
            f"{peak['memory_gbs']:.0f} GB/s in memory.")
    worst = [
        min((case["flops"] / results["operators"][name][count]["ms"] / 1e6 / peak["gflops"], name)
            for name, case in OPERATORS.items() if count in results["operators"].get(name, {}))
        for count, peak in peaks.items()]
    lines += ["", "Lowest fraction: " + ", ".join(
        f"{fraction:.2f} on {count} thread{'s' if int(count) > 1 else ''} ({name})"
        for count, (fraction, name) in zip(peaks, worst)) + ".", ""]
    for table in (operator_table, depthwise_table, network_table):
        made = table(results)
        lines += made + [""] if len(made) > 2 else []
    return "\n".join(lines).rstrip()


def measure_all(options, torch, results):
    named = f"ONNX Runtime has no convolution in Float64; the peers are OpenBLAS (of NumPy " \
        f"{np.__version__}) for MatMul"
    results["machine"] = machine()
    results["peers"] = named + (f" and PyTorch {torch[1]} for networks." if torch else ".")
    peaks = [machine_peak(options.threads)]

    def is_chosen(name):
        return not options.only or any(word in name for word in options.only)

    with tempfile.TemporaryDirectory() as folder:
        for name, case in (OPERATORS | DEPTHWISE).items():
            if is_chosen(name):
                results["operators"][name] = measure_operator(case, options.threads, folder)
        peaks.append(machine_peak(options.threads))
        for name in filter(is_chosen, NETWORKS):
            results["networks"][name] = measure_network(name, options.threads, torch, folder)
    peaks.append(machine_peak(options.threads))
    results["peaks"] = best_of(peaks + ([results["peaks"]] if results["peaks"] else []))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--only", type=lambda text: text.split(","), default=[],
        help="parts of the names of operators and networks")
    parser.add_argument(
        "--threads", type=lambda text: [int(word) for word in text.split(",")], default=[1, 2])
    parser.add_argument("--torch", help="a Python that can import torch")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    parser.add_argument("--report", action="store_true", help="write it without measuring")
    options = parser.parse_args()
    results = {"operators": {}, "networks": {}, "peaks": {}}
    if RESULTS.exists():
        results = json.loads(RESULTS.read_text())
    if not options.report:
        measure_all(options, find_torch(options.torch), results)
        RESULTS.write_text(json.dumps(results, indent=1))
    text = report(results)
    print(text)
    if options.write or options.report:
        write_table("float64.py", text)


if __name__ == "__main__":
    main()
