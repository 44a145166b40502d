"""OpenFermion's Hamiltonians as Pauli sums, in SciPy's solvers, against OpenFermion's matrices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numket as nk
import oracle

openfermion = pytest.importorskip("openfermion")
linalg = pytest.importorskip("scipy.sparse.linalg")

from openfermion import FermionOperator, QubitOperator  # noqa: E402


@st.composite
def operators(draw, complex_too=True):
    """(operator, number of qubits): some qubits may be free, and there may be an identity."""
    n = draw(st.integers(1, 6))
    numbers = st.floats(-3, 3)
    if complex_too and draw(st.booleans()):
        numbers = st.builds(complex, numbers, numbers)
    operator = QubitOperator()
    for _ in range(draw(st.integers(0, 8))):
        letters = draw(st.lists(st.sampled_from("IXYZ"), min_size=n, max_size=n))
        term = tuple((q, letter) for q, letter in enumerate(letters) if letter != "I")
        operator += QubitOperator(term, draw(numbers))
    return operator, n


def weight(operator):
    return sum(abs(value) for value in operator.terms.values())


@settings(max_examples=150)
@given(operators(), st.integers(0, 2**32 - 1), st.sampled_from([np.complex128, np.complex64]))
def test_against_the_sparse_matrix(case, seed, dtype):
    """The first qubit is the most significant bit for both."""
    operator, n = case
    rng = np.random.default_rng(seed)
    matrix = openfermion.get_sparse_operator(operator, n_qubits=n)
    total = nk.PauliSum.from_openfermion(operator, num_qubits=n)
    assert total.num_qubits == n
    linear = total.linear_operator(dtype)
    assert (linear.shape, linear.dtype) == (matrix.shape, dtype)
    state = oracle.random_state(rng, n, dtype)
    columns = np.stack([oracle.random_state(rng, n, dtype) for _ in range(3)], axis=1)
    limit = 4 * np.finfo(dtype).eps * (1 + weight(operator))
    assert abs(linear @ state - matrix @ state).max() <= limit
    assert abs(linear @ columns - matrix @ columns).max() <= limit
    assert abs(linear.H @ columns - matrix.conj().T @ columns).max() <= limit
    assert abs(linear.T @ state - matrix.T @ state).max() <= limit
    mean = np.vdot(state.astype(complex), matrix @ state.astype(complex))
    assert abs(total.expectation(state) - mean) <= 8e-15 * (1 + weight(operator))
    assert total.hermitian == all(np.imag(value) == 0 for value in operator.terms.values())


@settings(max_examples=50)
@given(operators(), operators())
def test_the_same_arithmetic(one, other):
    (a, first), (b, second) = one, other
    n = max(first, second)
    left, right = (nk.PauliSum.from_openfermion(x, num_qubits=n) for x in (a, b))
    for got, expected in [
        (left + right, a + b),
        (left - right, a - b),
        (left @ right, a * b),
        (left.adjoint(), openfermion.hermitian_conjugated(a)),
        (2j * left, 2j * a),
    ]:
        difference = got - nk.PauliSum.from_openfermion(expected, num_qubits=n)
        scale = (1 + weight(a)) * (1 + weight(b))
        assert all(abs(value) <= 1e-15 * scale for _, value in difference)


def test_without_a_number_of_qubits():
    """There are as many as the operator names; the others are idle."""
    operator = QubitOperator("X1 Z4", 0.5) + QubitOperator("", 2.0)
    expected = nk.PauliSum({"IXIIZ": 0.5, "IIIII": 2})
    assert nk.PauliSum.from_openfermion(operator) == expected
    wider = nk.PauliSum({"IXIIZI": 0.5, "IIIIII": 2})
    assert nk.PauliSum.from_openfermion(operator, num_qubits=6) == wider
    assert nk.PauliSum.from_openfermion(QubitOperator(), num_qubits=2) == nk.PauliSum([], 2)
    assert nk.PauliSum.from_openfermion(openfermion.IsingOperator("Z0 Z2")) == nk.PauliSum(
        {"ZIZ": 1}
    )
    with pytest.raises(ValueError, match="acts on qubit 4: use num_qubits=5"):
        nk.PauliSum.from_openfermion(operator, num_qubits=4)
    with pytest.raises(ValueError, match="65 qubits"):
        nk.PauliSum.from_openfermion(QubitOperator("X64"))


def ground(total):
    """The lowest energy, and its state."""
    energies, states = linalg.eigsh(total.linear_operator(), k=1, which="SA", tol=1e-12)
    return energies[0], np.ascontiguousarray(states[:, 0])


HUBBARD = openfermion.fermi_hubbard(2, 2, tunneling=1, coulomb=4, chemical_potential=0.3)


@pytest.mark.parametrize("transform", ["jordan_wigner", "bravyi_kitaev"])
def test_hubbard(transform):
    """The same ground energy by either transform, and as the textbook's matrix has it."""
    operator = getattr(openfermion, transform)(HUBBARD)
    total = nk.PauliSum.from_openfermion(operator)
    assert (total.num_qubits, total.hermitian) == (8, True)
    exact = np.linalg.eigvalsh(oracle.pauli_sum(total, 8).astype(complex))[0]
    theirs, _ = openfermion.get_ground_state(openfermion.get_sparse_operator(operator))
    energy, state = ground(total)
    assert abs(energy - exact) < 1e-10
    assert abs(energy - theirs) < 1e-10
    assert abs(total.expectation(state) - energy) < 1e-10
    assert total.variance(state) < 1e-10


