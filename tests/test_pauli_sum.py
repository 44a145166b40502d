"""Sums of Pauli strings as values, and what they do to states, against their matrices."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numket as nk
import oracle


def random_terms(rng, n, count, kind=float):
    """Pairs of letters and coefficients; some strings come twice."""
    letters = ["".join(rng.choice(list("IXYZ"), n)) for _ in range(count)]
    letters += letters[: count // 4]
    values = rng.normal(size=len(letters)) + (
        1j * rng.normal(size=len(letters)) if kind is complex else 0
    )
    return [(string, kind(value)) for string, value in zip(letters, values, strict=True)]


def weight(terms):
    return sum(abs(value) for _, value in terms)


@st.composite
def cases(draw):
    """(state in some layout, terms)."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(1, 8))
    kind = draw(st.sampled_from([float, complex]))
    terms = random_terms(rng, n, draw(st.integers(0, 30)), kind)
    state = oracle.random_state(rng, n, draw(st.sampled_from([np.complex64, np.complex128])))
    if draw(st.booleans()):
        state = np.repeat(state, 3)[1::3]
    if n > 1 and draw(st.booleans()):
        state = state.reshape((2,) * n).transpose(rng.permutation(n))
        if draw(st.booleans()):
            state = state[(np.s_[::-1],) * n]
    return state, terms


def near(got, expected, scale):
    """Readings are summed in double precision, whatever the state's."""
    assert abs(complex(got) - complex(expected)) <= 8e-15 * (1 + scale)


@settings(max_examples=200)
@given(cases(), st.sampled_from([1, 2]))
def test_against_the_matrix(case, threads):
    state, terms = case
    n = state.size.bit_length() - 1
    total = nk.PauliSum(terms, num_qubits=n)
    matrix = oracle.pauli_sum(terms, n)
    flat = np.array(state, np.clongdouble).reshape(-1)
    before = state.tobytes()
    product = matrix @ flat
    mean = flat.conj() @ product
    value = total.expectation(state, threads=threads)
    assert type(value) is (float if total.hermitian else complex)
    near(value, mean, weight(terms))
    if total.hermitian:
        spread = product - mean.real * flat
        variance = total.variance(state, threads=threads)
        assert type(variance) is float
        near(variance, np.sum(abs(spread) ** 2), weight(terms) ** 2)
    else:
        with pytest.raises(ValueError, match="not Hermitian"):
            total.variance(state)
    out = np.full(3 * 2**n, 7, state.dtype)[::-3]
    total.apply(state, out, threads=threads)
    limit = 2 * np.finfo(state.dtype).eps * (1 + weight(terms))
    assert np.sqrt(np.sum(abs(out - product) ** 2)) <= limit
    assert state.tobytes() == before


def chain(n):
    terms = [("ZZ", (q, q + 1), -1.0) for q in range(n - 1)] + [("X", q, -0.5) for q in range(n)]
    return nk.PauliSum(terms, num_qubits=n)


@pytest.mark.parametrize("n", [6, 7, 8, 10, 14, 16, 17])
@pytest.mark.parametrize("kind", ["chain", "random"])
def test_the_same_bits_on_any_threads(n, kind, rng, dtype):
    """Both sides of every size: rows, sets of rows, tiles."""
    terms = chain(n) if kind == "chain" else random_terms(rng, n, 40)
    total = nk.PauliSum(terms, num_qubits=n)
    state = oracle.random_state(rng, n, dtype)
    for read in (total.expectation, total.variance):
        assert len({read(state, threads=threads).hex() for threads in (1, 2, 3, None)}) == 1
    outs = []
    for threads in 1, 2, 3:
        outs.append(np.empty_like(state))
        total.apply(state, outs[-1], threads=threads)
    assert outs[0].tobytes() == outs[1].tobytes() == outs[2].tobytes()
    # One string after the other, by the gates.
    expected = np.zeros(2**n, np.clongdouble)
    for letters, value in total:
        part = state.astype(complex)
        nk.apply_pauli(part, letters)
        expected += value * part
    mean = np.vdot(state.astype(np.clongdouble), expected).real
    near(total.expectation(state), mean, weight(total))
    near(
        total.variance(state),
        np.sum(abs(expected - mean * state) ** 2),
        weight(total) ** 2,
    )
    limit = 2 * np.finfo(dtype).eps * weight(total)
    assert np.sqrt(np.sum(abs(outs[0] - expected) ** 2)) <= limit


