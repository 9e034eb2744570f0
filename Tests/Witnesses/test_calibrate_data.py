"""Data that cannot be measured, that never vary, or that no memory holds."""

import numpy as np
import onnx
import pytest
from calibration import MODEL, data, statistics  # noqa: F401
from conftest import BINARY
from peak import peak


def test_bad_data_are_named(surgeon, data, tmp_path):
    broken = data[1].copy()
    broken[5, 0, 3, 3, 3] = np.nan
    np.save(tmp_path / "nan.npy", broken)
    result = surgeon("calibrate", MODEL, "--data", tmp_path / "nan.npy", code=2)
    assert "sample 5 holds NaN" in result.err
    np.save(tmp_path / "shape.npy", broken[:, :, :, :, :31])
    assert "shape" in surgeon("calibrate", MODEL, "--data", tmp_path / "shape.npy", code=2).err
    np.save(tmp_path / "type.npy", data[1].astype(np.int32))
    assert "type" in surgeon("calibrate", MODEL, "--data", tmp_path / "type.npy", code=2).err
    np.save(tmp_path / "empty.npy", broken[:0])
    assert "empty" in surgeon("calibrate", MODEL, "--data", tmp_path / "empty.npy", code=2).err
    missing = surgeon("calibrate", MODEL, "--data", tmp_path / "missing", code=2).err
    assert "there is no such file or directory" in missing
    assert not list(tmp_path.glob("*.onnx"))


def test_a_channel_that_never_varies(surgeon, data, tmp_path):
    np.save(tmp_path / "flat.npy", np.full_like(data[1][:2], 0.5))
    model, flat = tmp_path / "model.onnx", tmp_path / "flat.npy"
    graph = onnx.parser.parse_graph(
        "g (float[N, 1, 32, 32, 32] x) => (float[N, 1, 32, 32, 32] y)"
        " <float[1] s = {1}, float[1] b = {0}, float[1] m = {0}, float[1] v = {1}>"
        "{ y = BatchNormalization(x, s, b, m, v) }"
    )
    onnx.save(
        onnx.helper.make_model(
            graph, ir_version=8, opset_imports=[onnx.helper.make_opsetid("", 15)]
        ),
        model,
    )
    out = tmp_path / "out.onnx"
    err = surgeon("calibrate", model, "--data", flat, "-o", out, code=2).err
    assert "a channel never varies over the data" in err
    assert "'y': channel 0 is always 0.5" in err and "--allow-constant" in err
    assert not out.exists()
    result = surgeon("calibrate", model, "--data", flat, "-o", out, "--allow-constant", code=0)
    assert "1 channel never varied over the data" in result.err
    assert statistics(out)["y"] == (0.5, 0)


@pytest.mark.parametrize("threads", (1, 2))
@pytest.mark.parametrize("is_compressed", (False, True))
def test_memory_does_not_grow_with_the_data(surgeon, tmp_path, is_compressed, threads):
    """A set of 1 GB, most of it a hole in the file, against one of 32 MB.

    Compressed, a quarter: an unpacked sample must take the place of one before it.
    """
    graph = onnx.parser.parse_graph(
        "g (float[N, 1, 1024, 1024] x) => (float[N, 1, 128, 128] y)"
        " <float[1] s = {1}, float[1] b = {0}, float[1] m = {0}, float[1] v = {1}>"
        "{ c = MaxPool <kernel_shape = [8, 8], strides = [8, 8]> (x)"
        "  y = BatchNormalization(c, s, b, m, v) }"
    )
    model = tmp_path / "model.onnx"
    onnx.save(
        onnx.helper.make_model(
            graph, ir_version=8, opset_imports=[onnx.helper.make_opsetid("", 15)]
        ),
        model,
    )
    peaks = []
    for count in (8, 64 if is_compressed else 256):
        path = tmp_path / f"{count}.npy"
        array = np.lib.format.open_memmap(path, "w+", np.float32, (count, 1, 1024, 1024))
        array[0] = np.random.default_rng(0).standard_normal((1, 1024, 1024))
        array.flush()
        if is_compressed:
            path = tmp_path / f"{count}.npz"
            np.savez_compressed(path, x=array)
        peaks.append(
            peak(
                *(BINARY, "calibrate", model, "--data", path),
                *("--threads", threads, "-o", tmp_path / "o.onnx"),
            )
        )
    assert peaks[1] < peaks[0] + (8 << 20)
