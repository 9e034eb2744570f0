"""Edits at random places of networks with bodies, functions, twins and trained weights: each is found,
and nothing else."""

import json
import random

import numpy as np
import onnx
import pytest
from conftest import FIXTURES
from edits import EDITS, renamed
from onnx import TensorProto, helper, numpy_helper

SEEDS = range(6)
KEYS = [
    "nodes_added", "nodes_removed", "nodes_changed", "nodes_replaced", "initializers_changed",
    "initializers_added", "initializers_removed", "header_changes",
]
TYPE = [1, 4, 6, 6]


def value(name, shape, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def network(nodes, constants, inputs, outputs, functions=()):
    graph = helper.make_graph(
        nodes, "g", inputs, outputs,
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    domains = {"": 17} | {function.domain: 1 for function in functions}
    imports = [helper.make_opsetid(*item) for item in domains.items()]
    model = helper.make_model(graph, opset_imports=imports, functions=functions, ir_version=8)
    onnx.checker.check_model(model)
    return model


def twins(join, have_equal_weights):
    """Six branches of three blocks that differ in nothing, or in their weights alone."""
    rng = np.random.default_rng(0)
    shared = [rng.standard_normal((4, 4, 3, 3)).astype(np.float32) for _ in range(3)]
    nodes, constants, ends = [], {}, []
    for branch in range(6):
        end = "x"
        for block in range(3):
            tag = f"{branch}_{block}"
            weight = rng.standard_normal((4, 4, 3, 3)).astype(np.float32)
            constants[f"w{tag}"] = shared[block] if have_equal_weights else weight
            nodes.append(
                helper.make_node("Conv", [end, f"w{tag}"], [f"c{tag}"], f"conv{tag}", pads=[1] * 4)
            )
            nodes.append(helper.make_node("Relu", [f"c{tag}"], [f"r{tag}"], f"relu{tag}"))
            end = f"r{tag}"
        ends.append(end)
    if join == "outputs":
        return network(nodes, constants, [value("x", TYPE)], [value(end, TYPE) for end in ends])
    axis = {"axis": 1} if join == "Concat" else {}
    nodes.append(helper.make_node(join, ends, ["y"], "join", **axis))
    return network(nodes, constants, [value("x", TYPE)], [value("y", [1, None, 6, 6])])


def chain():
    """Forty blocks with the same weights, one after the other."""
    weight = np.random.default_rng(0).standard_normal((4, 4, 1, 1)).astype(np.float32)
    nodes, end = [], "x"
    for block in range(40):
        nodes += [
            helper.make_node("Conv", [end, "w"], [f"c{block}"], f"conv{block}"),
            helper.make_node("Relu", [f"c{block}"], [f"r{block}"], f"relu{block}"),
            helper.make_node("Add", [end, f"r{block}"], [f"a{block}"], f"add{block}"),
        ]
        end = f"a{block}"
    return network(nodes, {"w": weight}, [value("x", TYPE)], [value(end, TYPE)])


def with_bodies():
    """Two like If whose branches read the graph around them, and a Loop."""
    rng = np.random.default_rng(0)
    constants = {name: rng.standard_normal((4, 4)).astype(np.float32) for name in ("w", "w2")}
    constants |= {"count": np.array(3, np.int64), "always": np.array(True)}
    square = [4, 4]

    def branch(tag, weight):
        nodes = [
            helper.make_node("MatMul", ["a", weight], [f"m{tag}"], f"matmul{tag}"),
            helper.make_node("Relu", [f"m{tag}"], [f"r{tag}"], f"relu{tag}"),
            helper.make_node("Add", [f"r{tag}", "x"], [f"o{tag}"], f"add{tag}"),
        ]
        return helper.make_graph(nodes, tag, [], [value(f"o{tag}", square)])

    body = helper.make_graph(
        [
            helper.make_node("MatMul", ["s", "w"], ["sm"], "loop matmul"),
            helper.make_node("Tanh", ["sm"], ["next"], "loop tanh"),
            helper.make_node("Identity", ["on"], ["on2"], "loop identity"),
            helper.make_node("Add", ["next", "x"], ["scan"], "loop add"),
        ],
        "body",
        [value("i", [], TensorProto.INT64), value("on", [], TensorProto.BOOL), value("s", square)],
        [value("on2", [], TensorProto.BOOL), value("next", square), value("scan", square)],
    )
    nodes = [helper.make_node("MatMul", ["x", "w"], ["a"], "first")]
    for index in "12":
        branches = {
            "then_branch": branch(f"t{index}", "w"), "else_branch": branch(f"e{index}", "w2")
        }
        nodes.append(helper.make_node("If", ["c"], [f"y{index}"], f"if{index}", **branches))
    nodes.append(
        helper.make_node("Loop", ["count", "always", "y1"], ["l", "scans"], "loop", body=body)
    )
    nodes.append(helper.make_node("Sub", ["l", "y2"], ["z"], "end"))
    return network(
        nodes, constants, [value("x", square), value("c", [], TensorProto.BOOL)],
        [value("z", square), value("scans", [None, 4, 4])],
    )


def with_functions():
    """A function of functions, called again and again."""
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    block = helper.make_function(
        "own", "Block", ["x", "w"], ["y"],
        [
            helper.make_node("MatMul", ["x", "w"], ["t"], "matmul"),
            helper.make_node("Relu", ["t"], ["u"], "relu"),
            helper.make_node("Add", ["u", "x"], ["y"], "add"),
        ],
        imports[:1],
    )
    twice = helper.make_function(
        "own", "Twice", ["x", "w"], ["y"],
        [
            helper.make_node("Block", ["x", "w"], ["t"], "block1", domain="own"),
            helper.make_node("Block", ["t", "w"], ["y"], "block2", domain="own"),
        ],
        imports,
    )
    rng = np.random.default_rng(0)
    nodes, constants, end = [], {}, "x"
    for index in range(5):
        constants[f"w{index}"] = rng.standard_normal((4, 4)).astype(np.float32)
        nodes.append(
            helper.make_node("Twice", [end, f"w{index}"], [f"y{index}"], f"c{index}", domain="own")
        )
        end = f"y{index}"
    return network(nodes, constants, [value("x", [4, 4])], [value(end, [4, 4])], [block, twice])


MADE = {
    "twins": twins("Sum", False),
    "equal-twins": twins("outputs", True),
    "concatenated-twins": twins("Concat", False),
    "chain": chain(),
    "bodies": with_bodies(),
    "functions": with_functions(),
}
STORED = ["unet3d_mni_op13", "meshnet3d_mni_op13", "crepe_tiny_op13", "audio1d_train_op13"]


@pytest.fixture(params=[*MADE, "exotic", *STORED])
def network_path(request, zoo, tmp_path):
    if request.param == "exotic":
        return FIXTURES / "exotic/exotic.onnx"
    if request.param in MADE:
        onnx.save(MADE[request.param], tmp_path / "made.onnx")
        return tmp_path / "made.onnx"
    return zoo[request.param]


def compare(surgeon, before, model, folder):
    after = folder / "edited.onnx"
    onnx.save(model, after)
    document = json.loads(surgeon("diff", before, after, "--json").out)
    return {key: document["summary"][key] for key in KEYS if document["summary"][key]}, document


def test_a_renamed_and_reordered_network_has_the_same_structure(surgeon, network_path, tmp_path):
    for seed in SEEDS:
        model = renamed(onnx.load(network_path), seed)
        found, document = compare(surgeon, network_path, model, tmp_path)
        assert (found, document["same_structure"]) == ({}, True), f"seed {seed}"
    surgeon("diff", network_path, tmp_path / "edited.onnx", "--ignore-names", code=0)


@pytest.mark.parametrize("is_renamed", [False, True], ids=["named", "renamed"])
@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_found_and_nothing_else(surgeon, network_path, tmp_path, edit, is_renamed):
    for seed in SEEDS:
        model = onnx.load(network_path)
        made = edit(model, random.Random(seed))
        if made is None:
            continue
        if is_renamed:
            renamed(model, seed)
        found, document = compare(surgeon, network_path, model, tmp_path)
        assert found == made.found, f"seed {seed}: {made.place}"
        made.check(document)
