"""Convolutions of four spatial axes agree with ONNX Runtime."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import parser

CONVOLUTIONS = [
    ("[1, 2, 4, 5, 4, 3]", "[3, 2, 2, 3, 1, 2]", ""),
    (
        "[2, 4, 5, 4, 6, 4]",
        "[6, 2, 2, 3, 2, 2]",
        "group = 2, strides = [2, 1, 2, 1], pads = [1, 0, 1, 1, 0, 1, 0, 2]",
    ),
    ("[1, 3, 5, 5, 3, 5]", "[3, 1, 2, 2, 2, 2]", "group = 3, dilations = [2, 1, 1, 3]"),
]
TRANSPOSED = [
    ("[1, 2, 2, 3, 2, 3]", "[2, 3, 2, 2, 1, 3]", ""),
    (
        "[2, 4, 3, 2, 3, 2]",
        "[4, 2, 3, 2, 3, 2]",
        "group = 2, strides = [2, 1, 2, 2], pads = [1, 0, 1, 0, 0, 1, 1, 0],"
        " output_padding = [1, 0, 0, 1]",
    ),
]
CASES = [("Conv", *case) for case in CONVOLUTIONS] + [
    ("ConvTranspose", *case) for case in TRANSPOSED
]


@pytest.mark.parametrize("precision, tolerance", [("single", 1e-5), ("double", 1e-6)])
@pytest.mark.parametrize("operator, x, weights, attributes", CASES)
def test_agrees(surgeon, tmp_path, operator, x, weights, attributes, precision, tolerance):
    text = f"<{attributes}>" if attributes else ""
    model = parser.parse_model(
        f'<ir_version: 8, opset_import: ["" : 17]> g (float{x} x, float{weights} w)'
        f" => (float[a, b, c, d, e, f] y) {{ y = {operator} {text} (x, w) }}"
    )
    onnx.save(model, tmp_path / "m.onnx")
    random = np.random.default_rng(3)
    inputs = {
        name: random.normal(size=eval(shape)).astype(np.float32)
        for name, shape in [("x", x), ("w", weights)]
    }
    np.savez(tmp_path / "in.npz", **inputs)
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"])
    surgeon(
        "run", tmp_path / "m.onnx", "--inputs", tmp_path / "in.npz", "-o", tmp_path / "o.npz",
        "--precision", precision, code=0,
    )  # fmt: skip
    (expected,) = session.run(None, inputs)
    actual = np.load(tmp_path / "o.npz")["y"]
    assert actual.shape == expected.shape
    assert np.abs(actual - expected).max() <= tolerance * np.abs(expected).max()
