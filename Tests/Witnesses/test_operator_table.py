"""The table that rule files are checked against says what the onnx package's own schemas say."""

import importlib.util
import pathlib

ROOT = pathlib.Path(__file__).parents[2]
SCRIPT = ROOT / "tools" / "make-operator-schemas.py"
TABLE = ROOT / "Sources" / "SurgeonRuleFiles" / "Schemas" / "OperatorTable.swift"


def test_the_table_of_operators_is_that_of_the_onnx_package():
    spec = importlib.util.spec_from_file_location("make_operator_schemas", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert TABLE.read_text() == script.source(), f"run {SCRIPT.name} again"
