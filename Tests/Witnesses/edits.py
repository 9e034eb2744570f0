"""Edits made blind: at a random place of any model, with what a comparison must find."""

import copy
import random
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import AttributeProto, helper, numpy_helper


@dataclass
class Edit:
    """`found` is what the summary must say; `check(document)` looks at the entry itself."""

    place: str
    found: dict
    check: object


def bodies(node):
    for attribute in node.attribute:
        if attribute.type == AttributeProto.GRAPH:
            yield attribute.g
        elif attribute.type == AttributeProto.GRAPHS:
            yield from attribute.graphs


def reads(nodes):
    """Every name that nodes read, in bodies too."""
    names = set()
    for node in nodes:
        names.update(node.input)
        for body in bodies(node):
            names |= reads(body.node)
            names.update(value.name for value in body.output)
    return names - {""}


def all_nodes(model):
    """The nodes of the graph, of bodies and of functions."""
    found = []

    def visit(nodes):
        for node in nodes:
            found.append(node)
            for body in bodies(node):
                visit(body.node)

    visit(model.graph.node)
    for function in model.functions:
        visit(function.node)
    return found


def label(node):
    return node.name or next(name for name in node.output if name)


# Renaming


def reordered(nodes, rng):
    """Another topological order."""
    made = {name for node in nodes for name in node.output if name}
    waiting = [(node, reads([node]) & made) for node in nodes]
    rng.shuffle(waiting)
    known, order = set(), []
    while waiting:
        index = next(i for i, (_, needed) in enumerate(waiting) if needed <= known)
        node, _ = waiting.pop(index)
        known.update(node.output)
        order.append(node)
    return order


def rename_graph(graph, outer, rng):
    """Renames and reorders a graph or a function in place; `outer` are names it may read."""
    is_function = isinstance(graph, onnx.FunctionProto)
    inputs = list(graph.input) if is_function else [value.name for value in graph.input]
    own = set(inputs) | {name for node in graph.node for name in node.output if name}
    if not is_function:
        own |= {tensor.name for tensor in graph.initializer}
        own |= {tensor.values.name for tensor in graph.sparse_initializer}
    names = outer | {name: f"v{rng.getrandbits(64):x}" for name in sorted(own)}
    nodes = reordered([copy.deepcopy(node) for node in graph.node], rng)
    for node in nodes:
        node.name = f"n{rng.getrandbits(64):x}"
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
        for body in bodies(node):
            rename_graph(body, names, rng)
    del graph.node[:]
    graph.node.extend(nodes)
    if is_function:
        graph.input[:] = [names[name] for name in graph.input]
        graph.output[:] = [names[name] for name in graph.output]
        return
    for value in [*graph.input, *graph.output, *graph.value_info, *graph.initializer]:
        value.name = names.get(value.name, value.name)
    for tensor in graph.sparse_initializer:
        tensor.values.name = names[tensor.values.name]
    for annotation in graph.quantization_annotation:
        annotation.tensor_name = names.get(annotation.tensor_name, annotation.tensor_name)
        for entry in annotation.quant_parameter_tensor_names:
            entry.value = names.get(entry.value, entry.value)
    constants = list(graph.initializer)
    rng.shuffle(constants)
    del graph.initializer[:]
    graph.initializer.extend(constants)


def renamed(model, seed):
    """Every node and value under another name, the nodes in another topological order."""
    rng = random.Random(seed)
    rename_graph(model.graph, {}, rng)
    for function in model.functions:
        rename_graph(function, {}, rng)
    return model


def content(constant):
    """A tensor or an attribute but for its name."""
    nameless = copy.deepcopy(constant)
    nameless.name = ""
    return nameless.SerializeToString()


# Edits. Each returns None where the model has no place for it.


