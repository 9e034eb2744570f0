#!/usr/bin/env python3
"""surgeon calibrate against plain inference of the same samples, in turns.

    calibration.py [--only NAME,...] [--threads 1,2] [--rounds 3] [--write]
    calibration.py --report        write the table from what was measured before

Whole processes on the same samples: `surgeon run --dim N=1`, which runs one after the other, and
`surgeon calibrate` in sequential and in joint mode. Ratios are the time of calibrate over that of
run: how many passes of inference the statistics cost. Results are kept in .build/calibration.json,
so that the measurement can be cut into pieces.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx

from measuring import ROOT, SURGEON, in_turns, machine, write_table
from networks import NETWORKS

RESULTS = ROOT / ".build/calibration.json"
# How many samples, by network: a few, and about a second of inference.
SAMPLES = {
    "resnet18": [1, 4, 48],
    "mobilenet_v2": [1, 4, 64, 256],
    "mobilenet_v3_small": [1, 4, 256],
    "densenet121": [1, 4, 32],
    "googlenet": [1, 4, 64],
    "efficientnet_b0": [1, 4, 64],
    "shufflenet": [1, 4, 64, 256],
    "r3d_18": [1, 8],
    "unet3d": [1, 4, 32, 128],
    "crepe_tiny": [1, 16, 256, 2048],
}
# With as few samples a process takes some hundredths of a second, which needs more rounds.
FEW = 16


def samples_of(model, count, folder):
    """Random samples in one .npy, the batch first."""
    graph = onnx.load(model, load_external_data=False).graph
    initialized = {tensor.name for tensor in graph.initializer}
    (value,) = [value for value in graph.input if value.name not in initialized]
    shape = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
    rng = np.random.default_rng(1)
    path = Path(folder) / f"{Path(model).stem}_{count}.npy"
    with open(path, "wb") as file:
        np.save(file, rng.standard_normal([count, *shape[1:]], np.float32))
        # Otherwise the system writes it to the disk while something is timed.
        file.flush()
        os.fsync(file.fileno())
    free = value.type.tensor_type.shape.dim[0].dim_param
    return path, [f"--dim={free}=1"] if free else []


def measure(model, data, one, threads, rounds, folder):
    """Seconds and peak bytes by side."""
    output = Path(folder) / "calibrated.onnx"
    # Channels of a network with random weights may be dead.
    calibrate = [SURGEON, "calibrate", model, "--data", data, "--threads", threads,
                 "--allow-constant", "-o", output]
    found = in_turns(
        {
            "run": [SURGEON, "run", model, "--inputs", data, "--threads", threads, *one],
            **{mode: [*calibrate, "--mode", mode] for mode in ("sequential", "joint")},
        }, rounds)
    return {side: (measured.median, measured.peak_bytes) for side, measured in found.items()}


def table(rows):
    lines = [
        "| network | samples | threads | s, run | sequential | ratio | joint | ratio "
        "| MB, sequential | MB, joint |",
        "|---|" + "---:|" * 9,
    ]
    for key, row in rows.items():
        name, count, threads = key.split()
        plain = row["run"][0]
        cells = [name, count, threads, f"{plain:.3f}"]
        for side in ("sequential", "joint"):
            cells += [f"{row[side][0]:.3f}", f"{row[side][0] / plain:.2f}"]
        cells += [f"{row[side][1] / 2**20:.0f}" for side in ("sequential", "joint")]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--only", type=lambda text: text.split(","), default=list(SAMPLES),
        help=f"networks, by name: {', '.join(SAMPLES)}")
    parser.add_argument(
        "--threads", type=lambda text: list(map(int, text.split(","))), default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    parser.add_argument("--report", action="store_true", help="write it without measuring")
    options = parser.parse_args()
    results = {"rows": {}}
    if RESULTS.exists():
        results |= json.loads(RESULTS.read_text())
    if not options.report:
        results["machine"] = machine()
        with tempfile.TemporaryDirectory() as folder:
            for name in options.only:
                model = Path(folder) / f"{name}.onnx"
                onnx.save(NETWORKS[name](), model)
                for count in SAMPLES[name]:
                    data, one = samples_of(model, count, folder)
                    for threads in options.threads:
                        rounds = options.rounds * (3 if count <= FEW else 1)
                        row = measure(model, data, one, threads, rounds, folder)
                        key = f"{name} {count} {threads}"
                        results["rows"][key] = row
                        RESULTS.write_text(json.dumps(results, indent=1))
                        print(table({key: row})[2], file=sys.stderr, flush=True)
    rows = {
        key: results["rows"][key] for name, counts in SAMPLES.items() for count in counts
        for threads in (1, 2) if (key := f"{name} {count} {threads}") in results["rows"]}
    text = "\n".join([f"Machine: {results['machine']}.", "", *table(rows)])
    print(text)
    if options.write or options.report:
        write_table("calibration.py", text)


if __name__ == "__main__":
    main()
