#!/usr/bin/env python3
"""Gradients of rewritten networks in ONNX Runtime's training build, against PyTorch's autograd.

    SURGEON=.build/release/surgeon python Benchmarks/gradients.py 2>/dev/null

A small network (Conv, BatchNormalization, Relu, pooling, Gemm, cross-entropy) is rewritten to every
target and trained for one step. PyTorch differentiates the formula of the target, in Float64. Exits
with status 1 where a gradient is missing or differs by more than 1e-4 of its largest entry.

Needs Python 3.11 with onnxruntime-training 1.19.2, onnx 1.17.0, numpy below 2 and PyTorch (which
onnxruntime.training imports): several hundred megabytes, and so no part of `make test`.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from onnxruntime.training import api, artifacts

SURGEON = Path(
    os.environ.get("SURGEON", Path(__file__).resolve().parents[1] / ".build/release/surgeon")
)
C = 4
EPSILON = 1e-3
MOMENTUM = 0.99
COUNT = 64
TARGETS = {
    "affine": ["--form", "affine"],
    "split": ["--form", "split"],
    "fold": ["--form", "fold"],
    "groupnorm": ["--to", "groupnorm", "--groups", "2", "--ops", "primitive"],
    "layernorm": ["--to", "layernorm", "--ops", "primitive"],
    "instancenorm": ["--to", "instancenorm", "--ops", "primitive"],
    "welford": ["--to", "welford", "--max-count", str(COUNT)],
    "welford, previous": [
        *("--to", "welford", "--max-count", str(COUNT), "--normalize-with", "previous")
    ],
    "running": ["--to", "running", "--momentum", str(MOMENTUM)],
}
# Constants that belong to the spelling, not to the network.
FIXED = ("_mean", "_inverse_deviation", "_shape", "_epsilon")


def network(path, rng):
    numbers = {
        "w1": rng.normal(0, 0.3, (C, 2, 3, 3)), "gamma": rng.uniform(0.5, 1.5, C),
        "beta": rng.normal(0, 0.3, C), "mean": rng.normal(0, 0.3, C),
        "var": rng.uniform(0.5, 2, C), "w2": rng.normal(0, 0.3, (3, C)),
        "b2": rng.normal(0, 0.1, 3),
    }
    numbers = {name: array.astype(np.float32) for name, array in numbers.items()}
    node = helper.make_node
    graph = helper.make_graph(
        [
            node("Conv", ["x", "w1"], ["c"], "conv", pads=[1] * 4),
            node(
                "BatchNormalization", ["c", "gamma", "beta", "mean", "var"], ["n"], "bn",
                epsilon=EPSILON,
            ),
            node("Relu", ["n"], ["r"], "relu"),
            node("ReduceMean", ["r"], ["p"], "pool", axes=[2, 3], keepdims=0),
            node("Gemm", ["p", "w2", "b2"], ["logits"], "fc", transB=1),
        ],
        "trained",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["N", 2, 6, 6])],
        [helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, ["N", 3])],
        [numpy_helper.from_array(array, name) for name, array in numbers.items()],
    )
    versions = [helper.make_opsetid("", 15)]
    onnx.save(helper.make_model(graph, opset_imports=versions, ir_version=8), path)
    return numbers


def train_step(model, folder, x, labels):
    """Loss and gradients of one step: what SGD at learning rate 1 takes off each parameter."""
    folder.mkdir()
    state = {value.name for value in model.graph.input} - {"x"}
    numbers = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    # The training build takes every initializer for a parameter; state is fed.
    kept = [t for t in model.graph.initializer if t.name not in state]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    floats = [t.name for t in kept if t.data_type == onnx.TensorProto.FLOAT]
    trained = [
        name for name in floats
        if numbers[name].ndim and not name.endswith(FIXED) and name not in ("mean", "var")
    ]
    artifacts.generate_artifacts(
        model, requires_grad=trained, frozen_params=[f for f in floats if f not in trained],
        loss=artifacts.LossType.CrossEntropyLoss, optimizer=artifacts.OptimType.SGD,
        artifact_directory=str(folder), loss_input_names=["logits"],
        additional_output_names=[output.name for output in model.graph.output],
    )
    checkpoint = api.CheckpointState.load_checkpoint(f"{folder}/checkpoint")
    module = api.Module(
        f"{folder}/training_model.onnx", checkpoint, f"{folder}/eval_model.onnx", device="cpu"
    )
    optimizer = api.Optimizer(f"{folder}/optimizer_model.onnx", module)
    optimizer.set_learning_rate(1.0)
    module.train()
    before = {name: np.array(checkpoint.parameters[name].data) for name in trained}
    fed = {**{name: numbers[name] for name in state}, "x": x}
    results = module(*[fed.get(name, labels) for name in module.input_names()])
    loss = results[0] if isinstance(results, (tuple, list)) else results
    optimizer.step()
    gradients = {
        name: before[name] - np.array(checkpoint.parameters[name].data) for name in trained
    }
    return float(np.ravel(loss)[0]), gradients


def formula(target, numbers, constants, gradients, x, labels):
    """The same loss from the target's formula, in Float64, and autograd's gradients of it."""
    trained = {
        name: torch.tensor(constants[name].astype(np.float64), requires_grad=True)
        for name in gradients
    }

    def across(vector):
        return vector.reshape(1, -1, 1, 1)

    functional = torch.nn.functional
    weights = trained["bn_weight" if target == "fold" else "w1"]
    bias = trained.get("bn_bias") if target == "fold" else None
    c = functional.conv2d(torch.tensor(x, dtype=torch.float64), weights, bias, padding=1)
    mean, var = (torch.tensor(numbers[k].astype(np.float64)) for k in ("mean", "var"))
    if target == "fold":
        n = c
    elif target == "affine":
        n = c * across(trained["bn_slope"]) + across(trained["bn_intercept"])
    elif target.endswith("norm"):
        groups = {"groupnorm": 2, "layernorm": 1, "instancenorm": C}[target]
        n = functional.group_norm(c, groups, None, None, EPSILON)
        n = n * across(trained["bn_scale"]) + across(trained["bn_bias"])
    else:
        batch_mean, batch_var = c.mean((0, 2, 3)), c.var((0, 2, 3), unbiased=False)
        difference, samples = batch_mean - mean, len(x)
        if target == "welford":
            share = samples / (COUNT + samples)
        elif target == "running":
            share = 1 - MOMENTUM**samples
        else:
            share = 0.0
        var = (1 - share) * var + share * batch_var + share * (1 - share) * difference**2
        mean = mean + share * difference
        n = (c - across(mean)) / across(var + EPSILON).sqrt()
        n = n * across(trained["gamma"]) + across(trained["beta"])
    logits = functional.relu(n).mean((2, 3)) @ trained["w2"].T + trained["b2"]
    loss = functional.cross_entropy(logits, torch.tensor(labels))
    loss.backward()
    return loss.item(), {name: value.grad.numpy() for name, value in trained.items()}


def main():
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, (4, 2, 6, 6)).astype(np.float32)
    labels = np.array([0, 1, 2, 1])
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        numbers = network(folder / "before.onnx", rng)
        for target, options in TARGETS.items():
            after = folder / "after.onnx"
            command = [SURGEON, "rewrite", folder / "before.onnx", *options, "-o", after]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            constants = {
                t.name: numpy_helper.to_array(t) for t in onnx.load(after).graph.initializer
            }
            loss, found = train_step(onnx.load(after), folder / target, x, labels)
            wanted_loss, wanted = formula(target, numbers, constants, found, x, labels)
            worst = max(
                np.abs(found[name] - wanted[name]).max() / np.abs(wanted[name]).max()
                for name in found
            )
            names = ", ".join(found)
            print(f"{target:18} loss {loss:.6f} and {wanted_loss:.6f}, {worst:.0e}: {names}")
            if worst > 1e-4:
                wrong.append(target)
    if wrong:
        sys.exit(f"gradients differ: {'; '.join(wrong)}")


if __name__ == "__main__":
    main()
