"""Gradient nodes agree with central differences of the forward pass, computed by onnx's
ReferenceEvaluator in Float64."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, parser
from onnx.reference import ReferenceEvaluator

# Name, the variables' shapes, and the way from them to y; every number lies in (0.3, 1.7).
CASES = [
    ("sum of broadcast operands", {"a": [2, 3], "b": [3], "c": [1]}, "s = Add(a, b) y = Sub(s, c)"),
    ("products", {"a": [2, 3], "b": [2, 1]}, "p = Mul(a, b) q = Div(p, a) y = Div(q, b)"),
    ("a value that is used twice", {"a": [4]}, "p = Mul(a, a) y = Mul(p, a)"),
    ("powers", {"a": [2, 3], "b": [3]}, "y = Pow(a, b)"),
    (
        "elementary functions",
        {"a": [6]},
        "b = Exp(a) c = Log(b) d = Sqrt(c) e = Sin(d) f = Cos(e) g = Tanh(f) h = Sigmoid(g)"
        " i = Reciprocal(h) j = Neg(i) k = Abs(j) l = Softplus(k) n = Relu(l)"
        " y = Identity(n)",
    ),
    ("variadic sum", {"a": [2, 2], "b": [2], "c": [1, 2]}, "p = Sum(a, b, c) y = Mul(p, p)"),
    ("stacks of matrices", {"a": [2, 1, 3, 4], "b": [5, 4, 2]}, "p = MatMul(a, b) y = Tanh(p)"),
    ("vectors", {"a": [4], "b": [3, 4, 2]}, "p = MatMul(a, b) y = Tanh(p)"),
    ("matrix and vector", {"a": [2, 3, 4], "b": [4]}, "p = MatMul(a, b) y = Tanh(p)"),
    (
        "Gemm",
        {"a": [2, 3], "b": [3, 4], "c": [4]},
        "p = Gemm <alpha = 0.5, beta = 2.0> (a, b, c) y = Tanh(p)",
    ),
    (
        "Gemm, left transposed",
        {"a": [3, 2], "b": [3, 4], "c": [2, 1]},
        "p = Gemm <transA = 1> (a, b, c) y = Tanh(p)",
    ),
    (
        "Gemm, right transposed",
        {"a": [2, 3], "b": [4, 3]},
        "p = Gemm <transB = 1, alpha = 1.5> (a, b) y = Tanh(p)",
    ),
    (
        "Gemm, both transposed",
        {"a": [3, 2], "b": [4, 3]},
        "p = Gemm <transA = 1, transB = 1> (a, b) y = Tanh(p)",
    ),
    (
        "1-D convolution",
        {"a": [2, 3, 7], "b": [4, 3, 3], "c": [4]},
        "p = Conv <strides = [2], pads = [1, 0]> (a, b, c) y = Tanh(p)",
    ),
    (
        "2-D convolution, dilated, uneven padding",
        {"a": [2, 2, 6, 7], "b": [3, 2, 3, 2]},
        "p = Conv <dilations = [2, 1], strides = [1, 2], pads = [1, 0, 2, 1]> (a, b) y = Tanh(p)",
    ),
    (
        "grouped convolution, auto_pad",
        {"a": [1, 4, 5, 5], "b": [6, 2, 3, 3]},
        'p = Conv <group = 2, strides = [2, 2], auto_pad = "SAME_UPPER"> (a, b) y = Tanh(p)',
    ),
    (
        "depthwise 3-D convolution",
        {"a": [1, 2, 3, 4, 3], "b": [2, 1, 2, 2, 2], "c": [2]},
        "p = Conv <group = 2> (a, b, c) y = Tanh(p)",
    ),
    (
        "movement",
        {"a": [2, 3, 1], "b": [3, 2]},
        "p = Transpose <perm = [1, 0, 2]> (a) q = Flatten(p) r = Transpose(b) s = Transpose(r)"
        " t = Concat <axis = 1> (q, s, q) y = Mul(t, t)",
    ),
    (
        "shapes",
        {"a": [1, 4, 2]},
        "axes = Constant <value = int64[1] {0}> () p = Squeeze(a, axes) q = Unsqueeze(p, axes)"
        " shape = Constant <value = int64[2] {2, -1}> () r = Reshape(q, shape)"
        " wide = Constant <value = int64[3] {3, 2, 4}> () s = Expand(r, wide) y = Mul(s, s)",
    ),
    (
        "reductions",
        {"a": [2, 3, 4]},
        "axes = Constant <value = int64[2] {0, 2}> () p = ReduceSum <keepdims = 0> (a, axes)"
        " q = ReduceMean(a) r = Mul(p, q) y = Mul(r, r)",
    ),
    ("global pool", {"a": [2, 3, 4, 2]}, "p = GlobalAveragePool(a) y = Mul(p, p)"),
    ("softmax", {"a": [2, 3, 4]}, "p = Softmax <axis = 1> (a) y = Mul(p, a)"),
    ("log softmax", {"a": [2, 5]}, "p = LogSoftmax(a) y = Mul(p, a)"),
]


def forward(shapes, body, gradient=""):
    variables = ", ".join(f"double{sizes} {name}" for name, sizes in shapes.items())
    results = ", ".join(f"double d{name}" for name in shapes) if gradient else "double y"
    model = parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 17, "ai.onnx.preview.training" : 1]>'
        f"g ({variables}) => ({results}) {{ {body} {gradient} }}"
    )
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    return model


@pytest.mark.parametrize("name, shapes, body", CASES, ids=[case[0] for case in CASES])
def test_agrees_with_central_differences(surgeon, tmp_path, name, shapes, body):
    random = np.random.default_rng(7)
    point = {key: random.uniform(0.3, 1.7, sizes) for key, sizes in shapes.items()}
    reference = ReferenceEvaluator(forward(shapes, body))

    def total(inputs):
        return reference.run(None, inputs)[0].sum()

    model = forward(shapes, body)
    del model.graph.output[:]
    for key in shapes:
        model.graph.output.append(
            helper.make_tensor_value_info("d" + key, TensorProto.DOUBLE, None)
        )
    model.graph.node.append(
        helper.make_node(
            "Gradient",
            list(shapes),
            ["d" + key for key in shapes],
            domain="ai.onnx.preview.training",
            xs=list(shapes),
            y="y",
        )
    )
    onnx.save(model, tmp_path / "gradient.onnx")
    np.savez(tmp_path / "inputs.npz", **point)
    surgeon(
        "run", tmp_path / "gradient.onnx", "--inputs", tmp_path / "inputs.npz",
        "-o", tmp_path / "out.npz", "--precision", "double", code=0,
    )  # fmt: skip
    results = np.load(tmp_path / "out.npz")
    for key, value in point.items():
        step = 1e-5
        slope = np.zeros_like(value)
        for index in np.ndindex(value.shape):
            there = {**point, key: value.copy()}
            there[key][index] += step
            above = total(there)
            there[key][index] -= 2 * step
            slope[index] = (above - total(there)) / (2 * step)
        assert results["d" + key].shape == value.shape
        np.testing.assert_allclose(results["d" + key], slope, rtol=2e-6, atol=2e-8)


def numbers(surgeon, tmp_path, text, **inputs):
    model = parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 17, "ai.onnx.preview.training" : 1]>' + text
    )
    onnx.save(model, tmp_path / "m.onnx")
    np.savez(tmp_path / "in.npz", **{k: np.array(v, np.float32) for k, v in inputs.items()})
    surgeon(
        "run", tmp_path / "m.onnx", "--inputs", tmp_path / "in.npz", "-o", tmp_path / "o.npz", code=0
    )
    return {name: value.tolist() for name, value in np.load(tmp_path / "o.npz").items()}


def test_a_gradient_of_a_gradient(surgeon, tmp_path):
    # y = a^3: 3 a^2, then 6 a.
    result = numbers(
        surgeon,
        tmp_path,
        """g (float[1] a) => (float[1] first, float[1] second) {
          p = Mul(a, a) y = Mul(p, a)
          first = ai.onnx.preview.training.Gradient <xs = ["a"], y = "y"> (a)
          second = ai.onnx.preview.training.Gradient <xs = ["a"], y = "first"> (a)
        }""",
        a=[2],
    )
    assert result == {"first": [12], "second": [12]}


def test_a_gradient_through_products(surgeon, tmp_path):
    # y = sum((w x)^2) with w x = 11: dy/dw = 2 (w x) x, and the sum of that by x is 2 (w x) + 2 w x'
    # summed: 2 * 11 + 2 * w_i * (3 + 4).
    result = numbers(
        surgeon,
        tmp_path,
        """g (float[1,2] w, float[2,1] x) => (float[1,2] first, float[2,1] second) {
          p = MatMul(w, x) y = Mul(p, p)
          first, unused = ai.onnx.preview.training.Gradient <xs = ["w", "x"], y = "y"> (w, x)
          unused2, second = ai.onnx.preview.training.Gradient <xs = ["w", "x"], y = "first"> (w, x)
        }""",
        w=[[1, 2]],
        x=[[3], [4]],
    )
    assert result == {"first": [[66, 88]], "second": [[36], [50]]}


def test_at_another_point_than_the_graph_is_at(surgeon, tmp_path):
    result = numbers(
        surgeon,
        tmp_path,
        """g (float[1] a, float[1] other) => (float[1] y, float[1] slope) {
          p = Mul(a, a) y = Mul(p, a)
          slope = ai.onnx.preview.training.Gradient <xs = ["a"], y = "y"> (other)
        }""",
        a=[1],
        other=[3],
    )
    assert result == {"y": [1], "slope": [27]}


def test_by_an_intermediate_value(surgeon, tmp_path):
    # With p held as a variable of its own, y = p a has the derivatives a and p.
    result = numbers(
        surgeon,
        tmp_path,
        """g (float[1] a, float[1] b) => (float[1] dp, float[1] da, float[1] db) {
          p = Mul(a, b) y = Mul(p, a)
          dp, da, db = ai.onnx.preview.training.Gradient <xs = ["p", "a", "b"], y = "y"> (p, a, b)
        }""",
        a=[2],
        b=[5],
    )
    assert result == {"dp": [2], "da": [10], "db": [0]}


def test_of_the_error_function(surgeon, tmp_path):
    result = numbers(
        surgeon,
        tmp_path,
        """g (float[2] a) => (float[2] slope) {
          y = Erf(a)
          slope = ai.onnx.preview.training.Gradient <xs = ["a"], y = "y"> (a)
        }""",
        a=[0, 1],
    )
    # 2/sqrt(pi), and that over e.
    np.testing.assert_allclose(result["slope"], [1.1283791671, 0.4151074974], rtol=1e-6)


def test_an_operator_without_a_derivative_is_named(surgeon, tmp_path):
    model = parser.parse_model(
        """<ir_version: 8, opset_import: ["" : 17, "ai.onnx.preview.training" : 1]>
        g (float[3] a) => (float[3] slope) {
          y = Round(a)
          slope = ai.onnx.preview.training.Gradient <xs = ["a"], y = "y"> (a)
        }"""
    )
    onnx.save(model, tmp_path / "m.onnx")
    result = surgeon("run", tmp_path / "m.onnx", code=2)
    assert "the runtime knows no derivative of Round" in result.err
