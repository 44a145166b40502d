"""What is refused: with which exception, in which words, and every byte as it was."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided

import numket as nk
import oracle

NAN, INF = float("nan"), float("inf")


def strided(shape, strides, dtype=np.complex128):
    """A writeable array over 64 amplitudes, strides in amplitudes."""
    base = np.arange(64).astype(dtype)
    return as_strided(base, shape, [s * base.itemsize for s in strides])


def misaligned():
    raw = np.zeros(8 * 16 + 1, np.uint8)
    state = np.ndarray(8, np.complex128, raw, offset=1 if raw.ctypes.data % 8 == 0 else 0)
    state[:] = 1
    return state


def read_only():
    state = np.ones(8, complex)
    state.flags.writeable = False
    return state


STATES = {
    "list": ([1, 0], TypeError, "ndarray"),
    "scalar": (np.complex128(1), TypeError, "ndarray"),
    "none": (None, TypeError, "ndarray|return None"),
    "bytearray": (bytearray(64), TypeError, "ndarray"),
    "memoryview": (memoryview(np.zeros(4, complex)), TypeError, "ndarray"),
    "int64": (np.zeros(8, np.int64), TypeError, "int64.*complex128.*complex64.*astype"),
    "float16": (np.zeros(8, np.float16), TypeError, "float16.*astype"),
    "longdouble": (np.zeros(8, np.clongdouble), TypeError, "complex256|clongdouble|complex128"),
    "big_endian": (np.zeros(8, ">c16"), TypeError, ">c16|big|byte order"),
    "big_endian_single": (np.zeros(8, ">c8"), TypeError, ">c8|big|byte order"),
    "object": (np.zeros(8, object), TypeError, "object"),
    "record": (np.zeros(8, [("a", "c16")]), TypeError, "dtype"),
    "void": (np.zeros(8, "V16"), TypeError, "dtype"),
    "masked": (np.ma.zeros(8, complex), TypeError, "MaskedArray.*mask"),
    "read_only": (read_only(), ValueError, "read-only.*copy"),
    "of_bytes": (np.frombuffer(bytes(128), complex), ValueError, "read-only"),
    "length_3": (np.zeros(3, complex), ValueError, r"\(3,\).*2\*\*n"),
    "length_0": (np.zeros(0, complex), ValueError, r"\(0,\)"),
    "matrix": (np.zeros((4, 4), complex), ValueError, r"\(4, 4\)"),
    "axis_of_3": (np.zeros((2, 3, 2), complex), ValueError, r"\(2, 3, 2\)"),
    "axis_of_0": (np.zeros((2, 0, 2), complex), ValueError, r"\(2, 0, 2\)"),
    "batch_not_said": (np.zeros((2, 16), complex), ValueError, r"\(2, 16\).*batch"),
    "column": (np.zeros((8, 1), complex), ValueError, r"\(8, 1\)"),
    "row": (np.zeros((1, 8), complex), ValueError, r"\(1, 8\)"),
    "misaligned": (misaligned(), ValueError, r"misaligned.*np\.require"),
    "broadcast": (strided((8,), (0,)), ValueError, "stride"),
    "broadcast_axis": (strided((2, 2, 2), (0, 2, 1)), ValueError, "stride"),
    "overlap_equal": (strided((2, 2, 2), (2, 2, 1)), ValueError, "stride"),
    "overlap_sum": (strided((2, 2, 2), (1, 2, 3)), ValueError, "stride"),
    "overlap_halves": (as_strided(np.zeros(8, complex), (2, 2), (16, 8)), ValueError, "stride"),
    "overlap_flat": (as_strided(np.zeros(8, complex), (8,), (8,)), ValueError, "stride"),
}


def snapshot(array):
    if isinstance(array, np.ndarray | np.generic | memoryview):
        return array.tobytes()
    return array


def refuses(call, array, error, words):
    """`call()` raises, says so in these words, and leaves the array's bytes alone."""
    before = snapshot(array)
    with pytest.raises(error, match=f"(?s){words}") as caught:
        call()
    assert type(caught.value) is error
    assert snapshot(array) == before
    assert ";" in str(caught.value) or ":" in str(caught.value), "limit and remedy are missing"


READABLE = {"read_only", "of_bytes", "misaligned"}
"""Of the states, those that cannot be changed but can be read."""

