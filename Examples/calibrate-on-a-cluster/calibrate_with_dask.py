#!/usr/bin/env python3
"""Calibrates a model with the workers of a Dask cluster.

    calibrate_with_dask.py MODEL DATA OUTPUT [--shards N] [--mode sequential|joint]
                           [--scheduler ADDRESS]

Each worker measures one shard of the data with `surgeon calibrate --shard`; the statistics are put
together here. Sequential mode takes one such round for each group of BatchNormalizations that do
not depend on one another, joint mode takes one. Without --scheduler the workers are processes of
this machine. Model and data must have the same paths on all machines.
"""

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path

from distributed import Client, LocalCluster

SURGEON = os.environ.get("SURGEON", "surgeon")


def surgeon(*arguments):
    subprocess.run([SURGEON, "calibrate", *map(str, arguments)], check=True, capture_output=True)


def measure(model, data, mode, shard, so_far):
    """One shard of one round, on a worker: statistics in, statistics out."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = [model, "--data", data, "--mode", mode, "--shard", shard, "--threads", 1]
        if so_far is not None:
            before = Path(folder, "before.json")
            before.write_text(so_far)
            arguments += ["--from", before]
        part = Path(folder, "part.json")
        surgeon(*arguments, "--stats", part)
        return part.read_text()


def merge(parts):
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for index, part in enumerate(parts):
            paths.append(Path(folder, f"part{index}.json"))
            paths[-1].write_text(part)
        merged = Path(folder, "merged.json")
        surgeon("--merge", *paths, "--stats", merged)
        return merged.read_text()


def calibrate(client, model, data, output, shards, mode):
    so_far = None
    while True:
        futures = [
            client.submit(measure, model, data, mode, f"{i}/{shards}", so_far, pure=False)
            for i in range(1, shards + 1)
        ]
        so_far = merge(client.gather(futures))
        state = json.loads(so_far)
        print(f"group {state['completeGroups']} of {state['groupCount']} measured")
        if state["completeGroups"] == state["groupCount"]:
            break
    with tempfile.TemporaryDirectory() as folder:
        stats = Path(folder, "stats.json")
        stats.write_text(so_far)
        surgeon(model, "--data", data, "--mode", mode, "--stats", stats, "-o", output)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=os.path.abspath)
    parser.add_argument("data", type=os.path.abspath)
    parser.add_argument("output", type=os.path.abspath)
    parser.add_argument("--shards", type=int, default=4)
    parser.add_argument("--mode", choices=["sequential", "joint"], default="sequential")
    parser.add_argument("--scheduler")
    arguments = parser.parse_args()
    cluster = arguments.scheduler or LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    )
    with Client(cluster) as client:
        calibrate(
            client,
            arguments.model,
            arguments.data,
            arguments.output,
            arguments.shards,
            arguments.mode,
        )


if __name__ == "__main__":
    main()