def change_attribute(model, rng):
    number, whole, text = AttributeProto.FLOAT, AttributeProto.INT, AttributeProto.STRING
    places = [
        (node, attribute)
        for node in all_nodes(model)
        for attribute in node.attribute
        if not attribute.ref_attr_name
        and (attribute.type in (number, whole, text) or attribute.ints)
    ]
    if not places:
        return None
    node, attribute = rng.choice(places)
    if attribute.type == number:
        attribute.f += 0.25
    elif attribute.type == whole:
        attribute.i += 1
    elif attribute.type == text:
        attribute.s += b"x"
    else:
        attribute.ints[rng.randrange(len(attribute.ints))] += 1
    name, subject = label(node), attribute.name

    def check(document):
        [change] = document["changed"]
        assert change["before"]["name"] == name
        assert [a["subject"] for a in change["attributes"]] == [subject]
        assert change["inputs"] == []

    return Edit(f"{node.op_type} {name}.{subject}", {"nodes_changed": 1}, check)


def insert_node(model, rng):
    """Before one reader of a computed value, or before all of them."""
    made = {name for node in model.graph.node for name in node.output if name}
    places = [
        (node, slot)
        for node in model.graph.node
        for slot, name in enumerate(node.input)
        if name in made
    ]
    if not places:
        return None
    node, slot = rng.choice(places)
    value = node.input[slot]
    operator = rng.choice(["Sigmoid", "Tanh", "Neg"])
    for reader in model.graph.node if rng.random() < 0.5 else [node]:
        for index, name in enumerate(reader.input):
            if name == value and (reader is not node or index == slot):
                reader.input[index] = "inserted"
    position = next(i for i, n in enumerate(model.graph.node) if "inserted" in n.input)
    inserted = helper.make_node(operator, [value], ["inserted"], name="inserted")
    model.graph.node.insert(position, inserted)

    def check(document):
        [added] = document["added"]
        assert added["op_type"] == operator

    return Edit(f"{operator} before {label(node)}", {"nodes_added": 1}, check)


def perturb_weight(model, rng):
    read = reads(model.graph.node)
    floats = (onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE)
    constants = [
        tensor
        for tensor in model.graph.initializer
        if tensor.data_type in floats and tensor.name in read and np.prod(tensor.dims) > 0
    ]
    if not constants:
        return None
    constant = rng.choice(constants)
    array = numpy_helper.to_array(constant).copy()
    index = rng.randrange(array.size)
    array.reshape(-1)[index] += 1e-3
    name = constant.name
    if np.array_equal(array, numpy_helper.to_array(constant)):
        return None
    constant.CopyFrom(numpy_helper.from_array(array, name))

    def check(document):
        [change] = document["initializers_changed"]
        assert (change["name"], change["changed_count"]) == (name, 1)

    return Edit(f"{name}[{index}]", {"initializers_changed": 1}, check)


def swap_inputs(model, rng):
    """Two inputs of one node; not two constants with the same contents."""
    contents = {tensor.name: content(tensor) for tensor in model.graph.initializer}
    for node in all_nodes(model):
        if node.op_type == "Constant":
            contents[node.output[0]] = content(node.attribute[0])
    places = {}
    for position, node in enumerate(all_nodes(model)):
        for slot in range(len(node.input)):
            for other in range(slot):
                a, b = node.input[other], node.input[slot]
                if a and b and a != b and contents.get(a, a) != contents.get(b, b):
                    places.setdefault(position, []).append((node, other, slot))
    if not places:
        return None
    node, first, second = rng.choice(places[rng.choice(sorted(places))])
    node.input[first], node.input[second] = node.input[second], node.input[first]
    name = label(node)

    def check(document):
        [change] = document["changed"]
        assert change["before"]["name"] == name
        slots = [entry["subject"] for entry in change["inputs"]]
        assert slots == [f"input {first}", f"input {second}"]
        assert change["attributes"] == []

    place = f"{node.op_type} {name}: {first} and {second}"
    return Edit(place, {"nodes_changed": 1}, check)


EDITS = [change_attribute, insert_node, perturb_weight, swap_inputs]
