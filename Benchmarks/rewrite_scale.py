"""Measures the rule engine: 20 rules on 10k, 100k and 1M nodes, and onnxscript's rewriter on 10k.

    python Benchmarks/rewrite_scale.py

Builds Benchmarks/RewriteScale first. onnxscript must be installed for the comparison (pip install
onnxscript); it gets the two rules that apply and not the eighteen that do not.
"""

import pathlib
import subprocess
import time

HERE = pathlib.Path(__file__).parent
SIZES = [10_000, 100_000, 1_000_000]


def surgeon():
    package = HERE / "RewriteScale"
    build = ["swift", "build", "-c", "release", "--package-path", str(package)]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    folder = subprocess.run(
        [*build, "--show-bin-path"], check=True, capture_output=True, text=True
    ).stdout.strip()
    lines = subprocess.run(
        [f"{folder}/rewrite-scale", *map(str, SIZES)], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    for line in lines:
        nodes, applications, seconds = line.split()
        report("surgeon", int(nodes), int(applications), float(seconds))


def scale_model(nodes):
    import onnx
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
    try:
        from onnxscript import ir
        from onnxscript.rewriter import pattern
    except ImportError:
        print("onnxscript is not installed: no comparison")
        return

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
    report("onnxscript", nodes, count, best)


def report(who, nodes, applications, seconds):
    print(
        f"{who:10} {nodes:>9,} nodes {applications:>8,} applications {seconds:8.3f} s"
        f" {1e6 * seconds / nodes:8.2f} us/node"
    )


if __name__ == "__main__":
    surgeon()
    onnxscript_rewriter(SIZES[0])
