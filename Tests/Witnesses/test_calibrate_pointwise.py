"""BatchNormalizations behind 1 x 1 convolutions, which surgeon need not run to measure them."""

import pytest
from calibration import agree, statistics, training_statistics
from normalized_network import Network, calibrated


def mobile_blocks():
    """Narrow values between wide ones, without an activation at the narrow ends."""
    net = Network()
    x = net.conv("x", 8, 8, kernel=3)
    for bias in (False, True):
        wide = net.apply("Relu", net.conv(x, 8, 48, bias=bias))
        wide = net.apply("Relu", net.conv(wide, 48, 48, kernel=3, group=48))
        x = net.apply("Add", x, net.conv(wide, 48, 8, bias=bias))
    return net.model(net.conv(x, 8, 64))


def branches():
    """Several convolutions read one value, in groups of different sizes; one result is read twice."""
    net = Network()
    x = net.apply("Relu", net.conv("x", 8, 8, kernel=3))
    a = net.conv(x, 8, 40)
    b = net.conv(x, 8, 40, group=4)
    c = net.conv(x, 8, 40, group=2, bias=True)
    total = net.apply("Add", net.apply("Add", a, b), c)
    return net.model(net.conv(total, 40, 16), net.conv(net.apply("Relu", a), 40, 8))


@pytest.mark.parametrize("network", [mobile_blocks, branches])
@pytest.mark.parametrize("options", [(), ("--batch-size", 3), ("--threads", 1, "--memory", 0)])
def test_they_are_those_of_training_mode_on_the_whole_set(surgeon, tmp_path, network, options):
    model = network()
    out, data = calibrated(surgeon, tmp_path, model, *options)
    agree(statistics(out), training_statistics(model, data))
