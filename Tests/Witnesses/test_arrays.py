"""NumPy writes, surgeon reads; surgeon writes, NumPy reads."""

import zipfile

import ml_dtypes
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

TYPES = {
    "float16": TensorProto.FLOAT16, "float32": TensorProto.FLOAT, "float64": TensorProto.DOUBLE,
    "int8": TensorProto.INT8, "int16": TensorProto.INT16, "int32": TensorProto.INT32,
    "int64": TensorProto.INT64, "uint8": TensorProto.UINT8, "uint16": TensorProto.UINT16,
    "uint32": TensorProto.UINT32, "uint64": TensorProto.UINT64, "bool": TensorProto.BOOL,
}


def identity(path, element_type, shape, names=("x",)):
    """A model that gives back what it gets."""
    graph = helper.make_graph(
        [helper.make_node("Identity", [name], [f"{name}.out"]) for name in names], "g",
        [helper.make_tensor_value_info(name, element_type, shape) for name in names],
        [helper.make_tensor_value_info(f"{name}.out", element_type, shape) for name in names],
    )
    opsets = [helper.make_opsetid("", 19)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), path)
    return path


def numbers(dtype, shape=(2, 3, 4)):
    rng = np.random.default_rng(1)
    return (rng.standard_normal(shape) * 50).astype(dtype)


def round_trip(surgeon, tmp_path, model, data, *options):
    output = tmp_path / "out.npz"
    surgeon("run", model, "--inputs", data, "-o", output, *options, code=0)
    with np.load(output) as archive:
        return {name: archive[name] for name in archive.files}


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("endian", ["<", ">"])
@pytest.mark.parametrize("name", TYPES)
def test_every_type_order_and_endianness(surgeon, tmp_path, name, endian, order):
    model = identity(tmp_path / "m.onnx", TYPES[name], [2, 3, 4])
    array = numbers(name)
    stored = np.array(array, dtype=np.dtype(name).newbyteorder(endian), order=order)
    np.save(tmp_path / "x.npy", stored)
    result = round_trip(surgeon, tmp_path, model, tmp_path / "x.npy")["x.out"]
    assert result.dtype == np.dtype(name)
    np.testing.assert_array_equal(result, array)


def test_bfloat16_as_ml_dtypes_saves_it(surgeon, tmp_path):
    model = identity(tmp_path / "m.onnx", TensorProto.BFLOAT16, [2, 3, 4])
    array = numbers(ml_dtypes.bfloat16)
    np.save(tmp_path / "x.npy", array)
    result = round_trip(surgeon, tmp_path, model, tmp_path / "x.npy")["x.out"]
    np.testing.assert_array_equal(result.view(ml_dtypes.bfloat16), array)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_archives_by_name(surgeon, tmp_path, save):
    model = identity(tmp_path / "m.onnx", TensorProto.FLOAT, [2, 3, 4], names=["a", "b/c"])
    arrays = {"a": numbers("float32"), "b/c": -numbers("float32")}
    save(tmp_path / "in.npz", **arrays, unused=np.zeros(3))
    result = round_trip(surgeon, tmp_path, model, tmp_path / "in.npz")
    for name, array in arrays.items():
        np.testing.assert_array_equal(result[f"{name}.out"], array)


def test_archives_by_position(surgeon, tmp_path):
    model = identity(tmp_path / "m.onnx", TensorProto.FLOAT, [2, 3, 4], names=["a", "b"])
    first, second = numbers("float32"), -numbers("float32")
    np.savez(tmp_path / "in.npz", first, second)
    result = round_trip(surgeon, tmp_path, model, tmp_path / "in.npz")
    np.testing.assert_array_equal(result["a.out"], first)
    np.testing.assert_array_equal(result["b.out"], second)


def test_strings(surgeon, tmp_path):
    model = identity(tmp_path / "m.onnx", TensorProto.STRING, [3])
    array = np.array(["", "grey", "weiß ≠ noir"])
    np.save(tmp_path / "x.npy", array)
    result = round_trip(surgeon, tmp_path, model, tmp_path / "x.npy")["x.out"]
    np.testing.assert_array_equal(result, array)


def test_several_samples_come_back_as_one_array(surgeon, tmp_path):
    model = identity(tmp_path / "m.onnx", TensorProto.FLOAT, [2, 3])
    array = numbers("float32", (6, 3))
    np.save(tmp_path / "x.npy", array)
    result = round_trip(surgeon, tmp_path, model, tmp_path / "x.npy")["x.out"]
    np.testing.assert_array_equal(result, array)


def test_a_directory_for_npy(surgeon, tmp_path):
    model = identity(tmp_path / "m.onnx", TensorProto.FLOAT, [2, 3, 4])
    np.save(tmp_path / "x.npy", numbers("float32"))
    surgeon(
        "run", model, "--inputs", tmp_path / "x.npy", "-o", tmp_path / "out",
        "--output-format", "npy", code=0,
    )
    result = np.load(tmp_path / "out" / "x.out.npy")
    np.testing.assert_array_equal(result, numbers("float32"))


@pytest.mark.parametrize("name", TYPES)
def test_test_data_directories(surgeon, tmp_path, name):
    model = identity(tmp_path / "m.onnx", TYPES[name], [2, 3, 4], names=["a", "b"])
    data = tmp_path / "test_data_set_0"
    data.mkdir()
    for position, sign in enumerate([1, 2]):
        tensor = numpy_helper.from_array((numbers("float32") / sign).astype(name), "anything")
        onnx.save_tensor(tensor, data / f"input_{position}.pb")
    surgeon(
        "run", model, "--inputs", data, "-o", tmp_path / "out", "--output-format", "pb", code=0
    )
    for position in range(2):
        expected = numpy_helper.to_array(onnx.load_tensor(data / f"input_{position}.pb"))
        written = onnx.load_tensor(tmp_path / "out" / f"output_{position}.pb")
        actual = numpy_helper.to_array(written)
        assert actual.dtype == expected.dtype
        np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize(
    "array, words",
    [
        (np.zeros((2, 3, 5), np.float32), "wrong shape"),
        (np.zeros((3, 4), np.float32), "wrong shape"),
        (np.zeros((2, 3, 4), np.float64), "wrong type"),
        (np.zeros((3, 3, 4), np.float32), "multiple of 2"),
        (np.zeros((0, 3, 4), np.float32), "empty"),
        (np.array([{}, {}]), "pickle"),
    ],
)
def test_data_that_do_not_fit(surgeon, tmp_path, array, words):
    model = identity(tmp_path / "m.onnx", TensorProto.FLOAT, [2, 3, 4])
    np.save(tmp_path / "x.npy", array)
    result = surgeon("run", model, "--inputs", tmp_path / "x.npy", code=2)
    assert words in result.err and "x.npy" in result.err


@pytest.mark.parametrize("rows", [1000, 10**14])
def test_an_archive_that_declares_more_than_it_holds(surgeon, tmp_path, rows):
    """Also more than the machine has memory for."""
    model = identity(tmp_path / "m.onnx", TensorProto.FLOAT, [1, "K"])
    with zipfile.ZipFile(tmp_path / "x.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("x.npy", "w", force_zip64=True) as entry:
            np.lib.format.write_array_header_1_0(
                entry, {"descr": "<f4", "fortran_order": False, "shape": (1, rows)}
            )
            entry.write(bytes(64))
        # The directory, which is written last.
        archive.filelist[0].file_size = 4 * rows + 128
    result = surgeon("run", model, "--inputs", tmp_path / "x.npz", code=2)
    assert result.err.startswith("error: the entry ") and "> array 'x'" in result.err
