#!/usr/bin/env python3
"""The Float64 reference engine against the machine's arithmetic peak, and against other programs.

    float64.py [--only NAME,...] [--threads 1,2] [--write]
    float64.py --report        write the tables from what was measured before

Results are kept in .build/float64.json, so that the measurement can be cut into pieces.

The peak and the speed of copies are measured in the same run, before and after each round
(Benchmarks/MachinePeak): chains of multiplications and additions that never leave the registers, in the
instruction set that surgeon's kernels take, and copies within memory of several sizes. An operator is a
model of one node (float64_shapes.py), repeated in a process of its own; the median of that process
counts, and of three rounds the best.

ONNX Runtime has no convolution in Float64. The peers (float64_peers.py) are OpenBLAS, which NumPy comes
with, for products of matrices, and PyTorch for networks: a python3 that can import torch (`--torch
PYTHON`); without one its columns stay empty. Everything takes about four minutes.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx

from float64_peers import as_arrays, find_torch, openblas_ms, torch_ms
from float64_report import report
from float64_shapes import NETWORKS, OPERATORS, network, one_node, operations
from measuring import ROOT, SURGEON, machine, write_table

RESULTS = ROOT / ".build/float64.json"
BUILD = ["swift", "build", "-c", "release", "--product", "MachinePeak"]
# Seconds that a process spends on repeated runs.
BUDGET = 0.15
ROUNDS = 3


def machine_peak(threads):
    """By number of threads: what MachinePeak prints."""
    lines = subprocess.run(
        [ROOT / ".build/release/MachinePeak", *map(str, threads)],
        check=True, capture_output=True, text=True).stdout.splitlines()
    found = {}
    for line in lines:
        count, gflops, per_cycle, variant, *copies = line.split()
        pairs = (copy.split(":") for copy in copies)
        found[count] = {
            "gflops": float(gflops), "per_cycle": float(per_cycle), "set": variant,
            "copies": {kib: float(rate) for kib, rate in pairs}}
    return found


def best_of(peaks):
    """Of several measurements: a peak is what the machine reaches when nothing disturbs it."""
    best = {}
    for peak in peaks:
        for count, found in peak.items():
            known = best.get(count, found)
            best[count] = {name: max(known[name], found[name]) for name in found if name != "copies"}
            best[count]["copies"] = {
                kib: max(known["copies"][kib], rate) for kib, rate in found["copies"].items()}
    return best


def surgeon_run(model, inputs, threads, *options):
    done = subprocess.run(
        [SURGEON, "run", model, "--inputs", inputs, "--precision", "double", "--json",
         "--threads", str(threads), *map(str, options)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{model}:\n{done.stderr}")
    return json.loads(done.stdout)


def saved(model, inputs, folder):
    """Where the model and its inputs are as files."""
    path, data = Path(folder) / "model.onnx", Path(folder) / "inputs.npz"
    onnx.save(model, path)
    np.savez(data, **inputs)
    return path, data


def prepare_operator(case, folder):
    """Model, inputs, and the peer by number of threads, if there is one."""
    peer = None
    if case["op"] == "MatMul":
        peer = lambda count: openblas_ms(case, count, BUDGET)  # noqa: E731
    return *saved(*one_node(case), folder), peer


def prepare_network(name, torch, known, folder):
    model, inputs = network(name)
    known["flops"] = operations(model)
    path, data = saved(model, inputs, folder)
    peer = None
    if torch:
        outputs, arrays = Path(folder) / "outputs.npz", Path(folder) / "arrays.npz"
        surgeon_run(path, data, 0, "-o", outputs)
        as_arrays(model, inputs, next(iter(np.load(outputs).values())), arrays)
        peer = lambda count: torch_ms(torch, arrays, count, BUDGET)  # noqa: E731
    return path, data, peer


def measure(path, data, threads, peer):
    """Milliseconds of surgeon and of the peer by number of threads."""
    found = {}
    for count in threads:
        first = surgeon_run(path, data, count, "--repeat", 2)["median_ms"]
        # The system may need some milliseconds to give a second thread a processor of its own.
        repeats = max(3, min(2000, int(BUDGET * 1e3 / max(first, 0.01))))
        ours = surgeon_run(path, data, count, "--repeat", repeats)["median_ms"]
        found[str(count)] = {"ms": ours, "peer": peer(count) if peer else None}
    return found


def keep_least(known, found):
    """Of two measurements of one operator: what the machine reaches when nothing disturbs it."""
    for count, row in found.items():
        other = known.get(count, row)
        known[count] = {
            "ms": min(row["ms"], other["ms"]),
            "peer": min((ms for ms in (row["peer"], other["peer"]) if ms), default=None)}


def measure_round(cases, threads, is_first, rows):
    """Everything once. What disturbs the machine for some seconds spoils one round of a few cases."""
    for name, (path, data, peer) in cases.items():
        found = measure(path, data, threads, peer)
        if is_first:
            rows[name].update(found)
        else:
            keep_least(rows[name], found)


def measure_all(options, torch, results):
    named = f"ONNX Runtime has no convolution in Float64; the peers are OpenBLAS (of NumPy " \
        f"{np.__version__}) for MatMul"
    results["machine"] = machine()
    results["peers"] = named + (f" and PyTorch {torch[1]} for networks." if torch else ".")
    subprocess.run(BUILD, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    peaks = [machine_peak(options.threads)]

    def is_chosen(name):
        return not options.only or any(word in name for word in options.only)

    with tempfile.TemporaryDirectory() as folder:
        def prepared(prepare, *arguments):
            place = Path(folder) / str(len(list(Path(folder).iterdir())))
            place.mkdir()
            return prepare(*arguments, place)

        rows = {}
        cases = {}
        for name in filter(is_chosen, OPERATORS):
            rows[name] = results["operators"].setdefault(name, {})
            cases[name] = prepared(prepare_operator, OPERATORS[name])
        for name in filter(is_chosen, NETWORKS):
            known = results["networks"].setdefault(name, {"runs": {}})
            rows[name] = known["runs"]
            cases[name] = prepared(prepare_network, name, torch, known)
        for turn in range(ROUNDS):
            measure_round(cases, options.threads, turn == 0, rows)
            peaks.append(machine_peak(options.threads))
            # PyTorch takes half a minute for some networks, and is asked once.
            for name in filter(is_chosen, NETWORKS):
                cases[name] = (*cases[name][:2], None)
    # What is measured in part stands beside what an earlier run left, and its peak; a whole run has its
    # own: a processor is not as fast every day.
    known = best_of(peaks + ([results["peaks"]] if options.only and results["peaks"] else []))
    results["peaks"] = {count: known[count] for count in sorted(known, key=int)}


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
