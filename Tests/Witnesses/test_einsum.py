"""Einsum of any equation agrees with NumPy, with constants as well as computed operands."""

import numpy as np
import onnx
import pytest
from onnx import helper
from test_fast_operators import FLOAT, model_of, results  # noqa: F401 (a fixture)

SIZES = dict(a=1, b=2, c=3, d=17, e=8, f=5, h=4, i=19, j=23, k=6, n=2)
EQUATIONS = [
    "ij,jk->ik", "ij,kj->ik", "ji,jk->ki", "bhid,bhjd->bhij", "bhij,bhjd->bhid", "bihd,bjhd->bhij",
    "bid,dhe->bhie", "bhie,hed->bid", "bid,hde->bhie", "dhe,bid->bhie", "nci,kij->ncj", "i,j->ij",
    "bij,bij->bij", "bij,bij->bi", "bij,bij->", "ij,j->i", "i,ij->j", "ij->ji", "ij->", "ii->i",
    "bii->b", "ii,ij->j", "ij,jk,kd->id", "ij,jk,ki->", "bi,ij,j->b", "aij,jk->aik", "ab,bc->ac",
    "...ij,...jk->...ik", "i...,j...->ij...", "bij,ajk->bik", "bhi,hij,bhj->bh", "ij,ik", "ba",
    "ijd,jie->de", "hbi,bhj->ijbh", "bcd,bcd,bcd->bc",
]  # fmt: skip


@pytest.mark.parametrize("equation", EQUATIONS)
@pytest.mark.parametrize("constants", ["none", "last", "first", "all but one"])
def test_einsum_agrees_with_numpy(results, equation, constants):  # noqa: F811
    random = np.random.default_rng(0)
    terms = equation.split("->")[0].split(",")
    names = [f"x{i}" for i in range(len(terms))]
    arrays = {}
    for name, term in zip(names, terms, strict=True):
        shape = [SIZES[letter] for letter in term.replace("...", "bc")]
        arrays[name] = random.normal(size=shape).astype(np.float32)
    chosen = {"none": [], "last": names[1:][-1:], "first": names[:1] if len(names) > 1 else [],
              "all but one": names[1:]}[constants]  # fmt: skip
    feeds = {name: array for name, array in arrays.items() if name not in chosen}
    model = model_of([helper.make_node("Einsum", names, ["y"], equation=equation)], feeds, {"y": FLOAT})
    for name in chosen:
        model.graph.initializer.append(onnx.numpy_helper.from_array(arrays[name], name))
    wide = [array.astype(np.float64) for array in arrays.values()]
    expected = np.einsum(equation, *wide)
    found = results(model, feeds)["y"]
    assert found.shape == expected.shape
    scale = np.einsum(equation, *map(np.abs, wide))
    assert (np.abs(found - expected) <= 4e-7 * scale + 1e-30).all()


def test_axes_of_one_element_are_repeated(results):  # noqa: F811
    random = np.random.default_rng(0)
    feeds = {"x": random.normal(size=(1, 5, 7)), "z": random.normal(size=(4, 7, 1))}
    feeds = {name: array.astype(np.float32) for name, array in feeds.items()}
    for equation in ("bij,bjk->bik", "bij,bjk->bk", "bij,bjk->i"):
        node = helper.make_node("Einsum", ["x", "z"], ["y"], equation=equation)
        expected = np.einsum(equation, np.broadcast_to(feeds["x"], (4, 5, 7)), feeds["z"])
        found = results(model_of([node], feeds, {"y": FLOAT}), feeds)["y"]
        np.testing.assert_allclose(found, expected, rtol=2e-6, atol=2e-6)


def test_values_in_the_arrangement_of_a_convolution(results):  # noqa: F811
    random = np.random.default_rng(0)
    feeds = {"x": random.normal(size=(2, 6, 9, 8)), "w": random.normal(size=(6, 6, 1, 1)),
             "m": random.normal(size=(3, 8, 8))}  # fmt: skip
    feeds = {name: array.astype(np.float32) for name, array in feeds.items()}
    convolved = np.einsum("oc,ncij->noij", feeds["w"][:, :, 0, 0], feeds["x"])
    for equation in ("nctv,kvw->nctw", "nctv,nctw->nvw", "nctv->ntc"):
        names = ["c", "m"] if "k" in equation else ["c", "c"] if "," in equation else ["c"]
        nodes = [helper.make_node("Conv", ["x", "w"], ["c"])]
        nodes.append(helper.make_node("Einsum", names, ["y"], equation=equation))
        operands = {"c": convolved, "m": feeds["m"]}
        expected = np.einsum(equation, *[operands[name] for name in names])
        found = results(model_of(nodes, feeds, {"y": FLOAT}), feeds)["y"]
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
