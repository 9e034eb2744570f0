"""MaxPools behind a BatchNormalization, which surgeon takes before it."""

import onnx
import pytest
from calibration import agree, statistics, training_statistics
from normalized_network import Network, calibrated

# Whether a channel rises or falls is for its scale to say.
SCALES = {"rising": (0.5, 2), "falling": (-2, -0.5), "both": (-1, 1)}
POOLS = {
    "as in image networks": dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
    "rounded up": dict(kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
    "every element": dict(kernel_shape=[2, 2]),
}


def stem(scale, pool, between):
    """Two pools, the second of which has nothing but the normalisation before it."""
    net = Network()
    x = net.conv("x", 8, 12, kernel=3, scale=SCALES[scale])
    if between:
        x = net.apply(between, x)
    x = net.apply("MaxPool", x, **POOLS[pool])
    x = net.conv(x, 12, 24, scale=SCALES[scale])
    x = net.apply("MaxPool", x, **POOLS[pool])
    return net.model(net.conv(x, 24, 8, kernel=3))


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("between", ["Relu", "LeakyRelu", None])
def test_statistics_behind_them_are_those_of_training_mode(surgeon, tmp_path, scale, pool, between):
    model = stem(scale, pool, between)
    out, data = calibrated(surgeon, tmp_path, model)
    assert [node.op_type for node in onnx.load(out).graph.node] == [
        node.op_type for node in model.graph.node
    ]
    agree(statistics(out), training_statistics(model, data))
