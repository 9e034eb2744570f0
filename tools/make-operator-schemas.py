"""Writes the table of operator schemas that rule files are checked against.

    python tools/make-operator-schemas.py > Sources/SurgeonRuleFiles/Schemas/OperatorTable.swift

The table holds what the onnx package (the pinned one, see Tests/Witnesses/requirements.txt) knows of
every version of every operator. Tests/Witnesses/test_rule_files.py fails where the two differ.

One line per version:

    Clip 13 1-3 1-1 T:1f.. T:1f..? T:1f..? > T:1f.. ; axis=i keepdims=i!

name (with its domain, if that is not the standard's), first operator set, numbers of inputs and of
outputs, a word per input, `>`, a word per output, `;`, a word per attribute. The word of a parameter
is its type variable, a colon and the element types as bits in hexadecimal (`-` where other values
than tensors may stand there), then `?` where it may be left out, `*` where it repeats and `~` where
it repeats with another type each time. The word of an attribute is its name, its type in one letter,
and `!` where it must be given, or a colon and its default where that is a number or a string. A
deprecated version is its name, its operator set and `-`.
"""

import numpy as np
import onnx
from onnx import defs

# The bit of an element type is its number in the standard (TensorProto.DataType) less one.
BITS = {
    f"tensor({name.lower()})": 1 << number - 1
    for name, number in onnx.TensorProto.DataType.items()
    if number
}
LETTERS = {
    "FLOAT": "f", "INT": "i", "STRING": "s", "TENSOR": "t", "GRAPH": "g", "SPARSE_TENSOR": "z",
    "TYPE_PROTO": "p", "FLOATS": "F", "INTS": "I", "STRINGS": "S", "TENSORS": "T", "GRAPHS": "G",
    "SPARSE_TENSORS": "Z", "TYPE_PROTOS": "P",
}  # fmt: skip
UNBOUNDED = 2**31 - 1


def parameter(p):
    types = set(p.types)
    mask = f"{sum(BITS[t] for t in types):x}" if types <= BITS.keys() else "-"
    variable = "" if "(" in p.type_str else p.type_str
    option = {"Single": "", "Optional": "?", "Variadic": "*" if p.is_homogeneous else "~"}
    return f"{variable}:{mask}{option[p.option.name]}"


def arity(low, high):
    return f"{low}-{'' if high == UNBOUNDED else high}"


def attribute(a):
    word = f"{a.name}={LETTERS[a.type.name]}"
    if a.required:
        return word + "!"
    match a.default_value.type:
        case onnx.AttributeProto.INT:
            return f"{word}:{a.default_value.i}"
        case onnx.AttributeProto.FLOAT:
            return f"{word}:{np.float32(a.default_value.f)!s}"
        case onnx.AttributeProto.STRING:
            return f"{word}:{a.default_value.s.decode()}"
    return word


def line(schema):
    name = f"{schema.domain}:{schema.name}" if schema.domain else schema.name
    if schema.deprecated:
        return f"{name} {schema.since_version} -"
    attributes = [attribute(a) for _, a in sorted(schema.attributes.items())]
    words = [name, str(schema.since_version)]
    words += [arity(schema.min_input, schema.max_input)]
    words += [arity(schema.min_output, schema.max_output)]
    words += [*map(parameter, schema.inputs), ">", *map(parameter, schema.outputs), ";"]
    return " ".join(words + attributes)


def lines():
    schemas = defs.get_all_schemas_with_history()
    return [line(s) for s in sorted(schemas, key=lambda s: (s.domain, s.name, s.since_version))]


def source():
    latest = defs.onnx_opset_version()
    rows = "\n".join("    " + row for row in lines())
    return f'''// swift-format-ignore-file
// Made by tools/make-operator-schemas.py from onnx {onnx.__version__}. Do not edit.

/// What the standard says of its operators, a line for each version of each; the script explains it.
enum OperatorTable {{
  /// The newest operator set that the table knows.
  static let latestOpset = {latest}

  static let text = """
{rows}
    """
}}
'''


if __name__ == "__main__":
    print(source(), end="")
