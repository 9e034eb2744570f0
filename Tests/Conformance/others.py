"""Runs the standard's test suite on ONNX Runtime's CPU provider and on onnx's ReferenceEvaluator.

Writes one line for each case, as SurgeonConformance does, with the runtime in front. The results
depend on nothing but the pinned versions of the packages.
"""

import argparse
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper
from onnx.backend.test.runner import Runner
from onnx.reference import ReferenceEvaluator
from suite import all_cases


def plain(value):
    """Arrays for the suite's messages and NumPy scalars."""
    if isinstance(value, onnx.TensorProto):
        return numpy_helper.to_array(value)
    return np.asarray(value) if isinstance(value, np.generic) else value


class OnnxRuntime:
    def __init__(self, model):
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        self.session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def run(self, inputs):
        names = [info.name for info in self.session.get_inputs()]
        return self.session.run(None, dict(zip(names, inputs)))


class Reference:
    def __init__(self, model):
        self.evaluator = ReferenceEvaluator(model)
        given = {tensor.name for tensor in model.graph.initializer}
        self.names = [info.name for info in model.graph.input if info.name not in given]

    def run(self, inputs):
        return self.evaluator.run(None, dict(zip(self.names, inputs)))


def verdict(runtime, model, data_sets, case):
    try:
        prepared = runtime(model)
        for inputs, outputs in data_sets:
            actual = prepared.run([plain(value) for value in inputs])
            expected = [plain(value) for value in outputs]
            Runner.assert_similar_outputs(expected, list(actual), case.rtol, case.atol)
        return "passed", ""
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        text = " ".join(str(error).split())[:200]
        missing = isinstance(error, NotImplementedError) or "NOT_IMPLEMENTED" in text
        return "unsupported" if missing else "failed", f"{type(error).__name__}: {text}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("output")
    path = parser.parse_args().output
    np.seterr(all="ignore")
    with open(path, "w") as file:
        for kind, case, _, model, data_sets in all_cases():
            for name, runtime in (("onnxruntime", OnnxRuntime), ("reference", Reference)):
                word, reason = verdict(runtime, model, data_sets, case)
                file.write("\t".join([name, kind, case.name, word, reason]) + "\n")
    print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}: {path}", file=sys.stderr)


if __name__ == "__main__":
    main()
