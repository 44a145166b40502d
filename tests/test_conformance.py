"""docs/conformance.md is what was recorded of the frameworks' own tests, and what differs has a
reason. Those tests themselves take long: `.ci/conformance.py`."""

import json
import re
import runpy
import tomllib
from pathlib import Path

import pytest

SCRIPT = runpy.run_path(str(Path(__file__).parents[1] / ".ci/conformance.py"))
KNOWN = tomllib.loads(SCRIPT["KNOWN"].read_text())
FIGURES = json.loads(SCRIPT["FIGURES"].read_text())


def test_the_page_is_what_was_recorded():
    page = SCRIPT["PAGE"].read_text()
    assert SCRIPT["written"](page, FIGURES, KNOWN) == page, (
        "run: uv run python .ci/conformance.py --table"
    )


@pytest.mark.parametrize("name", SCRIPT["FRAMEWORKS"])
def test_all_that_differs_is_known(name):
    row, known = FIGURES[name], KNOWN.get(name, [])
    assert row["versions"][SCRIPT["FRAMEWORKS"][name].package.partition("[")[0]] == (
        SCRIPT["FRAMEWORKS"][name].version
    )
    assert row["known"] == [each["count"] for each in known]
    for engine in "own", "numket":
        for outcome in "passed", "failed", "skipped":
            other = {"own": "numket", "numket": "own"}[engine]
            more = sum(each["count"] for each in known if each[engine] == outcome)
            less = sum(each["count"] for each in known if each[other] == outcome)
            assert row[engine][outcome] - row[other][outcome] == more - less
    for each in known:
        re.compile(each["tests"])
        assert each["own"] != each["numket"]
        assert re.fullmatch(r"[A-Z`].*\.", each["reason"])


def test_what_is_not_known_is_told():
    own = {"a": ("passed", False), "b": ("passed", False), "c": ("failed", False)}
    ours = {"a": ("failed", True), "b": ("passed", True), "c": ("passed", True)}
    row = {"tests": "^a$", "count": 1, "own": "passed", "numket": "failed", "reason": "So."}
    found, wrong = SCRIPT["sorted_out"](own, ours, [row])
    assert found == [["a"]]
    assert wrong == ["c: failed -> passed, and nothing tells why"]
    gone = {**row, "tests": "^b$"}
    found, wrong = SCRIPT["sorted_out"]({"b": own["b"]}, {"b": ours["b"]}, [gone])
    assert (found, wrong) == ([[]], ["^b$: 1 tests are known, 0 differ"])
    found, wrong = SCRIPT["sorted_out"]({"b": own["b"]}, {}, [])
    assert wrong == ["b: passed -> missing, and nothing tells why"]
