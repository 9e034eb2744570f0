"""The three tasks of docs/custom-rules.md, as they stand there: onnxscript's rewriter and surgeon's
rule files make the same network of the same network."""

import json
import pathlib
import re

import numpy as np
import onnx
import onnx.parser
import onnxscript.rewriter
import pytest
from conftest import assert_same_function, random_inputs
from onnxscript import ir
from onnxscript.rewriter import pattern

PAGE = (pathlib.Path(__file__).parents[2] / "docs" / "custom-rules.md").read_text()

MODELS = {
    "HardSwish from its parts": """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[N, 3, 8, 8] x) => (float[N, 3, 8, 8] y)
        <float three = {3}, float zero = {0}, float six = {6}> {
          a = Add (three, x)
          c = Clip (a, zero, six)
          m = Mul (c, x)
          y = Div (m, six)
        }""",
    "MatMul and Add to Gemm": """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[N, 3] x) => (float[N, 2] y)
        <float[3, 2] w = {1, -2, 3, 0.5, -1, 2}, float[2] b = {0.25, -4}> {
          p = MatMul (x, w)
          y = Add (b, p)
        }""",
    "A scale absorbed into BatchNormalization": """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[N, 2, 4, 4] x) => (float[N, 2, 4, 4] z)
        <float[2] gamma = {1, 2}, float[2] beta = {3, -4}, float[2] mean = {0.5, -1},
         float[2] var = {1, 2}, float[2, 1, 1] k = {10, -0.1}> {
          y = BatchNormalization <epsilon = 0.001> (x, gamma, beta, mean, var)
          z = Mul (y, k)
        }""",
}
AFTER = {
    "HardSwish from its parts": ["HardSwish"],
    "MatMul and Add to Gemm": ["Gemm"],
    "A scale absorbed into BatchNormalization": ["BatchNormalization"],
}


def block(title, language):
    """The first block of code in `language` under the heading `title`."""
    section = PAGE.split(f"### {title}\n")[1].split("\n### ")[0]
    return re.search(rf"```{language}\n(.*?)```", section, re.DOTALL).group(1)


def operators(model):
    return [node.op_type for node in model.graph.node]


@pytest.mark.parametrize("title", MODELS)
def test_both_sides_of_the_page_do_the_same(surgeon, tmp_path, title):
    before = onnx.parser.parse_model(MODELS[title])
    path = tmp_path / "before.onnx"
    onnx.save(before, path)
    inputs = random_inputs(before)

    scope = {"pattern": pattern, "ir": ir, "np": np}
    exec(block(title, "python"), scope)
    rules = pattern.RewriteRuleSet([scope["rule"]], commute=True)
    model = ir.serde.deserialize_model(onnx.shape_inference.infer_shapes(before))
    assert rules.apply_to_model(model) == 1
    theirs = tmp_path / "theirs.onnx"
    onnx.save(ir.serde.serialize_model(model), theirs)
    assert operators(onnx.load(theirs)) == AFTER[title]
    assert_same_function(path, theirs, inputs)

    file, ours = tmp_path / "page.rules", tmp_path / "ours.onnx"
    file.write_text(block(title, "text"))
    name = re.search(r"rule (\w+)", file.read_text()).group(1)
    surgeon("rewrite", path, "--rules", file, "--rule", name, "-o", ours, code=0)
    assert operators(onnx.load(ours)) == AFTER[title]
    assert_same_function(path, ours, inputs)


@pytest.mark.parametrize("title", MODELS)
def test_no_task_is_longer_on_this_side(title):
    def lines(text):
        return len([line for line in text.splitlines() if line.strip()])

    assert lines(block(title, "text")) <= lines(block(title, "python"))


NEAR_MISS = """
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[1, 2, 4, 4] x, float[2] gamma) => (float[1, 2, 4, 4] y, float[1, 2, 4, 4] features)
    <float[2, 2, 1, 1] w = {1, 2, 3, 4}, float[2] gamma = {1, 2}, float[2] beta = {3, 4},
     float[2] mean = {0, 0}, float[2] var = {1, 1}> {
      features = Conv (x, w)
      [bn1] y = BatchNormalization (features, gamma, beta, mean, var)
    }"""


def test_the_near_miss_of_the_page_is_what_the_command_prints(surgeon, tmp_path):
    path = tmp_path / "model.onnx"
    onnx.save(onnx.parser.parse_model(NEAR_MISS), path)
    printed = surgeon("why", path, "--rule", "fold-into-conv", code=0).out
    section = PAGE.split("## Why a rule did not apply\n")[1]
    shown = re.search(r"```text\n(.*?)```", section, re.DOTALL).group(1)
    # The lines of the source move; that they are there is what counts.
    line = re.compile(r"\.swift:\d+")
    assert line.sub(".swift:N", shown) == line.sub(".swift:N", printed)
    traces = json.loads(surgeon("why", path, "--rule", "fold-into-conv", "--json", code=0).out)
    blockers = traces["traces"][0]["blockers"]
    assert [bool(b["remedy"]) and bool(b["place"]) and bool(b["location"]) for b in blockers] == [
        True,
        True,
    ]
