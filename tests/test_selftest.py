"""``numket selftest``: it passes here, and says what is broken where something is."""

import json
import os
import re
import time
from contextlib import suppress
from types import SimpleNamespace

import pytest

import numket as nk
from numket import _core, selftest
from numket.__main__ import main
from numket.selftest import Result

LANES = _core.config()["lanes_available"]


def test_all_is_well(capfd):
    """In processes of their own, for each kind of lanes; on the terminal there is a line each."""
    assert main(["selftest", "--quick"]) == 0
    out, err = capfd.readouterr()
    facts, *parts = re.split(r"\nlanes (\w+)\n", out)
    assert re.search(f"^numket +{nk.__version__}$", facts, re.M)
    assert re.search("^CPU features +", facts, re.M)
    assert parts[::2] == LANES
    last = f"\nall {len(LANES) * len(selftest.CHECKS)} checks passed, after "
    for part in parts[1::2]:
        lines = part.partition(last)[0].strip("\n").split("\n")
        assert all(line.startswith("  ok      ") for line in lines)
        assert [line[10:23].strip() for line in lines] == list(selftest.CHECKS)
    assert parts[-1].count(last) == 1
    assert err == ""


def test_every_gate_is_in_its_textbook():
    assert selftest.GATES.keys() == {gate["name"] for gate in _core.GATES}


@pytest.mark.parametrize(("ok", "code"), [(True, 0), (False, 1)])
def test_the_document(ok, code, monkeypatch, capsys):
    results = [Result("scalar", "gates", ok, "0.9 eps", 1.5)]
    monkeypatch.setattr(selftest, "in_a_process", lambda lanes, quick: results if quick else [])
    assert main(["selftest", "--quick", "--json"]) == code
    document = json.loads(capsys.readouterr().out)
    assert document.pop("seconds") >= 0
    assert document.pop("environment")["numket"] == nk.__version__
    row = {"lanes": "scalar", "check": "gates", "ok": ok, "measured": "0.9 eps", "seconds": 1.5}
    assert document == {"quick": True, "ok": ok, "checks": [row] * len(LANES)}


def test_what_failed_is_told(monkeypatch, capsys):
    results = [Result("x", "gates", False, "rx is off", 1), Result("x", "threads", True, "same", 1)]
    monkeypatch.setattr(selftest, "in_a_process", lambda lanes, quick: results)
    assert main(["selftest"]) == 1
    out = capsys.readouterr().out
    assert re.search(r"^  FAILED  gates +rx is off\n  ok      threads +same$", out, re.M)
    assert out.endswith(
        f"\n{len(LANES)} of {2 * len(LANES)} checks FAILED: please report all of the above\n"
    )


def beside(**changes):
    """Something in place of a function of numket, or of the textbook; gets what was there."""

    def change(monkeypatch):
        for name, function in changes.items():
            owner = selftest if hasattr(selftest, name) and not hasattr(nk, name) else nk
            old = getattr(owner, name)
            monkeypatch.setattr(
                owner, name, lambda *a, _f=function, _old=old, **k: _f(_old, *a, **k)
            )

    return change


def off(old, *given, **options):
    return old(*given, **options) * (1 + 1e-12)


def nothing(old, *given, **options):
    pass


def without_controls(old, *given, **options):
    old(*given)


def with_a_copy(old, state, *given, **options):
    made = state.copy()
    old(made, *given, **options)
    state[...] = made


def over_the_hole(old, state, *given, **options):
    old(state, *given, **options)
    if state.base is not None and state.base.ndim == 2:
        state.base[:, 0] = 0


def by_threads(old, *given, **options):
    return old(*given, **options) + nk.get_num_threads()


def of_another_seed(old, *given, rng, **options):
    return old(*given, rng=rng + 1, **options)


def lenient(old, *given, **options):
    with suppress(ValueError):
        old(*given, **options)


def too_late(old, state, *given, **options):
    if state.dtype == complex and state.flags.writeable:
        state[0] += 1e-9
    old(state, *given, **options)


def deaf(old, n, layers):
    return SimpleNamespace(run=lambda state: time.sleep(0.01))


