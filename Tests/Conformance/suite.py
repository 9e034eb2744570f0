"""The standard's own test suite, written where a process that has no Python can read it.

Every case becomes a directory with `model.onnx` and one `data_N.onnx` for each data set: a model
whose initializers are the tensors of all inputs and outputs in order, and whose metadata says how
they make up the values (the suite's own `.pb` files do not say what they are). In `inputs` and
`outputs`, values are separated by spaces:

    t          a tensor
    s(t,t)     a sequence
    o() o(t)   an optional
    m(t,t)     a map: keys, values

`cases.tsv` lists the cases: kind, name, relative and absolute tolerance, operator.
"""

import argparse
import glob
import os
import re
import warnings

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.backend.test.case.node import collect_testcases
from onnx.backend.test.loader import load_model_tests
from onnx.backend.test.runner import Runner
from onnx.reference import ReferenceEvaluator

# The folders of model tests; `real` names models of `light`, whose weights are constant.
MODEL_KINDS = ["simple", "pytorch-converted", "pytorch-operator", "real"]


def encode(value, tensors):
    """Appends the tensors of `value` and returns how they make it up."""
    if value is None:
        return "o()"
    if isinstance(value, (list, tuple)):
        return "s(" + ",".join(encode(element, tensors) for element in value) + ")"
    if isinstance(value, dict):
        keys = list(value)
        typed = np.array(keys, dtype=object if isinstance(keys[0], str) else None)
        parts = [encode(typed, tensors)] + [encode(value[key], tensors) for key in keys]
        return "m(" + ",".join(parts) + ")"
    tensor = TensorProto()
    if isinstance(value, TensorProto):
        tensor.CopyFrom(value)
    else:
        value = np.asarray(value)
        if value.dtype.kind in "US":
            value = value.astype(object)
        tensor.CopyFrom(numpy_helper.from_array(value))
    tensor.name = f"t{len(tensors)}"
    tensors.append(tensor)
    return "t"


def encode_as(value, type_proto, tensors):
    code = encode(value, tensors)
    is_optional = type_proto.HasField("optional_type")
    return f"o({code})" if is_optional and not code.startswith("o") else code


def write_data(path, model, inputs, outputs):
    tensors = []
    codes = [
        " ".join(encode_as(value, info.type, tensors) for value, info in zip(values, infos))
        for values, infos in ((inputs, model.graph.input), (outputs, model.graph.output))
    ]
    graph = helper.make_graph([], "data", [], [], initializer=tensors)
    data = helper.make_model(graph, ir_version=13, opset_imports=[helper.make_opsetid("", 23)])
    for key, code in zip(("inputs", "outputs"), codes):
        entry = data.metadata_props.add()
        entry.key, entry.value = key, code
    with open(path, "wb") as file:
        file.write(data.SerializeToString())


def load_pb(path, type_proto):
    with open(path, "rb") as file:
        content = file.read()
    if type_proto.HasField("sequence_type"):
        return numpy_helper.to_list(onnx.SequenceProto.FromString(content))
    if type_proto.HasField("optional_type"):
        return numpy_helper.to_optional(onnx.OptionalProto.FromString(content))
    return onnx.TensorProto.FromString(content)


def letters(text):
    return re.sub(r"[^a-z0-9]", "", text.lower())


def node_operators(cases):
    """The operator that each node case is about, by the case's name."""
    operators = {}
    for case in cases:
        types = [node.op_type for node in case.model.graph.node]
        named = [name for name in types if letters(name) in letters(case.name)]
        operators[case.name] = max(named, key=len) if named else types[0]
    for name in operators:
        # A case that runs a function's body belongs to the function.
        base = name.split("_expanded")[0]
        operators[name] = operators.get(base, operators[name])
    return operators


def light_case(case, path):
    """A model of `light`, the input that the suite makes up for it, and the outputs it ships."""
    model = onnx.load(path)
    initialized = {tensor.name for tensor in model.graph.initializer}
    given = [info for info in model.graph.input if info.name not in initialized]
    inputs = [Runner.generate_dummy_data(info, seed=0, name=case.model_name) for info in given]
    prefix = os.path.splitext(path)[0]
    files = [f"{prefix}_output_{i}.pb" for i in range(len(model.graph.output))]
    if all(os.path.exists(file) for file in files):
        outputs = [load_pb(file, info.type) for file, info in zip(files, model.graph.output)]
    else:
        feeds = {info.name: value for info, value in zip(given, inputs)}
        outputs = ReferenceEvaluator(model).run(None, feeds)
    return model, [(inputs, outputs)]


def model_case(case):
    model = onnx.load(os.path.join(case.model_dir, "model.onnx"))
    data_sets = []
    for data in sorted(glob.glob(os.path.join(case.model_dir, "test_data_set_*"))):
        values = []
        for name, infos in (("input", model.graph.input), ("output", model.graph.output)):
            count = len(glob.glob(os.path.join(data, f"{name}_*.pb")))
            files = [os.path.join(data, f"{name}_{i}.pb") for i in range(count)]
            values.append([load_pb(file, info.type) for file, info in zip(files, infos)])
        data_sets.append(tuple(values))
    return model, data_sets


def all_cases():
    """(kind, case, operator, model, [(inputs, outputs)]) for every case."""
    warnings.filterwarnings("ignore")
    cases = [case for case in collect_testcases(None) if case.kind == "node"]
    operators = node_operators(cases)
    for case in cases:
        yield "node", case, operators[case.name], case.model, case.data_sets
    package = os.path.dirname(onnx.__file__)
    for kind in MODEL_KINDS:
        for case in sorted(load_model_tests(kind=kind), key=lambda case: case.name):
            if case.model_dir is None:
                path = os.path.join(os.path.dirname(package), case.url)
                yield kind, case, kind, *light_case(case, path)
            else:
                yield kind, case, kind, *model_case(case)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("directory")
    directory = parser.parse_args().directory
    lines = []
    for kind, case, operator, model, data_sets in all_cases():
        folder = os.path.join(directory, kind, case.name)
        os.makedirs(folder, exist_ok=True)
        lines.append(f"{kind}\t{case.name}\t{case.rtol}\t{case.atol}\t{operator}\n")
        with open(os.path.join(folder, "model.onnx"), "wb") as file:
            file.write(model.SerializeToString())
        # Constants that an old model lists among its inputs are not given.
        given = {tensor.name for tensor in model.graph.initializer}
        inputs = [info for info in model.graph.input if info.name not in given]
        named = onnx.ModelProto()
        named.graph.input.extend(inputs)
        named.graph.output.extend(model.graph.output)
        for index, (values, results) in enumerate(data_sets):
            write_data(os.path.join(folder, f"data_{index}.onnx"), named, values, results)
    with open(os.path.join(directory, "cases.tsv"), "w") as file:
        file.writelines(lines)
    print(f"{len(lines)} cases in {directory}")


if __name__ == "__main__":
    main()