def test_the_same_bits_on_any_lanes(snippet):
    code = """
        rng = np.random.default_rng(5)
        letters = ["".join(rng.choice(list("IXYZ"), 15)) for _ in range(60)]
        letters += ["Z" * 15, "X" + "I" * 14]
        total = nk.PauliSum(zip(letters, rng.normal(size=62)))
        for dtype in np.complex128, np.complex64:
            state = oracle.random_state(rng, 15, dtype)
            out = np.empty_like(state)
            total.apply(state, out)
            print(total.expectation(state).hex(), total.variance(state).hex(), hash(out.tobytes()))
    """
    lanes = nk._core.config()["lanes_available"]
    seed = {"PYTHONHASHSEED": "0"}
    assert len({snippet(code, NUMKET_SIMD=name, **seed) for name in lanes}) == 1


def test_batches(rng, dtype):
    for n, shape in [(1, (5,)), (3, (4, 3)), (9, (7,)), (13, (2,)), (2, (0,))]:
        states = np.array([oracle.random_state(rng, n, dtype) for _ in range(int(np.prod(shape)))])
        states = states.reshape(*shape, 2**n).astype(dtype)
        for kind in float, complex:
            total = nk.PauliSum(random_terms(rng, n, 9, kind), num_qubits=n)
            values = total.expectation(states, batch=len(shape))
            assert values.shape == shape
            assert values.dtype == (float if total.hermitian else complex)
            for index in np.ndindex(shape):
                assert values[index] == total.expectation(states[index])
                if total.hermitian:
                    assert total.variance(states, batch=len(shape))[index] == total.variance(
                        states[index]
                    )


def test_a_variance_without_cancellation():
    """Of an eigenstate it is 0 beyond what a difference of squares could tell."""
    assert nk.PauliSum({"ZZ": 1e6, "ZI": 3}).variance(nk.basis_state(2, "01")) == 0


def test_values():
    total = nk.PauliSum({"XXI": 0.5, "ZIZ": -1})
    assert (total.num_qubits, len(total), total.hermitian) == (3, 2, True)
    assert list(total) == [("XXI", 0.5), ("ZIZ", -1.0)]
    same = nk.PauliSum([("ZZ", (2, 0), -1), ("X" * 2, [0, 1], 0.25), ("XXI", 0.25)], num_qubits=3)
    assert total == same
    assert hash(total) == hash(same)
    assert total != nk.PauliSum({"XXI": 0.5})
    assert total != 3
    assert repr(total) == "PauliSum({'XXI': 0.5, 'ZIZ': -1.0})"
    assert eval(repr(total), {"PauliSum": nk.PauliSum}) == total
    for twin in copy.copy(total), copy.deepcopy(total), pickle.loads(pickle.dumps(total)):
        assert twin == total
    long = nk.PauliSum({"X" * 60: 1})
    assert eval(repr(long), {"PauliSum": nk.PauliSum}) == long
    none = nk.PauliSum({}, 3)
    assert eval(repr(none), {"PauliSum": nk.PauliSum}) == none
    many = nk.PauliSum(
        {format(i, "010b").replace("0", "Z").replace("1", "X"): 1 for i in range(999)}
    )
    assert repr(many).startswith("<PauliSum of 999 terms on 10 qubits: '")
    assert repr(many).endswith(": 1.0, and 991 more>")
    assert repr(many).count(": 1.0") == 8
    assert len(nk.PauliSum({"X": 0})) == 0
    assert nk.PauliSum([], num_qubits=2).expectation(nk.zero_state(2)) == 0
    assert not nk.PauliSum({"X": 1j}).hermitian


