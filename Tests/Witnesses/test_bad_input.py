"""Whatever the bytes: exit status 2, one clear message, no crash, no partial file."""

import os
import random
import subprocess

import numpy as np
import onnx
import pytest
from exotic import field, nested_model, small_model, varint
from onnx import TensorProto, helper, numpy_helper


def attempt(surgeon, path, *options, output=None):
    """A rewrite of a bad file; where it fails it must fail well. Returns the exit status."""
    output = output or path.with_suffix(".out")
    before = path.read_bytes() if path.is_file() else None
    beside = set(os.listdir(path.parent))
    result = surgeon(
        "rewrite", path, "-o", output, "--no-verify", *options, timeout=20,
        env={**os.environ, "SWIFT_BACKTRACE": "enable=no"},
    )
    if before is not None:
        assert path.read_bytes() == before, "the input was changed"
    if result.code == 2:
        assert result.err.startswith("error: "), result.err
        assert "Traceback" not in result.err and "Fatal error" not in result.err
        assert set(os.listdir(path.parent)) == beside, "something was left behind"
    else:
        assert result.code in (0, 1), result.err
    return result


def refused(surgeon, path, *options, **more):
    result = attempt(surgeon, path, *options, **more)
    assert result.code == 2, result.out + result.err
    return result.err


def parses(data):
    try:
        return bool(onnx.ModelProto.FromString(data).graph.node)
    except Exception:
        return False


def test_truncation_at_every_length(surgeon, tmp_path):
    data = small_model().SerializeToString()
    path = tmp_path / "cut.onnx"
    for length in range(len(data)):
        path.write_bytes(data[:length])
        result = attempt(surgeon, path)
        # A cut between two fields leaves a shorter message that is well formed.
        assert result.code == 2 or parses(data[:length]), length
        path.with_suffix(".out").unlink(missing_ok=True)


def test_flipped_bits(surgeon, tmp_path):
    data = small_model().SerializeToString()
    rng = random.Random(11)
    path = tmp_path / "flipped.onnx"
    for position in range(len(data)):
        flipped = bytearray(data)
        flipped[position] ^= 1 << rng.randrange(8)
        path.write_bytes(flipped)
        attempt(surgeon, path)
        path.with_suffix(".out").unlink(missing_ok=True)


WRONG_FILES = {
    "empty": b"",
    "text": b"this is no model\n" * 40,
    "png": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "zip": b"PK\x03\x04" + bytes(200),
    "zeros": bytes(4096),
    "ones": b"\xff" * 4096,
    "npy": b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }",
    # Lengths that lie.
    "length beyond the file": b"\x08\x08" + varint(7 << 3 | 2) + varint(1 << 20) + b"abc",
    "length of 2^63": b"\x08\x08" + varint(7 << 3 | 2) + varint(1 << 63),
    "length of ten bytes": b"\x08\x08" + varint(7 << 3 | 2) + b"\xff" * 10,
    "endless varint": b"\x08" + b"\x80" * 100,
    "field number zero": b"\x00\x00",
    "group": b"\x3b\x3c",
    "graph as a number": b"\x08\x08\x38\x01",
}


@pytest.mark.parametrize("name", WRONG_FILES)
def test_what_is_no_model(surgeon, tmp_path, name):
    path = tmp_path / "wrong.onnx"
    path.write_bytes(WRONG_FILES[name])
    assert "wrong.onnx" in refused(surgeon, path)


def test_a_hundred_thousand_levels(surgeon, tmp_path):
    path = tmp_path / "deep.onnx"
    path.write_bytes(nested_model(100_000))
    refused(surgeon, path)


def test_a_singular_field_repeated(surgeon, tmp_path):
    """Parsers that merge such a field again and again take quadratic time."""
    path = tmp_path / "repeated.onnx"
    node = field(1, field(4, b"Relu"))
    path.write_bytes(b"\x08\x08" + field(7, node * 10) * 20_000)
    attempt(surgeon, path)


def small_with(change):
    model = small_model()
    change(model)
    return model


def cycle(model):
    model.graph.node[0].input[0] = "y"


def missing_value(model):
    model.graph.node[2].input[0] = "nowhere"


def two_producers(model):
    model.graph.node[2].output[0] = "c"


def missing_output(model):
    model.graph.output[0].name = "nowhere"


def no_opset(model):
    del model.opset_import[:]


def short_weight(model):
    model.graph.initializer[0].raw_data = b"\x00" * 3


def negative_dims(model):
    model.graph.initializer[0].dims[0] = -1


def overflowing_dims(model):
    model.graph.initializer[0].dims[:] = [1 << 40, 1 << 40, 1, 1]


def short_statistics(model):
    variance = numpy_helper.from_array(np.ones(1, np.float32), "bn.var")
    model.graph.initializer[4].CopyFrom(variance)


def unknown_type(model):
    model.graph.initializer[1].data_type = 99


