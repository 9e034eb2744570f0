#!/usr/bin/env python3
"""surgeon's runtime against ONNX Runtime, pair by pair, and docs/performance.md from the result.

    runtime.py [--rounds 5] [--only TEXT] [--quick] [--write]

For every network, batch size and number of threads four processes run in turns (A B C D, A B C D):
surgeon and ONNX Runtime, each node by node and with its optimisations. Each process reports the
median of repeated runs (steady state); its own wall time from start to end with one run is the
whole process. Ratios are ONNX Runtime's time over surgeon's: above 1, surgeon is faster.

Networks come from fixtures/skeletons and from the onnx package's light models, with random weights
(a skeleton whose file is missing is left out and named).
"""

import argparse
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx

from measuring import FIXTURES, ROOT, SURGEON, machine

sys.path.insert(0, str(FIXTURES))
import skeleton  # noqa: E402

LIGHT = Path(onnx.__file__).parent / "backend/test/data/light"
REPORT = ROOT / "docs/performance.md"
START, END = "<!-- runtime.py: begin -->", "<!-- runtime.py: end -->"

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
import resource
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"ms": sorted(times)[len(times) // 2] * 1e3 if times else 0, "peak": peak}))
"""


def light(name, folder):
    """A light model with random instead of constant weights; None where the package lacks it."""
    path = LIGHT / f"light_{name}.onnx"
    if not path.exists():
        return None
    model = onnx.load(path)
    rng = np.random.default_rng(0)
    graph = model.graph
    readers = {}
    for node in graph.node:
        for slot, value in enumerate(node.input):
            readers.setdefault(value, (node.op_type, slot))
    shapes = {i.name: [d.dim_value for d in i.type.tensor_type.shape.dim] for i in graph.input}
    sizes = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
    kept = []
    for node in graph.node:
        if node.op_type == "ConstantOfShape" and node.input[0] in sizes:
            shape = [int(size) for size in sizes[node.input[0]]]
            weights = draw(rng, shape, readers.get(node.output[0], ("", 0)))
            graph.initializer.append(onnx.numpy_helper.from_array(weights, node.output[0]))
            if model.ir_version < 4:
                graph.input.append(
                    onnx.helper.make_tensor_value_info(node.output[0], 1, shape))
        else:
            kept.append(node)
    for tensor in graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT and tensor.name in shapes:
            weights = draw(rng, list(tensor.dims), readers.get(tensor.name, ("", 0)))
            tensor.CopyFrom(onnx.numpy_helper.from_array(weights, tensor.name))
    del graph.node[:]
    graph.node.extend(kept)
    target = Path(folder) / f"{name}.onnx"
    onnx.save(model, target)
    return target


def draw(rng, shape, role):
    """He-normal weights, and statistics as a trained network has them."""
    operator, slot = role
    if operator == "BatchNormalization":
        ranges = {1: (0.5, 1.5), 2: (-0.2, 0.2), 3: (-0.3, 0.3), 4: (0.5, 2.0)}
        return rng.uniform(*ranges.get(slot, (0.5, 1.5)), shape).astype(np.float32)
    fan = int(np.prod(shape[1:])) if len(shape) > 1 else 400
    return rng.normal(0, math.sqrt(2 / max(1, fan)), shape).astype(np.float32)


def filled(name, folder):
    source = FIXTURES / "skeletons" / f"{name}.onnx"
    if not source.exists():
        return None
    model = onnx.load(source)
    skeleton.fill(model, seed=0)
    target = Path(folder) / f"{name}.onnx"
    onnx.save(model, target)
    return target


def shipped(name, folder):
    source = FIXTURES / f"{name}.onnx"
    return source if source.exists() else None


NETWORKS = [
    ("resnet50", filled, "resnet50_op13"),
    ("resnet18", filled, "resnet18_op13"),
    ("mobilenet_v2", filled, "mobilenet_v2_op13"),
    ("mobilenet_v3_small", filled, "mobilenet_v3_small_op9"),
    ("densenet121", light, "densenet121"),
    ("googlenet", filled, "googlenet_op13"),
    ("inception_v2", light, "inception_v2"),
    ("squeezenet", light, "squeezenet"),
    ("shufflenet", light, "shufflenet"),
    ("r3d_18", filled, "r3d_18_op13"),
    ("unet3d", shipped, "unet3d_mni_op13"),
    ("crepe_tiny", shipped, "crepe_tiny_op13"),
    ("lraspp_mobilenet_v3", filled, "lraspp_mobilenet_v3_large_op13"),
]


def inputs_of(model, batch, folder):
    """Random inputs as .npz; None where the model fixes another batch size."""
    graph = onnx.load(model, load_external_data=False).graph
    initialized = {tensor.name for tensor in graph.initializer}
    rng = np.random.default_rng(1)
    feeds = {}
    for value in graph.input:
        if value.name in initialized:
            continue
        shape = []
        for axis, dim in enumerate(value.type.tensor_type.shape.dim):
            if axis == 0:
                if dim.dim_value not in (0, batch):
                    return None
                shape.append(batch)
            else:
                shape.append(dim.dim_value or 224)
        feeds[value.name] = rng.standard_normal(shape).astype(np.float32)
    path = Path(folder) / f"{Path(model).stem}_{batch}.npz"
    np.savez(path, **feeds)
    return path


def ours(model, inputs, threads, optimize, repeats):
    command = [
        str(SURGEON), "run", str(model), "--inputs", str(inputs), "--threads",
        str(threads), "--json",
    ]
    if optimize:
        command.append("--optimize")
    if repeats:
        command += ["--repeat", str(repeats)]
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True)
    wall = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}:\n{done.stderr}")
    document = json.loads(done.stdout)
    return document.get("median_ms") or 0, wall * 1e3, document["peak_bytes"]


def theirs(model, inputs, threads, optimize, repeats):
    command = [sys.executable, "-c", THEIRS, str(model), str(threads), str(repeats)]
    command += ["1" if optimize else "0", str(inputs)]
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True)
    wall = time.perf_counter() - start
    if done.returncode != 0:
        return None
    document = json.loads(done.stdout)
    return document["ms"], wall * 1e3, document["peak"]


def measure(model, inputs, threads, rounds, repeats):
    """Medians over the rounds by (side, optimised): steady ms, whole process ms, peak bytes."""
    sides = [(ours, False), (theirs, False), (ours, True), (theirs, True)]
    found = {}
    for _ in range(rounds):
        for side, optimize in sides:
            steady = side(model, inputs, threads, optimize, repeats)
            whole = side(model, inputs, threads, optimize, 0)
            if steady is None or whole is None:
                continue
            found.setdefault((side.__name__, optimize), []).append(
                (steady[0], whole[1], steady[2]))
    return {
        key: tuple(statistics.median(column) for column in zip(*rows))
        for key, rows in found.items()
    }


def ratio(result, optimize, column):
    ours_, theirs_ = result.get(("ours", optimize)), result.get(("theirs", optimize))
    return theirs_[column] / ours_[column] if ours_ and theirs_ else None


def geometric_mean(numbers):
    numbers = [number for number in numbers if number]
    return math.exp(sum(map(math.log, numbers)) / len(numbers)) if numbers else float("nan")


def cell(number, digits=2):
    return f"{number:.{digits}f}" if number is not None else "-"


def table(batch, threads, rows):
    lines = [
        f"### Batch {batch}, {threads} thread{'s' if threads > 1 else ''}",
        "",
        "| network | ms, node by node | ONNX Runtime | ratio | ms, optimised | ONNX Runtime | ratio "
        "| process ratio | memory |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, result in rows:
        def ms(who, optimize):
            entry = result.get((who, optimize))
            return cell(entry[0]) if entry else "-"

        memory = ratio(result, False, 2)
        lines.append(
            f"| {name} | {ms('ours', False)} | {ms('theirs', False)} | "
            f"{cell(ratio(result, False, 0))} | {ms('ours', True)} | {ms('theirs', True)} | "
            f"{cell(ratio(result, True, 0))} | {cell(ratio(result, False, 1))} | "
            f"{cell(1 / memory if memory else None)} |")
    means = [
        geometric_mean([ratio(result, optimize, column) for _, result in rows])
        for optimize, column in ((False, 0), (True, 0), (False, 1))
    ]
    lines.append(
        f"| geometric mean | | | **{means[0]:.2f}** | | | **{means[1]:.2f}** | **{means[2]:.2f}** "
        "| |")
    return lines + [""]


def write(text):
    """Puts the tables between the marks of the report, or into a new one."""
    content = REPORT.read_text() if REPORT.exists() else f"# Performance\n\n{START}\n{END}\n"
    if START not in content:
        content += f"\n{START}\n{END}\n"
    head, rest = content.split(START, 1)
    tail = rest.split(END, 1)[1]
    REPORT.write_text(f"{head}{START}\n{text}\n{END}{tail}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="")
    parser.add_argument("--quick", action="store_true", help="batch 1 only, one round")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    options = parser.parse_args()
    rounds = 1 if options.quick else options.rounds
    batches = [1] if options.quick else [1, 8]
    import onnxruntime

    lines = [
        f"Machine: {machine()}. surgeon against ONNX Runtime {onnxruntime.__version__}, "
        f"{rounds} rounds in turns.",
        "Ratios are ONNX Runtime's time over surgeon's. 'process' is start to end with one run; "
        "'memory' is surgeon's peak over ONNX Runtime's, node by node.",
        "",
    ]
    with tempfile.TemporaryDirectory() as folder:
        models = []
        for name, make, source in NETWORKS:
            if options.only not in name:
                continue
            model = make(source, folder)
            if model is None:
                print(f"{name}: no file, left out", file=sys.stderr)
            else:
                models.append((name, model))
        for batch in batches:
            for threads in (1, 2):
                rows = []
                for name, model in models:
                    inputs = inputs_of(model, batch, folder)
                    if inputs is None:
                        continue
                    repeats = 5 if batch > 1 or name == "r3d_18" else 15
                    rows.append((name, measure(model, inputs, threads, rounds, repeats)))
                    print("\n".join(table(batch, threads, rows[-1:])[4:5]), file=sys.stderr)
                lines += table(batch, threads, rows)
    text = "\n".join(lines)
    print(text)
    if options.write:
        write(text)


if __name__ == "__main__":
    main()
