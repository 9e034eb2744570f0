"""Running whole processes pair by pair, and describing the machine they ran on."""

import os
import platform
import statistics
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = ROOT / "fixtures"
REPORT = ROOT / "docs/performance.md"
SURGEON = Path(os.environ.get("SURGEON", ROOT / ".build/release/surgeon"))
sys.path.insert(0, str(FIXTURES))
# At the end: two scripts of this folder have namesakes there.
sys.path.append(str(ROOT / "Tests/Witnesses"))

from peak import seconds_and_peak  # noqa: E402


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


def once(command, measured, environment=None):
    """Runs a command; adds its wall time and its peak memory."""
    try:
        seconds, peak = seconds_and_peak(command, environment)
    except RuntimeError as error:
        sys.exit(str(error))
    measured.seconds.append(seconds)
    measured.peak_bytes = max(measured.peak_bytes, peak)


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
