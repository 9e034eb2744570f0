"""Welford's statistics against the recurrence in Float64, in ONNX Runtime and in surgeon itself."""

import itertools
import sys

import numpy as np
import onnx
import pytest
from conftest import ROOT
from one_norm import C, MEAN, VAR, Welford, batch_statistics, close, normalize, one_norm

sys.path.insert(0, str(ROOT / "Examples"))

from streaming_statistics import StatefulSession  # noqa: E402

COUNTS = [
    ("constant", 16), ("constant", 256), ("capped", 16), ("capped", 256), ("capped", np.inf),
]
UNITS = ["samples", "elements"]
STARTS = ["pretrained", "standard"]
USES = ["updated", "previous"]
STEPS = 50


def streamed(surgeon, folder, dtype, rank, count, maximum, unit, start, use):
    """The rewritten model, the recurrence at its start, and batches of 1 to 8 samples."""
    positions = [4, 3, 2][: rank - 2]
    before, after = one_norm(folder / "before.onnx", 15, positions, dtype), folder / "after.onnx"
    surgeon(
        *("rewrite", before, "--to", "welford", "--count", count, "--max-count", maximum),
        *("--count-unit", unit, "--init", start, "--normalize-with", use, "-o", after),
        code=0,
    )
    rng = np.random.default_rng(rank)
    batches = [
        rng.normal(0.5, 2, (rng.integers(1, 9), C, *positions)).astype(dtype) for _ in range(STEPS)
    ]
    return after, Welford(count, maximum, unit, start), batches


def follow(reference, x, use):
    """One step of the recurrence: what the batch must become."""
    known = reference.n > 0
    old = (reference.mean, reference.m2 / reference.n) if known else (np.zeros(C), np.ones(C))
    reference.update(x.astype(np.float64))
    now = reference.mean, reference.m2 / reference.n
    return normalize(x.astype(np.float64), *(now if use == "updated" else old))


def close_each(actual, expected, tolerance):
    actual = np.asarray(actual, np.float64)
    assert np.abs(actual / expected - 1).max() <= tolerance


@pytest.mark.parametrize("rank", [2, 3, 4, 5])
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("count,maximum", COUNTS)
@pytest.mark.parametrize("dtype,tolerance", [(np.float32, 1e-6), (np.float64, 1e-13)])
def test_every_form_follows_the_recurrence(
    surgeon, tmp_path, count, maximum, unit, rank, dtype, tolerance
):
    for start, use in itertools.product(STARTS, USES):
        after, reference, batches = streamed(
            surgeon, tmp_path, dtype, rank, count, maximum, unit, start, use
        )
        onnx.checker.check_model(str(after), full_check=True)
        network = StatefulSession(after)
        for x in batches:
            expected = follow(reference, x, use)
            (y,) = network.run({"x": x})
            close(network.state["y.mean"], reference.mean, tolerance)
            close_each(network.state["y.m2"], reference.m2, tolerance)
            close(y, expected, tolerance)
            if count == "capped":
                assert network.state["y.count"] == reference.n


@pytest.mark.parametrize("count,maximum", COUNTS)
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("precision,tolerance", [("single", 1e-6), ("double", 2e-8)])
def test_surgeon_runs_the_recurrence(
    surgeon, tmp_path, count, maximum, unit, precision, tolerance
):
    """Over a sequence, with the state of every step and of the last one."""
    samples = tmp_path / "samples"
    samples.mkdir()
    for rank, start, use in [(2, "standard", "previous"), (4, "pretrained", "updated")]:
        after, reference, batches = streamed(
            surgeon, tmp_path, np.float32, rank, count, maximum, unit, start, use
        )
        for step, x in enumerate(batches):
            np.savez(samples / f"{step:02}.npz", x=x)
        results, final = tmp_path / "results.npz", tmp_path / "final.npz"
        surgeon(
            *("run", after, "--inputs", samples, "--repeat-state", "--precision", precision),
            *("-o", results, "--final-state", final),
            code=0,
        )
        found, done = np.load(results), 0
        for step, x in enumerate(batches):
            expected = follow(reference, x, use)
            channels = slice(step * C, step * C + C)
            close(found["y.mean.next"][channels], reference.mean, tolerance)
            close_each(found["y.m2.next"][channels], reference.m2, tolerance)
            close(found["y"][done : done + len(x)], expected, tolerance)
            if count == "capped":
                assert found["y.count.next"][step] == reference.n
            done += len(x)
        state = np.load(final)
        assert np.array_equal(state["y.mean"], found["y.mean.next"][-C:])
        assert np.array_equal(state["y.m2"], found["y.m2.next"][-C:])


