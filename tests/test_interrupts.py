"""Ctrl-C is answered in the middle of every call, and daemon threads end with the process."""

import re
import sys
import textwrap
import tomllib
from pathlib import Path

import numpy as np
import pytest

import numket as nk
import oracle
from helpers import hits, interrupted

N = 20  # each call takes over twice as long as it takes to ask for signals
LONG = oracle.random_unitary(np.random.default_rng(1), 9)
"""A unitary on 9 qubits, which takes a fifth of a second on N."""

STRINGS = np.random.default_rng(2).choice(list("IXYZ"), size=(8000, N))
SUM = nk.PauliSum([("".join(letters), 1.0) for letters in STRINGS])


def dense(*shape):
    state = np.random.default_rng(3).normal(size=(*shape, 2**N)) + 0j
    return state / np.linalg.norm(state, axis=-1, keepdims=True)


READ = {
    "expectation": lambda psi: SUM.expectation(psi),
    "variance": lambda psi: SUM.variance(psi),
    "reduced_density_matrix": lambda psi: nk.reduced_density_matrix(psi, range(9)),
    "correlations": lambda psi: nk.correlations(psi, "X"),
    "sample": lambda psi: nk.sample(psi, 10**7, rng=1),
    "of a batch": lambda psi: nk.reduced_density_matrix(psi.reshape(4, -1), range(9), batch=1),
}
CHANGED = {
    "apply": lambda psi: nk.apply(psi, LONG, range(9)),
    "apply to a batch": lambda psi: nk.apply(psi.reshape(4, -1), LONG, range(9), batch=1),
}


@pytest.mark.parametrize("name", READ)
def test_ctrl_c_while_a_state_is_read(name):
    psi = dense()
    before = psi.copy()

    def begun():
        return hits(lambda: nk.p(psi[:2], 0.0, 0), patience=0)

    with interrupted(begun) as notes:
        while True:
            READ[name](psi)
    assert notes == ["numket stopped before the call had ended; nothing was changed"]
    assert np.array_equal(psi, before)
    nk.x(psi, 0)  # nothing is left leased


@pytest.mark.parametrize("name", CHANGED)
def test_ctrl_c_while_a_state_is_changed(name):
    psi = dense()

    def begun():
        return hits(lambda: nk.norm(psi[:2]), patience=0)

    with interrupted(begun) as notes:
        while True:
            CHANGED[name](psi)
    assert notes == ["numket stopped in the middle of the call; the state holds what it made of it"]
    # Each part of the state has seen the whole matrix, or nothing of it.
    assert abs(nk.norm(psi) - 1) < 1e-12
    nk.x(psi, 0)


DAEMONS = {
    "run": "noisy.run(psi, rng=rng)",
    "run with a seed": "noisy.run(psi, rng=3)",
    "run without": "noisy.run(psi)",
    "expectation": "noisy.expectation('ZZZZ')",
    "progress": "circuit.run(psi, [0.1], progress=lambda done, total: sum(range(500)))",
    "gradient": "circuit.gradient('ZZZZ', {theta: 0.1})",
    "parameters": "nk.Circuit(4).rx(2 * theta + 1, 0)",
    "trajectories": "noisy.trajectories(psi, 'ZZZZ', 3, rng=rng)",
    "sample": "nk.sample(psi, 5, rng=rng)",
    "counts": "nk.counts(psi, 5)",
    "measure": "nk.measure(psi, rng=rng)",
    "apply_kraus": "nk.apply_kraus(psi, channel, 0, rng=rng)",
    "an array of another dtype": "nk.apply_diagonal(nk.zero_state(14), single, range(14))",
    "an observable of another dtype": "nk.expectation(psi, np.ones(16, np.float32))",
    "a list": "nk.apply(psi, [[0, 1], [1, 0]], 0)",
    "terms of a generator": "nk.PauliSum((letters, 1.0) for letters in ['XY', 'ZI'])",
    "numbers of another class": "nk.PauliSum({'X': 1}) + np.float32(0.5)",
    "qubits of a generator": "nk.cx(psi, 0, 1, controls=(q for q in (2, 3)))",
    "refusals": "refused(lambda: nk.h(np.zeros(4, int), 0))",
    "arrays": "nk.zero_state(3, dtype=np.complex64)",
    "ket": "nk.Ket(psi).copy()",
    "repr": "repr(nk.Ket(psi))",
    "an index": "nk.h(psi, Slow())",
    "a float": "nk.rx(psi, Slow(), 0)",
    "a float of a circuit": "nk.Circuit(1).rx(Slow(), 0)",
    "a class": "refused(lambda: nk.rx(psi, Sly(), 0))",
    "a class in a list": "refused(lambda: nk.Circuit(1, [Sly()]))",
    "a class of a key": "refused(lambda: circuit.run(psi, {Sly(): 0.1}))",
    "a repr": "refused(lambda: nk.counts(psi, 5, rng=Sly()))",
    "a str": "refused(lambda: nk.zero_state(1, Sly()))",
    "a unit": "refused(lambda: nk.rx(psi, Sly(), 0))",
    "a length": "refused(lambda: nk.rx(psi, Sly(), 0))",
    "a label": "nk.ket(Label('01'))",
    "factors": "nk.PauliSum.from_openfermion(terms)",
    "a condition": "refused(lambda: nk.Circuit(1).x(0, condition=Sly()))",
    "an observable of anything": "refused(lambda: nk.expectation(psi, Sly()))",
}


