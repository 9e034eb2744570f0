#!/usr/bin/env python3
"""surgeon's runtime against ONNX Runtime, in turns, and docs/performance.md from the results.

    runtime.py [--only NAME,...] [--batch 1,8] [--threads 1,2] [--rounds 3] [--write]
    runtime.py --report        write the tables from what was measured before

For every network, batch size and number of threads four processes run in turns (A B C D, A B C D):
surgeon and ONNX Runtime, each node by node and with its optimisations. Each reports the median of
repeated runs (steady state). A whole process is start to end with one run, timed and its peak
memory taken from outside. Ratios are ONNX Runtime's time over surgeon's: above 1, surgeon is faster.

Results are kept in .build/runtime.json, so that the measurement can be cut into pieces: the tables
show all that the file has. Everything takes about eleven minutes on two cores.
"""

import argparse
import json
import math
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx

import rewritten
import whole_process
from measuring import ROOT, SURGEON, in_turns, machine, write_table
from networks import NETWORKS, with_open_batch

RESULTS = ROOT / ".build/runtime.json"
# Seconds that a process spends on repeated runs.
BUDGET = 0.25

# Where ONNX Runtime runs: a process of its own, as surgeon does.
THEIRS = """
import json, sys, time
import numpy as np, onnxruntime
path, threads, repeats, optimize, inputs = sys.argv[1:6]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(threads)
options.inter_op_num_threads = 1
options.log_severity_level = 3
levels = onnxruntime.GraphOptimizationLevel
options.graph_optimization_level = (
    levels.ORT_ENABLE_ALL if optimize == "1" else levels.ORT_DISABLE_ALL)
session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
feeds = dict(np.load(inputs))
session.run(None, feeds)
times = []
for _ in range(int(repeats)):
    start = time.perf_counter()
    session.run(None, feeds)
    times.append(time.perf_counter() - start)
print(json.dumps({"median_ms": sorted(times)[len(times) // 2] * 1e3 if times else 0}))
"""


def ours(model, inputs, threads, optimize, repeats):
    command = [SURGEON, "run", model, "--inputs", inputs, "--threads", threads, "--json"]
    command += ["--repeat", repeats] if repeats else []
    return [str(word) for word in command + (["--optimize"] if optimize else [])]


def theirs(model, inputs, threads, optimize, repeats):
    command = [sys.executable, "-c", THEIRS, model, threads, repeats, int(optimize), inputs]
    return [str(word) for word in command]


# The columns of the tables by name.
SIDES = {
    "surgeon": (ours, False),
    "ort": (theirs, False),
    "surgeon_optimized": (ours, True),
    "ort_optimized": (theirs, True),
}


def inputs_of(model, batch, folder):
    """Random inputs as .npz."""
    graph = onnx.load(model, load_external_data=False).graph
    initialized = {tensor.name for tensor in graph.initializer}
    rng = np.random.default_rng(1)
    feeds = {}
    for value in graph.input:
        if value.name in initialized:
            continue
        shape = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        feeds[value.name] = rng.standard_normal([batch, *shape[1:]]).astype(np.float32)
    path = Path(folder) / f"{Path(model).stem}_{batch}.npz"
    np.savez(path, **feeds)
    return path


def batch_of(network):
    """The samples that a network is for; 0 for any number."""
    initialized = {tensor.name for tensor in network.graph.initializer}
    first = next(value for value in network.graph.input if value.name not in initialized)
    return first.type.tensor_type.shape.dim[0].dim_value


def median_ms(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}:\n{done.stderr}")
    return json.loads(done.stdout)["median_ms"]


def steady_state(model, inputs, threads, rounds):
    """Milliseconds of a run by side, all sides in turns."""
    first = median_ms(ours(model, inputs, threads, False, 1))
    repeats = max(2, min(100, int(BUDGET * 1e3 / first)))
    steady = {name: [] for name in SIDES}
    for _ in range(rounds):
        for name, (command, optimize) in SIDES.items():
            steady[name].append(median_ms(command(model, inputs, threads, optimize, repeats)))
    return {name: statistics.median(times) for name, times in steady.items()}


def measure(model, inputs, threads, rounds):
    """What one row of a table says: ms in steady state by side, and ms and bytes of a process."""
    steady = steady_state(model, inputs, threads, rounds)
    whole = in_turns(
        {name: command(model, inputs, threads, optimize, 0)
         for name, (command, optimize) in SIDES.items()}, max(1, rounds - 2))
    return {
        "steady": steady,
        "process": {name: found.median * 1e3 for name, found in whole.items()},
        "peak": {name: found.peak_bytes for name, found in whole.items()},
    }


def ratio(row, column, suffix=""):
    return row[column]["ort" + suffix] / row[column]["surgeon" + suffix]


def geometric_mean(numbers):
    return math.exp(statistics.fmean(map(math.log, numbers)))


