"""Every gate of the table against the textbook: everywhere, in both precisions, on any threads."""

import re
from itertools import permutations
from textwrap import dedent

import numpy as np
import pytest

import numket as nk
import oracle
from numket import _core

CASES = [
    pytest.param(name, n, id=f"{name}-{n}")
    for name in oracle.GATES
    for n in range(oracle.num_qubits(name), 6)
]
INVERSES = {"s": "sdg", "t": "tdg", "sx": "sxdg", "sdg": "s", "tdg": "t", "sxdg": "sx"}


def angles(rng, name):
    return rng.uniform(-np.pi, np.pi, oracle.num_params(name))


def random_controls(rng, n, qubits):
    """Some of the other qubits, and values for them."""
    others = [q for q in range(n) if q not in qubits]
    controls = rng.permutation(others)[: rng.integers(len(others) + 1)].tolist()
    return controls, rng.integers(2, size=len(controls)).tolist()


def check(rng, name, state, qubits, controls=(), control_values=None):
    """Applies the gate in place and compares."""
    params = angles(rng, name)
    expected = oracle.apply(state, oracle.gate(name, *params), qubits, controls, control_values)
    function = getattr(nk, name)
    assert (
        function(state, *params, *qubits, controls=controls, control_values=control_values) is None
    )
    oracle.assert_close(state, expected)


def test_table_is_the_one_promised():
    assert {gate["name"] for gate in _core.GATES} == set(oracle.GATES)
    for gate in _core.GATES:
        assert len(gate["params"]) == oracle.num_params(gate["name"])
        assert len(gate["qubits"]) == oracle.num_qubits(gate["name"])
        assert gate["doc"]
        assert gate["structure"]
        assert getattr(nk, gate["name"]).__doc__