@pytest.mark.parametrize("kind", [float, complex])
def test_the_matrix(rng, kind):
    for n in (1, 3, 5):
        total = nk.PauliSum(random_terms(rng, n, 9, kind))
        matrix = total.to_matrix()
        assert matrix.dtype == np.complex128
        np.testing.assert_allclose(matrix, oracle.pauli_sum(total, n), atol=1e-14)
        sparse = pytest.importorskip("scipy.sparse")
        made = total.to_matrix(sparse=True)
        assert sparse.issparse(made)
        assert made.has_canonical_format
        np.testing.assert_allclose(made.toarray(), matrix, atol=1e-15)
    assert nk.PauliSum({"ZIII": 1, "IZZI": 1}).to_matrix(sparse=True).nnz == 8  # half cancel
    for sum_ in (nk.PauliSum({}, 2), nk.PauliSum({"": 3})):
        expected = oracle.pauli_sum(sum_, sum_.num_qubits)
        np.testing.assert_array_equal(sum_.to_matrix(), expected)
        np.testing.assert_array_equal(sum_.to_matrix(sparse=True).toarray(), expected)
    with pytest.raises(MemoryError):
        nk.PauliSum({"X" * 40: 1}).to_matrix()
    with pytest.raises(MemoryError):
        nk.PauliSum({"X" * 40: 1}).to_matrix(sparse=True)


def test_arithmetic(rng):
    one, two = (nk.PauliSum(random_terms(rng, 3, 6, complex)) for _ in range(2))
    a, b = (oracle.pauli_sum(total, 3) for total in (one, two))
    for got, expected in [
        (one + two, a + b),
        (one - two, a - b),
        (one @ two, a @ b),
        (-one, -a),
        (2 * one, 2 * a),
        (one * np.float64(0.5), a / 2),
        (np.complex128(1j) * one, 1j * a),
        (one / 4, a / 4),
        (one.adjoint(), a.conj().T),
    ]:
        assert abs(oracle.pauli_sum(got, 3) - expected).max() < 1e-14
    assert abs(one.trace() - np.trace(a)) < 1e-14
    assert one - one == nk.PauliSum([], num_qubits=3)
    for wrong in (
        lambda: one @ 1,
        lambda: one * "2",
        lambda: one * one,
        lambda: one + nk.Parameter("a"),
    ):
        with pytest.raises(TypeError):
            wrong()
    with pytest.raises(ValueError, match=r"3 qubits and what it meets.* has 1"):
        one + nk.PauliSum({"X": 1})
    with pytest.raises(ValueError, match=r"NaN|finite"):
        one / 0


class LikeSparsePauliOp:
    """Qiskit's operator as far as it is read."""

    def to_list(self):
        return [("IXZ", 0.5 + 0j), ("YII", -2 + 0j)]


class LikeQubitOperator:
    """OpenFermion's operator as far as it is read."""

    terms = {(): 0.25, ((0, "X"), (2, "Y")): 1.5, ((1, "Z"),): -1 + 0j}  # noqa: RUF012


def test_operators_of_others():
    assert nk.PauliSum.from_qiskit(LikeSparsePauliOp()) == nk.PauliSum({"ZXI": 0.5, "IIY": -2})
    expected = nk.PauliSum({"III": 0.25, "XIY": 1.5, "IZI": -1})
    assert nk.PauliSum.from_openfermion(LikeQubitOperator()) == expected
    wider = nk.PauliSum.from_openfermion(LikeQubitOperator(), num_qubits=5)
    assert list(wider)[1] == ("XIYII", 1.5)
    for refused in (
        lambda: nk.PauliSum.from_qiskit({"X": 1}),
        lambda: nk.PauliSum.from_openfermion(3),
    ):
        with pytest.raises(TypeError, match=r"'operator'.*: use"):
            refused()
    with pytest.raises(ValueError, match="acts on qubit 2: use num_qubits=3"):
        nk.PauliSum.from_openfermion(LikeQubitOperator(), num_qubits=2)


def test_qiskit_itself(rng):
    info = pytest.importorskip("qiskit.quantum_info")
    operator = info.SparsePauliOp.from_sparse_list(
        [("XY", [0, 2], 0.5), ("Z", [1], -1), ("", [], 2)], num_qubits=3
    )
    total = nk.PauliSum.from_qiskit(operator)
    assert total == nk.PauliSum([("XY", [0, 2], 0.5), ("Z", [1], -1), ("", [], 2)], num_qubits=3)
    state = oracle.random_state(rng, 3)
    expected = info.Statevector(state).expectation_value(operator)
    assert abs(total.expectation(nk.little_endian(state)) - expected) < 1e-14


