"""Calibration over data sets larger than memory: peak memory and time, in every form of data.

    large_data.py [--gigabytes N] [--folder DIR]

Writes sparse files (they take no room on the disk), calibrates a network of two convolutions on
them and prints what that took. The peak must not depend on the size.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

import measuring
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE = 512


def network(path):
    """Conv, BatchNormalization, Relu, BatchNormalization; strided, so that reading dominates."""
    rng = np.random.default_rng(0)
    constants = [
        numpy_helper.from_array(rng.standard_normal((4, 1, 8, 8)).astype(np.float32), "w"),
        *(
            numpy_helper.from_array(np.full(4, value, np.float32), name)
            for name, value in (("one", 1), ("zero", 0))
        ),
    ]
    statistics = ["one", "zero", "zero", "one"]
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], strides=[8, 8]),
        helper.make_node("BatchNormalization", ["c", *statistics], ["n"]),
        helper.make_node("Relu", ["n"], ["r"]),
        helper.make_node("BatchNormalization", ["r", *statistics], ["y"]),
    ]
    ports = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", channels, side, side])
        for name, channels, side in (("x", 1, SIDE), ("y", 4, SIDE // 8))
    ]
    graph = helper.make_graph(nodes, "strided", ports[:1], ports[1:], constants)
    onnx.save(
        helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 15)]), path
    )


def sparse_array(path, count):
    """A .npy of zeros with one sample that varies, which takes a megabyte of the disk."""
    array = np.lib.format.open_memmap(path, "w+", np.float32, (count, 1, SIDE, SIDE))
    array[0] = np.random.default_rng(0).standard_normal((1, SIDE, SIDE))
    array.flush()


def measure(name, data, model, folder):
    for mode in ("joint", "sequential"):
        measured = measuring.Measured()
        command = [measuring.SURGEON, "calibrate", model, "--data", data, "--mode", mode]
        measuring.once([*command, "--workspace", folder, "-o", folder / "out.onnx"], measured)
        print(f"{name:34} {mode:10} {measured.text()}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gigabytes", type=int, default=20)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="surgeon-large-", dir=arguments.folder))
    try:
        model = folder / "model.onnx"
        network(model)
        per_gigabyte = 2**30 // (SIDE * SIDE * 4)
        sparse_array(folder / "small.npy", per_gigabyte // 4)
        measure(".npy, 0.25 GB", folder / "small.npy", model, folder)
        sparse_array(folder / "large.npy", arguments.gigabytes * per_gigabyte)
        measure(f".npy, {arguments.gigabytes} GB", folder / "large.npy", model, folder)
        (folder / "many").mkdir()
        for index in range(arguments.gigabytes):
            sparse_array(folder / "many" / f"{index}.npy", per_gigabyte)
        measure(f"{arguments.gigabytes} .npy of 1 GB", folder / "many", model, folder)
        # Compressed, zeros take no room either.
        (folder / "zipped").mkdir()
        np.savez_compressed(
            folder / "zipped" / "0.npz", x=np.load(folder / "many" / "0.npy", mmap_mode="r")
        )
        # Unpacking is the slowest of all: a fifth is enough.
        count = max(1, arguments.gigabytes // 5)
        for index in range(1, count):
            (folder / "zipped" / f"{index}.npz").symlink_to("0.npz")
        measure(f"{count} .npz of 1 GB", folder / "zipped", model, folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
