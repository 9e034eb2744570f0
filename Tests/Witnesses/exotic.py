"""A model with everything that other tools lose, and models that are wrong on purpose."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

UNKNOWN_FIELD = 4242
UNKNOWN_TEXT = b"a field of a later standard"


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, payload):
    """A length-delimited field as it stands on the wire."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


UNKNOWN = field(UNKNOWN_FIELD, UNKNOWN_TEXT)


def with_unknown_field(message):
    """The same message with a field that no standard knows."""
    copy = type(message)()
    copy.ParseFromString(message.SerializeToString() + UNKNOWN)
    return copy


def note(props, key, value):
    props.add(key=key, value=value)


def normalization(x, y, prefix, channels, rng, opset_outputs=()):
    names = [f"{prefix}.{part}" for part in ("weight", "bias", "mean", "var")]
    arrays = [
        rng.uniform(0.5, 1.5, channels), rng.normal(0, 0.2, channels),
        rng.normal(0, 0.3, channels), rng.uniform(0.5, 2, channels),
    ]
    tensors = [
        numpy_helper.from_array(a.astype(np.float32), n) for a, n in zip(arrays, names)
    ]
    node = helper.make_node(
        "BatchNormalization", [x, *names], [y, *opset_outputs], name=prefix, epsilon=1e-3
    )
    return node, tensors


def every_element_type():
    """An initializer of each element type, in its typed field and in raw_data."""
    for name, number in TensorProto.DataType.items():
        if name in ("UNDEFINED", "STRING"):
            continue
        width = {
            "COMPLEX128": 16, "DOUBLE": 8, "INT64": 8, "UINT64": 8, "COMPLEX64": 8, "FLOAT": 4,
            "INT32": 4, "UINT32": 4, "FLOAT16": 2, "BFLOAT16": 2, "INT16": 2, "UINT16": 2,
        }.get(name, 1)
        count = 4
        size = 2 if name in ("INT4", "UINT4", "FLOAT4E2M1") else width * count
        size = 1 if name in ("INT2", "UINT2") else size
        size = 3 if name.startswith("FLOAT6") else size
        tensor = TensorProto(name=f"every.{name}.raw", data_type=number, dims=[count])
        tensor.raw_data = bytes(range(1, size + 1))
        yield tensor
    typed = {"FLOAT": "float_data", "INT32": "int32_data", "INT64": "int64_data",
             "DOUBLE": "double_data", "UINT64": "uint64_data", "FLOAT16": "int32_data",
             "UINT8": "int32_data", "BOOL": "int32_data", "UINT32": "uint64_data"}
    for name, slot in typed.items():
        tensor = TensorProto(
            name=f"every.{name}.typed", data_type=TensorProto.DataType.Value(name), dims=[2]
        )
        getattr(tensor, slot).extend([1, 0])
        yield tensor
    text = TensorProto(name="every.STRING", data_type=TensorProto.STRING, dims=[2])
    text.string_data.extend([b"one", b"\xff\x00two"])
    text.doc_string = "bytes that are no UTF-8, and a zero"
    yield text


