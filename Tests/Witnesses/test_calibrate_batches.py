"""Small samples run several as one: the statistics are those of samples that run one by one."""

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import numpy_helper

COUNT = 37
NORM = "BatchNormalization(%s, s, b, m, v)"

# What is between two normalisations, with the batch that the file declares, and its constants.
BETWEEN = {
    # The places of the maxima count from the beginning of the batch.
    "places of maxima": (
        1,
        f"p, i = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (n) w = {NORM % 'p'}"
        " q = MaxUnpool <kernel_shape = [2, 2], strides = [2, 2]> (w, i)",
        {},
    ),
    "a shuffle that fixes the batch": (
        1,
        "r = Reshape (n, a) t = Transpose <perm = [0, 2, 1, 3, 4]> (r) q = Reshape (t, c)",
        {"a": [1, 2, 2, 8, 8], "c": [1, 4, 8, 8]},
    ),
    "a shape that the model computes": (
        "N",
        "h = Shape (n) g = Gather <axis = 0> (h, a) z = Concat <axis = 0> (g, c)"
        " q = Reshape (n, z)",
        {"a": [0], "c": [4, -1]},
    ),
    "a value that depends on the batch size": (
        "N",
        "h = Shape (n) g = Gather <axis = 0> (h, a) z = Cast <to = 1> (g) q = Div (n, z)",
        {"a": [0]},
    ),
    "a mean over the batch": (
        1,
        "r = ReduceMean <axes = [0, 2, 3], keepdims = 1> (n) q = Sub (n, r)",
        {},
    ),
    "the batch folded into the channels": (
        1,
        "r = Reshape (n, a) e = Relu (r) q = Reshape (e, c)",
        {"a": [-1, 8, 8], "c": [-1, 4, 8, 8]},
    ),
}


def network(batch, between, constants):
    lists = "".join(
        f", int64[{len(v)}] {k} = {{{', '.join(map(str, v))}}}" for k, v in constants.items()
    )
    numbers = ", ".join(
        f"float[4] {k} = {{{', '.join(map(str, v))}}}"
        for k, v in {
            "s": [1, 0.5, 2, 1.5], "b": [0.5, -1, 0, 1], "m": [0.0] * 4, "v": [1.0] * 4
        }.items()
    )
    graph = onnx.parser.parse_graph(
        f"g (float[{batch}, 4, 8, 8] x) => (float y) <{numbers}{lists}>"
        f"{{ n = {NORM % 'x'} {between} y = {NORM % 'q'} }}"
    )
    graph.output[0].type.tensor_type.ClearField("shape")
    return onnx.helper.make_model(
        graph, ir_version=8, opset_imports=[onnx.helper.make_opsetid("", 13)]
    )


def one_by_one(model, data):
    """What sequential mode has to find, through ONNX Runtime and with sums in Float64."""
    found = {}
    for node in [n for n in model.graph.node if n.op_type == "BatchNormalization"]:
        part = onnx.ModelProto.FromString(model.SerializeToString())
        for other in part.graph.node:
            if other.op_type != "BatchNormalization" or other.output[0] not in found:
                continue
            for slot, numbers in zip((3, 4), found[other.output[0]]):
                other.input[slot] = f"{other.output[0]}_{slot}"
                part.graph.initializer.append(
                    numpy_helper.from_array(numbers.astype(np.float32), other.input[slot])
                )
        del part.graph.output[:]
        part.graph.output.append(
            onnx.helper.make_tensor_value_info(node.input[0], onnx.TensorProto.FLOAT, None)
        )
        if node.input[0] == "x":
            values = data
        else:
            session = ort.InferenceSession(
                part.SerializeToString(), providers=["CPUExecutionProvider"]
            )
            values = np.concatenate([session.run(None, {"x": s[None]})[0] for s in data])
        axes = tuple(a for a in range(values.ndim) if a != 1)
        values = values.astype(np.float64)
        found[node.output[0]] = (values.mean(axes), values.var(axes))
    return found


@pytest.mark.parametrize("memory", [64, 0])
@pytest.mark.parametrize("name", BETWEEN)
def test_samples_stay_apart(surgeon, tmp_path, name, memory):
    rng = np.random.default_rng(0)
    scales = rng.uniform(0.2, 5, (COUNT, 1, 1, 1))
    data = (scales * rng.standard_normal((COUNT, 4, 8, 8))).astype(np.float32)
    np.save(tmp_path / "data.npy", data)
    model = network(*BETWEEN[name])
    onnx.save(model, tmp_path / "model.onnx")
    out = tmp_path / "out.onnx"
    surgeon(
        *("calibrate", tmp_path / "model.onnx", "--data", tmp_path / "data.npy", "-o", out),
        *("--memory", memory),
        code=0,
    )
    result = onnx.load(out)
    numbers = {t.name: numpy_helper.to_array(t) for t in result.graph.initializer}
    wanted = one_by_one(model, data)
    for node in [n for n in result.graph.node if n.op_type == "BatchNormalization"]:
        mean, var = wanted[node.output[0]]
        assert np.abs((numbers[node.input[3]] - mean) / np.sqrt(var)).max() < 1e-6
        assert np.abs(numbers[node.input[4]] / var - 1).max() < 1e-6
