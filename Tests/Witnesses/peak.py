"""How long a process takes, and the most memory that it has."""

import os
import subprocess
import sys

# Linux counts what a process was before `exec` among its peak: run from a Python that has loaded
# onnx, even cp would peak at a hundred megabytes. So a small process starts the command.
LAUNCHER = """
import os, resource, subprocess, sys, time
report = int(sys.argv[1])
start = time.perf_counter()
code = subprocess.call(sys.argv[2:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
os.write(report, f"{code} {seconds!r} {peak}".encode())
"""


def seconds_and_peak(command, environment=None):
    """The wall time of a command, which has to succeed, and its peak memory in bytes (some 10 MB at
    least: the launcher's)."""
    reading, writing = os.pipe()
    words = list(map(str, command))
    launched = subprocess.run(
        [sys.executable, "-S", "-E", "-c", LAUNCHER, str(writing), *words],
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, pass_fds=[writing],
    )
    os.close(writing)
    with os.fdopen(reading, "rb") as report:
        words_back = report.read().split()
    if len(words_back) != 3 or int(words_back[0]) != 0:
        raise RuntimeError(f"{' '.join(words)}: failed\n{launched.stderr.decode()}")
    unit = 1 if sys.platform == "darwin" else 1024
    return float(words_back[1]), int(words_back[2]) * unit


def peak(*command):
    """The most memory in bytes that a command has, which has to succeed."""
    return seconds_and_peak(command)[1]
