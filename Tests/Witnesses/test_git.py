"""surgeon as git's textconv and as its external diff, with the configuration of docs/git.md."""

import subprocess

import numpy as np
import onnx
import pytest
from conftest import BINARY
from exotic import small_model


@pytest.fixture
def repository(tmp_path):
    def git(*arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    git("init", "-q")
    git("config", "diff.onnx.textconv", f"{BINARY} show --elements 0")
    git("config", "diff.onnx.command", f"{BINARY} diff")
    (tmp_path / ".gitattributes").write_text("*.onnx diff=onnx\n")
    model = small_model()
    onnx.save(model, tmp_path / "m.onnx")
    git("add", ".")
    git("commit", "-qm", "a model")
    weight = model.graph.initializer[0]
    array = onnx.numpy_helper.to_array(weight) + np.float32(0.5)
    weight.CopyFrom(onnx.numpy_helper.from_array(array, weight.name))
    onnx.save(model, tmp_path / "m.onnx")
    return git, weight.name


def test_textconv_shows_a_changed_weight_as_a_changed_line(surgeon, repository):
    git, weight = repository
    lines = git("diff", "--no-ext-diff").splitlines()
    changed = [line for line in lines if line[:1] in "+-" and not line.startswith(("+++", "---"))]
    assert len(changed) == 2
    assert all(weight in line and "hash" in line for line in changed)


def test_the_external_diff_says_what_changed(surgeon, repository):
    git, weight = repository
    text = git("diff")
    assert text.startswith("model m.onnx\ndifferent: 1 initializer changed\n")
    assert weight in text


def test_the_external_diff_shows_a_new_and_a_deleted_model(surgeon, repository):
    git, _ = repository
    git("commit", "-qam", "a change")
    git("rm", "-q", "m.onnx")
    assert git("diff", "--cached").startswith("deleted model m.onnx\n")
    git("commit", "-qm", "gone")
    assert git("diff", "HEAD~1", "HEAD~2").startswith("model m.onnx\n")
    assert git("diff", "HEAD", "HEAD~1").startswith("new model m.onnx\n")
