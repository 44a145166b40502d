"""The functions of `numket.compat` give what the originals give, on numket where they should."""

import subprocess
import sys
from functools import reduce

import cirq
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.circuit.library import PauliEvolutionGate
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import (
    Operator,
    Pauli,
    SparsePauliOp,
    Statevector,
    random_statevector,
    random_unitary,
)

import numket as nk
import oracle
from helpers import peak
from numket import compat
from numket.compat import arrays, einsum, evolve, kron, targeted_left_multiply, tensordot

LEAST = arrays.LEAST
X = np.array([[0, 1], [1, 0]])
H = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
CX = np.eye(4)[[0, 1, 3, 2]].reshape(2, 2, 2, 2)
S = np.diag([1, 1j])


@pytest.fixture(autouse=True, scope="module")
def any_size():
    """numket takes small states too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrays, "LEAST", {name: {"c": 0, "f": 0} for name in LEAST})
        yield


@pytest.fixture
def applied(monkeypatch):
    """A list that grows with every operator that is handed to numket."""
    calls = []

    def watched(real):
        def spy(*args, **options):
            real(*args, **options)
            calls.append(args)

        return spy

    for name in ("apply", "apply_diagonal"):
        monkeypatch.setattr(arrays.nk, name, watched(getattr(nk, name)))
    return calls


def numbers(rng, shape, dtype):
    values = rng.normal(size=shape)
    if np.dtype(dtype).kind == "c":
        values = values + 1j * rng.normal(size=shape)
    return values.astype(dtype)


def assert_same(actual, expected):
    """Equal but for rounding, and of one dtype and shape."""
    assert actual.shape == expected.shape
    assert actual.dtype == expected.dtype
    epsilon = 0 if expected.dtype.kind == "i" else np.finfo(expected.dtype).eps
    assert np.abs(actual - expected).max(initial=0) <= 64 * epsilon * np.abs(expected).max(
        initial=1
    )


@st.composite
def products(draw):
    """(matrix, state, targets): axes of several lengths, of which some are no qubits."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    shape = draw(st.lists(st.sampled_from([1, 2, 2, 2, 3, 4, 8]), min_size=1, max_size=5))
    state = numbers(rng, shape, draw(st.sampled_from(["c16", "c8", "f8"])))
    state = state.transpose(draw(st.permutations(range(state.ndim))))
    targets = draw(st.permutations(range(state.ndim)))[: draw(st.integers(1, min(3, state.ndim)))]
    lengths = [state.shape[axis] for axis in targets]
    matrix = numbers(rng, lengths * 2, draw(st.sampled_from(["c16", "c8", "f8", "i8"])))
    return matrix, state, targets


@given(products(), st.booleans())
def test_tensordot_equals_numpys(product, swapped):
    matrix, state, targets = product
    columns = [*range(len(targets), 2 * len(targets))]
    a, b, axes = matrix, state, (columns, targets)
    if swapped:
        a, b, axes = state, matrix, (targets, columns)
    before = state.copy()
    assert_same(tensordot(a, b, axes), np.tensordot(a, b, axes))
    assert np.array_equal(state, before)


@given(products(), st.sampled_from(["letters", "lists", "ellipsis"]), st.booleans(), st.data())
def test_einsum_equals_numpys(product, form, swapped, data):
    matrix, state, targets = product
    k = len(targets)
    rows, columns = "ABC"[:k], "abc"[:k]
    of_state = [
        columns[targets.index(a)] if a in targets else "xyzuv"[a] for a in range(state.ndim)
    ]
    to = [rows[targets.index(a)] if a in targets else "xyzuv"[a] for a in range(state.ndim)]
    if form == "ellipsis":  # for the axes before the first target
        first = min(targets)
        of_state, to = ["...", *of_state[first:]], ["...", *to[first:]]
    else:
        to = data.draw(st.permutations(to))
    sides = [([*rows, *columns], matrix), (of_state, state)]
    (of_a, a), (of_b, b) = sides[::-1] if swapped else sides
    if form == "lists":
        number = {label: place for place, label in enumerate("ABCabcxyzuv")}
        of_a, of_b, to = ([number[label] for label in term] for term in (of_a, of_b, to))
        operands = a, of_a, b, of_b, to
    else:
        operands = f"{''.join(of_a)},{''.join(of_b)}->{''.join(to)}", a, b
    expected = np.einsum(*operands)
    assert_same(einsum(*operands), expected)
    out = np.empty_like(expected)
    assert einsum(*operands, out=out) is out
    assert_same(out, expected)


