"""The most memory that a process takes."""

import subprocess
import sys

# Linux counts what a process was before `exec` among its peak, so a small process starts the
# command.
LAUNCHER = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak(*command):
    """The most memory in kilobytes that a command takes, which has to succeed."""
    result = subprocess.run(
        [sys.executable, "-S", "-c", LAUNCHER, *map(str, command)],
        check=True,
        capture_output=True,
        text=True,
    )
    code, kilobytes = map(int, result.stdout.split())
    assert code == 0, result.stderr
    return kilobytes