WRITERS = {
    "h": lambda state: nk.h(state, 0),
    "cu": lambda state: nk.cu(state, 0.1, 0.2, 0.3, 0.4, 0, 1),
    "apply": lambda state: nk.apply(state, np.eye(2), [0]),
    "apply_diagonal": lambda state: nk.apply_diagonal(state, [1, 1j], [0]),
    "apply_permutation": lambda state: nk.apply_permutation(state, [1, 0], [0]),
    "Ket": nk.Ket,
    "normalize": nk.normalize,
}
READERS = {
    "norm": nk.norm,
    "probabilities": nk.probabilities,
    "expectation": lambda state: nk.expectation(state, "XYZ"),
    "variance": lambda state: nk.variance(state, "XYZ"),
    "PauliSum": nk.PauliSum({"XYZ": 1}).expectation,
    "reduced_density_matrix": lambda state: nk.reduced_density_matrix(state, 0),
    "entanglement_entropy": lambda state: nk.entanglement_entropy(state, 0),
    "bloch_vectors": nk.bloch_vectors,
    "correlations": nk.correlations,
    "qubit_entropies": nk.qubit_entropies,
    "cut_entropies": nk.cut_entropies,
}


@pytest.mark.parametrize("function", WRITERS)
@pytest.mark.parametrize("name", STATES)
def test_states(name, function):
    state, error, words = STATES[name]
    refuses(lambda: WRITERS[function](state), state, error, f"'state'.*({words})")


@pytest.mark.parametrize("function", READERS)
@pytest.mark.parametrize("name", STATES)
def test_states_to_read(name, function):
    state, error, words = STATES[name]
    if name in READABLE:
        assert np.array_equal(READERS[function](state), READERS[function](state.copy()))
    else:
        refuses(lambda: READERS[function](state), state, error, f"'state'.*({words})")


@pytest.mark.parametrize("name", STATES)
def test_states_of_inner(name):
    state, error, words = STATES[name]
    good = np.ones(8, complex)
    if name in READABLE:
        assert nk.inner(state, good) == nk.inner(state.copy(), good)
        assert nk.inner(good, state) == nk.inner(good, state.copy())
    else:
        refuses(lambda: nk.inner(state, good), state, error, f"'bra'.*({words})")
        refuses(lambda: nk.inner(good, state), state, error, f"'ket'.*({words})")


QUBITS = [
    (-1, ValueError, "qubit -1.*range.*3 qubits"),
    (3, ValueError, "qubit 3.*range.*3 qubits.*0 to 2"),
    (64, ValueError, "qubit 64"),
    (10**6, ValueError, "qubit 1000000"),
    (-(2**63), ValueError, "qubit -9223372036854775808"),
    (2**63, ValueError, "range"),
    (2**200, ValueError, "range"),
    (-(2**200), ValueError, "range"),
    (True, TypeError, "bool"),
    (np.True_, TypeError, "bool"),
    (1.0, TypeError, "float"),
    (np.float64(1), TypeError, "float"),
    (1j, TypeError, "complex"),
    ("0", TypeError, "str"),
    (None, TypeError, "None"),
    (object(), TypeError, "object"),
]
PLACES = {
    "h": lambda state, q: nk.h(state, q),
    "rx": lambda state, q: nk.rx(state, 0.1, q),
    "cx_control": lambda state, q: nk.cx(state, q, 1),
    "cx_target": lambda state, q: nk.cx(state, 1, q),
    "rzz": lambda state, q: nk.rzz(state, 0.1, 1, q),
    "ccx": lambda state, q: nk.ccx(state, 0, 1, q),
    "controls": lambda state, q: nk.h(state, 1, controls=[q]),
    "controls_of_cx": lambda state, q: nk.cx(state, 0, 1, controls=(q,)),
    "apply": lambda state, q: nk.apply(state, np.eye(4), [1, q]),
    "apply_diagonal": lambda state, q: nk.apply_diagonal(state, np.ones(4), [q, 1]),
    "apply_permutation": lambda state, q: nk.apply_permutation(state, range(4), (1, q)),
    "ket": lambda state, q: nk.Ket(state).cx(1, q),
    "probabilities": lambda state, q: nk.probabilities(state, [1, q]),
    "expectation": lambda state, q: nk.expectation(state, "XY", qubits=[1, q]),
    "reduced_density_matrix": lambda state, q: nk.reduced_density_matrix(state, [1, q]),
}