def table(batch, threads, rows):
    lines = [
        f"### Batch {batch}, {threads} thread{'s' if threads > 1 else ''}",
        "",
        "| network | ms, node by node | ONNX Runtime | ratio | ms, optimised | ONNX Runtime | ratio "
        "| process ratio | optimised | memory | optimised |",
        "|---|" + "---:|" * 10,
    ]
    ratios = []
    for name, row in rows.items():
        ms = row["steady"]
        found = [
            ratio(row, "steady"), ratio(row, "steady", "_optimized"), ratio(row, "process"),
            ratio(row, "process", "_optimized")]
        ratios.append(found)
        memory = [1 / ratio(row, "peak"), 1 / ratio(row, "peak", "_optimized")]
        lines.append(
            f"| {name} | {ms['surgeon']:.2f} | {ms['ort']:.2f} | {found[0]:.2f} "
            f"| {ms['surgeon_optimized']:.2f} | {ms['ort_optimized']:.2f} | {found[1]:.2f} "
            f"| {found[2]:.2f} | {found[3]:.2f} | {memory[0]:.2f} | {memory[1]:.2f} |")
    means = [f"**{geometric_mean(column):.2f}**" for column in zip(*ratios)]
    lines.append(
        f"| geometric mean | | | {means[0]} | | | {means[1]} | {means[2]} | {means[3]} | | |")
    return lines + [""]


def report(results):
    import onnxruntime

    lines = [
        f"Machine: {results['machine']}. ONNX Runtime {onnxruntime.__version__}.",
        "",
        "Ratios are ONNX Runtime's time over surgeon's, and 'process' is a whole process with one "
        "run, from start to end. 'Memory' is surgeon's peak over ONNX Runtime's (with the Python "
        "that it runs in): below 1, surgeon needs less.",
        "",
    ]
    for batch in (1, 8):
        for threads in (1, 2):
            rows = {
                name: results["rows"][key] for name in NETWORKS
                if (key := f"{name} {batch} {threads}") in results["rows"]}
            if rows:
                lines += table(batch, threads, rows)
    if results["rewritten"]:
        lines += ["### Rewritten networks, batch 1", ""]
        lines += rewritten.table(results["rewritten"]) + [""]
    if results["rewrites"]:
        lines += ["### `surgeon rewrite` with verification", ""]
        lines += whole_process.table(results["rewrites"]) + [""]
    return "\n".join(lines).rstrip()


def measure_rewritten(results, folder):
    """Four ratios for each rewritten network."""
    for form in rewritten.FORMS:
        for name in rewritten.MODELS:
            model = rewritten.write(name, form, folder)
            inputs = inputs_of(model, 1, folder)
            steady = {threads: steady_state(model, inputs, threads, 1) for threads in (1, 2)}
            results["rewritten"][f"{form}, {name}"] = [
                steady[threads]["ort" + suffix] / steady[threads]["surgeon" + suffix]
                for suffix in ("", "_optimized") for threads in (1, 2)]
            RESULTS.write_text(json.dumps(results, indent=1))


def measure_all(options, results):
    chosen = [name for name in NETWORKS if not options.only or name in options.only]
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen:
            model = Path(folder) / f"{name}.onnx"
            network = NETWORKS[name]()
            onnx.save(network, model)
            for batch in options.batch:
                if batch_of(network) not in (0, batch):
                    onnx.save(with_open_batch(network), model)
                inputs = inputs_of(model, batch, folder)
                for threads in options.threads:
                    rounds = options.rounds if batch == 1 else max(1, options.rounds - 1)
                    row = measure(model, inputs, threads, rounds)
                    results["rows"][f"{name} {batch} {threads}"] = row
                    RESULTS.write_text(json.dumps(results, indent=1))
                    print(table(batch, threads, {name: row})[4], file=sys.stderr, flush=True)
        if not options.only or "rewritten" in options.only:
            measure_rewritten(results, folder)
        if not options.only or "rewrite" in options.only:
            results["rewrites"] = whole_process.measure(max(3, options.rounds))
            RESULTS.write_text(json.dumps(results, indent=1))


def main():
    def numbers(text):
        return [int(word) for word in text.split(",")]

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--only", type=lambda text: text.split(","), default=[],
        help=f"networks, by name, 'rewritten' or 'rewrite': {', '.join(NETWORKS)}")
    parser.add_argument("--batch", type=numbers, default=[1, 8])
    parser.add_argument("--threads", type=numbers, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    parser.add_argument("--report", action="store_true", help="write it without measuring")
    options = parser.parse_args()
    results = {"rows": {}, "rewritten": {}, "rewrites": {}}
    if RESULTS.exists():
        results |= json.loads(RESULTS.read_text())
    if not options.report:
        results["machine"] = machine()
        measure_all(options, results)
    text = report(results)
    print(text)
    if options.write or options.report:
        write_table("runtime.py", text)


if __name__ == "__main__":
    main()
