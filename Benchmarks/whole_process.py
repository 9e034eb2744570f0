#!/usr/bin/env python3
"""A rewrite with verification, start to end: surgeon against python_rewrite.py, in turns.

Prints the median wall times and the peak memory per model, and their ratios.
"""

import sys
import tempfile
from pathlib import Path

from measuring import SURGEON, filled, in_turns, machine

MODELS = ["resnet50_op13", "mobilenet_v2_op13"]


def measure(rounds):
    """Seconds and peak bytes of both sides by model."""
    script = Path(__file__).with_name("python_rewrite.py")
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in MODELS:
            model = filled(name, folder)
            results = in_turns(
                {
                    "surgeon": [SURGEON, "rewrite", model, "-o", Path(folder) / "surgeon.onnx"],
                    "python": [sys.executable, script, model, Path(folder) / "python.onnx"],
                },
                rounds,
            )
            found[name] = {
                side: {"seconds": measured.median, "peak": measured.peak_bytes}
                for side, measured in results.items()
            }
    return found


def table(found):
    lines = [
        "| model | surgeon | Python script | ratio | surgeon's peak | Python's | ratio |",
        "|---|" + "---:|" * 6,
    ]
    for name, sides in found.items():
        ours, theirs = sides["surgeon"], sides["python"]
        lines.append(
            f"| {name} | {ours['seconds'] * 1e3:.0f} ms | {theirs['seconds'] * 1e3:.0f} ms "
            f"| {theirs['seconds'] / ours['seconds']:.1f} "
            f"| {ours['peak'] / 2**20:.0f} MiB | {theirs['peak'] / 2**20:.0f} MiB "
            f"| {ours['peak'] / theirs['peak']:.2f} |")
    return lines


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    print(f"{machine()}; {rounds} rounds")
    print("\n".join(table(measure(rounds))))


if __name__ == "__main__":
    main()
