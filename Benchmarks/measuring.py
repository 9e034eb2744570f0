"""Running whole processes pair by pair, and describing the machine they ran on."""

import os
import platform
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = ROOT / "fixtures"
REPORT = ROOT / "docs/performance.md"
SURGEON = Path(os.environ.get("SURGEON", ROOT / ".build/release/surgeon"))
sys.path.insert(0, str(FIXTURES))


@dataclass
class Measured:
    seconds: list[float] = field(default_factory=list)
    peak_bytes: int = 0

    @property
    def median(self):
        return statistics.median(self.seconds)

    def text(self):
        low, high = min(self.seconds) * 1e3, max(self.seconds) * 1e3
        return (
            f"{self.median * 1e3:9.1f} ms ({low:.1f} to {high:.1f}), "
            f"peak {self.peak_bytes / 2**20:6.1f} MB"
        )


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


def once(command, measured, environment=None):
    """Runs a command; its wall time and its peak memory (of some 10 MB at least: the launcher's)."""
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
        sys.exit(f"{' '.join(words)}: failed\n{launched.stderr.decode()}")
    measured.seconds.append(float(words_back[1]))
    unit = 1 if sys.platform == "darwin" else 1024
    measured.peak_bytes = max(measured.peak_bytes, int(words_back[2]) * unit)


def in_turns(commands, rounds, environment=None):
    """Runs commands by name in turns (A B A B), after one round that fills the file cache."""
    results = {name: Measured() for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            once(command, Measured() if turn == 0 else results[name], environment)
    return results


def machine():
    model = platform.processor()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as info:
            names = [line.split(":")[1].strip() for line in info if line.startswith("model name")]
        model = names[0] if names else model
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = os.getloadavg()[0]
    return f"{model}, {cores} cores, {platform.system()}, load {load:.1f}"


def filled(name, folder):
    """A skeleton of fixtures/ with weights, as a file in `folder`."""
    import onnx
    import skeleton

    path = Path(folder) / f"{name}.onnx"
    model = onnx.load(FIXTURES / "skeletons" / f"{name}.onnx")
    skeleton.fill(model, seed=0)
    onnx.save(model, path)
    return path


def write_table(program, text):
    """Puts what a benchmark has to say between its marks in docs/performance.md."""
    start, end = f"<!-- {program}: begin -->", f"<!-- {program}: end -->"
    head, rest = REPORT.read_text().split(start, 1)
    tail = rest.split(end, 1)[1]
    REPORT.write_text(f"{head}{start}\n{text}\n{end}{tail}")