def test_number_of_particles():
    """Fermionic operators of any kind go through a transform."""
    total = nk.PauliSum.from_openfermion(openfermion.jordan_wigner(HUBBARD))
    counted = openfermion.jordan_wigner(openfermion.number_operator(8))
    number = nk.PauliSum.from_openfermion(counted)
    _, state = ground(total)
    count = number.expectation(state)
    assert abs(count - round(count)) < 1e-10
    commutator = total @ number - number @ total
    assert all(abs(value) < 1e-14 for _, value in commutator)
    hop = openfermion.jordan_wigner(FermionOperator("1^ 0", 0.5j))
    linear = nk.PauliSum.from_openfermion(hop).linear_operator()
    occupied = nk.basis_state(2, "10")
    assert np.array_equal(linear @ occupied, openfermion.get_sparse_operator(hop) @ occupied)
    assert abs(np.vdot(nk.basis_state(2, "01"), linear @ occupied)) == 0.5


def test_a_molecule():
    """Lithium hydride, which OpenFermion brings along with its energies."""
    molecule = openfermion.MolecularData(
        [("Li", (0, 0, 0)), ("H", (0, 0, 1.45))], "sto-3g", multiplicity=1, description="1.45"
    )
    molecule.load()
    interaction = molecule.get_molecular_hamiltonian()
    operator = openfermion.jordan_wigner(interaction)
    total = nk.PauliSum.from_openfermion(operator)
    assert (total.num_qubits, len(total)) == (12, len(operator.terms))
    energy, state = ground(total)
    assert abs(energy - molecule.fci_energy) < 1e-7  # as many digits as the file has
    assert abs(nk.norm(state) - 1) < 1e-12
    filled = nk.basis_state(12, "111100000000")
    assert abs(total.expectation(filled) - molecule.hf_energy) < 1e-7


def test_evolution(rng):
    operator = openfermion.jordan_wigner(HUBBARD)
    total = nk.PauliSum.from_openfermion(operator)
    matrix = openfermion.get_sparse_operator(operator).tocsc()
    state = oracle.random_state(rng, 8)
    times = np.linspace(0, 0.9, 4)
    linear = -1j * total.linear_operator()
    span = {"start": times[0], "stop": times[-1], "num": len(times)}
    got = linalg.expm_multiply(linear, state, traceA=-1j * total.trace(), **span)
    expected = linalg.expm_multiply(-1j * matrix, state, **span)
    assert abs(got - expected).max() < 1e-12
    assert abs(np.linalg.norm(got, axis=1) - 1).max() < 1e-12
    energies = [total.expectation(np.ascontiguousarray(row)) for row in got]
    assert np.ptp(energies) < 1e-11


def test_other_solvers(rng):
    """Operators of SciPy compose, and take real vectors, blocks, and right hand sides."""
    operator = openfermion.jordan_wigner(openfermion.fermi_hubbard(3, 1, 1, 2))
    total = nk.PauliSum.from_openfermion(operator)
    matrix = openfermion.get_sparse_operator(operator).toarray()
    linear = total.linear_operator()
    exact = np.linalg.eigvalsh(matrix)
    largest = linalg.eigsh(linear, k=2, which="LA", return_eigenvectors=False)
    assert abs(np.sort(largest) - exact[-2:]).max() < 1e-10
    shifted = linear - (exact[0] - 1) * linalg.aslinearoperator(np.eye(64))
    right = rng.normal(size=64)
    solution, info = linalg.cg(shifted, right, rtol=1e-12)
    assert info == 0
    assert abs((matrix - (exact[0] - 1) * np.eye(64)) @ solution - right).max() < 1e-9
    assert abs((linear @ linear) @ right - matrix @ matrix @ right).max() < 1e-11
    single = linalg.eigsh(total.linear_operator(np.complex64), k=1, which="SA")[0]
    assert abs(single[0] - exact[0]) < 1e-4


def test_their_own_linear_operator(rng):
    operator = openfermion.jordan_wigner(HUBBARD)
    state = oracle.random_state(rng, 8)
    theirs = openfermion.LinearQubitOperator(operator, n_qubits=8) @ state
    ours = nk.PauliSum.from_openfermion(operator).linear_operator() @ state
    assert abs(ours - theirs).max() < 1e-13


@pytest.mark.parametrize(
    "operator",
    [
        FermionOperator("1^ 0"),
        openfermion.MajoranaOperator((0, 1)),
        openfermion.BosonOperator("1^ 0"),
        openfermion.get_interaction_operator(openfermion.fermi_hubbard(1, 2, 1, 4)),
    ],
    ids=lambda operator: type(operator).__name__,
)
def test_what_is_no_qubit_operator_is_refused(operator):
    with pytest.raises(TypeError, match="QubitOperator"):
        nk.PauliSum.from_openfermion(operator)