@given(products())
def test_einsum_of_a_diagonal_equals_numpys(product):
    matrix, state, targets = product
    diagonal = matrix[(..., *[0] * len(targets))]
    operands = diagonal, targets, state, [*range(state.ndim)], [*range(state.ndim)]
    assert_same(einsum(*operands), np.einsum(*operands))


@given(products(), st.sampled_from(["new", "out", "itself"]))
def test_targeted_left_multiply_equals_cirqs(product, where):
    matrix, state, targets = product
    expected = cirq.targeted_left_multiply(matrix, state, targets)
    out = None if where == "new" else np.empty_like(expected)
    if where == "itself" and state.dtype == expected.dtype:
        out = state
    made = targeted_left_multiply(matrix, state, targets, out=out)
    assert_same(made, expected)
    assert out is None or made is out


def test_targets_that_repeat_are_cirqs(rng):
    matrix, psi = numbers(rng, (2,) * 4, "c16"), numbers(rng, (2, 2), "c16")
    assert_same(
        targeted_left_multiply(matrix, psi, [1, 1]),
        cirq.targeted_left_multiply(matrix, psi, [1, 1]),
    )


@pytest.mark.parametrize(
    "call",
    [
        lambda psi: tensordot(H, psi, axes=([1], [2])),
        lambda psi: tensordot(H, psi, axes=(1, 2)),
        lambda psi: tensordot(H, psi, axes=((-1,), (-2,))),
        lambda psi: tensordot(H, psi, 1),
        lambda psi: tensordot(psi, H, ([2], [1])),
        lambda psi: tensordot(CX, psi, axes=((2, 3), (3, 0))),
        lambda psi: tensordot(H, psi.reshape(-1, 2, 4), axes=([1], [1])),
        lambda psi: tensordot(H, psi.T, axes=([1], [1])),
        lambda psi: tensordot(H, psi[:, 1], axes=([1], [1])),
        lambda psi: tensordot(H, psi.real, axes=([1], [2])),
        lambda psi: tensordot(S, psi.real, axes=([1], [2])),
        lambda psi: einsum("ab,xbyz->xayz", X, psi.imag.astype(np.float32)),
        lambda psi: einsum("ab,xbyz->xayz", H, psi),
        lambda psi: einsum("ab, ...b -> ...a", H, psi),
        lambda psi: einsum(psi, [0, 1, 2, 3], H, [9, 1], [0, 9, 2, 3]),
        lambda psi: einsum("b,xbyz->xbyz", np.array([1, 1j]), psi),
        lambda psi: targeted_left_multiply(CX, psi, (3, 1)),
    ],
)
def test_the_idioms_run_on_numket(call, applied, rng):
    call(oracle.random_state(rng, 4).reshape((2,) * 4))
    assert len(applied) == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda np_, psi: np_.tensordot(X, psi.real.astype(int), axes=([1], [2])),
        lambda np_, psi: np_.tensordot(H, psi.real.astype(np.longdouble), axes=([1], [2])),
        lambda np_, psi: np_.tensordot(np.array([[np.nan, 0], [0, 1]]), psi, axes=([1], [2])),
        lambda np_, psi: np_.tensordot(np.ones(2), psi, axes=([0], [1])),
        lambda np_, psi: np_.tensordot(psi.conj(), psi, axes=4),
        lambda np_, psi: np_.tensordot(H[:1], psi, axes=([1], [2])),
        lambda np_, psi: np_.tensordot([[0, 1], [1, 0]], psi, axes=([1], [2])),
        lambda np_, psi: np_.tensordot(H, psi[:0], axes=([1], [2])),
        lambda np_, psi: np_.einsum("ab,xbyz->xyz", H, psi),
        lambda np_, psi: np_.einsum("aa,xayz->xyz", H, psi),
        lambda np_, psi: np_.einsum("ab,xbyb->xay", H, psi),
        lambda np_, psi: np_.einsum("ab,xbyz", H, psi),
        lambda np_, psi: np_.einsum("abcd,abcd->", psi.conj(), psi),
        lambda np_, psi: np_.einsum("ab,bc,xcyz->xayz", H, X, psi),
        lambda np_, psi: np_.einsum("ab,xbyz->xayz", H, psi, optimize=True),
        lambda np_, psi: np_.einsum("ab,xbyz->xayz", H, np.ma.array(psi)),
        lambda np_, psi: np_.einsum("ab,bc,cd,->ad", H, X, H, np.array(2.0)),
        lambda np_, psi: np_.einsum(",", np.array(2j), np.array(3)),
        lambda np_, psi: np_.einsum("ab,b->a", (m := psi[0, 0].copy()), m[0], out=m[1]),
    ],
)
def test_what_is_no_operator_on_a_state_is_left_to_numpy(call, applied, rng):
    psi = oracle.random_state(rng, 4).reshape((2,) * 4)
    expected = call(np, psi)
    np.testing.assert_array_equal(call(compat, psi), expected)
    assert not applied


