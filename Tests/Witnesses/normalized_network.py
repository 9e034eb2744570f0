"""Small networks of convolutions with a BatchNormalization behind each."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Network:
    """Convolutions with a BatchNormalization behind each, on x [N, 8, 20, 20]."""

    def __init__(self):
        self.rng = np.random.default_rng(5)
        self.nodes, self.constants = [], []

    def constant(self, name, array):
        self.constants.append(numpy_helper.from_array(array.astype(np.float32), name))
        return name

    def conv(self, x, inputs, outputs, kernel=1, group=1, bias=False, scale=(0.5, 2)):
        """The name of what the BatchNormalization gives, whose scales are drawn from a range."""
        name = f"c{len(self.nodes)}"
        shape = (outputs, inputs // group, kernel, kernel)
        operands = [x, self.constant(name + ".w", self.rng.normal(size=shape) / shape[1])]
        if bias:
            operands.append(self.constant(name + ".b", self.rng.normal(size=outputs)))
        pads = [kernel // 2] * 4
        self.nodes.append(helper.make_node("Conv", operands, [name], group=group, pads=pads))
        numbers = {
            "scale": self.rng.uniform(*scale, outputs),
            "offset": self.rng.normal(size=outputs),
            "mean": self.rng.normal(size=outputs),
            "var": self.rng.uniform(0.5, 2, outputs),
        }
        names = [self.constant(f"{name}.{key}", value) for key, value in numbers.items()]
        self.nodes.append(helper.make_node("BatchNormalization", [name, *names], [name + ".n"]))
        return name + ".n"

    def apply(self, operator, *inputs, **attributes):
        name = f"o{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def model(self, *outputs):
        def value(name, *sizes):
            return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", *sizes])

        graph = helper.make_graph(
            self.nodes,
            "net",
            [value("x", 8, 20, 20)],
            [value(name, *(f"{size} of {name}" for size in "CHW")) for name in outputs],
            self.constants,
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)


def calibrated(surgeon, folder, model, *options):
    """The file that surgeon writes for drawn samples, and these."""
    onnx.save(model, folder / "m.onnx")
    data = np.random.default_rng(6).normal(1, 2, (21, 8, 20, 20)).astype(np.float32)
    np.save(folder / "x.npy", data)
    out = folder / "o.onnx"
    surgeon(
        *("calibrate", folder / "m.onnx", "--data", folder / "x.npy", "-o", out),
        *options,
        code=0,
    )
    return out, data
