#!/usr/bin/env python3
"""Runs nodes that make no sense until the time is up.

    .venv/bin/python tools/fuzz-operators.py [SECONDS] [SEED]

Takes the standard's own node cases (`make conformance` writes them), changes attributes, inputs,
shapes, element types or the operator set, and runs what comes out on random data. Whatever the model,
`surgeon run` must end by itself with status 0 or 2 and one message. What breaks that rule is kept in
fuzz-failures/. Memory is limited to 4 GB; a run that takes more than 20 s is reported apart, since a
model may ask for as much work as it likes.
"""

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import onnx
from onnx import AttributeProto, TensorProto, helper

ROOT = Path(__file__).resolve().parents[1]
SURGEON = Path(os.environ.get("SURGEON", ROOT / ".build/release/surgeon"))
SUITE = ROOT / ".build-conformance/node"
ENVIRONMENT = {**os.environ, "SWIFT_BACKTRACE": "enable=no"}
INTEGERS = [-(2**63), -(2**31), -2, -1, 0, 1, 2, 3, 7, 64, 2**31, 2**40, 2**63 - 1]
FLOATS = [float("nan"), float("inf"), -1.0, 0.0, 0.5, 1e-30, 3.4e38]
SIZES = [0, 1, 2, 3, 5, 17, 1000]
TYPES = [value for name, value in TensorProto.DataType.items() if name != "UNDEFINED"]


def change_attribute(node, rng):
    if not node.attribute:
        return
    attribute = rng.choice(node.attribute)
    if attribute.type == AttributeProto.INT:
        attribute.i = rng.choice(INTEGERS)
    elif attribute.type == AttributeProto.FLOAT:
        attribute.f = rng.choice(FLOATS)
    elif attribute.type == AttributeProto.INTS and attribute.ints:
        index = rng.randrange(len(attribute.ints))
        kind = rng.randrange(3)
        if kind == 0:
            attribute.ints[index] = rng.choice(INTEGERS)
        elif kind == 1:
            attribute.ints.append(rng.choice(INTEGERS))
        else:
            del attribute.ints[index]
    elif attribute.type == AttributeProto.STRING:
        attribute.s = rng.choice([b"", b"linear", b"max", b"SAME_UPPER", b"\xff", b"a" * 1000])
    else:
        node.attribute.remove(attribute)


def change_input(model, rng):
    if not model.graph.input:
        return
    value = rng.choice(model.graph.input)
    kind = value.type.WhichOneof("value")
    if kind != "tensor_type":
        return
    tensor = value.type.tensor_type
    choice = rng.randrange(4)
    if choice == 0:
        tensor.elem_type = rng.choice(TYPES)
    elif choice == 1 and tensor.shape.dim:
        rng.choice(tensor.shape.dim).dim_value = rng.choice(SIZES)
    elif choice == 2:
        tensor.shape.dim.add().dim_value = rng.choice(SIZES)
    elif tensor.shape.dim:
        del tensor.shape.dim[rng.randrange(len(tensor.shape.dim))]


def fix_input(model, rng):
    """An input becomes a constant of hostile integers."""
    if not model.graph.input:
        return
    value = rng.choice(model.graph.input)
    kind = rng.choice([TensorProto.INT64, TensorProto.INT32])
    low, high = (-(2**63), 2**63 - 1) if kind == TensorProto.INT64 else (-(2**31), 2**31 - 1)
    count = rng.choice([0, 1, 2, 3, 4, 8])
    numbers = [min(max(rng.choice(INTEGERS), low), high) for _ in range(count)]
    model.graph.initializer.append(helper.make_tensor(value.name, kind, [count], numbers))
    model.graph.input.remove(value)


def mutate(model, rng):
    node = rng.choice(model.graph.node) if model.graph.node else None
    kind = rng.randrange(8)
    if node is None or kind in (0, 1):
        change_input(model, rng)
    elif kind in (2, 3, 4):
        change_attribute(node, rng)
    elif kind == 5:
        fix_input(model, rng)
    elif kind == 6 and node.input:
        index = rng.randrange(len(node.input))
        others = [name for other in model.graph.node for name in other.input]
        node.input[index] = rng.choice(["", rng.choice(others)])
    elif model.opset_import:
        rng.choice(model.opset_import).version = rng.randrange(1, 29)


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    rng = random.Random(seed)
    cases = sorted(SUITE.glob("*/model.onnx"))
    if not cases:
        sys.exit("no cases: run `make conformance` first")
    runs = accepted = failures = slow = 0
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fuzzed.onnx"
        while time.monotonic() < end:
            model = onnx.load(rng.choice(cases))
            for _ in range(rng.choice([1, 1, 2, 3])):
                mutate(model, rng)
            path.write_bytes(model.SerializeToString())
            command = [SURGEON, "run", path, "--engine", rng.choice(["fast", "reference"])]
            command += ["--precision", rng.choice(["single", "single", "double"])]
            command += rng.choice([[], ["--optimize"]])
            try:
                done = subprocess.run(
                    command, capture_output=True, timeout=20, env=ENVIRONMENT,
                    preexec_fn=limit_memory,
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                slow += 1
                print(f"more than 20 s: {model.graph.name} {[n.op_type for n in model.graph.node]}")
                continue
            runs += 1
            accepted += done.returncode == 0
            if done.returncode not in (0, 2):
                failures += 1
                kept = Path("fuzz-failures") / f"operators-{seed}-{runs}.onnx"
                kept.parent.mkdir(exist_ok=True)
                kept.write_bytes(model.SerializeToString())
                message = done.stderr.decode(errors="replace")[:400]
                print(f"{kept}: {done.returncode} {' '.join(map(str, command[3:]))}\n{message}")
    print(f"{runs} models, {accepted} ran, {failures} failures, {slow} slow (seed {seed})")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
