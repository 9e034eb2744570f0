#!/usr/bin/env python3
"""The rule engine on graphs of 10k, 100k and 1M nodes, and onnxscript's rewriter on 10k.

    rewrite_scale.py [--write]        --write puts the table into docs/performance.md

surgeon gets twenty rules, of which two apply (Benchmarks/RewriteScale). onnxscript's rewriter gets
the two and not the eighteen that do not. Each time is the best of three, without reading a file.
"""

import argparse
import subprocess
import time

from measuring import ROOT, machine, write_table

SIZES = [10_000, 100_000, 1_000_000]
BUILD = ["swift", "build", "-c", "release", "--product", "RewriteScale"]


def surgeon():
    """Nodes, applications and seconds for each size."""
    subprocess.run(BUILD, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    lines = subprocess.run(
        [ROOT / ".build/release/RewriteScale", *map(str, SIZES)],
        check=True, capture_output=True, text=True,
    ).stdout.splitlines()
    for line in lines:
        nodes, applications, seconds = line.split()
        yield "surgeon, 20 rules", int(nodes), int(applications), float(seconds)


def scale_model(nodes):
    """The model that Benchmarks/RewriteScale makes."""
    from onnx import TensorProto, helper

    made, x = [], "in"
    for block in range(nodes // 10):

        def node(op, inputs, name):
            output = f"b{block}_{name}"
            made.append(helper.make_node(op, inputs, [output], name=f"node_{output}"))
            return output

        clipped = node("Clip", [node("Add", ["three", x], "add"), "zero", "six"], "clip")
        swish = node("Div", [node("Mul", [clipped, x], "mul"), "six"], "div")
        gated = node("Mul", [node("Sigmoid", [swish], "sigmoid"), swish], "gate")
        twice = node("Neg", [node("Neg", [gated], "neg")], "neg_neg")
        x = node("Add", [node("Relu", [twice], "relu"), twice], "out")
    shape = [1, 8, 16, 16]
    graph = helper.make_graph(
        made,
        "scale",
        [helper.make_tensor_value_info("in", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(x, TensorProto.FLOAT, shape)],
        [
            helper.make_tensor(name, TensorProto.FLOAT, [], [value])
            for name, value in (("three", 3.0), ("zero", 0.0), ("six", 6.0))
        ],
    )
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])


def onnxscript_rewriter(nodes):
    """The same for onnxscript's rewriter on one size."""
    import onnxscript
    from onnxscript import ir
    from onnxscript.rewriter import pattern

    def hard_swish(op, x):
        return op.Div(op.Mul(x, op.Clip(op.Add(x, 3.0), 0.0, 6.0)), 6.0)

    def negated_twice(op, x):
        return op.Neg(op.Neg(x))

    rules = pattern.RewriteRuleSet(
        [
            pattern.RewriteRule(hard_swish, lambda op, x: op.HardSwish(x)),
            pattern.RewriteRule(negated_twice, lambda op, x: op.Identity(x)),
        ],
        commute=True,
    )
    best, count = float("inf"), 0
    for _ in range(3):
        model = ir.serde.deserialize_model(scale_model(nodes))
        start = time.perf_counter()
        count = rules.apply_to_model(model)
        best = min(best, time.perf_counter() - start)
    return f"onnxscript {onnxscript.__version__}, 2 rules", nodes, count, best


def table(rows):
    lines = [
        f"Machine: {machine()}.",
        "",
        "| rewriter | nodes | applications | seconds | µs per node |",
        "|---|---:|---:|---:|---:|",
    ]
    for who, nodes, applications, seconds in rows:
        lines.append(
            f"| {who} | {nodes:,} | {applications:,} | {seconds:.3f}"
            f" | {1e6 * seconds / nodes:.2f} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    options = parser.parse_args()
    text = table([*surgeon(), onnxscript_rewriter(SIZES[0])])
    print(text)
    if options.write:
        write_table("rewrite_scale.py", text)


if __name__ == "__main__":
    main()
