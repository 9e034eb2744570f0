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


def scopes(model):
    """The graph, the functions, and the bodies in all of them."""
    found = [model.graph, *model.functions]
    for scope in found:
        found += [body for node in scope.node for body in bodies(node)]
    return found


def a_scope(model, rng):
    """One of them, often one in proportion to its size."""
    found = [scope for scope in scopes(model) if scope.node]
    if rng.random() < 0.5:
        return rng.choice(found)
    return rng.choices(found, [len(scope.node) for scope in found])[0]


def names_in(scope):
    """Every name that a scope reads or gives away."""
    return reads(scope.node) | {getattr(output, "name", output) for output in scope.output}


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


# Operators of one input and of no attributes that they need.
UNARY = ["Identity", "Neg", "Relu", "Sigmoid", "Tanh", "HardSigmoid"]

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
    """Before one reader of a computed value, or before all of them; often the like of a neighbour."""
    scope = a_scope(model, rng)
    made = {name for node in scope.node for name in node.output if name}
    places = [
        (node, slot)
        for node in scope.node
        for slot, name in enumerate(node.input)
        if name in made
    ]
    if not places:
        return None
    node, slot = rng.choice(places)
    value = node.input[slot]
    [producer] = [other for other in scope.node if value in other.output]
    like = [other for other in (node, producer) if other.op_type in UNARY]
    model_of = rng.choice(like) if like and rng.random() < 0.5 else None
    operator = model_of.op_type if model_of else rng.choice(UNARY)
    inserted = helper.make_node(operator, [value], ["inserted"], name="inserted")
    if model_of:
        inserted.attribute.extend(model_of.attribute)
    for reader in scope.node if rng.random() < 0.5 else [node]:
        for index, name in enumerate(reader.input):
            if name == value and (reader is not node or index == slot):
                reader.input[index] = "inserted"
    position = next(i for i, n in enumerate(scope.node) if "inserted" in n.input)
    scope.node.insert(position, inserted)

    def check(document):
        [added] = document["added"]
        assert added["op_type"] == operator

    return Edit(f"{operator} before {label(node)}", {"nodes_added": 1}, check)


def remove_node(model, rng):
    """A node whose first input alone is computed; its readers read that."""
    scope = a_scope(model, rng)
    constants = {
        tensor.name for each in scopes(model) for tensor in getattr(each, "initializer", [])
    }
    outputs = {getattr(output, "name", output) for output in scope.output}
    inner = {name for node in scope.node for body in bodies(node) for name in names_in(body)}

    def is_removable(node):
        made = [name for name in node.input if name and name not in constants]
        results = [name for name in node.output if name]
        return (
            len(results) == 1
            and results[0] not in outputs | inner
            and made == list(node.input[:1]) != []
            and not any(bodies(node))
        )

    places = [node for node in scope.node if is_removable(node)]
    if not places:
        return None
    node = rng.choice(places)
    operator, value, result = node.op_type, node.input[0], node.output[0]
    own, place = set(node.input[1:]), label(node)
    scope.node.remove(node)
    for reader in scope.node:
        reader.input[:] = [value if name == result else name for name in reader.input]
    own -= {name for each in scopes(model) for name in names_in(each)}
    for each in scopes(model):
        for tensors in (getattr(each, "initializer", []), getattr(each, "input", [])):
            for tensor in [t for t in tensors if getattr(t, "name", None) in own]:
                tensors.remove(tensor)

    def check(document):
        [removed] = document["removed"]
        assert removed["op_type"] == operator

    return Edit(f"{operator} {place}", {"nodes_removed": 1}, check)


FLOATS = (onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE)


def holds_floats(node):
    if node.op_type != "Constant" or node.attribute[0].name != "value":
        return False
    tensor = node.attribute[0].t
    return tensor.data_type in FLOATS and np.prod(tensor.dims) > 0


def perturb(tensor, rng):
    """Adds 1e-3 to one number; its index, or None where the number is too large to show it."""
    old = numpy_helper.to_array(tensor)
    new = old.flatten()
    index = rng.randrange(new.size)
    new[index] += 1e-3
    if np.array_equal(new, old.flatten()):
        return None
    tensor.CopyFrom(numpy_helper.from_array(new.reshape(old.shape), tensor.name))
    return index


def perturb_weight(model, rng):
    """One number of an initializer or of a Constant node."""
    made = [node for node in all_nodes(model) if holds_floats(node)]
    if made and rng.random() < 0.5:
        node = rng.choice(made)
        index = perturb(node.attribute[0].t, rng)
        if index is None:
            return None
        name = label(node)

        def check(document):
            [change] = document["changed"]
            assert change["before"]["name"] == name
            assert [entry["subject"] for entry in change["attributes"]] == ["value"]

        return Edit(f"{name}[{index}]", {"nodes_changed": 1}, check)
    read = reads(model.graph.node)
    constants = [
        tensor
        for tensor in model.graph.initializer
        if tensor.data_type in FLOATS and tensor.name in read and np.prod(tensor.dims) > 0
    ]
    if not constants:
        return None
    constant = rng.choice(constants)
    name = constant.name
    index = perturb(constant, rng)
    if index is None:
        return None

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


EDITS = [change_attribute, insert_node, remove_node, perturb_weight, swap_inputs]