@pytest.mark.parametrize("number", [2, -1.5, 0, 2j, np.float32(0.5), np.int64(3), True])
def test_numbers_are_multiples_of_the_identity(number):
    total = nk.PauliSum({"XZ": 0.5, "II": -2, "YI": 1j})
    matrix, identity = oracle.pauli_sum(total, 2), complex(number) * np.eye(4)
    for got, expected in (
        (total + number, matrix + identity),
        (number + total, matrix + identity),
        (total - number, matrix - identity),
        (number - total, identity - matrix),
    ):
        assert type(got) is nk.PauliSum
        assert np.array_equal(oracle.pauli_sum(got, 2), expected)
    changed = total
    changed += number
    changed -= number
    assert changed == total


def test_sums_of_many():
    terms = [nk.PauliSum({"XZ": 0.5}), nk.PauliSum({"ZZ": 1}), nk.PauliSum({"XZ": -0.5, "II": 3})]
    assert sum(terms) == nk.PauliSum({"ZZ": 1, "II": 3})
    assert sum(terms, 1) == nk.PauliSum({"ZZ": 1, "II": 4})
    assert sum(terms, start=terms[0]) == nk.PauliSum({"XZ": 0.5, "ZZ": 1, "II": 3})
    assert nk.PauliSum({}, num_qubits=0) - 2 == nk.PauliSum({"": -2})
    assert nk.PauliSum({"II": 2}) - 2 == nk.PauliSum({}, num_qubits=2)


@pytest.mark.parametrize("other", ["1", None, [1], {"XZ": 1}, np.ones(4)])
def test_what_is_not_added(other):
    total = nk.PauliSum({"XZ": 0.5})
    for call in (
        lambda: total + other,
        lambda: other + total,
        lambda: total - other,
        lambda: other - total,
    ):
        with pytest.raises(TypeError, match=r"operand|[Cc]oncatenat"):
            call()


@pytest.mark.parametrize("number", [np.nan, np.inf, 1j * np.inf, 10**400])
def test_numbers_that_are_not_finite(number):
    total = nk.PauliSum({"XZ": 0.5})
    for call in lambda: total + number, lambda: number - total, lambda: total - number:
        with pytest.raises((ValueError, TypeError), match="'coefficients'"):
            call()


def test_openfermion_itself(rng):
    openfermion = pytest.importorskip("openfermion")
    operator = openfermion.QubitOperator("X0 Y2", 0.5) + openfermion.QubitOperator("Z1", -1)
    matrix = openfermion.get_sparse_operator(operator, n_qubits=3).toarray()
    got = oracle.pauli_sum(nk.PauliSum.from_openfermion(operator), 3)
    assert abs(got - matrix).max() == 0


def test_lowest_states_of_scipy():
    linalg = pytest.importorskip("scipy.sparse.linalg")
    total = chain(8)
    matrix = oracle.pauli_sum(total, 8).astype(complex)
    exact = np.linalg.eigvalsh(matrix)[:3]
    values, vectors = linalg.eigsh(total.linear_operator(), k=3, which="SA")
    assert abs(np.sort(values) - exact).max() < 1e-12
    lowest = np.ascontiguousarray(vectors[:, values.argmin()])
    assert abs(total.expectation(lowest) - exact[0]) < 1e-12
    assert total.variance(lowest) < 1e-12


def test_evolution_by_scipy(rng):
    linalg = pytest.importorskip("scipy.sparse.linalg")
    total = chain(6) + nk.PauliSum({"YIIIII": 0.3, "IIXYZI": 0.1j})
    matrix = oracle.pauli_sum(total, 6).astype(complex)
    state = oracle.random_state(rng, 6)
    operator = -0.3j * total.linear_operator()
    got = linalg.expm_multiply(operator, state, traceA=-0.3j * total.trace())
    values, vectors = np.linalg.eig(-0.3j * matrix)
    expected = vectors @ (np.exp(values) * np.linalg.solve(vectors, state))
    assert abs(got - expected).max() < 1e-12
    assert abs(total.linear_operator().adjoint() @ state - matrix.conj().T @ state).max() < 1e-13
    single = total.linear_operator(np.complex64)
    assert (single @ state.astype(np.complex64)).dtype == np.complex64
    with pytest.raises(TypeError, match="'dtype' is <class 'int'>"):
        total.linear_operator(int)
    with pytest.raises(ValueError, match="'dtype' is float64, and the sum has"):
        total.linear_operator(float)


