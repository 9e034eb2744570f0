"""surgeon reads the texts that onnx.parser reads, as the same model, and refuses what it refuses."""

import warnings

import numpy as np
import onnx
import onnx.parser
import pytest
from onnx.backend.test.case.node import collect_testcases

HEADER = '<ir_version: 8, opset_import: ["" : 17]>\n'

# Bodies of nodes, in a graph with inputs x and c. All of them are read.
NODES = [
    "y = Relu(x)",
    "[label] y = Relu(x)",
    '["a label"] y = Relu(x)',
    "y = ai.onnx.ml.Scaler <scale = [1.0, 2.0]> (x)",
    "y = Add(x, x) # a comment, and y = Relu(z)",
    "y, z = Split <axis = -1> (x)",
    "y, , z = TopK(x, x)",
    'y, "" = Dropout(x)',
    "y = Clip(x, , x)",
    'y = Clip(x, "")',
    "y = Clip(x, )",
    "y = Op <i = 1, j: int = -2, f = 1.5, g: float = 3, h = -1e-5, k = 2E+3> (x)",
    "y = Op <a = nan, b = inf, c = -inf, d = Infinity> (x)",
    "y = Op <is = [1, 2, 3], fs = [1.0, -2.5], gs: floats = [1, 2], ss = [\"a\", \"b\"]> (x)",
    "y = Op <none: ints = [], no: floats = [], never: strings = []> (x)",
    'y = Op <s = "a \\"quoted\\" word and a \\\\"> (x)',
    "y = Op <t = float[2] {1.0, 2}> (x)",
    "y = Op <t = int64 {7}, u = float16[2] {15360, 0}, v = int4[3] {1, 2}> (x)",
    "y = Op <t: tensor = float[3] w = {1, 2, 3}> (x)",
    "y = Op <t = bool[2] {1, 0}, u = uint64[1] {18446744073709551615}, s = string[1] {\"s\"}> (x)",
    "y = Op <d = double[1] {1e300}, z = complex64[1] {1.0, -1.0}> (x)",
    "y = Op <tp = float[N, 3, ?]> (x)",
    "y = Op <tp: type_proto = seq(optional(map(int64, float[])))> (x)",
    "y = Op (x) <axis = 1>",
    "y = If(c) <then_branch = t () => (a) { a = Relu(x) }, else_branch = e () => (float[2] b) { b = Neg(x) }>",
    "y = Loop(c, c, x) <body = b (int64 i, bool k, float[2] v) => (bool k2, w) <float[2] q = {1, 2}> "
    "{ k2 = Identity(k)  w = Add(v, q) }>",
    "y = local.Fn : special (x)",
    "y = Relu\n(\nx\n)",
]

# Graphs and models. All of them are read.
MODELS = [
    "g () => () {}",
    '"a name" (float x) => (float x) {}',
    "g (float[] x, float y, float[1] z) => (float[?, N, 2] w) { w = Sum(x, y, z) }",
    "g (x) => (y) { y = Relu(x) }",
    "g (float[2] x = {1, 2}, float[2] z) => (float[2] y) { y = Add(x, z) }",
    "g (float[2] x) => (float[2] y) <float[2] w = {1, 2}, float[2] t> { t = Mul(x, w) y = Relu(t) }",
    'g (float["batch size", 3] x) => (y) { y = Relu(x) }',
    "g (sparse_tensor(float[2]) x, opaque(a.b, C) o) => (y) { y = Relu(x) }",
    "g (float[2] x) => (y) <float[2] w = {}> { y = Add(x, w) }",
    'g (float[2] x) => (y) <float[2] w = ["location": "w.bin", "offset": "0", "length": "8"]> { y = Add(x, w) }',
    'g (x) => (y) { y = local.F(x) }\n<domain: "local", opset_import: ["" : 17], doc_string: "d">\n'
    "F (a) => (b) { b = Relu(a) }",
    'g (x) => (y) { y = local.F <k = 2>(x) }\n<domain: "local", opset_import: ["" : 17], overload: "o">\n'
    "F <k, f: float = 1.0, s = \"t\"> (float[2] a) => (float[2] b) { b = Op <k: int = @k, f: float = @f>(a) }",
]

