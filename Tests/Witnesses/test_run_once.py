"""Networks that run once, whose weights are rearranged node by node and not kept."""

import numpy as np
import onnx
import pytest
from conftest import BINARY
from peak import peak

LAYERS, SIZE = 24, 1024
WEIGHTS = LAYERS * SIZE * SIZE * 4  # bytes


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Fully connected layers with 96 MB of weights."""
    rng = np.random.default_rng(0)
    make = onnx.helper.make_node
    nodes, weights, last = [], [], "x"
    for index in range(LAYERS):
        name = f"w{index}"
        matrix = rng.standard_normal((SIZE, SIZE)).astype(np.float32) / np.sqrt(SIZE)
        weights.append(onnx.numpy_helper.from_array(matrix.astype(np.float32), name))
        nodes.append(make("Gemm", [last, name], [f"g{index}"], transB=index % 2))
        nodes.append(make("BatchNormalization", [f"g{index}", *"sbmv"], [f"y{index}"]))
        last = f"y{index}"
    for name, numbers in zip("sbmv", rng.uniform(0.5, 1.5, (4, SIZE)).astype(np.float32)):
        weights.append(onnx.numpy_helper.from_array(numbers, name))
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        nodes,
        "g",
        [value("x", onnx.TensorProto.FLOAT, [32, SIZE])],
        [value(last, onnx.TensorProto.FLOAT, [32, SIZE])],
        weights,
    )
    path = tmp_path_factory.mktemp("once") / "model.onnx"
    onnx.save(
        onnx.helper.make_model(
            graph, ir_version=8, opset_imports=[onnx.helper.make_opsetid("", 15)]
        ),
        path,
    )
    return path


@pytest.mark.parametrize("threads", (1, 2))
def test_one_run_gives_its_weights_back(model, threads):
    once = peak(BINARY, "run", model, "--threads", threads)
    twice = peak(BINARY, "run", model, "--threads", threads, "--repeat", 1)
    assert twice > once + WEIGHTS // 2


@pytest.mark.parametrize("threads", (1, 2))
def test_verifying_one_sample_keeps_no_weights(model, threads, tmp_path):
    after = tmp_path / "after.onnx"
    rewrite = [BINARY, "rewrite", model, "-o", after, "--threads", threads]
    one = peak(*rewrite)
    two = peak(*rewrite, "--samples", 2)
    assert two > one + WEIGHTS // 2
    verify = [BINARY, "verify", model, after, "--threads", threads]
    assert peak(*verify, "--samples", 2) > peak(*verify) + WEIGHTS // 2


def test_one_run_computes_what_many_compute(surgeon, model, tmp_path):
    outputs = []
    for threads in (1, 2):
        for repeat in (0, 1):
            out = tmp_path / f"{threads}{repeat}.npz"
            surgeon(
                *("run", model, "--threads", threads, "--repeat", repeat, "-o", out), code=0
            )
            outputs.append(next(iter(np.load(out).values())))
    assert outputs[0].std() > 0
    for other in outputs[1:]:
        assert other.tobytes() == outputs[0].tobytes()