@pytest.fixture
def state(rng):
    return oracle.random_state(rng, 3)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("qubit", "error", "words"), QUBITS, ids=lambda value: repr(value)[:12])
def test_qubits(place, qubit, error, words, state):
    refuses(lambda: PLACES[place](state, qubit), state, error, words)


@pytest.mark.parametrize(
    "call",
    [
        lambda s: nk.cx(s, 1, 1),
        lambda s: nk.swap(s, 1, 1),
        lambda s: nk.rxx(s, 0.1, 1, 1),
        lambda s: nk.ccx(s, 0, 1, 1),
        lambda s: nk.ccz(s, 1, 0, 1),
        lambda s: nk.cswap(s, 1, 1, 0),
        lambda s: nk.h(s, 1, controls=[1]),
        lambda s: nk.h(s, 0, controls=[1, 1]),
        lambda s: nk.cx(s, 1, 0, controls=[1]),
        lambda s: nk.apply(s, np.eye(4), [1, 1]),
        lambda s: nk.apply(s, np.eye(2), [1], controls=[2, 1]),
        lambda s: nk.apply_diagonal(s, np.ones(8), [0, 1, 1]),
        lambda s: nk.apply_permutation(s, range(4), [1, 1]),
        lambda s: nk.probabilities(s, [1, 0, 1]),
        lambda s: nk.expectation(s, "XYZ", qubits=[1, 0, 1]),
        lambda s: nk.reduced_density_matrix(s, [1, 0, 1]),
        lambda s: nk.Ket(s).CNOT(1, 1),
    ],
)
def test_a_qubit_named_twice(call, state):
    refuses(lambda: call(state), state, ValueError, "qubit 1 .*twice.*distinct")


@pytest.mark.parametrize("axis", [0, 2, 4])
def test_an_axis_of_length_one(axis, state):
    tensor = state.reshape(1, 2, 1, 2, 1, 2)
    for call in PLACES.values():
        refuses(lambda call=call: call(tensor, axis), tensor, ValueError, "qubit [024] .*length 1")


def test_a_state_without_qubits():
    for state in np.ones(1, complex), np.array(1 + 0j), np.ones((1, 1), complex):
        refuses(lambda state=state: nk.h(state, 0), state, ValueError, "qubit")
        assert nk.norm(state) == 1
        assert nk.probabilities(state).tolist() == [1]


@pytest.mark.parametrize(
    ("controls", "values", "error", "words"),
    [
        ([0], [1, 1], ValueError, "control_values.* 2 .*1 control"),
        ([0, 1], [1], ValueError, "control_values.* 1 .*2 control"),
        ([], [1], ValueError, "control_values"),
        ([0], [2], ValueError, "control_values.* 2.*0 or 1"),
        ([0], [-1], ValueError, "control_values.* -1.*0 or 1"),
        ([0], [2**64], ValueError, "control_values"),
        ([0], [1.0], TypeError, "control_values"),
        ([0], ["1"], TypeError, "control_values"),
        ([0], [None], TypeError, "control_values"),
        ([0], 1.0, TypeError, "control_values"),
        ([0, 1], 1, ValueError, "control_values.* 1 .*2 control"),
        ([0], "1", TypeError, "control_values"),
        (0, 2, ValueError, "control_values.* 2.*0 or 1"),
        (0.0, None, TypeError, "controls"),
        ("0", None, TypeError, "controls"),
        (None, [1], ValueError, "control_values"),
    ],
)
def test_controls(controls, values, error, words, state):
    def call():
        nk.h(state, 2, controls=controls, control_values=values)

    refuses(call, state, error, words)


ANGLES = [
    (NAN, ValueError, "finite"),
    (INF, ValueError, "finite"),
    (-INF, ValueError, "finite"),
    (np.float32(NAN), ValueError, "finite"),
    (10**400, ValueError, "finite"),
    ("0.1", TypeError, "str.*real"),
    (None, TypeError, "None.*real"),
    (1j, TypeError, "complex.*real"),
    (np.complex128(1), TypeError, "complex.*real"),
    (np.complex64(1), TypeError, "complex.*real"),
    ([0.1], TypeError, "list.*real"),
    (np.array("0.1"), TypeError, "ndarray.*real"),
    (np.array(1j), TypeError, "ndarray.*real"),
    (object(), TypeError, "object.*real"),
]


