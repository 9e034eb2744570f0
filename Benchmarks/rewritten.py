"""The networks that `surgeon rewrite` writes: a verification runs them, so they have to be fast too.

Part of runtime.py, which measures them as it measures the others and writes their table.
"""

import subprocess
import sys
from pathlib import Path

import onnx
from onnx import version_converter

from measuring import SURGEON
from networks import NETWORKS

MODELS = ["resnet18", "mobilenet_v2", "unet3d", "crepe_tiny"]
# The options of `surgeon rewrite`, and the opset that the network is raised to first (0: its own).
FORMS = {
    "frozen, affine": ([], 0),
    "frozen, split": (["--form", "split"], 0),
    "welford": (["--to", "welford"], 0),
    "running": (["--to", "running"], 0),
    "groupnorm": (["--to", "groupnorm"], 0),
    "groupnorm, opset 21": (["--to", "groupnorm"], 21),
    "groupnorm, primitive": (["--to", "groupnorm", "--ops", "primitive"], 0),
    "layernorm": (["--to", "layernorm"], 0),
    "instancenorm": (["--to", "instancenorm"], 0),
}


def write(name, form, folder):
    """The rewritten network as a file."""
    options, opset = FORMS[form]
    source, target = Path(folder) / "source.onnx", Path(folder) / f"{name}_rewritten.onnx"
    model = NETWORKS[name]()
    if opset:
        model = version_converter.convert_version(model, opset)
    # State that a caller may leave out is an input with a default, which needs IR version 4.
    model.ir_version = max(model.ir_version, 10 if opset else 4)
    onnx.save(model, source)
    command = [SURGEON, "rewrite", source, "-o", target, "--no-verify", *options]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}:\n{done.stderr}")
    return target


def table(found):
    """One line for each form, one cell for each network: four ratios."""
    lines = [
        "Node by node against no optimisation with 1 and 2 threads, then optimised against full "
        "optimisation with 1 and 2 threads; ONNX Runtime's time over surgeon's. State inputs have "
        "their default values.",
        "",
        f"| rewritten to | {' | '.join(MODELS)} |",
        "|---|" + "---|" * len(MODELS),
    ]
    for form in FORMS:
        cells = []
        for name in MODELS:
            ratios = found.get(f"{form}, {name}")
            cells.append(
                "{:.2f} {:.2f}, {:.2f} {:.2f}".format(*ratios) if ratios else "not measured")
        lines.append(f"| {form} | {' | '.join(cells)} |")
    return lines
