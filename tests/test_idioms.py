"""Every idiom of the docs gives the same before and after."""

import inspect
import re
from pathlib import Path

import numpy as np
import pytest

import oracle
from numket.bench.dropin.idioms import IDIOMS

PAGE = (Path(__file__).parents[1] / "docs" / "idioms.md").read_text()
IN_PLACE = {"tensordot", "matmul", "slices", "controlled", "masks", "qaoa", "cirq"}


@pytest.mark.parametrize("n", [2, 6, 9])
@pytest.mark.parametrize("name", IDIOMS)
def test_before_and_after_are_equal(name, n):
    idiom = IDIOMS[name]
    before = idiom.run(idiom.before, idiom.state(n))
    after = idiom.run(idiom.after, idiom.state(n))
    assert not np.allclose(after, idiom.state(n))
    steps = 2 * n * 5  # gates, at most
    error = oracle.distance(after.reshape(-1), before.reshape(-1))
    assert error < steps * oracle.tolerance(np.complex128)


@pytest.mark.parametrize("name", IDIOMS)
def test_what_works_in_place_returns_the_array_that_it_was_given(name):
    idiom = IDIOMS[name]
    state = idiom.state(4)
    after = idiom.run(idiom.after, state)
    assert np.shares_memory(after, state) == (name in IN_PLACE)


def test_the_page_shows_these_functions():
    blocks = re.findall(r"```python\n(.*?)\n```", PAGE, re.DOTALL)
    shown = [block for block in blocks if block.startswith("def ")]
    functions = [side for idiom in IDIOMS.values() for side in (idiom.before, idiom.after)]
    assert shown == [inspect.getsource(function).rstrip() for function in functions]
    assert len(IDIOMS) >= 10
