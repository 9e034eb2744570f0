#!/usr/bin/env python3
"""The loss of a trained network at batch sizes 1 and 8, before and after each rewrite.

    batch_size_one.py unet3d_mni_op13.onnx --inputs unet3d_mni_in.npy --labels unet3d_mni_lab.npy
    batch_size_one.py crepe_tiny_op13.onnx --tones 64

The judge is ONNX Runtime: of the network in inference mode, with the statistics of each batch
(training mode), and of what `surgeon rewrite` makes of it. The statistics of `--to welford` run
along over 50 steps of one sample. Exits with status 1 where a frozen form does not give the
inference loss, or Welford's statistics end more than 5% above it.

`--pytorch` asks PyTorch as well (pip install onnx2torch, in a Python that has PyTorch).
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "Tests/Witnesses"), str(ROOT / "Examples")]

from small_batches import (  # noqa: E402
    binary_cross_entropy,
    cross_entropy,
    in_training_mode,
    losses,
)
from streaming_statistics import StatefulSession  # noqa: E402

SURGEON = Path(os.environ.get("SURGEON", ROOT / ".build/release/surgeon"))
BATCHES = (1, 8)
STEPS = 50


def tones(count):
    """Harmonic tones, and the blurred pitch that CREPE answers (360 bins of 20 cents)."""
    rng = np.random.default_rng(0)
    frequency = np.exp(rng.uniform(np.log(60), np.log(1500), count))[:, np.newaxis]
    time = np.arange(1024) / 16000
    wave = sum(
        np.sin(2 * np.pi * frequency * k * time + rng.uniform(0, 2 * np.pi, (count, 1))) / k
        for k in range(1, 5)
    )
    wave = (wave - wave.mean(1, keepdims=True)) / wave.std(1, keepdims=True)
    cents = 1200 * np.log2(frequency / 10)
    bins = 1997.3794084376191 + 20 * np.arange(360)
    return wave.astype(np.float32), np.exp(-((bins - cents) ** 2) / (2 * 25**2))


def rewritten(model, folder, name, *options):
    path = folder / f"{name}.onnx"
    subprocess.run(
        [SURGEON, "rewrite", model, *options, "-o", path], check=True, stdout=subprocess.DEVNULL
    )
    return path


def row(name, found):
    cells = " ".join(f"{loss.mean():10.4f} ± {loss.std():.4f}" for loss in found)
    print(f"{name:28}{cells}")


def pytorch_losses(model, samples, targets, batch, loss, training):
    import onnx2torch
    import torch

    network = onnx2torch.convert(onnx.load(model))
    network.train(training)
    with torch.no_grad():
        parts = [slice(i, i + batch) for i in range(0, len(samples), batch)]
        # Training mode does not read the running statistics that it moves.
        return np.concatenate(
            [loss(network(torch.from_numpy(samples[p])).numpy(), targets[p]) for p in parts]
        )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("--inputs", type=Path, help="float32 [N, ...] (.npy)")
    parser.add_argument("--labels", type=Path, help="classes [N, ...] (.npy)")
    parser.add_argument("--tones", type=int, metavar="N", help="N tones in place of --inputs")
    parser.add_argument("--pytorch", action="store_true")
    arguments = parser.parse_args()
    if arguments.tones:
        (samples, targets), loss = tones(arguments.tones), binary_cross_entropy
    elif arguments.inputs and arguments.labels:
        samples, targets = np.load(arguments.inputs), np.load(arguments.labels)
        loss = cross_entropy
    else:
        parser.error("give --inputs and --labels, or --tones")
    model = arguments.model

    def measure(network):
        return [losses(network, samples, targets, batch, loss) for batch in BATCHES]

    print(f"{'':28}" + " ".join(f"{f'batch {batch}':>19}" for batch in BATCHES))
    inference = measure(model)
    row("inference", inference)
    trained = in_training_mode(onnx.load(model))
    row("batch statistics", measure(trained))
    if arguments.pytorch:
        for name, training in [("inference, PyTorch", False), ("batch statistics, PyTorch", True)]:
            row(
                name,
                [pytorch_losses(model, samples, targets, b, loss, training) for b in BATCHES],
            )
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        onnx.save(trained, folder / "training.onnx")
        forms = {
            form: rewritten(model, folder, form, "--form", form)
            for form in ("affine", "split", "fold")
        }
        forms["batchnorm"] = rewritten(
            folder / "training.onnx", folder, "batchnorm", "--to", "batchnorm"
        )
        for name, path in forms.items():
            found = measure(path)
            row(name, found)
            if any(np.abs(f / i - 1).max() > 1e-4 for f, i in zip(found, inference)):
                wrong.append(name)
        order = np.arange(STEPS) % len(samples)
        for use in ("updated", "previous"):
            path = rewritten(model, folder, use, "--to", "welford", "--normalize-with", use)
            network = StatefulSession(path)
            name = network.session.get_inputs()[0].name
            steps = np.concatenate(
                [
                    loss(network.run({name: samples[i : i + 1]})[0], targets[i : i + 1])
                    for i in order
                ]
            )
            change = steps.mean() / inference[0][order].mean() - 1
            row(f"welford, {use}", [steps])
            print(f"{'':28}{change:+.2%} over {STEPS} steps of one sample")
            if change > 0.05:
                wrong.append(f"welford, {use}")
    if wrong:
        sys.exit(f"the loss is not the inference loss: {'; '.join(wrong)}")


if __name__ == "__main__":
    main()
