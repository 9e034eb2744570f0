"""Differences made blind are found, and nothing else: renamed, rewritten and edited networks."""

import json

import numpy as np
import onnx
import pytest
from conftest import INFERENCE, normalizations
from edits import renamed
from onnx import helper, numpy_helper

KEYS = [
    "nodes_added", "nodes_removed", "nodes_changed", "nodes_replaced", "initializers_changed",
    "initializers_added", "initializers_removed", "header_changes",
]


def summary(surgeon, before, after, *options):
    document = json.loads(surgeon("diff", before, after, "--json", *options).out)
    return {key: document["summary"][key] for key in KEYS if document["summary"][key]}, document


@pytest.mark.parametrize("name", INFERENCE)
def test_a_renamed_and_reordered_network_has_the_same_structure(surgeon, zoo, tmp_path, name):
    after = tmp_path / "renamed.onnx"
    onnx.save(renamed(onnx.load(zoo[name]), seed=3), after)
    found, document = summary(surgeon, zoo[name], after)
    assert found == {}
    assert document["same_structure"] and not document["identical"]
    surgeon("diff", zoo[name], after, code=1)
    surgeon("diff", zoo[name], after, "--ignore-names", code=0)


TARGETS = {
    "affine": ["--form", "affine"],
    "split": ["--form", "split"],
    "fold": ["--form", "fold"],
    "welford": ["--to", "welford"],
    "capped": ["--to", "welford", "--count", "capped", "--normalize-with", "previous"],
    "function": ["--to", "welford", "--as-function", "--ir-version", "8"],
    "running": ["--to", "running"],
    "groupnorm": ["--to", "groupnorm"],
    "layernorm": ["--to", "layernorm"],
    "instancenorm": ["--to", "instancenorm"],
    "primitive": ["--to", "groupnorm", "--ops", "primitive"],
}


def without_metadata(model):
    """As another tool would have written it."""
    del model.metadata_props[:]
    for node in model.graph.node:
        del node.metadata_props[:]
    return model


EVERYWHERE = ["affine", "fold"]
HERE = ["unet3d_mni_op13", "mobilenet_v3_small_op9", "resnet18_op13"]


@pytest.mark.parametrize(
    ("name", "target"),
    [(name, target) for name in INFERENCE for target in EVERYWHERE]
    + [(name, target) for name in HERE for target in TARGETS if target not in EVERYWHERE],
)
def test_every_rewritten_normalization_is_a_replacement(surgeon, zoo, tmp_path, name, target):
    after, stripped = tmp_path / "after.onnx", tmp_path / "stripped.onnx"
    options = [*TARGETS[target], "--no-verify", "--json"]
    report = json.loads(surgeon("rewrite", zoo[name], "-o", after, *options, code=0).out)
    rows = report["batch_normalizations"]
    rewritten = [row["node"] for row in rows if row["outcome"] == "rewritten"]
    assert len(rewritten) == len(normalizations(onnx.load(zoo[name])))
    onnx.save(without_metadata(onnx.load(after)), stripped)
    for model in (after, stripped):
        found, document = summary(surgeon, zoo[name], model)
        # Statistics that keep running are new inputs and outputs, a native operator may want a newer
        # operator set.
        found.pop("header_changes", None)
        assert list(found) == ["nodes_replaced"]
        groups = [
            [node["name"] for node in group["removed"] if node["op_type"] == "BatchNormalization"]
            for group in document["replaced"]
        ]
        assert all(len(group) == 1 for group in groups)
        assert sorted(name for group in groups for name in group) == sorted(rewritten)
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
