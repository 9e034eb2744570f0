"""Why normalisations are rewritten: a trained network that sees one sample at a time."""

import sys

import numpy as np
import onnx
import pytest
from conftest import FIXTURES, ROOT
from small_batches import cross_entropy, in_training_mode, losses

import volumes

sys.path.insert(0, str(ROOT / "Examples"))

from streaming_statistics import StatefulSession  # noqa: E402

MODEL = FIXTURES / "unet3d_mni_op13.onnx"
SAMPLES, LABELS = volumes.labelled_volumes(8, seed=0)


@pytest.fixture(scope="module")
def inference_loss():
    """The loss of each sample in inference mode, which no batch size changes."""
    loss = losses(MODEL, SAMPLES, LABELS, batch=1)
    assert 0.2 < loss.mean() < 0.25, "the network knows these volumes"
    return loss


def test_its_own_batch_of_one_misleads_the_network(inference_loss):
    trained = in_training_mode(onnx.load(MODEL))
    one, eight = (losses(trained, SAMPLES, LABELS, batch) for batch in (1, 8))
    assert one.mean() > 1.5 * inference_loss.mean()
    assert one.mean() > 1.15 * eight.mean() > 1.15 * inference_loss.mean()
    assert one.std() > 4 * inference_loss.std()


@pytest.mark.parametrize("batch", [1, 8])
@pytest.mark.parametrize("form", ["affine", "split", "fold"])
def test_frozen_statistics_give_the_inference_loss(
    surgeon, tmp_path, inference_loss, form, batch
):
    after = tmp_path / "after.onnx"
    surgeon("rewrite", MODEL, "--form", form, "-o", after, code=0)
    assert "BatchNormalization" not in {node.op_type for node in onnx.load(after).graph.node}
    loss = losses(after, SAMPLES, LABELS, batch)
    assert np.abs(loss / inference_loss - 1).max() < 1e-5


@pytest.mark.parametrize("batch", [1, 8])
def test_training_mode_turned_into_inference_mode_gives_the_inference_loss(
    surgeon, tmp_path, inference_loss, batch
):
    before, after = tmp_path / "training.onnx", tmp_path / "after.onnx"
    onnx.save(in_training_mode(onnx.load(MODEL)), before)
    surgeon("rewrite", before, "--to", "batchnorm", "-o", after, code=0)
    loss = losses(after, SAMPLES, LABELS, batch)
    assert np.abs(loss / inference_loss - 1).max() < 1e-5


@pytest.mark.parametrize("use", ["updated", "previous"])
def test_statistics_that_run_along_stay_near_the_inference_loss(
    surgeon, tmp_path, inference_loss, use
):
    after = tmp_path / "after.onnx"
    surgeon(
        "rewrite", MODEL, "--to", "welford", "--normalize-with", use, "-o", after, code=0
    )
    network = StatefulSession(after)
    found = []
    for step in range(50):
        i = slice(step % 8, step % 8 + 1)
        (logits,) = network.run({"input": SAMPLES[i]})
        found.append(cross_entropy(logits, LABELS[i])[0])
    wanted = inference_loss[np.arange(50) % 8]
    assert np.abs(np.array(found) / wanted - 1).max() < 0.05
    assert np.abs(np.array(found) - wanted).max() > 1e-4, "the statistics never moved"