def test_a_model_without_state_has_no_final_state(surgeon, tmp_path):
    model = one_norm(tmp_path / "model.onnx", 15, [4])
    np.save(tmp_path / "x.npy", np.zeros((1, C, 4), np.float32))
    options = ["--inputs", tmp_path / "x.npy", "--final-state", tmp_path / "final.npz"]
    assert "no state" in surgeon("run", model, *options, "--repeat-state", code=2).err
    assert "--repeat-state" in surgeon("run", model, *options, code=64).err
    assert not (tmp_path / "final.npz").exists()


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("maximum", [16, 256])
def test_a_constant_count_is_the_exponential_average_and_its_between_batch_term(
    surgeon, tmp_path, maximum, unit
):
    """With ONNX's momentum, and the variance between batches that training mode leaves out."""
    after, _, batches = streamed(
        surgeon, tmp_path, np.float64, 4, "constant", maximum, unit, "pretrained", "updated"
    )
    network = StatefulSession(after)
    mean, var = MEAN, VAR
    for x in batches:
        counted = x.shape[0] if unit == "samples" else x.size / C
        momentum = maximum / (maximum + counted)
        batch_mean, batch_var = batch_statistics(x)
        difference = batch_mean - mean
        mean = momentum * mean + (1 - momentum) * batch_mean
        var = momentum * var + (1 - momentum) * batch_var
        var = var + momentum * (1 - momentum) * difference**2
        (y,) = network.run({"x": x})
        close(network.state["y.mean"], mean, 1e-13)
        close_each(network.state["y.m2"], var * maximum, 1e-13)
        close(y, normalize(x, mean, var), 1e-12)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("count", ["constant", "capped"])
def test_the_variance_survives_a_large_mean(surgeon, tmp_path, count, unit):
    """Mean 1000, variance 1, in Float32: E[x^2] - E[x]^2 is wrong in the second digit there."""
    before, after = one_norm(tmp_path / "before.onnx", 15, [8, 8]), tmp_path / "after.onnx"
    surgeon(
        *("rewrite", before, "--to", "welford", "--count", count, "--max-count", 16),
        *("--count-unit", unit, "-o", after),
        code=0,
    )
    network = StatefulSession(after)
    reference = Welford(count, 16, unit, "pretrained")
    rng = np.random.default_rng(0)
    for _ in range(400):
        x = rng.normal(1000, 1, (4, C, 8, 8)).astype(np.float32)
        network.run({"x": x})
        reference.update(x.astype(np.float64))
    found = network.state["y.m2"].astype(np.float64) / 16
    close_each(found, reference.m2 / 16, 1e-3)
    assert np.abs(found - 1).max() < 0.15


@pytest.mark.parametrize("count,maximum", COUNTS)
@pytest.mark.parametrize("unit", UNITS)
def test_previous_statistics_of_a_pretrained_start_are_the_frozen_network(
    surgeon, tmp_path, count, maximum, unit
):
    after, _, batches = streamed(
        surgeon, tmp_path, np.float64, 4, count, maximum, unit, "pretrained", "previous"
    )
    (y,) = StatefulSession(after).run({"x": batches[0]})
    close(y, normalize(batches[0], MEAN, VAR), 1e-14)
