"""The page of `surgeon diff --html` in a real browser."""

import json
import re
import shutil
import subprocess

import numpy as np
import onnx
import pytest
from conftest import FIXTURES
from onnx import helper, numpy_helper
from test_blind_edits import with_bodies

# `make witnesses` installs one where it can.
BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
needs_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="NO BROWSER: nothing tested what the HTML page does"
)
UNET = FIXTURES / "unet3d_mni_op13.onnx"

# Clicks the first replaced node and leaves what the page shows where --dump-dom finds it.
PROBE = """<script>
window.addEventListener('load', () => {
  const drawn = document.querySelector('#before .op.replaced');
  drawn.dispatchEvent(new MouseEvent('click', {bubbles: true}));
  const found = document.createElement('pre');
  found.id = 'probe';
  found.textContent = JSON.stringify({
    details: document.getElementById('details').textContent,
    histograms: document.querySelectorAll('.hist').length,
    partners: document.querySelectorAll('#after .partner').length,
    verdict: document.querySelector('.verdict').textContent,
    points: document.querySelectorAll('.plot circle').length,
    legend: [...document.querySelectorAll('.legend li:not([hidden])')].map(e => e.textContent),
  });
  document.body.append(found);
});
</script></body>"""


@pytest.fixture(scope="module")
def page(surgeon, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    after = folder / "after.onnx"
    surgeon("rewrite", UNET, "-o", after, code=0)
    page = folder / "page.html"
    surgeon("diff", UNET, after, "--run", "--precision", "double", "--html", page, code=1)
    return page


def test_the_page_loads_nothing(page):
    html = page.read_text()
    assert not re.search(r"""(src|href)=["'](?!data:,|#)""", html.split("<svg")[0])
    assert "http" not in re.sub(r"http://www\.w3\.org/\S+", "", html)


def browse(page):
    """Opens a page with the probe in it; what it found, and whether the console stayed silent."""
    probed = page.with_name("probed.html")
    probed.write_text(page.read_text().replace("</body>", PROBE))
    done = subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
            "--virtual-time-budget=5000", "--dump-dom", probed.as_uri(),
        ],
        capture_output=True, text=True, timeout=120,
    )
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
    return json.loads(re.search(r'<pre id="probe">(.*?)</pre>', done.stdout, re.S).group(1))


@needs_browser
def test_a_click_shows_a_node_and_nothing_goes_wrong(page):
    shown = browse(page)
    assert shown["details"].startswith("BatchNormalization ")
    assert "epsilon" in shown["details"] and "relative error" in shown["details"]
    assert shown["verdict"] == "different: 10 groups replaced"
    assert shown["partners"] == 2
    assert shown["legend"] == ["replaced 30"]
    assert shown["histograms"] >= 4
    assert shown["points"] == 37


def residual(blocks):
    """A network of three nodes and a shortcut for each block."""
    weight = np.random.default_rng(0).standard_normal((4, 4, 1, 1)).astype(np.float32) / 4
    constants = {"w": weight} | {name: np.ones(4, np.float32) for name in "gbmv"}
    nodes, end = [], "x"
    for index in range(blocks):
        nodes += [
            helper.make_node("Conv", [end, "w"], [f"c{index}"], f"conv{index}"),
            helper.make_node(
                "BatchNormalization", [f"c{index}", *"gbmv"], [f"n{index}"], f"bn{index}"
            ),
            helper.make_node("Relu", [f"n{index}"], [f"r{index}"], f"relu{index}"),
            helper.make_node("Add", [end, f"r{index}"], [f"a{index}"], f"add{index}"),
        ]
        end = f"a{index}"
    types = [helper.make_tensor_value_info(name, 1, [1, 4, 4, 4]) for name in ("x", end)]
    tensors = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    graph = helper.make_graph(nodes, "g", types[:1], types[1:], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@needs_browser
def test_a_network_of_two_thousand_nodes_has_a_page(surgeon, tmp_path):
    before, after, page = (tmp_path / name for name in ("a.onnx", "b.onnx", "page.html"))
    onnx.save(residual(500), before)
    surgeon("rewrite", before, "--no-verify", "-o", after, code=0)
    surgeon("diff", before, after, "--html", page, code=1)
    shown = browse(page)
    assert shown["details"].startswith("BatchNormalization bn0")
    assert shown["verdict"] == "different: 500 groups replaced"
    assert shown["partners"] == 2


@needs_browser
def test_a_change_in_a_body_is_on_the_page(surgeon, tmp_path):
    before, after, page = (tmp_path / name for name in ("a.onnx", "b.onnx", "page.html"))
    model = with_bodies()
    onnx.save(model, before)
    [loop] = [node for node in model.graph.node if node.op_type == "Loop"]
    [tanh] = [node for node in loop.attribute[0].g.node if node.op_type == "Tanh"]
    tanh.op_type = "Sigmoid"
    onnx.save(model, after)
    surgeon("diff", before, after, "--run", "--html", page, code=1)
    shown = browse(page)
    assert "in the body of Loop 'loop'" in shown["details"]
    assert shown["partners"] == 1
    assert shown["points"] > 10
