"""What `numket.torch` and `numket.jax` share: functions of arrays, against NumPy alone."""

import pickle

import numpy as np
import pytest

import numket as nk
import oracle
from helpers_gradient import differences, mean, random_circuit, random_sum
from numket import _differentiable
from numket._differentiable import Differentiable

N = 3
ROTATIONS = ["ry", "crx", "rzz", "u"]


def problem(rng, count=3):
    """A circuit of five parameters, sums of Pauli strings, and their matrices."""
    circuit = random_circuit(rng, N, 8, ROTATIONS)
    terms = [random_sum(rng, N) for _ in range(count)]
    matrices = [oracle.pauli_sum(each.items(), N) for each in terms]
    return circuit, [nk.PauliSum(each) for each in terms], matrices


def zero():
    return nk.zero_state(N)


@pytest.mark.parametrize("is_single", [True, False])
def test_values_and_derivatives(is_single, rng):
    circuit, sums, matrices = problem(rng)
    params, start = rng.normal(size=5), oracle.random_state(rng, N)
    for state, begin in ((None, zero()), (start, start)):
        expected = [mean(circuit, begin, params, matrix) for matrix in matrices]
        jacobian = [
            differences(lambda at, o=o, begin=begin: mean(circuit, begin, at, o), params)
            for o in matrices
        ]
        if is_single:
            function = Differentiable(circuit, sums[0])
            values, gradient = function.values_and_gradient(params, state)
            assert abs(values - expected[0]) < 1e-12
            assert abs(function.values(params, state) - values) < 1e-13
            assert np.abs(gradient - jacobian[0]).max() < 1e-6
        else:
            function = Differentiable(circuit, sums)
            assert np.abs(function.values(params, state) - expected).max() < 1e-12
            weights = rng.normal(size=3)
            gradient = function.vjp(weights, params, state)
            assert np.abs(gradient - weights @ jacobian).max() < 1e-5


@pytest.mark.parametrize("rows", [1, 2, 100])
def test_batches(rows, rng, monkeypatch):
    """Axes broadcast against each other, whatever the parts that copies of states are made in."""
    monkeypatch.setattr(_differentiable, "PART_BYTES", rows * 16 * 2**N)
    circuit, sums, _ = problem(rng)
    one, several = Differentiable(circuit, sums[0]), Differentiable(circuit, sums)
    params = rng.normal(size=(4, 3, 5))
    states = np.stack([oracle.random_state(rng, N) for _ in range(3)])
    before = states.copy()
    weights = rng.normal(size=(4, 3, 3))
    for angles, begin in (
        (params, None),
        (params, states[0]),
        (params, states),
        (params[:, :1], states),
        (params[0, 0], states),
        (params[0], None),
    ):
        batch = one.batch(angles.shape, None if begin is None else begin.shape)
        all_angles = np.broadcast_to(angles, (*batch, 5))
        all_states = np.broadcast_to(zero() if begin is None else begin, (*batch, 2**N))
        factors = weights.reshape(-1, 3)[: np.prod(batch, dtype=int)].reshape(*batch, 3)
        values, gradient = one.values_and_gradient(angles, begin)
        means, product = several.values(angles, begin), several.vjp(factors, angles, begin)
        alike = several.vjp([1.0, -2.0, 0.5], angles, begin)
        assert (values.shape, gradient.shape) == (batch, (*batch, 5))
        assert (means.shape, product.shape, alike.shape) == ((*batch, 3), (*batch, 5), (*batch, 5))
        assert np.abs(one.values(angles, begin) - values).max() < 1e-13
        for at in np.ndindex(batch):
            angle, state = all_angles[at], all_states[at].copy()
            given = None if begin is None else state
            rows_of = [circuit.gradient(each, angle, state=given) for each in sums]
            assert values[at] == rows_of[0][0]
            assert np.array_equal(gradient[at], rows_of[0][1])
            jacobian = np.array([row for _, row in rows_of])
            assert np.abs(means[at] - [value for value, _ in rows_of]).max() < 1e-13
            assert np.abs(product[at] - factors[at] @ jacobian).max() < 1e-12
            assert np.abs(alike[at] - [1.0, -2.0, 0.5] @ jacobian).max() < 1e-12
    assert np.array_equal(states, before)


def test_what_is_read_in_place(monkeypatch, rng):
    """States that need no copy are handed over as they are."""
    circuit, sums, _ = problem(rng)
    function, seen = Differentiable(circuit, sums[0]), []

    class Watched:
        num_qubits = N

        def gradient(self, observable, params, *, state, **options):
            seen.append((params, state))
            return circuit.gradient(observable, params, state=state, **options)

    function.circuit = Watched()
    params, states = rng.normal(size=(2, 5)), np.stack([zero(), zero()])
    function.values_and_gradient(params, states)
    assert seen[0][0] is params
    assert seen[0][1] is states