@pytest.mark.parametrize("owner", [nk, nk.Circuit, nk.Ket], ids=lambda owner: owner.__name__)
@pytest.mark.parametrize("gate", _core.GATES, ids=lambda gate: gate["name"])
def test_docstrings_show_the_matrix(owner, gate):
    text = re.search(r"arguments::\n\n((?: +.*\n)+)", getattr(owner, gate["name"]).__doc__)[1]
    values = dict(zip(gate["params"], (0.7, -1.9, 2.3, 0.4), strict=False))
    known = {name: getattr(np, name) for name in ("array", "cos", "sin", "exp", "sqrt", "pi")}
    known["diag"] = lambda *entries: np.diag(entries)
    rows = re.sub(r"\[\[.*\]\]", r"array(\g<0>)", dedent(text).strip(), flags=re.DOTALL)
    expected = oracle.gate(gate["name"], *values.values()).astype(complex)
    np.testing.assert_allclose(eval(rows, known, values), expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize(("name", "n"), CASES)
def test_every_placement(name, n, dtype, rng):
    for qubits in permutations(range(n), oracle.num_qubits(name)):
        flat = oracle.random_state(rng, n, dtype)
        check(rng, name, flat, qubits)
        check(rng, name, flat, qubits, *random_controls(rng, n, qubits))
        check(rng, name, flat.reshape((2,) * n), qubits, *random_controls(rng, n, qubits))


@pytest.mark.parametrize("n", [6, 9, 12, 16])
@pytest.mark.parametrize("name", oracle.GATES)
def test_sampled_placements(name, n, dtype, rng):
    k = oracle.num_qubits(name)
    state = oracle.random_state(rng, n, dtype)
    check(rng, name, state, range(k))
    check(rng, name, state, range(n - k, n))
    for _ in range(4 if n < 16 else 1):
        qubits = rng.permutation(n)[:k].tolist()
        check(rng, name, state, qubits)
        check(rng, name, state, qubits, *random_controls(rng, n, qubits))


@pytest.mark.parametrize("name", oracle.GATES)
def test_identity_columns_give_the_matrix(name, dtype, rng):
    k, params = oracle.num_qubits(name), angles(rng, name)
    matrix = oracle.gate(name, *params)
    for column, state in enumerate(np.eye(2**k, dtype=dtype)):
        getattr(nk, name)(state, *params, *range(k))
        oracle.assert_close(state, matrix[:, column])


@pytest.mark.parametrize("name", oracle.GATES)
def test_inverse_brings_the_state_back(name, dtype, rng):
    k, params = oracle.num_qubits(name), angles(rng, name)
    if name in ("u", "cu"):
        theta, phi, lam, *gamma = params
        back = [-theta, -lam, -phi, *[-g for g in gamma]]
    else:
        back = [-theta for theta in params]
    times = 3 if name == "iswap" else 1
    for n in (k, k + 3):
        before = oracle.random_state(rng, n, dtype)
        qubits = rng.permutation(n)[:k].tolist()
        state = before.copy()
        getattr(nk, name)(state, *params, *qubits)
        for _ in range(times):
            getattr(nk, INVERSES.get(name, name))(state, *back, *qubits)
        oracle.assert_close(state, before, terms=4 * (1 + times) ** 2)


@pytest.mark.parametrize("n", [8, 11, 13, 14, 15, 16, 18])
@pytest.mark.parametrize("name", oracle.GATES)
def test_bits_do_not_depend_on_threads(name, n, dtype, rng):
    k, params = oracle.num_qubits(name), angles(rng, name)
    before = oracle.random_state(rng, n, dtype) if n < 16 else ramp(n, dtype)
    middle = rng.permutation(n)[: k + 1].tolist()
    for qubits, controls in (range(k), ()), (range(n - k, n), ()), (middle[1:], middle[:1]):
        results = [before.copy() for _ in range(3)]
        for threads, state in enumerate(results, 1):
            getattr(nk, name)(state, *params, *qubits, controls=controls, threads=threads)
        assert results[0].tobytes() == results[1].tobytes() == results[2].tobytes()


def ramp(n, dtype):
    """A state without pattern that is cheap to make."""
    index = np.arange(2**n)
    return (np.sin(index * 0.7) + 1j * np.cos(index * index % 1013)).astype(dtype)


@pytest.mark.parametrize("kind", [np.int8, np.int64, np.uint64, int], ids=str)
def test_qubits_are_anything_with_an_index(kind):
    state = nk.zero_state(2)
    nk.cx(state, kind(0), kind(1), controls=(), control_values=())
    nk.x(state, kind(1), controls=[kind(0)], control_values=[kind(0)])
    assert state.tolist() == [0, 1, 0, 0]


@pytest.mark.parametrize("angle", [1, 0.5, np.float32(0.5), np.float64(0.5), np.array(0.5)])
def test_angles_are_real_numbers(angle):
    state = np.array([1, 0], complex)
    nk.rx(state, angle, 0)
    oracle.assert_close(state, oracle.gate("rx", float(angle))[:, 0])


@pytest.mark.parametrize("scale", [20, 1e4, 1e9])
@pytest.mark.parametrize("name", [name for name in oracle.GATES if oracle.num_params(name)])
def test_many_turns_are_as_exact_as_one(name, scale, dtype, rng):
    """The sum of two large angles is not rounded to a double on the way."""
    k = oracle.num_qubits(name)
    for _ in range(20):
        params = rng.uniform(-scale, scale, oracle.num_params(name))
        state = oracle.random_state(rng, k + 1, dtype)
        expected = oracle.apply(state, oracle.gate(name, *params), range(k))
        getattr(nk, name)(state, *params, *range(k))
        oracle.assert_close(state, expected, terms=16)


def test_controls_may_be_arrays_tuples_and_lists():
    for controls in [(0, 2), [0, 2], np.array([0, 2])]:
        for values in [(1, 0), [1, 0], np.array([1, 0])]:
            state = nk.basis_state(3, "100")
            nk.x(state, 1, controls=controls, control_values=values)
            assert abs(state[0b110]) == 1


def test_special_floats_in_the_state_pass_where_the_gate_does_not_act():
    """A permutation moves bits as they are, NaN and signed zero included."""
    state = np.array([np.nan, -0.0, np.inf, 2], complex)
    nk.swap(state, 0, 1)
    assert state.tobytes() == np.array([np.nan, np.inf, -0.0, 2], complex).tobytes()
    nk.x(state, 1, controls=[0])
    assert state.tobytes() == np.array([np.nan, np.inf, 2, -0.0], complex).tobytes()
