#!/usr/bin/env python3
"""How long a rewrite of a 10 KB model takes from start to end, without verification.

Beside it: a process that does nothing, and Python importing onnx.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
from measuring import SURGEON, in_turns, machine
from onnx import TensorProto, helper, numpy_helper


def ten_kilobytes(path):
    rng = np.random.default_rng(0)

    def tensor(name, array):
        return numpy_helper.from_array(array.astype(np.float32), name)

    channels = 16
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["x", "w"], ["c"], pads=[1] * 4),
            helper.make_node("BatchNormalization", ["c", "g", "b", "m", "v"], ["n"]),
            helper.make_node("Relu", ["n"], ["y"]),
        ],
        "ten",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", channels, 32, 32])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", channels, 32, 32])],
        [
            tensor("w", rng.normal(0, 0.1, (channels, channels, 3, 3))),
            tensor("g", rng.uniform(0.5, 1.5, channels)), tensor("b", rng.normal(0, 1, channels)),
            tensor("m", rng.normal(0, 1, channels)), tensor("v", rng.uniform(0.5, 2, channels)),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    onnx.save(model, path)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "ten.onnx"
        ten_kilobytes(model)
        print(f"{machine()}; {rounds} rounds; {model.stat().st_size:,} bytes")
        results = in_turns(
            {
                "nothing (true)": ["true"],
                "surgeon --version": [SURGEON, "--version"],
                "surgeon rewrite --no-verify": [
                    SURGEON, "rewrite", model, "-o", Path(folder) / "out.onnx", "--no-verify",
                ],
                "python -c 'import onnx'": [sys.executable, "-c", "import onnx"],
            },
            rounds,
        )
        for name, measured in results.items():
            print(f"{name:28} {measured.text()}")


if __name__ == "__main__":
    main()