@pytest.mark.parametrize(("angle", "error", "words"), ANGLES, ids=lambda value: repr(value)[:12])
@pytest.mark.parametrize("position", range(4))
def test_angles(position, angle, error, words, state):
    angles = [0.1, 0.2, 0.3, 0.4]
    angles[position] = angle
    name = ["theta", "phi", "lam", "gamma"][position]
    before = state.tobytes()
    with pytest.raises(error, match=f"(?s){words}") as caught:
        nk.cu(state, *angles, 0, 1)
    assert f"'{name}'" in str(caught.value)
    assert state.tobytes() == before


OPERATORS = {
    "apply": (nk.apply, "matrix"),
    "apply_diagonal": (nk.apply_diagonal, "diagonal"),
    "apply_permutation": (nk.apply_permutation, "permutation"),
}


def with_entry(operator, value):
    operator = np.array(operator, complex)
    operator.flat[-2] = value
    return operator


BAD = [
    ("apply", np.eye(3), [0], ValueError, r"\(3, 3\).*\(2, 2\)"),
    ("apply", np.eye(2), [0, 1], ValueError, r"\(2, 2\).*\(4, 4\)"),
    ("apply", np.eye(4), [0], ValueError, r"\(4, 4\).*\(2, 2\)"),
    ("apply", np.ones((2, 4)), [0], ValueError, r"\(2, 4\)"),
    ("apply", np.ones(4), [0], ValueError, r"\(4,\)"),
    ("apply", np.ones(2), [0], ValueError, r"\(2,\)"),
    ("apply", np.ones((2,) * 3), [0, 1], ValueError, r"\(2, 2, 2\)"),
    ("apply", 1, [0], ValueError, r"\(\)"),
    ("apply", np.ones((0, 0)), [0], ValueError, r"\(0, 0\)"),
    ("apply", [[1, 0], [0]], [0], (TypeError, ValueError), "."),
    ("apply", with_entry(np.eye(2), NAN), [0], ValueError, "NaN"),
    ("apply", with_entry(np.eye(2), INF), [0], ValueError, "infinit"),
    ("apply", with_entry(np.eye(8), complex(0, NAN)), [0, 1, 2], ValueError, "NaN"),
    ("apply", [["a", "b"], ["c", "d"]], [0], TypeError, "number|dtype"),
    ("apply", np.eye(2, dtype=object), [0], TypeError, "object"),
    ("apply", None, [0], TypeError, "."),
    ("apply_diagonal", np.ones(3), [0], ValueError, r"\(3,\).*\(2,\)"),
    ("apply_diagonal", np.ones(8), [0, 1], ValueError, r"\(8,\).*\(4,\)"),
    ("apply_diagonal", np.eye(2), [0], ValueError, r"\(2, 2\)"),
    ("apply_diagonal", with_entry(np.ones(4), NAN), [0, 1], ValueError, "NaN"),
    ("apply_diagonal", with_entry(np.ones(4), -INF), [0, 1], ValueError, "infinit"),
    ("apply_diagonal", "zz", [0], TypeError, "number|dtype"),
    ("apply_permutation", [0, 1, 2], [0], ValueError, r"\(3,\).*\(2,\)"),
    ("apply_permutation", [0, 0], [0], ValueError, "holds 0 at position 1"),
    ("apply_permutation", [0, 2], [0], ValueError, "holds 2 at position 1"),
    ("apply_permutation", [1, -1], [0], ValueError, "holds -1 at position 1"),
    ("apply_permutation", [0, 1, 3, 3], [0, 1], ValueError, "holds 3 at position 3.*0 to 3"),
    ("apply_permutation", [0, 2**62], [0], ValueError, "holds 4611686018427387904"),
    ("apply_permutation", np.array([0, 2**63 + 1], np.uint64), [0], (TypeError, ValueError), "."),
    ("apply_permutation", [0.0, 1.0], [0], TypeError, "float64.*int64"),
    ("apply_permutation", [False, True], [0], TypeError, "bool.*int64"),
]