@pytest.mark.parametrize("dtype", [None, np.complex64])
def test_linear_operators_pickle(dtype, rng):
    pytest.importorskip("scipy")
    total = chain(4) + 1j * nk.PauliSum({"XIYZ": 0.5})
    linear, state = total.linear_operator(dtype), oracle.random_state(rng, 4)
    for other in pickle.loads(pickle.dumps(linear)), copy.deepcopy(linear):
        assert (other.shape, other.dtype) == (linear.shape, linear.dtype)
        assert (other @ state).tobytes() == (linear @ state).tobytes()
        assert (other.H @ state).tobytes() == (linear.H @ state).tobytes()
    double = pickle.loads(pickle.dumps(2 * linear.T))
    assert (double @ state).tobytes() == (2 * linear.T @ state).tobytes()


def test_scipy_missing(snippet):
    code = """
        import sys
        sys.modules["scipy.sparse.linalg"] = None
        try:
            nk.PauliSum({"X": 1}).linear_operator()
        except ImportError as error:
            print(error)
    """
    assert "pip install 'numket[scipy]'" in snippet(code)


REFUSED = [
    (({"XQ": 1},), ValueError, "the Pauli string holds 'Q' at position 1"),
    (({"XX": 1, "X": 1},), ValueError, "1 letters for 2 qubits"),
    (({"X": np.nan},), ValueError, "'coefficients'.*(NaN|finite)"),
    (({"X": 1j * np.inf},), ValueError, "'coefficients'"),
    (({"X": "1"},), TypeError, "'coefficients' holds a str"),
    (({"X": None},), TypeError, "'coefficients' holds a NoneType"),
    (({},), ValueError, "'num_qubits' is missing"),
    (([],), ValueError, "'num_qubits' is missing"),
    (([("X", 0, 1)],), ValueError, "'num_qubits' is missing"),
    (([("X", 3, 1)], 3), ValueError, "qubit 3 is out of range"),
    (([("XX", (1, 1), 1)], 3), ValueError, "qubit 1 .*twice"),
    (([("XX", 1, 1)], 3), ValueError, "2 letters for 1 qubits"),
    (([("X",)], 1), TypeError, "'terms'"),
    (([("X", 0, 1, 1)], 1), TypeError, "'terms'"),
    ((["XZ"], 2), TypeError, "'terms'"),
    (("XZ",), TypeError, "'terms'"),
    (([(1, 2)], 2), TypeError, "'terms'"),
    (({"X": 1}, -1), ValueError, "'num_qubits' is -1"),
    (({"X": 1}, 65), ValueError, "'num_qubits' is 65"),
    (({"X": 1}, 2), ValueError, "1 letters for 2"),
    (({"X": 1}, 1.0), TypeError, "'num_qubits' is a float"),
    (({"X" * 65: 1},), ValueError, "65 qubits"),
]


@pytest.mark.parametrize(("arguments", "error", "words"), REFUSED, ids=repr)
def test_refusals(arguments, error, words):
    with pytest.raises(error, match=f"(?s){words}.*[:;]"):
        nk.PauliSum(*arguments)


def test_states_that_do_not_fit(rng):
    total = nk.PauliSum({"XZY": 1})
    state, out = oracle.random_state(rng, 3), np.full(8, 7, complex)
    before = out.tobytes()
    frozen = out.copy()
    frozen.flags.writeable = False
    calls = [
        (lambda: total.expectation(state[:4]), ValueError, "3 qubits and what it meets.* has 2"),
        (lambda: total.expectation(state.reshape(2, 4)), ValueError, "'state' has shape"),
        (lambda: total.expectation([1] * 8), TypeError, "'state' is a list"),
        (lambda: total.expectation(state, threads=0), ValueError, "'threads' is 0"),
        (lambda: total.apply(state, out[:4]), ValueError, "'out' has 2 qubits and 'state' has 3"),
        (lambda: total.apply(state[:4], out[:4]), ValueError, "3 qubits and what it meets.* has 2"),
        (lambda: total.apply(state, out.astype(np.complex64)), TypeError, "different dtypes"),
        (lambda: total.apply(state, frozen), ValueError, "'out' is read-only"),
        (lambda: total.apply(state, state), nk.BufferInUseError, "overlaps"),
        (lambda: total.apply(out, out[::-1]), nk.BufferInUseError, "overlaps"),
    ]
    for call, error, words in calls:
        with pytest.raises(error, match=f"(?s){words}"):
            call()
    assert out.tobytes() == before
