#!/usr/bin/env python3
"""A rewrite of one node in a big model, against copying the file and against onnx load + save.

    python3 Benchmarks/big_file.py [ROUNDS] [MEGABYTES]

Every command writes a new file: the one of the round before is removed first, outside the time. The
goals: at most 1.3 x the time of cp, at most 64 MB of memory.
"""

import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
from measuring import SURGEON, Measured, machine, once
from onnx import TensorProto, helper, numpy_helper

PYTHON_COPY = "import onnx, sys; onnx.save(onnx.load(sys.argv[1]), sys.argv[2])"


def make(path, megabytes):
    """Convolutions of 9.4 MB each, one BatchNormalization at the end."""
    count = max(1, megabytes * 1_000_000 // (512 * 512 * 9 * 4))
    rng = np.random.default_rng(0)
    base = rng.standard_normal((512, 512, 3, 3), dtype=np.float32) * 0.02
    nodes, initializers, value = [], [], "x"
    for index in range(count):
        initializers.append(numpy_helper.from_array(base * (1 + index / 100), f"w{index}"))
        nodes.append(
            helper.make_node(
                "Conv", [value, f"w{index}"], [f"c{index}"], f"conv{index}", pads=[1, 1, 1, 1]
            )
        )
        value = f"c{index}"
    for name in ("gamma", "beta", "mean", "var"):
        numbers = rng.uniform(0.5, 1.5, 512).astype(np.float32)
        initializers.append(numpy_helper.from_array(numbers, name))
    nodes.append(
        helper.make_node("BatchNormalization", [value, "gamma", "beta", "mean", "var"], ["y"], "norm")
    )
    shape = ["N", 512, "H", "W"]
    graph = helper.make_graph(
        nodes,
        "big",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        initializers,
    )
    opset = helper.make_opsetid("", 17)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=8), path)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else 520
    print(f"{machine()}; {rounds} rounds")
    with tempfile.TemporaryDirectory(dir=".") as folder:
        model, output = Path(folder) / "big.onnx", Path(folder) / "output.onnx"
        make(model, megabytes)
        print(f"a model of {model.stat().st_size / 1e6:.0f} MB with one BatchNormalization")
        commands = {
            "cp": ["cp", model, output],
            "surgeon": [SURGEON, "rewrite", "--no-verify", model, "-o", output],
            "python": [sys.executable, "-c", PYTHON_COPY, model, output],
        }
        results = {name: Measured() for name in commands}
        for turn in range(rounds + 1):
            for name, command in commands.items():
                output.unlink(missing_ok=True)
                # The first round fills the file cache.
                once(command, Measured() if turn == 0 else results[name])
        for name, measured in results.items():
            print(f"  {name:8} {measured.text()}")
        ratios = [b / a for a, b in zip(results["cp"].seconds, results["surgeon"].seconds)]
        print(f"  surgeon takes {statistics.median(ratios):.2f} x cp, round by round")


if __name__ == "__main__":
    main()