@pytest.mark.parametrize(("name", "operator", "qubits", "error", "words"), BAD)
def test_operators(name, operator, qubits, error, words, state):
    function, argument = OPERATORS[name]
    before = state.tobytes()
    with pytest.raises(error, match=f"(?s)'{argument}'.*{words}"):
        function(state, operator, qubits)
    assert state.tobytes() == before


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("qubits", [None, 1.5, "0", object()], ids=["None", "1.5", "0", "object"])
def test_lists_of_qubits(name, qubits, state):
    refuses(lambda: OPERATORS[name][0](state, np.arange(2), qubits), state, TypeError, "'qubits'")


@pytest.mark.parametrize("name", OPERATORS)
def test_more_qubits_than_there_are(name, state):
    def call():
        operator = np.eye(2) if name == "apply" else np.arange(2)
        OPERATORS[name][0](state, operator, range(70))

    refuses(call, state, ValueError, "qubit|shape")


@pytest.mark.parametrize(
    ("threads", "error", "words"),
    [
        (0, ValueError, "'threads' is 0.*at least 1"),
        (-1, ValueError, "'threads' is -1"),
        (1.5, TypeError, "threads"),
        ("2", TypeError, "threads"),
    ],
)
@pytest.mark.parametrize("function", ["h", "apply", "norm", "probabilities"])
def test_threads(function, threads, error, words, state):
    calls = {
        "h": lambda: nk.h(state, 0, threads=threads),
        "apply": lambda: nk.apply(state, np.eye(2), [0], threads=threads),
        "norm": lambda: nk.norm(state, threads=threads),
        "probabilities": lambda: nk.probabilities(state, threads=threads),
    }
    before = state.tobytes()
    with pytest.raises(error) as caught:
        calls[function]()
    described = str(caught.value) + "".join(getattr(caught.value, "__notes__", ()))
    assert "threads" in described
    if error is ValueError:
        with pytest.raises(error, match=words):
            calls[function]()
    assert state.tobytes() == before


@pytest.mark.parametrize("batch", [-1, 2, 100, 2**62])
def test_more_batch_axes_than_there_are(batch, state):
    refuses(lambda: nk.h(state, 0, batch=batch), state, ValueError, f"'batch' is {batch}.*1 axes")


@pytest.mark.parametrize("batch", [1.0, "1", None, [1]])
def test_batches_that_are_no_number(batch, state):
    before = state.tobytes()
    with pytest.raises(TypeError) as caught:
        nk.h(state, 0, batch=batch)
    assert "batch" in str(caught.value) + "".join(getattr(caught.value, "__notes__", ()))
    assert state.tobytes() == before


BATCHES = {
    "no_qubits_left": (lambda s: nk.h(s[0, 0], 0, batch=1), r"shape \(\) after 1|qubit 0"),
    "not_said": (lambda s: nk.h(s, 0), r"\(3, 5, 8\).*batch"),
    "one_too_few": (lambda s: nk.h(s, 0, batch=1), r"\(5, 8\) after 1 batch"),
    "all_axes": (lambda s: nk.h(s, 0, batch=3), "qubit 0"),
    "too_long": (lambda s: nk.rx(s, np.ones(4), 0, batch=2), r"'theta'.*\(4,\).*\(3, 5\)"),
    "other_axis": (lambda s: nk.rx(s, np.ones(3), 0, batch=2), r"'theta'.*\(3,\).*\(3, 5\)"),
    "more_axes": (lambda s: nk.rx(s, np.ones((1, 3, 5)), 0, batch=2), r"\(1, 3, 5\).*\(3, 5\)"),
    "empty": (lambda s: nk.rx(s, np.ones((3, 0)), 0, batch=2), r"\(3, 0\).*\(3, 5\)"),
    "second": (lambda s: nk.u(s, 0, np.ones(5), np.ones(2), 0, batch=2), r"'lam'.*\(2,\)"),
    "nan": (lambda s: nk.rx(s, [[0.1], [NAN], [0]], 0, batch=2), "'theta'.*NaN"),
    "nan_in_matrix": (
        lambda s: nk.apply(s, with_entry([np.eye(2)] * 5, NAN), 0, batch=2),
        "'matrix'.*NaN",
    ),
    "matrices": (lambda s: nk.apply(s, [np.eye(2)] * 3, 0, batch=2), r"'matrix'.*\(3,\).*\(3, 5\)"),
    "matrix_size": (lambda s: nk.apply(s, [np.eye(4)] * 5, 0, batch=2), r"'matrix'.*\(5, 4, 4\)"),
    "matrices_of_one_state": (lambda s: nk.apply(s[0, 0], [np.eye(2)] * 5, 0), r"\(5, 2, 2\)"),
    "diagonals": (
        lambda s: nk.apply_diagonal(s, np.ones((3, 2)), 0, batch=2),
        r"'diagonal'.*\(3,\)",
    ),
    "permutations": (
        lambda s: nk.apply_permutation(s, [[0, 1]] * 5, 0, batch=2),
        r"'permutation'.*\(5, 2\)",
    ),
    "qubit": (lambda s: nk.h(s, 3, batch=2), "qubit 3.*3 qubits"),
    "controls": (lambda s: nk.h(s, 0, controls=[4], batch=2), "qubit 4.*3 qubits"),
    "reader": (lambda s: nk.norm(s, batch=1), r"\(5, 8\) after 1 batch"),
    "normalize": (lambda s: nk.normalize(s, batch=1), r"\(5, 8\) after 1 batch"),
}


