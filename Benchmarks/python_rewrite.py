#!/usr/bin/env python3
"""usage: python_rewrite.py MODEL OUTPUT

What `surgeon rewrite MODEL -o OUTPUT` does, as a fair user of the Python packages writes it: every
BatchNormalization in inference mode becomes Mul and Add by onnxscript's rewriter, both models run
on the same input in ONNX Runtime with two threads, the difference is printed, the file written.
"""

import sys

import numpy as np
import onnx
import onnx_ir as ir
import onnxruntime
from onnxscript.rewriter import pattern, rewrite


def normalization(op, x, gamma, beta, mean, var):
    return op.BatchNormalization(x, gamma, beta, mean, var, _outputs=["y"])


def is_foldable(context, x, gamma, beta, mean, var, y, **_):
    if x.shape is None or any(v.const_value is None for v in (gamma, beta, mean, var)):
        return False
    node = y.producer()
    return len(node.outputs) == 1 and not node.attributes.get_int("training_mode", 0)


def affine(op, x, gamma, beta, mean, var, y, **_):
    epsilon = y.producer().attributes.get_float("epsilon", 1e-5)
    gamma, beta, mean, var = (
        v.const_value.numpy().astype(np.float64) for v in (gamma, beta, mean, var)
    )
    scale = gamma / np.sqrt(var + epsilon)
    shift = beta - mean * scale
    shape = [-1] + [1] * (len(x.shape) - 2)

    def constant(array, suffix):
        tensor = ir.tensor(array.astype(np.float32).reshape(shape), name=y.name + suffix)
        return op.initializer(tensor)

    return op.Add(op.Mul(x, constant(scale, "_scale")), constant(shift, "_shift"))


def session(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    options.log_severity_level = 3
    # Fusions would undo what is being compared.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def main():
    source, target = sys.argv[1:]
    model = onnx.shape_inference.infer_shapes(onnx.load(source))
    rule = pattern.RewriteRule(normalization, affine, is_foldable)
    after = rewrite(model, pattern_rewrite_rules=[rule])
    left = sum(node.op_type == "BatchNormalization" for node in after.graph.node)

    before_session, after_session = session(source), session(after.SerializeToString())
    rng = np.random.default_rng(0)
    inputs = {
        value.name: rng.standard_normal(
            [size if isinstance(size, int) else 1 for size in value.shape]
        ).astype(np.float32)
        for value in before_session.get_inputs()
    }
    expected = before_session.run(None, inputs)
    actual = after_session.run(None, inputs)
    for value, a, b in zip(before_session.get_outputs(), expected, actual):
        print(f"{value.name}: largest difference {np.abs(a - b).max():.3g}")
        assert np.abs(a - b).max() <= 1e-4 * np.abs(a).max()
    onnx.save(after, target)
    print(f"{left} BatchNormalizations left")


if __name__ == "__main__":
    main()
