"""Every document of --json is what docs/schema.json says, and has no key that it does not know."""

import json

import jsonschema
import numpy as np
import pytest
from conftest import FIXTURES, ROOT

SCHEMA = json.loads((ROOT / "docs/schema.json").read_text())
UNET = FIXTURES / "unet3d_mni_op13.onnx"
EXOTIC = FIXTURES / "exotic/exotic.onnx"
PLAN = """version = 1
[[nodes]]
match = "*e1*"
to = "groupnorm"
"""


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.fixture(scope="module")
def folder(surgeon, tmp_path_factory):
    folder = tmp_path_factory.mktemp("json")
    surgeon("rewrite", UNET, "--form", "fold", "-o", folder / "fold.onnx", code=0)
    surgeon("rewrite", UNET, "--to", "groupnorm", "-o", folder / "group.onnx", code=0)
    (folder / "plan.toml").write_text(PLAN)
    rng = np.random.default_rng(0)
    np.save(folder / "x.npy", rng.standard_normal((2, 1, 32, 32, 32)).astype(np.float32))
    return folder


LINES = [
    "rewrite {unet} -o {folder}/out.onnx --precision double",
    "rewrite {unet} --to groupnorm --samples 2 -o {folder}/out.onnx",
    "rewrite {unet} --to welford --no-verify -o {folder}/out.onnx",
    "rewrite {exotic} --no-verify -o {folder}/out/exotic.onnx",
    "diff {unet} {unet}",
    "diff {unet} {folder}/fold.onnx --run",
    "diff {unet} {folder}/group.onnx --run --samples 2",
    "diff {unet} {exotic}",
    "verify {unet} {folder}/fold.onnx",
    "verify {unet} {folder}/group.onnx --first-divergence",
    "verify {unet} {folder}/group.onnx --rtol 0.01 --bisect {folder}/plan.toml",
    "inspect {unet}",
    "inspect {exotic} --types",
    "inspect {unet} --data {folder}/x.npy --samples 1",
    "run {unet} --inputs {folder}/x.npy --repeat 2",
    "run {unet} --inputs {folder}/x.npy --profile",
    "why {exotic}",
    "why {unet} --rule fold-into-conv",
    "calibrate {unet} --data {folder}/x.npy -o {folder}/calibrated.onnx",
    "show {unet}",
    "show nowhere.onnx",
    "run {unet} --threads many",
]


@pytest.mark.parametrize("line", LINES)
def test_a_document_fits_the_schema(surgeon, folder, line):
    (folder / "out").mkdir(exist_ok=True)
    arguments = line.format(unet=UNET, exotic=EXOTIC, folder=folder).split()
    document = json.loads(surgeon(*arguments, "--json").out)
    expected = "error" if "nowhere" in line or "many" in line else arguments[0]
    assert document["command"] == expected
    # Of nine alternatives only the one in question has an error message worth reading.
    one = SCHEMA | {"oneOf": [{"$ref": f"#/$defs/{expected}"}]}
    jsonschema.validate(document, one, jsonschema.Draft202012Validator)