@pytest.mark.parametrize("name", BATCHES)
def test_batches(name, rng):
    call, words = BATCHES[name]
    states = oracle.random_state(rng, 7).reshape(16, 8)[:15].reshape(3, 5, 8)
    refuses(lambda: call(states), states, ValueError, words)


def test_angles_of_a_batch_must_be_numbers(state):
    states = np.stack([state] * 2)
    for angles in ["a", "b"], [None, 1], [1j, 0], "0.1", object():
        refuses(
            lambda angles=angles: nk.rx(states, angles, 0, batch=1), states, TypeError, "'theta'"
        )


def test_states_of_a_batch_that_share_memory(rng):
    base = oracle.random_state(rng, 6)
    for shape, strides, batch in [
        ((3, 8), (64, 16), 1),
        ((4, 8), (0, 16), 1),
        ((2, 2, 4), (32, 64, 16), 2),
        ((3, 2, 2), (16, 32, 64), 1),
    ]:
        states = as_strided(base, shape, strides)
        refuses(
            lambda states=states, batch=batch: nk.h(states, 0, batch=batch),
            base,
            ValueError,
            "stride",
        )


@pytest.mark.parametrize(
    "call",
    [
        lambda s: nk.h(s),
        lambda s: nk.h(s, 0, 1),
        lambda s: nk.rx(s, 0),
        lambda s: nk.h(s, 0, control=[1]),
        lambda s: nk.h(s, 0, [1]),
        lambda s: nk.apply(s, np.eye(2)),
        lambda s: nk.cx(s, 0),
    ],
)
def test_signatures(call, state):
    before = state.tobytes()
    with pytest.raises(TypeError):
        call(state)
    assert state.tobytes() == before


def test_the_message_of_the_contract():
    """The one sentence that the public contract spells out."""
    with pytest.raises(TypeError) as caught:
        nk.h(np.zeros(2, np.int64), 0)
    for part in "'state' has dtype int64", "complex128 or complex64", "state.astype(np.complex128)":
        assert part in str(caught.value)


REMEDIES = [
    (lambda s: nk.h(s.reshape(4, -1), 0), "use np.asarray(state).reshape((2,) * "),
    (lambda s: nk.apply(s, np.ones(4), 0), ", or use np.asarray(matrix).reshape((2, 2))"),
    (lambda s: nk.apply_permutation(s, [0, 0], 0), "exactly once: check with np.sort(permutation)"),
    (lambda s: nk.expectation(s, [[0, 1], [0, 0]], qubits=0), "in NumPy (m + m.conj().T) / 2"),
    (
        lambda s: nk.measure(0 * s),
        "prepare one, or scale it to norm 1, as by nk.zero_state or nk.normalize",
    ),
    (lambda s: nk.h(s, 0, threads=0), "use 1 for the calling thread alone"),
    (lambda s: nk.zero_state(60), "or single precision, dtype=np.complex64"),
]


@pytest.mark.parametrize(("call", "remedy"), REMEDIES, ids=[remedy for _, remedy in REMEDIES])
def test_remedies_are_python(call, remedy, state):
    """Which the core, that says the rest, does not know."""
    with pytest.raises((ValueError, MemoryError)) as caught:
        call(state)
    assert remedy in str(caught.value)


def test_a_refused_call_leaves_no_lease(state):
    for call in PLACES.values():
        with pytest.raises(ValueError, match="range"):
            call(state, 9)
    nk.h(state, 0)