@pytest.mark.parametrize(
    "call",
    [
        lambda np_, psi: np_.tensordot(H, psi, axes=([2], [0])),
        lambda np_, psi: np_.tensordot(H, psi, axes=([1], [0, 1])),
        lambda np_, psi: np_.tensordot(np.eye(3), psi, axes=([1], [0])),
        lambda np_, psi: np_.tensordot(H, psi, axes="xy"),
        lambda np_, psi: np_.einsum("ab,xb->xa", H, psi),
        lambda np_, psi: np_.einsum("ab,xbyz->xaya", H, psi),
        lambda np_, psi: np_.einsum("ab,xbyz->xayz", H, psi, out=np.zeros((2, 2), complex)),
        lambda np_, psi: np_.einsum(),
        lambda np_, psi: np_.einsum("ab,~b->~a", H, psi),
        lambda np_, psi: np_.einsum("12,x2yz->x1yz", H, psi),
        lambda np_, psi: np_.einsum(H, [60, 1], psi, [0, 1, 2, 3], [0, 60, 2, 3]),
        lambda np_, psi: np_.einsum(H, [4, 1], psi, [0, 1, 2, 3], None),
    ],
)
def test_errors_are_numpys(call, rng):
    psi = oracle.random_state(rng, 4).reshape((2,) * 4)
    with pytest.raises(Exception) as expected:  # noqa: PT011 - whichever NumPy raises
        call(np, psi)
    with pytest.raises(type(expected.value)) as found:
        call(compat, psi)
    assert str(found.value) == str(expected.value)