@pytest.mark.parametrize(
    ("check", "change", "words"),
    [
        ("in place", beside(h=with_a_copy), r"complex64 h on 21 qubits: .* allocated 16\.0 MiB"),
        ("in place", beside(norm=lambda old, state: 1), None),
        ("in place", beside(h=off), "TypeError: .* [(]line [0-9]+ of the check[)]"),
        ("gates", beside(rzx=nothing), r"complex128 rzx\(-?\d.* on the qubits \[0, 1\] of 2: off"),
        (
            "gates",
            beside(twin=off),
            r"complex128 x\(\) on the qubits \[0\] of 1: off by 4\.5e\+03 eps",
        ),
        ("operators", beside(apply_permutation=nothing), "apply_permutation on the qubits"),
        ("controls", beside(rz=without_controls), "where the control 0 of 2 qubits is 0, bits"),
        ("circuits", beside(matrix_of=off), "a circuit of 60 operations on 4 qubits, against"),
        ("readings", beside(norm=off), "complex128 norm of 1 qubits: off by"),
        (
            "readings",
            beside(variance=off),
            "complex128 variance of 12 strings of [0-9] letters: off",
        ),
        ("gradients", beside(rotation=off), "complex128 the value beside a gradient: off by"),
        ("sampling", beside(sample=of_another_seed), r"the seed 7 gives \[.* not \[56, 46"),
        ("measuring", beside(project=lambda old, *given: 1.0), "project of qubit 0 of 5: off by"),
        ("batches", beside(apply=nothing), "apply with a matrix for each of 1 states: off by"),
        ("layouts", beside(h=over_the_hole), "complex128 a column: the holes have changed"),
        ("layouts", beside(rz=nothing), r"complex128 rz on \[0\], flat: off by"),
        ("threads", beside(norm=by_threads), "norm: 2 threads give other bits than 1"),
        ("other threads", beside(apply=nothing), "no other thread ran during"),
        ("Ctrl-C", beside(long_circuit=deaf), "Ctrl-C did not stop any of"),
        ("refusals", beside(rx=lenient), "an angle that is NaN: this was not refused"),
        ("refusals", beside(apply_pauli=too_late), "a letter that is none: refused, but bytes"),
    ],
)
def test_what_is_broken_is_found(check, change, words, monkeypatch):
    monkeypatch.setattr(selftest, "PATIENCE", 0.3)
    monkeypatch.setattr(selftest, "CHECKS", {check: selftest.CHECKS[check]})
    change(monkeypatch)
    [result] = selftest.results(True)
    assert (result.check, result.ok) == (check, words is None)
    assert words is None or re.search(words, result.measured), result.measured


@pytest.fixture
def started_with(tmp_path, monkeypatch):
    """Every process of Python's begins with this code."""

    def change(*lines):
        (tmp_path / "sitecustomize.py").write_text("\n".join(lines))
        monkeypatch.syspath_prepend(str(tmp_path))

    return change


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals")
@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("os.abort()", "the process ended by SIGABRT"),
        ("os._exit(3)", "the process ended with code 3"),
        ("sys.exit('what a pity')", "the process ended with code 1 (what a pity)"),
    ],
)
def test_a_process_that_ends(code, words, started_with):
    """At an illegal instruction, say: what it was about to do has failed, and so has the rest."""
    started_with("import os, sys, numket", "def h(*given):", f"    {code}", "numket.h = h")
    first, *others = selftest.in_a_process("scalar", True)
    assert first == Result("scalar", "in place", False, words, 0)
    assert {other.measured for other in others} == {f"not run, {words}"}
    assert [first.check, *(other.check for other in others)] == list(selftest.CHECKS)


def test_a_process_that_does_not_end(started_with, monkeypatch):
    started_with("import time, numket", "numket.h = lambda *given: time.sleep(1000)")
    monkeypatch.setattr(selftest, "LIMIT", 1)
    first = next(selftest.in_a_process("scalar", True))
    assert (first.check, first.ok) == ("in place", False)
    assert first.measured.startswith("the process ended")


def test_lanes_that_are_others(started_with):
    started_with("from numket import _core", "_core.config = lambda: {'lanes': 'avx3'}")
    first = next(selftest.in_a_process("scalar", True))
    assert (first.check, first.ok, first.measured) == ("in place", False, "done with avx3")
