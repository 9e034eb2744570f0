#!/usr/bin/env python3
"""What surgeon writes, converted by onnx2torch and run by PyTorch, against ONNX Runtime.

    SURGEON=.build/release/surgeon python Benchmarks/onnx2torch_engine.py MODEL...

One line per model and target: the largest difference as a part of the largest output, or what
onnx2torch lacks. Exits with status 1 where PyTorch computes something else. Needs PyTorch,
torchvision, onnx2torch 1.5.15, onnx 1.17.0 and onnxruntime: too large to be a part of `make test`.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnx2torch
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "Tests/Witnesses"))

from conftest import judge, random_inputs  # noqa: E402
from targets import TARGETS  # noqa: E402

SURGEON = Path(os.environ.get("SURGEON", ROOT / ".build/release/surgeon"))


def run_in_pytorch(path, inputs):
    model = onnx.load(path)
    # An input with a default is a constant to onnx2torch: state stays where it starts.
    constants = {t.name for t in model.graph.initializer}
    network = onnx2torch.convert(model).eval()
    names = [value.name for value in model.graph.input if value.name not in constants]
    with torch.no_grad():
        results = network(*[torch.from_numpy(inputs[name]) for name in names])
    return [results.numpy()] if isinstance(results, torch.Tensor) else [r.numpy() for r in results]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL")
    wrong = 0
    for before in parser.parse_args().models:
        inputs = random_inputs(onnx.load(before))
        with tempfile.TemporaryDirectory() as folder:
            after = Path(folder) / "after.onnx"
            for target, options in TARGETS.items():
                command = [SURGEON, "rewrite", before, *options, "--no-verify", "-o", after]
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
                try:
                    found = run_in_pytorch(after, inputs)
                except NotImplementedError as error:
                    print(f"{before.stem:24} {target:24} {error}")
                    continue
                worst = max(
                    np.abs(f - w).max() / np.abs(w).max()
                    for f, w in zip(found, judge(after, inputs))
                )
                # Instance normalisation divides by what may be almost nothing.
                wrong += worst > 1e-3
                print(f"{before.stem:24} {target:24} {worst:.1e}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