@pytest.mark.parametrize("dtype", ["c16", "c8", "f8", "f4"])
@pytest.mark.parametrize("name", ["tensordot", "einsum"])
def test_small_states_are_left_to_numpy(name, dtype, applied, monkeypatch, rng):
    monkeypatch.setattr(arrays, "LEAST", LEAST)
    least = LEAST[name][dtype[0]] // np.dtype(dtype).itemsize
    for size in (2, least // 2, least):
        applied.clear()
        psi = numbers(rng, (2, size // 2), dtype)
        gate = X.astype(dtype)
        if name == "tensordot":
            assert_same(tensordot(gate, psi, 1), np.tensordot(gate, psi, 1))
        else:
            assert_same(einsum("ab,bx->ax", gate, psi), np.einsum("ab,bx->ax", gate, psi))
            lists = gate, [0, 1], psi, [1, 2], [0, 2]
            assert_same(einsum(*lists), np.einsum(*lists))
            assert len(applied) in (0, 2)
        assert bool(applied) == (size >= least)


def test_out_may_be_any_array_that_numpy_takes(rng, applied):
    psi = oracle.random_state(rng, 3).reshape((2,) * 3)
    expected = np.einsum("ab,xby->xay", H, psi)
    for out in (
        np.zeros((2, 2, 2), complex),
        np.zeros((2, 2, 2), complex, order="F"),
        np.zeros((2, 2, 2, 2), complex)[:, 1],
        np.zeros((2, 2, 2), np.clongdouble),
        psi.copy().T.copy().T,
    ):
        assert einsum("ab,xby->xay", H, psi, out=out) is out
        np.testing.assert_allclose(out.astype(complex), expected, atol=1e-15)
    assert len(applied) == 4  # all but the long doubles
    shifted = np.zeros(9, complex)
    old, new = shifted[:8].reshape(2, 2, 2), shifted[1:].reshape(2, 2, 2)
    old[...] = psi
    einsum("ab,xby->xay", H, old, out=new)  # memory that overlaps: NumPy's
    np.testing.assert_allclose(new, expected, atol=1e-15)
    psi.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        einsum("ab,xby->xay", H, psi, out=psi)


def test_in_place_nothing_of_the_size_of_the_state_is_allocated():
    psi = nk.zero_state(16).reshape((2,) * 16)
    with peak() as most:
        for q in range(16):
            targeted_left_multiply(H, psi, [q], out=psi)
    assert most() < psi.nbytes / 16
    with peak() as most:
        made = tensordot(H, psi, axes=([1], [3]))
    assert made.nbytes <= most() < 1.1 * made.nbytes  # the result alone


@given(
    st.lists(st.sampled_from([1, 1, 1, 2, 3, 6]), min_size=1, max_size=4).filter(
        lambda k: sum(k) < 9
    ),
    st.sampled_from(["c16", "c8", "f8", "f4", "i8"]),
    st.sampled_from(["c16", "f8", "i8"]),
    st.sampled_from([(), (1,), (3,)]),
    st.integers(0, 2**32),
)
def test_chains_are_their_arrays(qubits, dtype, of_factors, columns, seed):
    rng = np.random.default_rng(seed)
    factors = [
        np.eye(2**k) if rng.random() < 0.3 else numbers(rng, (2**k, 2**k), of_factors)
        for k in qubits
    ]
    chain, array = reduce(kron, factors), reduce(np.kron, factors)
    psi = numbers(rng, (len(array), *columns), dtype)
    before = psi.copy()
    assert_same(chain @ psi, array @ psi)
    assert_same(chain.dot(psi), array @ psi)
    assert_same(np.dot(chain, psi), array @ psi)
    assert_same(psi.T @ chain, psi.T @ array)
    assert_same(np.asarray(chain.conj().T @ chain), array.conj().T @ array)
    assert np.array_equal(psi, before)


def test_chains_do_what_arrays_do():
    chain, array = kron(H, S), np.kron(H, S)
    assert isinstance(chain, compat.Kron)
    assert (chain.shape, chain.ndim, chain.dtype, len(chain)) == ((4, 4), 2, array.dtype, 4)
    for value in (chain + chain - chain, 1 * chain, np.kron(H, S) @ kron(X, X) @ kron(X, X)):
        np.testing.assert_allclose(value, array, atol=1e-15)
    assert np.array_equal(chain[1], array[1])
    assert np.trace(chain) == np.trace(array)
    assert np.allclose(chain, array)
    assert np.array_equal(np.concatenate([chain, chain]), np.concatenate([array, array]))
    assert np.array_equal(np.kron(chain, X), np.kron(array, X))
    assert isinstance(np.kron(chain, X), compat.Kron)
    assert np.array_equal(kron([1, 2], [3, 4]), [3, 4, 6, 8])  # states are arrays
    assert np.array_equal(kron(np.eye(3), X), np.kron(np.eye(3), X))
    assert np.array_equal(kron(1, X), X)
    uneven = kron(kron(H, H), np.eye(8)) @ kron(np.eye(8), kron(H, H))  # not factor by factor
    np.testing.assert_allclose(uneven, np.kron(np.kron(H, H), np.kron(np.eye(2), np.kron(H, H))))
    assert "2 factors" in repr(chain)


def test_chains_of_thirty_qubits_cost_nothing_but_the_vector():
    with peak() as most:
        chain = reduce(kron, [H if q == 3 else np.eye(2) for q in range(30)])
        assert np.shape(chain) == chain.shape == (2**30, 2**30)
        assert (np.ndim(chain), np.size(chain), np.iscomplexobj(chain)) == (2, 2**60, False)
        for made in (2 * chain, -chain, chain / 2, chain @ chain, np.transpose(chain), 0 + chain):
            assert isinstance(made, compat.Kron)
        total = sum([chain, 2 * chain]) - 1j * chain
        total += chain
        total *= 3
        total /= 2
        assert isinstance(total, compat.KronSum)
        assert total.shape == (2**30, 2**30)
        assert len((total @ total).chains) == 16
        assert np.trace(kron(chain, X)) == 0
    assert most() < 2**18


def test_products_with_vectors_make_no_matrix():
    n = 14
    chain = reduce(kron, [H if q == 3 else np.eye(2) for q in range(n)])
    total = chain + 2 * chain @ chain
    psi = nk.zero_state(n)
    expected = tensordot(H, psi.reshape(8, 2, -1), ([1], [1])).transpose(1, 0, 2).reshape(-1)
    with peak() as most:
        for made in (chain @ psi, chain.dot(psi), np.dot(chain, psi), np.dot(psi, chain)):
            np.testing.assert_allclose(made, expected, atol=1e-15)
        np.testing.assert_allclose(total @ psi, expected + 2 * psi, atol=1e-14)
    assert most() < 8 * psi.nbytes


@st.composite
def sums_of_chains(draw):
    """(lazy, array) of one operator, made by the same steps."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n = draw(st.integers(1, 6))
    dtype = draw(st.sampled_from(["c16", "f8", "f4", "i8"]))

    def term():
        acting = {int(q) for q in rng.integers(0, n, draw(st.integers(1, 4)))}
        factors = [numbers(rng, (2, 2), dtype) if q in acting else np.eye(2) for q in range(n)]
        if n > 2 and draw(st.booleans()):  # one for two qubits
            factors[-2:] = [numbers(rng, (4, 4), dtype)]
        first, *rest = factors
        return reduce(kron, rest, compat.Kron([first])), reduce(np.kron, factors)

    lazy, array = term()
    for _ in range(draw(st.integers(0, 4))):
        other, its = term()
        number = draw(st.sampled_from([2, -0.5, 1.5j, np.float64(3), np.array(2)]))
        match draw(
            st.sampled_from(["+", "-", "*", "/", "neg", "T", "conj", "@", "sum", "-=", "dot"])
        ):
            case "+":
                lazy, array = lazy + number * other, array + number * its
            case "-":
                lazy, array = other - lazy, its - array
            case "*":
                lazy, array = lazy * number, array * number
            case "/":
                lazy, array = lazy / number, array / number
            case "neg":
                lazy, array = -lazy, -array
            case "T":
                lazy, array = lazy.T + other, array.T + its
            case "conj":
                lazy, array = np.conj(lazy) - other.transpose(), array.conj() - its.T
            case "@":
                lazy, array = lazy @ other, array @ its
            case "sum":
                lazy, array = sum([lazy, other]), array + its
            case "-=":
                lazy -= other
                array = array - its
            case "dot":
                lazy, array = np.dot(number, lazy).dot(other), number * array @ its
    return lazy, array


@given(
    sums_of_chains(),
    st.sampled_from(["c16", "c8", "f8", "f4", "i8"]),
    st.sampled_from([(), (1,), (3,)]),
    st.integers(0, 2**32),
)
def test_sums_of_chains_are_their_arrays(operator, dtype, columns, seed):
    lazy, array = operator
    assert isinstance(lazy, (compat.Kron, compat.KronSum))
    assert lazy.dtype == array.dtype
    psi = numbers(np.random.default_rng(seed), (len(array), *columns), dtype)
    before = psi.copy()
    scale = np.abs(array) @ np.abs(psi)
    epsilon = max(
        np.finfo(one.dtype).eps if one.dtype.kind in "fc" else 0
        for one in (array, psi, array @ psi)
    )

    def assert_near(found, expected, scale):
        assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
        assert np.abs(found - expected).max() <= 64 * epsilon * np.abs(scale).max()

    # Strings of a sum are half sums of its numbers, which may cancel in its array.
    scale = scale + np.abs(array).sum() * np.abs(psi).max()
    assert_near(lazy @ psi, array @ psi, scale)
    assert_near(lazy.dot(psi), array @ psi, scale)
    assert_near(psi.T @ lazy, psi.T @ array, scale)
    assert_near(np.asarray(lazy), array, np.abs(array).sum())
    assert np.isclose(np.trace(lazy), np.trace(array), atol=1e-4 * np.abs(array).sum())
    if dtype in ("c16", "f8"):
        linear = lazy.linear_operator()
        assert linear.shape == array.shape
        assert_near(linear @ psi, array @ psi, scale)
        assert_near(linear.H @ psi, array.conj().T @ psi, scale)
    assert np.array_equal(psi, before)


def test_a_sum_of_chains_is_a_sum_of_strings():
    n = 5
    z = np.diag([1, -1])

    def on(q, gate):
        return reduce(kron, [gate if p == q else np.eye(2) for p in range(n)])

    total = sum(on(q, z) @ on(q + 1, z) for q in range(n - 1)) - 0.5 * on(2, H @ S)
    strings = total.pauli_sum()
    assert strings.num_qubits == n
    np.testing.assert_allclose(strings.to_matrix(), np.asarray(total), atol=1e-15)
    assert on(1, X).pauli_sum() == nk.PauliSum({"IXIII": 1})
    with pytest.raises(ValueError, match="no finite matrix for one qubit"):
        kron(np.ones((4, 4)), X).pauli_sum()
    with pytest.raises(ValueError, match="no finite matrix for one qubit"):
        kron(X, np.diag([1, np.inf])).pauli_sum()


def test_sums_of_chains_do_what_arrays_do():
    total, array = kron(H, S) + kron(X, X), np.kron(H, S) + np.kron(X, X)
    assert (total.shape, total.ndim, total.dtype, len(total)) == ((4, 4), 2, array.dtype, 4)
    for value, expected in (
        (total + 1, array + 1),
        (total + array, 2 * array),
        (array - total, 0 * array),
        (total * total, array * array),
        (np.abs(total), np.abs(array)),
        (kron(total, X), np.kron(array, X)),
        (np.kron(X, total), np.kron(X, array)),
        (total.sum(), array.sum()),
        (total[1], array[1]),
        (total @ kron(X, np.eye(2)), array @ np.kron(X, np.eye(2))),
    ):
        np.testing.assert_allclose(value, expected, atol=1e-15)
    assert isinstance(kron(total, X), compat.KronSum)
    assert "2 chains" in repr(total)
    assert np.array_equal(np.asarray(+total), array)
    with pytest.raises(ValueError, match="cannot be had without a copy"):
        np.asarray(total, copy=False)
    with pytest.raises(ValueError, match=r"must be \(4,\) or \(4, m\)"):
        total @ np.ones(8)
    with pytest.raises(ValueError, match="'chains' have the shapes"):
        compat.KronSum([kron(X, X), compat.Kron([X])])
    with pytest.raises(ValueError, match="'chains' have the shapes"):
        compat.KronSum([])


NARROW = {
    "float32": np.array([[0.3, 0.7], [0.7, -0.1]], np.float32),
    "int8": np.array([[100, 3], [4, 50]], np.int8),
    "uint8": np.array([[200, 3], [4, 50]], np.uint8),
    "bool": np.ones((2, 2), bool),
    "float64": np.array([[0.3, 0.7], [0.7, -0.1]]),
}


@pytest.mark.parametrize("dtype", NARROW)
@pytest.mark.parametrize(
    "use",
    [
        lambda k: 0.1 * k,
        lambda k: 1000 * k,
        lambda k: k / 3,
        lambda k: -k,
        lambda k: k @ k,
        lambda k: k - k.T,
        lambda k: k + 0.0,
        lambda k: 0j - k,
    ],
)
def test_a_narrow_first_factor_loses_nothing(dtype, use):
    """A chain counts in the precision of all its factors, as the array that NumPy makes."""
    factors = NARROW[dtype], NARROW["float64"]
    lazy, array = use(kron(*factors)), use(np.kron(*factors))
    assert isinstance(lazy, (compat.Kron, compat.KronSum))
    assert lazy.dtype == np.asarray(lazy).dtype == array.dtype
    most = np.abs(array).max()
    assert np.abs(np.asarray(lazy) - array).max() <= 8 * np.finfo(float).eps * most
    psi = np.array([0.1, -0.2, 0.3, 0.4])
    assert np.abs(lazy @ psi - array @ psi).max() <= 8 * np.finfo(float).eps * most


def test_chains_of_integers_and_truth_values_have_numpys_dtypes():
    for one in np.array([[1, 2], [3, 4]]), np.ones((2, 2), bool):
        lazy, array = kron(one, one), np.kron(one, one)
        for use in (lambda k: k + 0, lambda k: k + 0.0, lambda k: k + k.T, lambda k: k @ k):
            made, expected = np.asarray(use(lazy)), use(array)
            assert use(lazy).dtype == made.dtype == expected.dtype
            assert np.array_equal(made, expected)


def test_products_go_into_an_array_that_is_given():
    """Also of chains whose own array would have 2**40 elements."""
    long = reduce(kron, [H] * 20)
    psi, out = np.arange(len(long), dtype=np.float64), np.empty(len(long))
    for product in (
        lambda: np.matmul(long, psi, out=out),
        lambda: np.dot(long, psi, out),
        lambda: np.dot(long, psi, out=out),
    ):
        out[:] = 0
        assert product() is out
        assert np.array_equal(out, long @ psi)
    with pytest.raises(ValueError, match=r"'out' has shape \(3,\)"):
        np.matmul(long, psi, out=np.empty(3))


def test_chains_of_other_sizes_are_refused():
    """And their arrays, of 2**40 elements, are not made."""
    long = reduce(kron, [H] * 20)
    for use in (lambda: long @ kron(H, H), lambda: long + kron(H, H), lambda: kron(H, H) - long):
        with pytest.raises(ValueError, match="do not fit"):
            use()
    with pytest.raises(ValueError, match="enough dimensions"):
        long @ 2


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((8,), r"must be \(4,\) or \(4, m\)"),
        ((3, 4), r"must be \(4,\) or \(4, m\)"),
        ((), "enough dimensions"),
        ((4, 2, 2), "mismatch in its core dimension"),
    ],
)
def test_a_chain_refuses_what_does_not_fit(shape, words):
    with pytest.raises(ValueError, match=words):
        kron(H, H) @ np.ones(shape)


@pytest.mark.parametrize("factors", [[], [np.eye(3)], [np.ones(2)], [H, np.ones((2, 4))]])
def test_a_chain_is_made_of_square_matrices_for_qubits(factors):
    with pytest.raises(ValueError, match="'factors' have the shapes"):
        compat.Kron(factors)


@pytest.mark.parametrize(
    "use",
    [
        lambda m: m.reshape(2, 2, 2, 2),
        lambda m: m.conjugate().transpose(),
        lambda m: m.sum(),
        lambda m: np.array([*m]),
        lambda m: m @ np.arange(24).reshape(3, 4, 2),
        lambda m: np.arange(24).reshape(3, 2, 4) @ m,
        lambda m: np.dot(m, np.arange(24).reshape(3, 4, 2)),
        lambda m: m.dot(2),
    ],
)
def test_chains_have_the_methods_of_arrays(use):
    np.testing.assert_allclose(use(kron(H, S)), use(np.kron(H, S)), atol=1e-15)


def test_a_chain_keeps_its_factors_when_the_users_change():
    x = X.copy()
    chain = kron(x, compat.Kron([x]))
    np.asarray(compat.Kron([x]))[:] = 7
    np.asarray(chain)[:] = 7
    x[:] = 7
    assert np.array_equal(chain, np.kron(X, X))
    assert not hasattr(chain, "matvec")


def test_a_chain_with_a_nan_gives_what_numpy_gives():
    bad = np.array([[np.nan, 0], [0, 1]])
    assert np.isnan(kron(bad, H) @ np.ones(4, complex)).any()


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="no attribute 'nonesuch'"):
        _ = compat.nonesuch


def test_all_names_are_taken_without_a_framework():
    code = "from numket.compat import *; import sys; assert 'qiskit' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert {"evolve", "apply_operation", "kron"} <= {*dir(compat)}


@st.composite
def evolutions(draw):
    """(state, what it evolves by, qubits) of Qiskit's."""
    seed = draw(st.integers(0, 2**16))
    n = draw(st.integers(1, 5))
    k = draw(st.integers(1, n))
    qargs = draw(st.permutations(range(n)))[:k]
    kind = draw(st.sampled_from(["circuit", "instruction", "Operator", "matrix", "Pauli"]))
    if kind in ("circuit", "instruction"):
        other = random_circuit(k, 4, max_operands=min(k, 3), seed=seed)
        other.global_phase = 0.3
        other = other if kind == "circuit" else other.to_instruction()
    elif kind == "Pauli":
        other = Pauli("".join(draw(st.lists(st.sampled_from("IXYZ"), min_size=k, max_size=k))))
    else:
        unitary = random_unitary(2**k, seed=seed)
        other = unitary if kind == "Operator" else unitary.data
    return (
        random_statevector((2,) * n, seed=seed),
        other,
        qargs if k < n else draw(st.sampled_from([None, qargs])),
    )


@given(evolutions())
def test_evolve_equals_qiskits(given):
    state, other, qargs = given
    before = state.data.copy()
    expected = state.evolve(other, qargs)
    found = evolve(state, other, qargs)
    assert found.dims() == expected.dims()
    np.testing.assert_allclose(found.data, expected.data, rtol=0, atol=1e-13)
    assert np.array_equal(state.data, before)
    assert not np.shares_memory(found.data, state.data)


@pytest.mark.filterwarnings("ignore::scipy.sparse.SparseEfficiencyWarning")  # Qiskit's own
def test_what_numket_cannot_evolve_is_left_to_qiskit():
    measured, reset, free = QuantumCircuit(2, 1), QuantumCircuit(2), QuantumCircuit(2)
    measured.measure(0, 0)
    reset.h(0)
    reset.reset(0)
    free.rx(Parameter("a"), 0)
    flip = Operator(Pauli("X"))
    exponential = PauliEvolutionGate(SparsePauliOp(["XX", "ZI"]), 0.7)  # no product formula
    product = QuantumCircuit(3)
    product.append(exponential.control(1), [0, 1, 2])
    psi = random_statevector((2,) * 3, seed=1)
    assert evolve(psi, exponential, [2, 0]) == psi.evolve(exponential, [2, 0])
    assert evolve(psi, product) == psi.evolve(product)
    zero = Statevector.from_label("00")
    assert evolve(zero, reset) == zero
    assert evolve(Statevector([1, 0, 0]), Operator(np.eye(3)[[1, 2, 0]])).data[2] == 1
    for other, qargs in (
        (measured, None),
        (free, None),
        (Operator(np.eye(8)), None),
        (Pauli("X"), [0, 1]),
        (flip, [5]),
        ("nonsense", None),
    ):
        with pytest.raises(Exception) as expected:  # noqa: PT011 - whichever Qiskit raises
            zero.evolve(other, qargs)
        with pytest.raises(type(expected.value)) as found:
            evolve(zero, other, qargs)
        assert str(found.value) == str(expected.value)


def test_evolve_may_take_the_place_of_qiskits(monkeypatch):
    monkeypatch.setattr(Statevector, "evolve", evolve)
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    assert Statevector.from_label("00").evolve(circuit).probabilities().round(9).tolist() == [
        0.5,
        0,
        0,
        0.5,
    ]
    reset = QuantumCircuit(2)
    reset.reset(0)
    assert Statevector.from_label("00").evolve(reset) == Statevector.from_label("00")


def test_evolve_makes_one_new_array():
    n = 16
    circuit = QuantumCircuit(n)
    for q in range(n):
        circuit.ry(0.1 * q, q)
        circuit.cx(q, (q + 1) % n)
    state = Statevector.from_int(0, 2**n)
    evolve(state, circuit)
    with peak() as most:
        made = evolve(state, circuit)
    assert made.data.nbytes <= most() < 1.2 * made.data.nbytes