HEADERS = [
    "",
    "<ir_version: 10>",
    '<ir_version: 8, opset_import: ["" : 17, "com.x" : 3], producer_name: "p", producer_version: "1",'
    ' domain: "d", model_version: 4, doc_string: "two\nlines", metadata_props: ["k": "v", "l": ""]>',
    "<ir_version: 8, opset_import: [], metadata_props: []>",
]

# Read by neither.
REFUSED = [
    "",
    "g",
    "g (float[2] x)",
    "g (float[2] x) -> (y) { y = Relu(x) }",
    "g (float[2] x) = > (y) { y = Relu(x) }",
    "g (float[2 x) => (y) { y = Relu(x) }",
    "g (float[2] x) => (y) { y = Relu(x)",
    "g (float[2] x) => (y) { y Relu(x) }",
    "g (float[2] x) => (y) { y = Relu x }",
    "g (float[2] x) => (y) { y = Relu.(x) }",
    "g (float[2] x) => (y) { y = Relu <axis> (x) }",
    "g (float[2] x) => (y) { y = Relu <axis = > (x) }",
    "g (float[2] x) => (y) { y = Relu <axis = []> (x) }",
    "g (float[2] x) => (y) { y = Relu <axis: int = []> (x) }",
    "g (float[2] x) => (y) { y = Relu <axis: int = 1.5> (x) }",
    "g (float[2] x) => (y) { y = Relu <axis: nothing = 1> (x) }",
    'g (float[2] x) => (y) { y = Relu <s = "open> (x) }',
    "g (float[2] x) => (y) { y = Relu <t = float[2] {1, a}> (x) }",
    "g (float[2] x) => (y) <float[N] w = {1}> { y = Add(x, w) }",
    "g (float[2] x) => (y) <seq(float) w = {1}> { y = Add(x, w) }",
    "g (map(float[2], float) x) => (y) { y = Relu(x) }",
    "<ir_version: 1.5> g () => () {}",
    "<color: 5> g () => () {}",
    '<opset_import: ["" 17]> g () => () {}',
    "g () => () {} trailing",
]


def plain(message):
    """A copy without fields that are there but empty, which the two sides write differently."""
    copy = type(message).FromString(message.SerializeToString())
    for descriptor, value in copy.ListFields():
        if descriptor.message_type is None:
            if not descriptor.is_repeated and value in ("", b"") and descriptor.name != "s":
                copy.ClearField(descriptor.name)
            continue
        values = value if descriptor.is_repeated else [value]
        kept = [plain(v) for v in values]
        if descriptor.is_repeated:
            del value[:]
            value.extend(kept)
        else:
            value.CopyFrom(kept[0])
    if isinstance(copy, onnx.TensorProto) and not copy.external_data and copy.data_type:
        copy = numbers(copy)
    return copy


def numbers(tensor):
    """A tensor with its elements in one form; one whose elements the text leaves out stays."""
    try:
        array = onnx.numpy_helper.to_array(tensor)
    except (ValueError, TypeError):
        return tensor
    return onnx.numpy_helper.from_array(array, tensor.name)


def through_surgeon(surgeon, text, tmp_path):
    path = tmp_path / "model.onnxtxt"
    path.write_text(text)
    return surgeon("show", path, "--elements", 10**9)


def check(surgeon, text, tmp_path):
    expected = onnx.parser.parse_model(text)
    result = through_surgeon(surgeon, text, tmp_path)
    assert result.code == 0, result.err
    printed = onnx.parser.parse_model(result.out)
    # A tensor in an attribute loses the name that nothing refers to.
    for model in (expected, printed):
        for node in model.graph.node:
            for attribute in node.attribute:
                attribute.t.name = ""
                if not attribute.t.ByteSize():
                    attribute.ClearField("t")
    assert plain(printed) == plain(expected), result.out


@pytest.mark.parametrize("body", NODES)
def test_nodes(surgeon, tmp_path, body):
    check(surgeon, HEADER + f"g (float[2] x, bool c) => (y) {{ {body}\n }}", tmp_path)