def exotic_model():
    """One BatchNormalization among everything else; valid at IR version 11, opset 21."""
    rng = np.random.default_rng(5)
    conv = numpy_helper.from_array(rng.normal(0, 0.3, (4, 3, 3, 3)).astype(np.float32), "conv.w")
    conv.doc_string = "a tensor's own words"
    note(conv.metadata_props, "origin", "drawn")
    node, parameters = normalization("c", "b", "bn", 4, rng)

    nodes = [
        helper.make_node("Conv", ["x", "conv.w"], ["c"], name="conv", doc_string="first"),
        node,
        helper.make_node("Twice", ["b"], ["t"], name="call", domain="local", overload="f"),
        helper.make_node("ReduceSum", ["t"], ["total"], name="sum", keepdims=0),
        helper.make_node("Greater", ["total", "zero"], ["positive"], name="compare"),
        helper.make_node(
            "If", ["positive"], ["y"], name="if",
            then_branch=helper.make_graph(
                [helper.make_node("Relu", ["t"], ["relu"], name="then.relu")], "then", [],
                [helper.make_tensor_value_info("relu", TensorProto.FLOAT, None)],
                doc_string="a body",
            ),
            else_branch=helper.make_graph(
                [helper.make_node("Mul", ["t", "half"], ["mul"], name="else.mul")], "else", [],
                [helper.make_tensor_value_info("mul", TensorProto.FLOAT, None)],
                initializer=[numpy_helper.from_array(np.float32(0.5), "half")],
            ),
        ),
    ]
    note(nodes[0].metadata_props, "namespace", "backbone/stem")
    nodes[3] = with_unknown_field(nodes[3])

    sparse = onnx.SparseTensorProto(dims=[10])
    sparse.values.CopyFrom(numpy_helper.from_array(np.array([1.0, 2.0], np.float32), "sparse"))
    sparse.indices.CopyFrom(numpy_helper.from_array(np.array([3, 7], np.int64), "sparse.at"))

    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, 8, 8], doc_string="image")
    x.type.denotation = "IMAGE"
    for dim, word in zip(x.type.tensor_type.shape.dim, ["DATA_BATCH", "DATA_CHANNEL"]):
        dim.denotation = word
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 4, 6, 6])
    note(y.metadata_props, "unit", "none")
    info = helper.make_tensor_value_info("c", TensorProto.FLOAT, ["N", 4, 6, 6], doc_string="mid")
    graph = helper.make_graph(
        nodes, "exotic", [x], [y],
        initializer=[
            conv, *parameters, numpy_helper.from_array(np.float32(0), "zero"),
            *every_element_type(),
        ],
        doc_string="a graph's words", value_info=[info], sparse_initializer=[sparse],
    )
    note(graph.metadata_props, "graph", "property")
    annotation = graph.quantization_annotation.add(tensor_name="conv.w")
    note(annotation.quant_parameter_tensor_names, "SCALE_TENSOR", "zero")

    twice = helper.make_function(
        "local", "Twice", ["v"], ["w"],
        [helper.make_node("Add", ["v", "v"], ["w"], name="add")],
        [helper.make_opsetid("", 21)], overload="f",
        value_info=[helper.make_tensor_value_info("w", TensorProto.FLOAT, None)],
    )
    twice.doc_string = "a function"
    note(twice.metadata_props, "function", "property")

    model = helper.make_model(
        graph, functions=[twice], ir_version=11, producer_name="exotic", producer_version="1",
        opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("local", 1)],
        doc_string="a model's words", model_version=7, domain="org.example",
    )
    note(model.metadata_props, "model", "property")
    training = model.training_info.add()
    training.algorithm.name = "step"
    training.algorithm.node.append(helper.make_node("Identity", ["conv.w"], ["conv.w.new"]))
    note(training.update_binding, "conv.w", "conv.w.new")
    device = model.configuration.add(name="two", num_devices=2)
    device.device.extend(["a", "b"])
    return with_unknown_field(model)


def small_model(channels=2, external=None):
    """Conv, BatchNormalization, Relu in about a kilobyte; `external` moves the weight to a file."""
    rng = np.random.default_rng(3)
    conv = numpy_helper.from_array(rng.normal(0, 1, (channels, 1, 1, 1)).astype(np.float32), "w")
    node, parameters = normalization("c", "b", "bn", channels, rng)
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["x", "w"], ["c"], name="conv"),
            node,
            helper.make_node("Relu", ["b"], ["y"], name="relu"),
        ],
        "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 4, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, channels, 4, 4])],
        initializer=[conv, *parameters],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    if external is not None:
        tensor = model.graph.initializer[0]
        data = tensor.raw_data
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        note(tensor.external_data, "location", external)
        note(tensor.external_data, "offset", "0")
        note(tensor.external_data, "length", str(len(data)))
    return model


def nested_model(levels):
    """A graph within an attribute of a node of a graph, `levels` times, made without recursion."""
    # AttributeProto.g = 6, NodeProto.attribute = 5, GraphProto.node = 1, ModelProto.graph = 7
    path = [7] + [1, 5, 6] * levels
    sizes = [0]
    for number in reversed(path):
        inner = sizes[-1]
        sizes.append(len(varint(number << 3 | 2)) + len(varint(inner)) + inner)
    out = bytearray(b"\x08\x08")
    for number, size in zip(path, reversed(sizes[:-1])):
        out += varint(number << 3 | 2) + varint(size)
    return bytes(out)
