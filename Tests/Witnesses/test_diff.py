"""Differences made blind are found, and nothing else: renamed, rewritten and edited networks."""

import json
import random

import numpy as np
import onnx
import pytest
from conftest import INFERENCE, normalizations
from onnx import helper, numpy_helper

KEYS = [
    "nodes_added", "nodes_removed", "nodes_changed", "nodes_replaced", "initializers_changed",
    "initializers_added", "initializers_removed", "header_changes",
]


def summary(surgeon, before, after, *options):
    document = json.loads(surgeon("diff", before, after, "--json", *options).out)
    return {key: document["summary"][key] for key in KEYS if document["summary"][key]}, document


def renamed(model, seed):
    """Every node and value under another name, the nodes in another topological order."""
    rng = random.Random(seed)
    graph = model.graph
    names = {}

    def new(name):
        return name and names.setdefault(name, f"v{rng.getrandbits(64):x}")

    waiting = list(graph.node)
    rng.shuffle(waiting)
    known = {t.name for t in graph.initializer} | {v.name for v in graph.input} | {""}
    order = []
    while waiting:
        index = next(i for i, n in enumerate(waiting) if known.issuperset(n.input))
        node = waiting.pop(index)
        known.update(node.output)
        order.append(node)
    for node in order:
        node.name = f"n{rng.getrandbits(64):x}"
        node.input[:] = [new(name) for name in node.input]
        node.output[:] = [new(name) for name in node.output]
    del graph.node[:]
    graph.node.extend(order)
    for value in [*graph.initializer, *graph.input, *graph.output, *graph.value_info]:
        value.name = new(value.name)
    constants = list(graph.initializer)
    rng.shuffle(constants)
    del graph.initializer[:]
    graph.initializer.extend(constants)
    return model


@pytest.mark.parametrize("name", INFERENCE)
def test_a_renamed_and_reordered_network_has_the_same_structure(surgeon, zoo, tmp_path, name):
    after = tmp_path / "renamed.onnx"
    onnx.save(renamed(onnx.load(zoo[name]), seed=3), after)
    found, document = summary(surgeon, zoo[name], after)
    assert found == {}
    assert document["same_structure"] and not document["identical"]
    surgeon("diff", zoo[name], after, code=1)
    surgeon("diff", zoo[name], after, "--ignore-names", code=0)


@pytest.mark.parametrize("form", ["affine", "split", "fold"])
@pytest.mark.parametrize("name", INFERENCE)
def test_every_rewritten_normalization_is_a_replacement(surgeon, zoo, tmp_path, name, form):
    after = tmp_path / "after.onnx"
    surgeon("rewrite", zoo[name], "--form", form, "--no-verify", "-o", after, code=0)
    found, document = summary(surgeon, zoo[name], after)
    assert list(found) == ["nodes_replaced"]
    removed = [node["op_type"] for group in document["replaced"] for node in group["removed"]]
    count = len(normalizations(onnx.load(zoo[name])))
    assert removed.count("BatchNormalization") == count
    assert document["summary"]["nodes_renamed"] == 0


class TestBlindEdits:
    def edit(self, surgeon, zoo, tmp_path, change, rename):
        before = zoo["resnet18_op13"]
        model = onnx.load(before)
        change(model)
        if rename:
            renamed(model, seed=5)
        after = tmp_path / "edited.onnx"
        onnx.save(model, after)
        return summary(surgeon, before, after)

    def convolution(self, model):
        return [node for node in model.graph.node if node.op_type == "Conv"][7]

    @pytest.mark.parametrize("rename", [False, True])
    def test_an_attribute(self, surgeon, zoo, tmp_path, rename):
        def change(model):
            [pads] = [a for a in self.convolution(model).attribute if a.name == "pads"]
            pads.ints[0] += 1

        found, document = self.edit(surgeon, zoo, tmp_path, change, rename)
        assert found == {"nodes_changed": 1}
        [entry] = document["changed"]
        assert [a["subject"] for a in entry["attributes"]] == ["pads"]

    @pytest.mark.parametrize("rename", [False, True])
    def test_an_inserted_node(self, surgeon, zoo, tmp_path, rename):
        def change(model):
            index = list(model.graph.node).index(self.convolution(model))
            node = model.graph.node[index]
            middle = helper.make_node("Sigmoid", [node.input[0]], ["inserted"], name="inserted")
            node.input[0] = "inserted"
            model.graph.node.insert(index, middle)

        found, document = self.edit(surgeon, zoo, tmp_path, change, rename)
        assert found == {"nodes_added": 1}
        assert document["added"][0]["op_type"] == "Sigmoid"

    @pytest.mark.parametrize("rename", [False, True])
    def test_a_perturbed_weight(self, surgeon, zoo, tmp_path, rename):
        def change(model):
            name = self.convolution(model).input[1]
            [weight] = [t for t in model.graph.initializer if t.name == name]
            array = numpy_helper.to_array(weight).copy()
            array.reshape(-1)[11] += np.float32(1e-3)
            weight.CopyFrom(numpy_helper.from_array(array, name))

        found, document = self.edit(surgeon, zoo, tmp_path, change, rename)
        assert found == {"initializers_changed": 1}
        [entry] = document["initializers_changed"]
        assert entry["changed_count"] == 1
        assert abs(entry["max_absolute_change"] - 1e-3) < 1e-6

    @pytest.mark.parametrize("rename", [False, True])
    def test_two_inputs_swapped(self, surgeon, zoo, tmp_path, rename):
        def change(model):
            add = [node for node in model.graph.node if node.op_type == "Add"][2]
            add.input[0], add.input[1] = add.input[1], add.input[0]

        found, document = self.edit(surgeon, zoo, tmp_path, change, rename)
        assert found == {"nodes_changed": 1}
        assert [i["subject"] for i in document["changed"][0]["inputs"]] == ["input 0", "input 1"]