@pytest.mark.parametrize(
    "change",
    [
        cycle, missing_value, two_producers, missing_output, short_weight, negative_dims,
        overflowing_dims,
    ],
)
def test_a_graph_that_breaks_the_rules(surgeon, tmp_path, change):
    path = tmp_path / "broken.onnx"
    path.write_bytes(small_with(change).SerializeToString())
    refused(surgeon, path)


@pytest.mark.parametrize("change", [no_opset, short_statistics, unknown_type])
def test_a_normalization_that_cannot_be_rewritten(surgeon, tmp_path, change):
    """Either the file is refused or the node is left alone with a reason; never half a rewrite."""
    path = tmp_path / "odd.onnx"
    path.write_bytes(small_with(change).SerializeToString())
    result = attempt(surgeon, path)
    output = path.with_suffix(".out")
    if result.code == 0 and output.exists():
        kinds = [node.op_type for node in onnx.load(output).graph.node]
        assert kinds == [node.op_type for node in onnx.load(path).graph.node]


class TestExternalData:
    def save(self, folder, location, data=None):
        path = folder / "m.onnx"
        path.write_bytes(small_model(external=location).SerializeToString())
        if data is not None:
            (folder / location).write_bytes(data)
        return path

    def test_a_file_that_is_there_is_used(self, surgeon, tmp_path):
        path = self.save(tmp_path, "w.bin", bytes(8))
        surgeon("rewrite", path, "-o", tmp_path / "o.onnx", "--no-verify", code=0)
        onnx.checker.check_model(str(tmp_path / "o.onnx"))

    def test_a_missing_file(self, surgeon, tmp_path):
        path = self.save(tmp_path, "w.bin")
        assert "w.bin" in refused(surgeon, path, "--form", "fold")

    def test_a_short_file(self, surgeon, tmp_path):
        path = self.save(tmp_path, "w.bin", bytes(7))
        refused(surgeon, path, "--form", "fold")

    @pytest.mark.parametrize("location", ["../secret.bin", "/etc/hostname", "a/../../secret.bin"])
    def test_a_path_that_leaves_the_directory(self, surgeon, tmp_path, location):
        folder = tmp_path / "models"
        (folder / "a").mkdir(parents=True)
        (tmp_path / "secret.bin").write_bytes(bytes(64))
        path = self.save(folder, location)
        refused(surgeon, path, "--form", "fold")

    def test_a_link_that_leaves_the_directory(self, surgeon, tmp_path):
        folder = tmp_path / "models"
        folder.mkdir()
        (tmp_path / "secret.bin").write_bytes(bytes(64))
        (folder / "w.bin").symlink_to(tmp_path / "secret.bin")
        refused(surgeon, self.save(folder, "w.bin"), "--form", "fold")


class TestPlaces:
    def test_a_file_that_is_not_there(self, surgeon, tmp_path):
        assert "nowhere.onnx" in refused(surgeon, tmp_path / "nowhere.onnx")

    def test_a_directory_for_a_model(self, surgeon, tmp_path):
        folder = tmp_path / "folder.onnx"
        folder.mkdir()
        refused(surgeon, folder)

    @pytest.mark.parametrize("output", ["nowhere/out.onnx", "file/out.onnx", "folder"])
    def test_an_output_that_cannot_be_written(self, surgeon, tmp_path, output):
        path = tmp_path / "m.onnx"
        path.write_bytes(small_model().SerializeToString())
        (tmp_path / "file").write_text("")
        (tmp_path / "folder").mkdir()
        refused(surgeon, path, output=tmp_path / output)

    def test_an_output_onto_the_input(self, surgeon, tmp_path):
        """Allowed: the file is replaced as a whole."""
        path = tmp_path / "m.onnx"
        path.write_bytes(small_model().SerializeToString())
        surgeon("rewrite", path, "-o", path, "--no-verify", code=0)
        onnx.checker.check_model(str(path), full_check=True)
        assert os.listdir(tmp_path) == ["m.onnx"]

    def test_a_full_disk(self, surgeon, tmp_path):
        disk = tmp_path / "disk"
        disk.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], capture_output=True
        )
        if mounted.returncode != 0:
            pytest.skip("mounting a small tmpfs is not permitted here")
        try:
            path = tmp_path / "m.onnx"
            path.write_bytes(small_model(channels=20_000).SerializeToString())
            error = refused(surgeon, path, output=disk / "out.onnx")
            assert "out.onnx" in error
            assert os.listdir(disk) == []
        finally:
            subprocess.run(["umount", str(disk)], check=True)


def test_an_unknown_operator_is_named_when_the_model_runs(surgeon, tmp_path):
    path = tmp_path / "m.onnx"
    graph = helper.make_graph(
        [helper.make_node("Frobnicate", ["x"], ["y"], name="f", domain="org.example")], "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])],
    )
    opsets = [helper.make_opsetid("", 15), helper.make_opsetid("org.example", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    result = surgeon("run", path, code=2)
    assert "Frobnicate" in result.err and "'f'" in result.err