@pytest.mark.parametrize("graph", MODELS)
def test_graphs(surgeon, tmp_path, graph):
    check(surgeon, HEADER + graph, tmp_path)


@pytest.mark.parametrize("header", HEADERS)
def test_headers(surgeon, tmp_path, header):
    check(surgeon, f"{header}\ng (x) => (y) {{ y = Relu(x) }}", tmp_path)


@pytest.mark.parametrize("text", REFUSED)
def test_refusals(surgeon, tmp_path, text):
    with pytest.raises(onnx.parser.ParseError):
        onnx.parser.parse_model(text)
    result = through_surgeon(surgeon, text, tmp_path)
    assert result.code == 2, result.out
    assert "at " + str(tmp_path / "model.onnxtxt") + " > line " in result.err
    assert result.err.splitlines()[-1].strip() == "^" or "hint: " in result.err


def cases():
    """One model of the standard's own suite for each operator, with whatever bodies it has."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {}
        for case in collect_testcases(None):
            if case.model is not None:
                found.setdefault(case.model.graph.node[-1].op_type, case.model)
    return found


CASES = cases()


@pytest.mark.parametrize("operator", CASES)
def test_shown_models_of_the_suite_are_read_as_they_were(surgeon, tmp_path, operator):
    model = CASES[operator]
    onnx.save(model, tmp_path / "model.onnx")
    result = surgeon("show", tmp_path / "model.onnx", "--elements", 10**9)
    assert result.code == 0, result.err
    shown = onnx.parser.parse_model(result.out)
    expected = plain(unsaid(model))
    assert plain(unsaid(shown)) == expected, result.out


def unsaid(model):
    """A copy without what the syntax has no words for: documentation and metadata of single nodes and
    values, and the names of tensors in attributes."""
    copy = onnx.ModelProto.FromString(model.SerializeToString())
    graphs = [copy.graph]
    nodes = [node for function in copy.functions for node in function.node]
    while graphs or nodes:
        for graph in graphs:
            nodes += graph.node
            graph.doc_string = ""
            for value in [*graph.input, *graph.output, *graph.value_info]:
                value.doc_string = ""
        graphs = []
        for node in nodes:
            node.doc_string = ""
            for attribute in node.attribute:
                attribute.doc_string = ""
                if attribute.HasField("t"):
                    attribute.t.name = ""
                for graph in [attribute.g] if attribute.HasField("g") else attribute.graphs:
                    graphs.append(graph)
        nodes = []
    return copy


def test_a_model_written_as_text_is_the_same_model(surgeon, tmp_path):
    text = HEADER + (
        "g (float[1, 2, 2] x) => (float[1, 2, 2] y) <float[2] s = {1, 2}, float[2] b = {3, 4}, "
        "float[2] m = {0, 1}, float[2] v = {1, 3}> { y = BatchNormalization(x, s, b, m, v) }")
    onnx.save(onnx.parser.parse_model(text), tmp_path / "model.onnx")
    for name in ["out.onnx", "out.onnxtxt"]:
        result = surgeon("rewrite", tmp_path / "model.onnx", "-o", tmp_path / name)
        assert result.code == 0, result.err
    written = onnx.load(tmp_path / "out.onnxtxt")
    assert (tmp_path / "out.onnxtxt").read_text().startswith("<\n  ir_version: 8")
    binary = onnx.load(tmp_path / "out.onnx")
    assert [n.op_type for n in written.graph.node] == [n.op_type for n in binary.graph.node]
    for a, b in zip(written.graph.initializer, binary.graph.initializer, strict=True):
        left, right = onnx.numpy_helper.to_array(a), onnx.numpy_helper.to_array(b)
        assert a.name == b.name and left.shape == right.shape and np.array_equal(left, right)
    refused = surgeon("rewrite", tmp_path / "model.onnx", "-o", tmp_path / "out.json")
    assert refused.code == 2 and "models are not written as .json" in refused.err
    assert not (tmp_path / "out.json").exists()