def test_matrices_on_some_qubits(rng):
    circuit, _, _ = problem(rng)
    matrix, params = oracle.random_unitary(rng, 2), rng.normal(size=5)
    matrix += matrix.conj().T
    expected = circuit.gradient(matrix, params, qubits=[2, 0])
    for qubits in ([2, 0], np.array([2, 0]), iter([2, 0])):
        function = Differentiable(circuit, matrix, qubits=qubits)
        value, gradient = function.values_and_gradient(params)
        assert value == expected[0]
        assert np.array_equal(gradient, expected[1])
    several = Differentiable(circuit, [np.diag(np.arange(8.0)), np.arange(8.0), "ZZZ"])
    values = several.values(params)
    assert abs(values[0] - values[1]) < 1e-14


def test_nothing_changes_a_function(rng):
    circuit, _, _ = problem(rng)
    matrix, qubits, params = np.diag([1.0, -1]), [1], rng.normal(size=5)
    function = Differentiable(circuit, matrix, qubits=qubits)
    before = function.values(params)
    circuit.x(1)
    matrix[0, 0], qubits[0] = 5, 2
    assert function.values(params) == before
    again = pickle.loads(pickle.dumps(function))
    assert again.values(params) == before
    assert "one observable on 3 qubits by 5 parameters" in repr(again)
    both = pickle.loads(pickle.dumps(Differentiable(circuit, ["ZZI", "XXI"], threads=1)))
    assert both.values(params).shape == (2,)
    assert "2 observables" in repr(both)


def test_without_states_and_without_parameters():
    circuit = nk.Circuit(2).ry(nk.Parameter("a"), 0)
    one, several = Differentiable(circuit, "ZZ"), Differentiable(circuit, ["ZZ", "XX", "YY"])
    empty = np.empty((0, 2, 1))
    assert [each.shape for each in one.values_and_gradient(empty)] == [(0, 2), (0, 2, 1)]
    assert several.values(empty).shape == (0, 2, 3)
    assert several.vjp(np.empty((0, 2, 3)), empty).shape == (0, 2, 1)
    for observable, shape in (("X", ()), (["X", "Z"], (2,))):
        fixed = Differentiable(nk.Circuit(1).h(0), observable)
        assert np.shape(fixed.values([])) == shape
        assert fixed.values(np.empty((4, 0))).shape == (4, *shape)


def test_weights_that_are_not_finite(rng):
    """As a product of numbers would be."""
    circuit, sums, _ = problem(rng)
    params = rng.normal(size=(2, 5))
    found = Differentiable(circuit, sums).vjp([[1, 2, 3], [np.inf, 0, 0]], params)
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1]).all()


def test_refusals():
    circuit = nk.Circuit(2).ry(nk.Parameter("a"), 0)
    for arguments, options, error, message in (
        (("h", "ZZ"), {}, TypeError, "'circuit' is a str: use a numket.Circuit"),
        ((circuit, []), {}, ValueError, "'observable' is empty"),
        ((circuit, [[1, 0], [0, 1]]), {}, TypeError, r"holds a list.*needs np\.array"),
        ((circuit, 5), {}, TypeError, "'observable' holds a int"),
        ((circuit, ["ZI", "IZ"]), {"qubits": [0]}, TypeError, "'qubits' is for a single"),
        ((circuit, "Z"), {}, ValueError, "1 letters for 2 qubits"),
        ((circuit, ["ZZ", nk.PauliSum({"ZZ": 1j})]), {}, ValueError, "not Hermitian"),
        ((circuit, "ZZ"), {"qubits": "01"}, TypeError, "'qubits'"),
        ((circuit, "ZZ"), {"threads": 0}, ValueError, "threads"),
        ((nk.Circuit(1).measure(0), "Z"), {}, ValueError, "which nothing undoes"),
        ((nk.Circuit(1).apply(2 * np.eye(2), 0), "Z"), {}, ValueError, "not unitary"),
    ):
        with pytest.raises(error, match=message):
            Differentiable(*arguments, **options)
    function = Differentiable(circuit, "ZZ")
    for params, state, message in (
        (np.ones(2), None, r"'params' has shape \(2,\) for 1 parameters \(a\)"),
        (1.0, None, r"'params' has shape \(\)"),
        ([1.0], np.ones((2, 2), complex), r"'state' has shape \(2, 2\) for 2 qubits.* 4 places"),
        (np.ones((3, 1)), np.ones((2, 4), complex), "must broadcast against each other"),
    ):
        with pytest.raises(ValueError, match=message):
            function.values(params, state)
    many = nk.Circuit(1)
    for i in range(9):
        many.rx(nk.Parameter(f"t{i}"), 0)
    with pytest.raises(ValueError, match=r"\(t0, t1, .*, t7, \.\.\.\)"):
        Differentiable(many, "Z").values([1.0])


def test_names():
    a, b = nk.Parameter("a"), nk.Parameter("b")
    function = Differentiable(nk.Circuit(1).rx(a, 0).rz(b, 0), "Z")
    assert function.stacked({b: 2, "a": 1}, tuple) == (1, 2)
    for params in ({"a": 1}, {"a": 1, "b": 2, "c": 3}):
        with pytest.raises(nk.ParameterError, match="the circuit"):
            function.stacked(params, tuple)
