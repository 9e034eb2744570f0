#!/usr/bin/env python3
"""A rewrite with verification, start to end: surgeon against python_rewrite.py, in turns.

Prints the ratio of the median wall times and of the peak memory per model.
"""

import sys
import tempfile
from pathlib import Path

from measuring import SURGEON, filled, in_turns, machine

MODELS = ["resnet50_op13", "mobilenet_v2_op13"]


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    script = Path(__file__).with_name("python_rewrite.py")
    print(f"{machine()}; {rounds} rounds")
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
            ours, theirs = results["surgeon"], results["python"]
            print(name)
            for who, measured in results.items():
                print(f"  {who:8} {measured.text()}")
            print(
                f"  time {theirs.median / ours.median:.1f} x,"
                f" memory {ours.peak_bytes / theirs.peak_bytes:.2f}"
            )


if __name__ == "__main__":
    main()
