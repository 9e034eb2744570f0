"""Folds into neighbours on drawn networks: ONNX Runtime in Float32, onnx's reference in Float64."""

import json

import numpy as np
import onnx
import pytest
from conftest import judge, normalizations
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

EPSILON = 0.01


class Drawing:
    """A network under construction. Everything random comes from one seed."""

    def __init__(self, seed, dtype):
        self.rng = np.random.default_rng(seed)
        self.dtype = np.dtype(dtype)
        self.nodes, self.constants, self.outputs = [], [], []
        self.shape = None

    def chance(self, probability):
        return self.rng.random() < probability

    def constant(self, name, array):
        self.constants.append(numpy_helper.from_array(np.asarray(array, self.dtype), name))
        return name

    def node(self, op_type, inputs, **attributes):
        name = f"{op_type}{len(self.nodes)}"
        self.nodes.append(helper.make_node(op_type, inputs, [name], name, **attributes))
        return name

    def weights(self, name, shape):
        fan = max(1, int(np.prod(shape[1:])))
        return self.constant(name, self.rng.normal(0, fan**-0.5, shape))

    def normalization(self, x, channels):
        name = f"bn{len(self.nodes)}"
        gamma = self.rng.uniform(0.5, 1.5, channels) * self.rng.choice([-1, 1], channels)
        if self.chance(0.2):
            gamma[0] = 0
        numbers = dict(
            gamma=gamma,
            beta=self.rng.normal(0, 1, channels),
            mean=self.rng.normal(0, 1, channels),
            var=self.rng.uniform(0.1, 2, channels),
        )
        inputs = [self.constant(f"{name}.{key}", value) for key, value in numbers.items()]
        x = self.node("BatchNormalization", [x, *inputs], epsilon=EPSILON)
        if self.chance(0.3):
            # The tail of Caffe's Scale layers.
            shape = [channels] + [1] * (len(self.shape) - 2)
            for op_type in ("Mul", "Add"):
                scale = self.constant(f"{x}.{op_type}", self.rng.uniform(0.5, 2, shape))
                x = self.node(op_type, [x, scale])
        return x

    def convolution(self, x, transposed):
        batch, channels, *positions = self.shape
        groups = int(self.rng.choice([g for g in (1, 2, 4) if channels % g == 0]))
        out = groups * int(self.rng.integers(1, 4))
        kernel = [int(self.rng.integers(1, min(p, 3) + 1)) for p in positions]
        if transposed:
            shape = [channels, out // groups, *kernel]
            attributes = dict(strides=[int(self.rng.integers(1, 3)) for _ in positions])
        else:
            shape = [out, channels // groups, *kernel]
            wide = [self.chance(0.5) and 2 * k - 1 <= p for k, p in zip(kernel, positions)]
            attributes = dict(dilations=[1 + int(w) for w in wide])
            if self.chance(0.5):
                attributes["pads"] = [int(p) for p in self.rng.integers(0, 3, 2 * len(positions))]
        w = self.weights(f"w{len(self.nodes)}", shape)
        inputs = [x, w]
        if self.chance(0.5):
            inputs.append(self.constant(f"{w}.bias", self.rng.normal(0, 1, out)))
        op_type = "ConvTranspose" if transposed else "Conv"
        x = self.node(op_type, inputs, group=groups, **attributes)
        if self.chance(0.2):
            # Another reader of the same weights, over the same input.
            self.outputs.append(self.node(op_type, inputs, group=groups, **attributes))
        pads = attributes.get("pads", [0] * 2 * len(positions))
        for i, k in enumerate(kernel):
            if transposed:
                positions[i] = (positions[i] - 1) * attributes["strides"][i] + k
            else:
                reach = (k - 1) * attributes["dilations"][i]
                positions[i] += pads[i] + pads[i + len(kernel)] - reach
        self.shape = [batch, out, *positions]
        return x

    def gemm(self, x):
        batch, channels = self.shape
        out = int(self.rng.integers(2, 7))
        flipped = int(self.chance(0.5))
        w = self.weights(f"w{len(self.nodes)}", [out, channels] if flipped else [channels, out])
        attributes = dict(transB=flipped)
        if self.chance(0.5):
            attributes["alpha"] = float(self.rng.uniform(0.5, 2))
        inputs = [x, w]
        if self.chance(0.7):
            shapes = [[out], [1, out], [1], [1, 1], [batch, out], [batch, 1], []]
            shape = shapes[self.rng.integers(len(shapes))]
            inputs.append(self.constant(f"{w}.c", self.rng.normal(0, 1, shape)))
            if self.chance(0.5):
                attributes["beta"] = float(self.rng.uniform(0.5, 2))
        if self.chance(0.3):
            inputs[0] = self.node("Transpose", [x], perm=[1, 0])
            attributes["transA"] = 1
        x = self.node("Gemm", inputs, **attributes)
        self.shape = [batch, out]
        return x

    def matmul(self, x):
        batch, channels = self.shape
        out = int(self.rng.integers(2, 7))
        self.shape = [batch, out]
        return self.node("MatMul", [x, self.weights(f"w{len(self.nodes)}", [channels, out])])

    def layer(self, x, family):
        if family == "Gemm":
            return self.gemm(x)
        if family == "MatMul":
            return self.matmul(x)
        return self.convolution(x, family == "ConvTranspose")


def draw(family, seed, dtype):
    """Three layers with normalisations before, between and after them, and their input."""
    drawing = Drawing(seed, dtype)
    flat = family in ("Gemm", "MatMul")
    rank = 2 if flat else int(drawing.rng.integers(3, 6))
    drawing.shape = [2, 4] + [9 - rank] * (rank - 2)
    start = list(drawing.shape)
    x = "x"
    for _ in range(3):
        if drawing.chance(0.5):
            x = drawing.normalization(x, drawing.shape[1])
        x = drawing.layer(x, family)
        if drawing.chance(0.15):
            drawing.outputs.append(x)
        if drawing.chance(0.5):
            x = drawing.normalization(x, drawing.shape[1])
        if drawing.chance(0.15):
            drawing.outputs.append(drawing.node("Neg", [x]))
        if drawing.chance(0.5):
            x = drawing.node("LeakyRelu", [x], alpha=0.25)
    drawing.outputs.append(x)
    element = helper.np_dtype_to_tensor_dtype(drawing.dtype)
    graph = helper.make_graph(
        drawing.nodes,
        "drawn",
        [helper.make_tensor_value_info("x", element, start)],
        [helper.make_tensor_value_info(y, element, None) for y in dict.fromkeys(drawing.outputs)],
        drawing.constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    # Outputs carry their shapes, as exporters write them.
    model = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    return model, {"x": drawing.rng.standard_normal(start).astype(dtype)}


def error(found, wanted):
    scale = np.abs(wanted).max()
    assert found.shape == wanted.shape and scale > 0
    return np.abs(found.astype(np.float64) - wanted).max() / scale


FAMILIES = ["Conv", "ConvTranspose", "Gemm", "MatMul"]


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("family", FAMILIES)
def test_drawn_networks_compute_the_same_after_their_folds(surgeon, tmp_path, family, seed):
    before, after = tmp_path / "before.onnx", tmp_path / "after.onnx"
    model, inputs = draw(family, seed, np.float32)
    onnx.save(model, before)
    report = json.loads(
        surgeon(
            "rewrite", before, "--form", "fold", "-o", after, "--precision", "double", "--json",
            code=0,
        ).out
    )
    if normalizations(model):
        for output in report["verification"]["outputs"]:
            assert output["max_relative_error"] < 1e-10
    folded = onnx.load(after)
    onnx.checker.check_model(folded, full_check=True)
    assert normalizations(folded) == []
    for found, wanted in zip(judge(after, inputs), judge(before, inputs), strict=True):
        assert error(found, wanted) < 1e-5


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("family", ["Conv", "Gemm", "MatMul"])
def test_folds_are_exact_in_float64(surgeon, tmp_path, family, seed):
    """A model of doubles, run by onnx's own reference."""
    before, after = tmp_path / "before.onnx", tmp_path / "after.onnx"
    model, inputs = draw(family, seed, np.float64)
    onnx.save(model, before)
    surgeon("rewrite", before, "--form", "fold", "-o", after, code=0)
    folded = onnx.load(after)
    assert normalizations(folded) == []
    wanted = ReferenceEvaluator(model).run(None, inputs)
    for found, expected in zip(ReferenceEvaluator(folded).run(None, inputs), wanted, strict=True):
        assert error(found, expected) < 1e-10


def test_the_drawn_networks_hold_every_case():
    """What the two tests above are evidence for."""
    seen = set()
    for family in FAMILIES:
        for seed in range(40):
            model, _ = draw(family, seed, np.float32)
            previous = {"x": "input"}
            readers = [name for node in model.graph.node for name in node.input]
            for node in model.graph.node:
                above = previous.get(node.input[0])
                attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
                if node.op_type == "BatchNormalization":
                    seen.add(f"{above} before")
                if above == "BatchNormalization":
                    seen.add(f"{node.op_type} after")
                    if any(attributes.get("pads", [])):
                        seen.add("padded Conv after")
                if attributes.get("group", 1) > 1:
                    seen.add(f"grouped {node.op_type}")
                seen.update(
                    f"Gemm {key}" for key in ("transA", "transB", "alpha", "beta")
                    if attributes.get(key)
                )
                if node.op_type == "Gemm" and len(node.input) > 2:
                    c = next(t for t in model.graph.initializer if t.name == node.input[2])
                    seen.add(f"C {['x' if d > 1 else d for d in c.dims]}")
                if len(node.input) > 1 and readers.count(node.input[1]) > 1:
                    seen.add("shared weights")
                previous[node.output[0]] = node.op_type
    assert seen >= {
        *(f"{family} before" for family in FAMILIES),
        *("Conv after", "padded Conv after", "Mul after", "shared weights"),
        *("grouped Conv", "grouped ConvTranspose"),
        *("Gemm transA", "Gemm transB", "Gemm alpha", "Gemm beta"),
        *("C ['x']", "C [1, 'x']", "C [1]", "C [1, 1]", "C ['x', 'x']", "C ['x', 1]", "C []"),
    }