SLOW = """
def slow(*_):
    return sum(range(500)) * 0

class Slow:
    __index__ = slow

    def __float__(self):
        return float(slow())

class Sly:
    __array__ = __len__ = __hash__ = __bool__ = slow

    def __repr__(self):
        return str(slow())

    __class__ = units = items = property(slow)

class Label(str):
    __str__ = __len__ = __hash__ = slow

class Factors(tuple):
    def __iter__(self):
        slow()
        return super().__iter__()

class terms:
    terms = {Factors([(0, "X")]): 1.0}
"""
"""Objects whose every method is Python code in which a thread may lose the interpreter."""


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="CPython lets such threads hang by itself")
@pytest.mark.parametrize("name", DAEMONS)
def test_exit_while_daemon_threads_call(name, snippet):
    """CPython ends them where they wait for the interpreter, also in the middle of a call."""
    snippet(
        f"""
        import contextlib, threading, time
        channel = [0.8 * np.eye(2), 0.6 * np.eye(2)[::-1]]
        theta = nk.Parameter("theta")
        circuit = nk.Circuit(4).h(0).rx(2 * theta, 1)
        noisy = nk.Circuit(4).h(0).apply_kraus(channel, 0).measure(0, 0).reset(1)
        single = np.ones(2**14, np.float32)
        begun = []

{textwrap.indent(SLOW, " " * 8)}
        def refused(call):
            with contextlib.suppress(TypeError, ValueError):
                call()

        def work():
            psi, rng = nk.zero_state(4), np.random.default_rng(1)
            while True:
                {DAEMONS[name]}
                begun.append(None)

        threads = [threading.Thread(target=work, daemon=True) for _ in range(4)]
        for thread in threads:
            thread.start()
        while len(begun) < 100:
            time.sleep(0.001)
            assert all(thread.is_alive() for thread in threads)
        """
    )


def test_rust_runs_python_code_through_invoke_alone():
    """A thread that ends in any other call of Python code would abort the process.

    Clippy knows the types, and so the methods whose names others have too.
    """
    root = Path(__file__).parent.parent
    refused = tomllib.loads((root / "clippy.toml").read_text())["disallowed-methods"]
    methods = {path.rpartition("::")[2] for path in refused if "PyAnyMethods" in path}
    names = {"call", "call1", "call_method", "extract", "getattr", "is_instance", "try_iter"}
    names |= {"hasattr", "is_truthy", "rich_compare"}
    assert methods >= names | {
        "contains",
        "eq",
        "hash",
        "len",
        "repr",
        "set_item",
        "setattr",
        "str",
    }
    calls = re.compile(rf"\.({'|'.join(names)})\(")
    excepted = []
    for path in (root / "src" / "python").rglob("*.rs"):
        lines = path.read_text().splitlines()
        expected = [i for i, line in enumerate(lines) if "expect(clippy::disallowed" in line]
        excepted += [path.name] * len(expected)
        found = [i for i, line in enumerate(lines) if calls.search(line.partition("//")[0])]
        assert all(any(0 < i - j < 4 for j in expected) for i in found), (path.name, found)
    assert sorted(excepted) == ["arrays.rs", "error.rs", "invoke.rs", "pauli_sum.rs", "sample.rs"]
