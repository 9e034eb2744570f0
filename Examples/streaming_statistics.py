#!/usr/bin/env python3
"""Run a network whose normalisation statistics keep running, in ONNX Runtime.

    surgeon rewrite model.onnx --to welford -o stream.onnx
    python Examples/streaming_statistics.py stream.onnx samples.npy --state final.npz
    surgeon rewrite stream.onnx --to batchnorm --state final.npz -o adapted.onnx

A graph keeps nothing between two runs. `surgeon rewrite --to welford` (or `--to running`) therefore
makes every state tensor an input with a default and an output that follows it; whoever runs the
model feeds the one back into the other. The pairs are listed in the model's metadata under
`surgeon.state`, so that this loop knows nothing of the network.

Needs: pip install numpy onnxruntime. `surgeon run --repeat-state` does the same without Python.
"""

import argparse
import json

import numpy as np
import onnxruntime


class StatefulSession:
    """An ONNX Runtime session that feeds state back by itself."""

    def __init__(self, path):
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        metadata = self.session.get_modelmeta().custom_metadata_map
        self.pairs = json.loads(metadata.get("surgeon.state", "[]"))
        following = {output for _, output in self.pairs}
        self.outputs = [
            output.name for output in self.session.get_outputs() if output.name not in following
        ]
        # Empty: the first run takes the defaults inside the model.
        self.state = {}

    def run(self, inputs):
        """The network's own outputs; the state moves on."""
        names = self.outputs + [output for _, output in self.pairs]
        results = self.session.run(names, {**inputs, **self.state})
        following = results[len(self.outputs):]
        self.state = {name: value for (name, _), value in zip(self.pairs, following)}
        return results[: len(self.outputs)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("samples", help=".npy whose first dimension counts samples")
    parser.add_argument("--state", help="where to save the final state (.npz)")
    arguments = parser.parse_args()

    network = StatefulSession(arguments.model)
    if not network.pairs:
        parser.error(f"{arguments.model} has no state: rewrite it with --to welford or --to running")
    data_input = network.session.get_inputs()[0].name
    for index, sample in enumerate(np.load(arguments.samples)):
        (output, *_) = network.run({data_input: sample[np.newaxis]})
        print(f"sample {index}: output {output.shape}, mean {output.mean():.4f}")
    if arguments.state:
        np.savez(arguments.state, **network.state)


if __name__ == "__main__":
    main()
