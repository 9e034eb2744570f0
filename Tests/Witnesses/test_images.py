"""Image folders as data, against Pillow and NumPy."""

import struct
import zlib

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from PIL import Image

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
COLOUR = ["--mean", ",".join(map(str, MEAN)), "--std", ",".join(map(str, STD))]


def identity(path, shape, dtype=TensorProto.FLOAT):
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", dtype, shape)],
        [helper.make_tensor_value_info("y", dtype, shape)],
    )
    model = helper.make_model(
        graph, ir_version=8, opset_imports=[helper.make_opsetid("", 15)]
    )
    onnx.save(model, path)
    return path


def picture(seed, height, width, channels=3):
    """Smooth colours with sharp edges and noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = [
        127 + 100 * np.sin(x / rng.uniform(3, 20) + y / rng.uniform(3, 20)) for _ in range(channels)
    ]
    array = np.stack(planes, -1) + rng.normal(0, 12, (height, width, channels))
    array[height // 3 : height // 2] = rng.integers(0, 255, channels)
    return Image.fromarray(np.clip(array, 0, 255).astype(np.uint8).squeeze())


def normalised(images):
    array = np.stack([np.asarray(image.convert("RGB"), np.float64) for image in images]) / 255
    return ((array - MEAN) / STD).transpose(0, 3, 1, 2).astype(np.float32)


def run(surgeon, tmp_path, model, data, *more, code=0):
    out = tmp_path / "out.npz"
    result = surgeon("run", model, "--inputs", data, "-o", out, *more, code=code)
    return np.load(out)["y"] if code == 0 else result.err


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


def test_pixels_are_those_of_pillow(surgeon, tmp_path, folder):
    images = [picture(i, 24, 32) for i in range(3)]
    images[0].save(folder / "img1.png")
    images[1].save(folder / "img2.jpg", quality=90)
    images[2].convert("L").save(folder / "img10.png")
    (folder / "labels.txt").write_text("not an image")
    model = identity(tmp_path / "m.onnx", ["N", 3, 24, 32])
    found = run(surgeon, tmp_path, model, folder, *COLOUR)
    names = ["img1.png", "img2.jpg", "img10.png"]
    expected = normalised([Image.open(folder / name) for name in names])
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("size", [(24, 32), (7, 50), (61, 13), (90, 90), (37, 20)])
def test_images_are_stretched_as_pillow_does(surgeon, tmp_path, folder, size):
    image = picture(4, 37, 53)
    image.save(folder / "a.png")
    height, width = size
    model = identity(tmp_path / "m.onnx", [1, "h", "w", 3], TensorProto.UINT8)
    found = run(surgeon, tmp_path, model, folder, "--size", f"{height}x{width}")
    expected = np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))
    # Which pass Pillow does first is its own business; each rounds to whole levels.
    assert np.abs(found[0].astype(int) - expected).max() <= 1


def test_grey_and_channels_last(surgeon, tmp_path, folder):
    image = picture(5, 16, 16, channels=1)
    image.save(folder / "a.png")
    model = identity(tmp_path / "m.onnx", ["N", 16, 16, 1])
    found = run(surgeon, tmp_path, model, folder)
    np.testing.assert_allclose(found[0, :, :, 0], np.asarray(image) / 255, atol=1e-6)
    colour = picture(6, 16, 16)
    colour.save(folder / "b.png")
    err = run(surgeon, tmp_path, model, folder, code=2)
    assert "b.png" in err and "the image has colours, and the model wants 1 channel" in err


def test_folders_of_classes_and_single_images(surgeon, tmp_path, folder):
    for index, name in enumerate(["cat", "dog"]):
        (folder / name).mkdir()
        picture(index, 8, 8).save(folder / name / "1.png")
    model = identity(tmp_path / "m.onnx", [1, 3, 8, 8])
    found = run(surgeon, tmp_path, model, folder, *COLOUR)
    images = [Image.open(folder / name / "1.png") for name in ("cat", "dog")]
    np.testing.assert_allclose(found, normalised(images), atol=1e-6)
    found = run(surgeon, tmp_path, model, folder / "dog" / "1.png", *COLOUR)
    np.testing.assert_allclose(found, normalised(images[1:]), atol=1e-6)


def test_images_that_do_not_fit_are_named(surgeon, tmp_path, folder):
    picture(0, 8, 8).save(folder / "a.png")
    picture(1, 9, 8).save(folder / "b.png")
    model = identity(tmp_path / "m.onnx", [1, 3, "h", "w"])
    err = run(surgeon, tmp_path, model, folder, code=2)
    assert "b.png" in err and "the image is 9 x 8, not 8 x 8" in err and "--size 8x8" in err
    (folder / "b.png").write_bytes((folder / "a.png").read_bytes()[:60])
    err = run(surgeon, tmp_path, model, folder, code=2)
    assert "b.png" in err and "the image cannot be read" in err
    (folder / "b.png").unlink()
    four = identity(tmp_path / "four.onnx", [1, 4, 8, 8])
    assert "where the channels" in run(surgeon, tmp_path, four, folder, code=2)
    err = run(surgeon, tmp_path, four, folder, "--layout", "nchw", code=2)
    assert "it has 4 channels, and images have 1 or 3" in err
    err = run(surgeon, tmp_path, model, folder, "--mean", "1,2", code=2)
    assert "2 numbers for the mean" in err
    fixed = identity(tmp_path / "fixed.onnx", [1, 3, 8, 8])
    assert "does not fit" in run(surgeon, tmp_path, fixed, folder, "--size", "9x9", code=2)
    surgeon("run", fixed, "--inputs", folder, "--size", "nonsense", code=64)


def network(path):
    """Conv, BatchNormalization, Relu, Conv, BatchNormalization on images of any size."""
    rng = np.random.default_rng(0)
    nodes, constants, last, width = [], [], "x", 3
    for index in range(2):
        weights = {"w": rng.standard_normal((8, width, 3, 3)) / 5}
        weights |= {"scale": np.ones(8), "bias": np.zeros(8), "mean": np.zeros(8), "var": np.ones(8)}
        names = {key: f"{key}{index}" for key in weights}
        constants += [
            onnx.numpy_helper.from_array(value.astype(np.float32), names[key])
            for key, value in weights.items()
        ]
        w, *statistics = names.values()
        nodes += [
            helper.make_node("Conv", [last, w], [f"c{index}"]),
            helper.make_node("BatchNormalization", [f"c{index}", *statistics], [f"n{index}"]),
            helper.make_node("Relu", [f"n{index}"], [f"r{index}"]),
        ]
        last, width = f"r{index}", 8
    ports = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", channels, "h", "w"])
        for name, channels in (("x", 3), (last, 8))
    ]
    graph = helper.make_graph(nodes, "g", ports[:1], ports[1:], constants)
    onnx.save(
        helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 15)]), path
    )
    return path


def test_calibration_takes_images(surgeon, tmp_path, folder):
    images = [picture(i, 40, 48) for i in range(6)]
    for index, image in enumerate(images):
        image.save(folder / f"{index}.png")
    stretched = [image.resize((64, 64), Image.Resampling.BILINEAR) for image in images]
    np.save(tmp_path / "same.npy", normalised(stretched))
    model = network(tmp_path / "net.onnx")
    results = []
    for data, more in [(folder, ["--size", "64x64", *COLOUR]), (tmp_path / "same.npy", [])]:
        out = tmp_path / "c.onnx"
        surgeon(
            *("calibrate", model, "--data", data, "-o", out, *more), code=0
        )
        results.append(onnx.load(out))
    for a, b in zip(results[0].graph.initializer, results[1].graph.initializer):
        np.testing.assert_allclose(
            onnx.numpy_helper.to_array(a), onnx.numpy_helper.to_array(b), rtol=1e-5, atol=1e-6
        )


def png(rows, bits, *chunks):
    """A grey PNG, spelled out."""

    def chunk(kind, body):
        check = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)

    height, width = rows.shape
    lines = rows.astype(">u2" if bits == 16 else np.uint8)
    pixels = b"".join(b"\0" + line.tobytes() for line in lines)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)),
            *(chunk(kind, body) for kind, body in chunks),
            chunk(b"IDAT", zlib.compress(pixels)),
            chunk(b"IEND", b""),
        ]
    )


def test_the_numbers_of_a_png_are_not_corrected(surgeon, tmp_path):
    """Neither for a gamma that the file names nor for that of numbers of 16 bits."""
    rows = np.arange(256).reshape(16, 16)
    model = identity(tmp_path / "m.onnx", [1, 1, 16, 16])
    for name, content in {
        "plain": png(rows, 8),
        "linear": png(rows, 8, (b"gAMA", struct.pack(">I", 100000))),
        "screen": png(rows, 8, (b"sRGB", b"\0"), (b"gAMA", struct.pack(">I", 45455))),
        "deep": png(rows * 257, 16),
    }.items():
        path = tmp_path / f"{name}.png"
        path.write_bytes(content)
        found = run(surgeon, tmp_path, model, path)
        assert np.array_equal(np.rint(found[0, 0] * 255), rows), name
