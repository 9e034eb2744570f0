"""The page of `surgeon diff --html` in a real browser."""

import json
import re
import shutil
import subprocess

import pytest
from conftest import FIXTURES

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
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
    points: document.querySelectorAll('.plot circle').length,
  });
  document.body.append(found);
});
</script></body>"""


@pytest.fixture(scope="module")
def page(surgeon, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    after = folder / "after.onnx"
    surgeon("rewrite", UNET, "-o", after, code=0)
    surgeon("diff", UNET, after, "--run", "--html", folder / "page.html", code=1)
    return folder / "page.html"


def test_the_page_loads_nothing(page):
    html = page.read_text()
    assert not re.search(r"""(src|href)=["'](?!data:,|#)""", html.split("<svg")[0])
    assert "http" not in re.sub(r"http://www\.w3\.org/\S+", "", html)


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_click_shows_a_node_and_nothing_goes_wrong(page):
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
    found = re.search(r'<pre id="probe">(.*?)</pre>', done.stdout, re.S)
    shown = json.loads(found.group(1))
    assert shown["details"].startswith("BatchNormalization ")
    assert "epsilon" in shown["details"] and "relative error" in shown["details"]
    assert shown["partners"] == 2
    assert shown["histograms"] >= 4
    assert shown["points"] == 37
