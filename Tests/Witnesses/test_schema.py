"""Sources/COnnx/onnx.proto says what the onnx package's own descriptors say, field by field."""

import pathlib
import re

import onnx.onnx_ml_pb2
import pytest
from google.protobuf.descriptor import FieldDescriptor

PROTO = pathlib.Path(__file__).parents[2] / "Sources" / "COnnx" / "onnx.proto"
SCALARS = {
    name.removeprefix("TYPE_").lower(): getattr(FieldDescriptor, name)
    for name in dir(FieldDescriptor)
    if name.startswith("TYPE_")
}


def parse(text):
    """{message: {field: (number, type, label, packed, oneof)}} and {enum: {name: number}}."""
    messages, enums, stack = {}, {}, []
    for line in text.splitlines():
        line = line.split("//")[0].strip()
        if match := re.fullmatch(r"(message|enum|oneof) (\w+) \{", line):
            kind, name = match.groups()
            stack.append((kind, name))
            path = ".".join(n for k, n in stack if k != "oneof")
            if kind == "message":
                messages[path] = {}
            if kind == "enum":
                enums[path] = {}
        elif line == "}":
            stack.pop()
        elif match := re.fullmatch(r"(\w+) = (\d+);", line):
            enums[".".join(n for _, n in stack)][match[1]] = int(match[2])
        elif match := re.fullmatch(
            r"(?:(optional|repeated) )?(\w+) (\w+) = (\d+)( \[packed = true\])?;", line
        ):
            label, kind, name, number, packed = match.groups()
            oneof = stack[-1][1] if stack[-1][0] == "oneof" else None
            path = ".".join(n for k, n in stack if k != "oneof")
            messages[path][name] = (int(number), kind, label == "repeated", bool(packed), oneof)
        else:
            assert not line or line.startswith(("syntax", "package")), line
    return messages, enums


def expected():
    messages, enums = {}, {}

    def visit(message, prefix=""):
        path = prefix + message.name
        messages[path] = {
            field.name: (
                field.number,
                (field.message_type or field.enum_type).name
                if field.message_type or field.enum_type
                else next(k for k, v in SCALARS.items() if v == field.type),
                field.is_repeated,
                field.is_packed,
                field.containing_oneof.name if field.containing_oneof else None,
            )
            for field in message.fields
        }
        for enum in message.enum_types:
            enums[f"{path}.{enum.name}"] = {v.name: v.number for v in enum.values}
        for nested in message.nested_types:
            visit(nested, path + ".")

    for message in onnx.onnx_ml_pb2.DESCRIPTOR.message_types_by_name.values():
        visit(message)
    return messages, enums


OURS, THEIRS = parse(PROTO.read_text()), expected()


def test_the_same_messages():
    assert sorted(OURS[0]) == sorted(THEIRS[0])


@pytest.mark.parametrize("message", sorted(THEIRS[0]))
def test_the_same_fields(message):
    assert OURS[0][message] == THEIRS[0][message]


def test_the_same_enums():
    assert OURS[1] == THEIRS[1]
