"""What people give by mistake: each is named, and what the message says to do works."""

import re
import warnings
from collections import OrderedDict

import numpy as np
import pytest

import numket as nk
import oracle
from numket import channels, density

RAW = re.compile(
    r"object cannot be|cannot be interpreted|is not an instance of|C long|not iterable|"
    r"has no attribute|not understood|expected str|SeedSequence"
)
HUGE = 2**70
THETA = nk.Parameter("theta")
ROTATED = nk.Circuit(1).rx(THETA, 0)
RHO = density.zero_density(1)
PSI = nk.zero_state(3)
PSI.flags.writeable = False  # a call that is not refused is found out


def refusal(call, error):
    """The message of a call that is refused, in words of numket's own."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(error) as caught:
            call()
    assert not RAW.search(str(caught.value))
    return str(caught.value)


# Numbers, names and other arguments of the wrong kind.

WRONG = {
    "label": (lambda: nk.ket(3), TypeError, "'label' is a int; it must be a str"),
    "no label": (lambda: nk.ket(None), TypeError, "'label' is a NoneType"),
    "pauli": (lambda: nk.apply_pauli(PSI, 3), TypeError, "'pauli' is a int; it must be a str"),
    "pauli of a rotation": (lambda: nk.pauli_rotation(PSI, "X", 1), TypeError, "'pauli' is a int"),
    "pauli of a circuit": (lambda: nk.Circuit(1).apply_pauli(1), TypeError, "'pauli' is a int"),
    "pauli of a ket": (lambda: nk.ket("0").apply_pauli(1), TypeError, "'pauli' is a int"),
    "parameters": (lambda: nk.Circuit(3, 3), TypeError, "'parameters' is a int.*Parameter"),
    "names": (lambda: nk.Circuit(3, ["a"]), TypeError, r"'parameters' holds a str.*nk\.Parameter"),
    "other": (lambda: nk.Circuit(1).compose(None), TypeError, "'other' is a NoneType.*Circuit"),
    "threads": (lambda: nk.h(PSI, 0, threads=1.5), TypeError, "'threads' is a float.*use an int"),
    "huge threads": (lambda: nk.h(PSI, 0, threads=HUGE), ValueError, f"'threads' is {HUGE}"),
    "no threads": (lambda: nk.h(PSI, 0, threads=0), ValueError, "'threads' is 0.*use 1"),
    "count": (lambda: nk.set_num_threads(None), TypeError, "'count' is a NoneType"),
    "huge count": (lambda: nk.set_num_threads(HUGE), ValueError, f"'count' is {HUGE}"),
    "no count": (lambda: nk.set_num_threads(0), ValueError, "'count' is 0.*use 1"),
    "count of a context": (lambda: nk.threads("1"), TypeError, "'count' is a str"),
    "batch": (lambda: nk.norm(PSI, batch=1.0), TypeError, "'batch' is a float.*use an int"),
    "no batch": (lambda: nk.norm(PSI, batch=None), TypeError, "'batch' is a NoneType"),
    "huge batch": (lambda: nk.norm(PSI, batch=-HUGE), ValueError, f"'batch' is -{HUGE}"),
    "n": (lambda: nk.zero_state(2.0), TypeError, "'n' is a float; it must be a whole number"),
    "huge n": (lambda: nk.zero_state(HUGE), ValueError, f"'n' is {HUGE}"),
    "large n": (lambda: nk.zero_state(10**9), MemoryError, r"'n' is 1000000000.*GiB"),
    "negative n": (lambda: nk.basis_state(-1, "0"), ValueError, "'n' is -1; .*from 0"),
    "n of a density": (lambda: density.zero_density("1"), TypeError, "'n' is a str"),
    "huge n of a density": (lambda: density.zero_density(HUGE), ValueError, f"'n' is {HUGE}"),
    "dtype": (lambda: nk.zero_state(1, "foo"), TypeError, "'dtype' is foo.*use np.complex128"),
    "bits": (lambda: nk.basis_state(2, 1.0), TypeError, "'index_or_bits' is a float.*str of 0"),
    "qubit": (lambda: nk.h(PSI, HUGE), ValueError, f"'q' is {HUGE}, which is out of range"),
    "negative qubit": (lambda: nk.Circuit(1).h(-HUGE), ValueError, f"'q' is -{HUGE}"),
    "a long number": (lambda: nk.h(PSI, 10**6000), ValueError, "'q' is a number of 19932 bits"),
    "control values": (
        lambda: nk.x(PSI, 0, controls=[1, 2], control_values="01"),
        TypeError,
        r"'control_values' is a str.*use a list, as \[0, 1\]",
    ),
    "rng": (lambda: nk.sample(PSI, 3, rng="a"), TypeError, "'rng' is 'a'.*default_rng"),
    "negative rng": (lambda: nk.sample(PSI, 3, rng=-1), ValueError, "'rng' is -1.*from 0"),
    "rng of a circuit": (
        lambda: nk.Circuit(1).measure(0).run(nk.zero_state(1), rng=1.5),
        TypeError,
        "'rng' is 1.5",
    ),
    "rng of trajectories": (
        lambda: nk.Circuit(3).trajectories(PSI, "ZZZ", 2, rng="a"),
        TypeError,
        "'rng' is 'a'",
    ),
    "shots": (lambda: nk.sample(PSI, 1.5), TypeError, "'shots' is a float"),
    "no shots": (lambda: nk.Circuit(3).trajectories(PSI, "ZZZ"), TypeError, "'shots' is missing"),
    "shots twice": (
        lambda: nk.Circuit(3).trajectories(PSI, "ZZZ", 3, n=3),
        TypeError,
        "'shots' is missing, or given twice",
    ),
    "observables": (lambda: nk.Circuit(1).vjp(3, [1]), TypeError, "'observables' is a int"),
    "observable": (lambda: nk.expectation(PSI, [[1, 2], [3]]), TypeError, "'observable' cannot be"),
    "terms": (lambda: nk.PauliSum(3), TypeError, "'terms' is a int.*use a dict"),
    "num_qubits": (lambda: nk.PauliSum({"X": 1}, HUGE), ValueError, f"'num_qubits' is {HUGE}"),
    "p": (lambda: channels.bit_flip(True), TypeError, "'p' is a bool"),
    "qubits of a channel": (
        lambda: channels.depolarizing(0.1, 1.5),
        TypeError,
        "'num_qubits' is a float",
    ),
    "circuit": (lambda: density.run(RHO, "a"), TypeError, "'circuit' is a str.*nk.Circuit"),
    "qubits": (lambda: density.apply(RHO, np.eye(2), "0"), TypeError, "'qubits' is a str"),
    "no qubits": (lambda: nk.entanglement_entropy(PSI, None), TypeError, "'qubits' is a None"),
    "final_measurements": (
        lambda: nk.Circuit.from_qasm("qreg q[1];", final_measurements=3),
        TypeError,
        "'final_measurements' is a int.*use True or False",
    ),
    "max_rounds": (
        lambda: nk.Circuit.from_qasm("qreg q[1];", max_rounds=HUGE),
        ValueError,
        f"'max_rounds' is {HUGE}",
    ),
    "path": (lambda: nk.Circuit.from_qasm_file(3), TypeError, "'path' is a int.*use a str"),
}


@pytest.mark.parametrize("name", WRONG)
def test_arguments_of_the_wrong_kind(name):
    call, error, words = WRONG[name]
    assert re.search(words, refusal(call, error))


@pytest.mark.parametrize("true", [True, np.True_], ids=repr)
def test_true_is_no_number(true):
    batch = np.ones((1, 2), complex)
    for name, call in {
        "q": lambda: nk.h(PSI, true),
        "controls": lambda: nk.x(PSI, 0, controls=[true]),
        "batch": lambda: nk.norm(PSI, batch=true),
        "threads": lambda: nk.norm(PSI, threads=true),
        "count": lambda: nk.set_num_threads(true),
        "n": lambda: nk.zero_state(true),
        "shots": lambda: nk.sample(PSI, true),
        "theta": lambda: nk.rx(PSI, true, 0),
        "params": lambda: ROTATED.expectation("Z", {"theta": true}),
        "qubits": lambda: nk.entanglement_entropy(PSI, true),
        "gamma": lambda: channels.amplitude_damping(true),
    }.items():
        assert f"'{name}' is a bool" in refusal(call, TypeError)
    for theta in [true], np.array([true]), (0.5, true):
        assert "'theta' is a" in refusal(lambda t=theta: nk.rx(batch, t, 0, batch=1), TypeError)
        assert "'theta' is a" in refusal(lambda t=theta: nk.Circuit(1).rx(t, 0), TypeError)


# Sets, and what else has no order.

UNORDERED = {
    "set": {0, 1},
    "frozenset": frozenset({0, 1}),
    "dict": {0: 1, 1: 0},
    "OrderedDict": OrderedDict({0: 1, 1: 0}),
    "dict_keys": {0: 1, 1: 0}.keys(),
    "dict_values": {0: 1, 1: 0}.values(),
}


@pytest.mark.parametrize("kind", UNORDERED)
def test_qubits_without_an_order(kind):
    given = UNORDERED[kind]
    circuit, matrix, rho = nk.Circuit(3), np.eye(4), density.zero_density(2)
    calls = {
        "q": lambda q: nk.h(nk.zero_state(3), q),
        "controls": lambda q: nk.x(nk.zero_state(3), 2, controls=q),
        "control_values": lambda q: nk.x(nk.zero_state(4), 0, controls=[1, 2], control_values=q),
        "qubits": lambda q: nk.apply(nk.zero_state(3), matrix, q),
        "bits": lambda q: circuit.copy().measure([0, 1], q),
        "outcome": lambda q: nk.project(np.ones(8, complex), [0, 1], q),
        "index_or_bits": lambda q: nk.basis_state(2, q),
    }
    of_qubits = [
        lambda q: nk.apply_pauli(nk.zero_state(3), "XX", q),
        lambda q: nk.measure(nk.zero_state(3), q),
        lambda q: nk.probabilities(PSI, q),
        lambda q: nk.sample(PSI, 3, q),
        lambda q: nk.Sampler(PSI, q),
        lambda q: nk.reduced_density_matrix(PSI, q),
        lambda q: nk.expectation(PSI, "ZZ", q),
        lambda q: nk.entanglement_entropy(PSI, q),
        lambda q: nk.ket("000").reset(q),
        lambda q: circuit.copy().apply(matrix, q),
        lambda q: circuit.copy().compose(nk.Circuit(2), q),
        lambda q: nk.PauliSum([("XX", q, 1)], 3),
        lambda q: density.partial_trace(rho, q),
        lambda q: density.apply(rho, matrix, q),
    ]
    for name, call in [*calls.items(), *(("qubits", call) for call in of_qubits)]:
        message = refusal(lambda call=call: call(given), TypeError)
        assert message.startswith(f"'{name}' is a {kind}; ")
        assert f"use sorted({name})" in message
        call(sorted(given))  # as it says


# States, and what is given in their place.


def told(message):
    """The expression that a message says to use."""
    return re.search(r"use ((?:np|state|rho|matrix|theta)\b.*?)(?: for one state|$)", message)[1]


SHAPES = {
    "rows": np.zeros((2, 8), complex),
    "transposed": np.zeros((8, 2), complex).T,
    "transposed square": np.zeros((4, 4), complex).T,
    "column": np.zeros((8, 1), complex),
    "every other": np.zeros((4, 8), complex)[:, ::2],
}


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_shapes_can_be_mended_as_the_message_says():
    states = [*SHAPES.values(), *(np.matrix(np.zeros(s, complex)) for s in ((1, 8), (4, 4)))]
    for state in states:
        mended = eval(
            told(refusal(lambda s=state: nk.h(s, 0), ValueError)), {"np": np}, {"state": state}
        )
        assert np.shares_memory(mended, state)
        mended.flat[0] = 1
        nk.h(mended, 0)
        assert nk.norm(mended) == pytest.approx(1)
        assert np.count_nonzero(state) == 2


@pytest.mark.parametrize("shape", [(2, 8), (3, 8), (5, 2, 2), (3, 1, 4)])
def test_batches_can_be_counted_as_the_message_says(shape):
    state = np.ones(shape, complex)
    message = refusal(lambda: nk.norm(state), ValueError)
    batch = int(re.search(r"batch=(\d)", message)[1])
    assert nk.norm(state, batch=batch).shape == shape[:batch]


def test_shapes_within_a_batch():
    state = np.zeros((3, 2, 8), complex)
    message = refusal(lambda: nk.h(state, 0, batch=1), ValueError)
    assert message.startswith("'state' has shape (2, 8) after 1 batch axis; ")
    assert "batch=2" in message
    nk.h(eval(told(message), {"np": np}, {"state": state}), 3, batch=1)
    nk.h(state, 0, batch=2)


@pytest.mark.parametrize(("size", "wanted"), [(7, 8), (3, 4), (9, 16)])
def test_numbers_of_amplitudes(size, wanted):
    message = refusal(lambda: nk.norm(np.zeros(size, complex)), ValueError)
    assert message.endswith(f"use {wanted} amplitudes")
    nk.norm(np.zeros(wanted, complex))


def test_batch_of_a_flat_state():
    message = refusal(lambda: nk.h(nk.zero_state(3), 0, batch=1), ValueError)
    assert "there are no qubits" in message
    assert "after the axes that count states" in message


@pytest.mark.parametrize(
    ("state", "arguments"),
    [
        (0, (PSI,)),
        ("ZZZ", (PSI,)),
        (nk.PauliSum({"ZZZ": 1}), (PSI,)),
        (None, ("q",)),
        ([1, 0], (0.5,)),
    ],
    ids=repr,
)
def test_the_state_is_looked_at_first(state, arguments):
    given = arguments * 3
    for function, count in (
        (nk.h, 1),
        (nk.rx, 2),
        (nk.cx, 2),
        (nk.apply, 2),
        (nk.apply_pauli, 1),
        (nk.pauli_rotation, 2),
        (nk.apply_kraus, 2),
        (nk.expectation, 1),
        (nk.measure, 1),
        (nk.project, 2),
        (nk.probabilities, 1),
        (nk.sample, 1),
        (nk.counts, 1),
        (nk.Sampler, 1),
        (nk.reduced_density_matrix, 1),
        (nk.entanglement_entropy, 1),
        (nk.bloch_vectors, 0),
        (nk.correlations, 0),
    ):
        message = refusal(lambda f=function, c=count: f(state, *given[:c]), TypeError)
        kind = "None" if state is None else f"a {type(state).__name__}"
        assert message.startswith(f"'state' is {kind}; ")


def test_dtypes_can_be_mended_as_the_message_says():
    integers, eye = np.array([1, 0]), np.eye(2, dtype=object)
    for name, given, call in (
        ("state", integers, lambda g: nk.h(g, 0)),
        ("state", np.array([1, 0], ">c16"), lambda g: nk.h(g, 0)),
        ("matrix", eye, lambda g: nk.apply(nk.zero_state(1), g, 0)),
        ("permutation", [1.0, 0.0], lambda g: nk.apply_permutation(nk.zero_state(1), g, 0)),
        ("permutation", np.array([1.0, 0.0]), lambda g: nk.Circuit(1).apply_permutation(g, 0)),
        ("observable", [1 + 0j, 2], lambda g: nk.expectation(nk.zero_state(1), g)),
        (
            "observable",
            np.array([1j, 2]).conj() * 1j,
            lambda g: nk.expectation(nk.zero_state(1), g),
        ),
    ):
        message = refusal(lambda c=call, g=given: c(g), TypeError)
        remedy = re.search(r"use (.*?)(?: where it is real)?$", message)[1]
        call(eval(remedy, {"np": np}, {name: given}))


def test_operators_of_other_libraries_can_be_mended_as_the_message_says():
    cirq, sparse = pytest.importorskip("cirq"), pytest.importorskip("scipy.sparse")
    statevector = pytest.importorskip("qiskit.quantum_info").Statevector([1, 0])
    for name, given, call in (
        ("state", sparse.csr_array([[1.0], [0.0]]), lambda g: nk.h(g, 0)),
        ("state", statevector, lambda g: nk.h(g, 0)),
        ("matrix", sparse.csr_matrix(np.eye(2)), lambda g: nk.apply(nk.zero_state(1), g, 0)),
        ("matrix", cirq.H, lambda g: nk.Circuit(1).apply(g, 0)),
        ("observable", sparse.csr_array(np.eye(2)), lambda g: nk.expectation(nk.zero_state(1), g)),
        ("observable", cirq.X(cirq.q(0)), lambda g: nk.expectation(nk.zero_state(1), g)),
        (
            "observable",
            cirq.X(cirq.q(0)) + cirq.Z(cirq.q(0)),
            lambda g: nk.expectation(nk.zero_state(1), g),
        ),
    ):
        message = refusal(lambda c=call, g=given: c(g), TypeError)
        remedy = re.search(r"use ([^:]*)$", message)[1]
        call(eval(remedy, {"np": np, "cirq": cirq}, {name: given}))


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_an_np_matrix_can_be_mended_as_the_message_says():
    """It has two axes, whatever it is reshaped to, until it is an array."""
    one, row = nk.zero_state(1), np.matrix([[1, -1]])
    turned = nk.Circuit(1).rx(THETA, 0)
    for name, given, call in (
        ("state", np.matrix(one), lambda g: nk.h(g, 0)),
        ("state", np.matrix(one), lambda g: nk.Circuit(1).h(0).run(g)),
        ("diagonal", row, lambda g: nk.apply_diagonal(one.copy(), g, 0)),
        ("diagonal", row.T, lambda g: nk.Circuit(1).apply_diagonal(g, 0)),
        ("permutation", np.matrix([[1, 0]]), lambda g: nk.apply_permutation(one.copy(), g, 0)),
        ("operators", np.matrix(np.eye(2)), lambda g: nk.apply_kraus(one.copy(), g, 0)),
        ("observable", row, lambda g: nk.expectation(one, g)),
        ("observable", row.T, lambda g: nk.variance(one, g)),
        ("observable", row, lambda g: turned.gradient(g, [0.1])),
        ("weights", row, lambda g: turned.vjp(["Z", "X"], g, [0.1])),
        ("params", np.matrix([[0.1]]), lambda g: turned.run(one.copy(), g)),
        ("qubits", np.matrix([[0, 1]]), lambda g: nk.probabilities(PSI, g)),
        ("controls", np.matrix([[0, 1]]), lambda g: nk.x(PSI.copy(), 2, controls=g)),
    ):
        message = refusal(lambda c=call, g=given: c(g), (ValueError, TypeError))
        remedy = re.search(r"(np\.(?:asarray|squeeze)\(.*)$", message)[1]
        mended = eval(remedy, {"np": np}, {name: given})
        assert np.shares_memory(mended, given)
        call(mended)


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_an_np_matrix_is_a_matrix():
    flip = np.matrix([[0, 1], [1, 0]])
    psi = nk.zero_state(2)
    nk.apply(psi, flip, 0)
    nk.Circuit(2).apply(flip, 1).run(psi)
    nk.apply_kraus(psi, [flip], 0)
    assert psi.tolist() == [0, 1, 0, 0]
    assert nk.expectation(psi, flip * flip, 0) == 1
    assert nk.variance(psi, np.matrix(np.diag([1, -1])), 1) == 0


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_an_np_matrix_is_a_density_matrix():
    rho = np.matrix(density.zero_density(2))
    density.apply(rho, np.matrix([[0, 1], [1, 0]]), 0)
    density.apply_channel(rho, [np.matrix([[0, 1], [1, 0]])], 1)
    density.run(rho, nk.Circuit(2).x(1))
    assert np.asarray(rho).tolist() == np.diag([0, 0, 1, 0]).tolist()
    assert density.expectation(rho, "ZZ") == -1
    assert density.purity(rho) == 1
    assert density.partial_trace(rho, 0).tolist() == [[0, 0], [0, 1]]


def test_a_masked_density_matrix():
    rho = np.ma.masked_array(density.zero_density(2), mask=np.eye(4))
    for call in (
        lambda: density.purity(rho),
        lambda: density.partial_trace(rho, 0),
        lambda: density.run(rho, nk.Circuit(2).h(0)),
    ):
        assert refusal(call, TypeError).startswith("'rho' is a MaskedArray; ")


@pytest.mark.parametrize("matrix", [None, [["a", "b"], ["c", "d"]], [[THETA, 0], [0, 1]]], ids=repr)
def test_what_no_dtype_mends(matrix):
    message = refusal(lambda: nk.apply(nk.zero_state(1), matrix, 0), TypeError)
    assert message.startswith("'matrix' has dtype ")
    assert message.endswith(": give numbers")


# Angles.


class Unit(str):
    __slots__ = ()


class Quantity(np.ndarray):
    """An array with a unit, as unyt has them."""

    units = Unit("rad")

    def __array_finalize__(self, other):
        self.units = getattr(other, "units", Unit("rad"))


def quantity(values, unit):
    made = np.asarray(values, float).view(Quantity)
    made.units = Unit(unit)
    return made


class Length:
    """A number with a unit that is no array."""

    unit = "m"

    def __float__(self):
        return 1.0


@pytest.mark.parametrize("unit", ["degree", "°", "m", "turn"])
def test_angles_in_other_units(unit):
    state, batch = nk.zero_state(1), np.ones((2, 2), complex)
    one, two = quantity(90, unit), quantity([90, 45], unit)
    for call in (
        lambda: nk.rx(state, one, 0),
        lambda: nk.rx(state, one, [0]),
        lambda: nk.pauli_rotation(state, one, "X"),
        lambda: nk.ket("0").rx(one, 0),
        lambda: nk.Circuit(1).rx(one, 0),
        lambda: nk.Circuit(1).gphase(one),
        lambda: nk.rx(batch, two, 0, batch=1),
        lambda: nk.rx(batch, [one, one], 0, batch=1),
        lambda: ROTATED.run(state, {"theta": one}),
        lambda: ROTATED.run(state, {THETA: one}),
        lambda: ROTATED.run(state, one.reshape(1)),
        lambda: ROTATED.expectation("Z", [one]),
    ):
        message = refusal(call, TypeError)
        assert f"has the unit {unit}; an angle is in radians" in message
        assert '.to("rad")' in message
    assert state[0] == 1
    assert (batch == 1).all()


@pytest.mark.parametrize("unit", ["rad", "radian", "dimensionless"])
def test_angles_in_radians(unit):
    one, two, expected = nk.zero_state(1), nk.zero_state(1), nk.zero_state(1)
    nk.rx(expected, 0.5, 0)
    nk.rx(one, quantity(0.5, unit), 0)
    ROTATED.run(two, quantity([0.5], unit))
    assert one.tobytes() == two.tobytes() == expected.tobytes()


def test_other_quantities():
    assert "has the unit m;" in refusal(lambda: nk.rx(PSI, Length(), 0), TypeError)


def test_parameters_and_lists_as_angles():
    batch = np.ones((2, 2), complex)
    for given in THETA, 2 * THETA + 1:
        for call in (
            lambda g=given: nk.rx(PSI, g, 0),
            lambda g=given: nk.ket("0").rx(g, 0),
            lambda g=given: nk.rx(batch, g, 0, batch=1),
        ):
            message = refusal(call, TypeError)
            assert f"'theta' is a {type(given).__name__}; " in message
            assert "a Circuit, which takes Parameters" in message
    for given in [0.5], (0.1, 0.2), np.array([0.5]), np.array([[1.0]]):
        for call in (lambda g=given: nk.rx(PSI, g, 0), lambda g=given: nk.Circuit(1).rx(g, 0)):
            message = refusal(call, TypeError)
            assert "use one float; several need batch=" in message
    assert "a ndarray of shape (1,);" in refusal(lambda: nk.rx(PSI, np.array([0.5]), 0), TypeError)
    nk.rx(batch, [0.1, 0.2], 0, batch=1)  # as it says


# Numbers that the state cannot hold.


def test_numbers_beyond_complex64():
    single, double = nk.zero_state(1, np.complex64), nk.zero_state(1)
    large, row = [[1e300, 0], [0, 1]], [1e300, 1]
    total = nk.PauliSum({"Z": 1e300})
    circuits = nk.Circuit(1).h(0).apply(large, 0), nk.Circuit(1).apply_diagonal(row, 0)
    for words, call in (
        ("'matrix'", lambda s: nk.apply(s, large, 0)),
        ("'matrix'", lambda s: nk.Ket(s).apply(np.array(large) * 1j, 0)),
        ("'diagonal'", lambda s: nk.apply_diagonal(s, row, 0)),
        ("'diagonal'", lambda s: nk.apply_diagonal(s.reshape(1, 2), [row], 0, batch=1)),
        ("the sum", lambda s: total.apply(s, np.zeros_like(s))),
        ("operation 1 of the circuit", circuits[0].run),
        ("operation 0 of the circuit", circuits[1].run),
    ):
        before = single.tobytes()
        message = refusal(lambda c=call: c(single), ValueError)
        assert message.startswith(f"{words} holds a number that complex64")
        assert single.tobytes() == before
        call(double.copy())  # as it says
    assert total.expectation(single) == 1e300  # computed in double precision
    nk.apply(single, np.array(large) * 1e-300, 0)
    assert single[0] == 1


def test_weights_of_gradients_that_are_too_large(dtype):
    state = nk.zero_state(1, dtype)
    limit = float(np.finfo(dtype).max)
    value, slope = ROTATED.vjp(["Z", "Z"], [0.25, 0.25], [0.3], state=state)
    for weights in [limit / 2, limit / 2], [limit, -limit], [limit, 0]:
        message = refusal(
            lambda w=weights: ROTATED.vjp(["Z", "Z"], w, [0.3], state=state), ValueError
        )
        assert "scale it, and the gradient afterwards" in message
    factor = 2.0 ** (np.log2(limit) // 1 - 4)
    values, slopes = ROTATED.vjp(["Z", "Z"], [factor / 4] * 2, [0.3], state=state)
    assert values.tolist() == value.tolist()
    assert slopes / factor == pytest.approx(slope, rel=16 * float(np.finfo(dtype).eps))
    total = nk.PauliSum({"Z": limit})
    assert "the observable" in refusal(
        lambda: ROTATED.gradient(total, [0.3], state=state), ValueError
    )


# What messages call things.


@pytest.mark.parametrize(
    "call",
    [
        lambda: nk.Circuit(3).h(3),
        lambda: nk.Circuit(3).cx(0, 5),
        lambda: nk.Circuit(3).expectation("Z", qubits=3),
        lambda: nk.PauliSum([("X", 5, 1)], 3),
    ],
)
def test_qubits_of_what_is_no_state(call):
    message = refusal(call, ValueError)
    assert "out of range: there are 3 qubits; use 0 to 2" in message


def test_density_matrices_are_called_rho():
    flat, integers = nk.zero_state(2), np.eye(2, dtype=int)
    for call, error, words in (
        (lambda: density.purity(flat), ValueError, "'rho' has shape (4,)"),
        (lambda: density.purity(integers), TypeError, "'rho' has dtype int64"),
        (lambda: density.partial_trace(integers, 0), TypeError, "'rho' has dtype int64"),
        (
            lambda: density.apply(RHO.astype(">c16"), np.eye(2), 0),
            TypeError,
            "'rho' has dtype >c16",
        ),
        (lambda: density.run(RHO, nk.Circuit(2)), ValueError, "'rho' has 1 qubits"),
    ):
        message = refusal(call, error)
        assert message.startswith(words)
        assert "state'" not in message
    message = refusal(lambda: density.purity(np.eye(4).reshape(2, 8).astype(complex)), ValueError)
    assert (
        density.purity(eval(told(message), {"np": np}, {"rho": np.eye(4).reshape(2, 8) + 0j})) == 4
    )


def test_states_without_a_norm():
    for state in np.zeros(4, complex), np.full(4, np.nan + 0j):
        for call in nk.normalize, nk.measure:
            message = refusal(lambda c=call, s=state: c(s), ValueError)
            assert "only other states can be normalized, or outcomes drawn" in message


def test_states_of_two_sizes():
    message = refusal(lambda: nk.fidelity(nk.zero_state(2), nk.zero_state(3)), ValueError)
    assert message.startswith("'a' has 2 qubits and 'b' has 3; ")
    one, two = np.ones((1, 4), complex), np.ones((2, 4), complex)
    message = refusal(lambda: nk.fidelity(one, two, batch=1), ValueError)
    assert message.startswith("'a' has batch axes of shape (1,) and 'b' of shape (2,); ")


def test_a_sum_times_a_state():
    total = nk.PauliSum({"XXI": 1, "ZZZ": 2})
    for state in PSI, nk.ket("000"), np.eye(8):
        for product in (
            lambda s=state: total @ s,
            lambda s=state: total * s,
            lambda s=state: s @ total,
            lambda s=state: s * total,
        ):
            message = refusal(product, TypeError)
            assert "use sum.apply(state, out), sum.expectation(state), or" in message
            assert "sum.linear_operator() @ state" in message
    out = nk.empty_state(3)
    total.apply(PSI, out)
    oracle.assert_close(total.linear_operator() @ PSI, out)
    for other in 3, "a", None:
        with pytest.raises(TypeError, match="unsupported operand"):
            total @ other
    for left in PSI, 3:
        with pytest.raises(TypeError):
            left @ total
        with pytest.raises(TypeError):
            left / total


def test_sizes_of_sums():
    three, one = nk.PauliSum({"XXI": 1}), nk.PauliSum({"X": 1})
    words = "has 3 qubits and what it meets, a state or a sum, has"
    for call in (
        lambda: three + one,
        lambda: three @ one,
        lambda: three.expectation(nk.zero_state(1)),
        lambda: nk.expectation(nk.zero_state(1), three),
        lambda: nk.Circuit(1).gradient(three),
        lambda: density.expectation(RHO, three),
    ):
        assert words in refusal(call, ValueError)
    for call in (lambda: nk.PauliSum({"XX": 1, "X": 1}), lambda: nk.expectation(PSI, "X")):
        assert "the Pauli string has 1 letters for" in refusal(call, ValueError)


@pytest.mark.parametrize("shape", [(4, 4), (4,), (4, 2), (8, 4)])
def test_shapes_of_observables(shape):
    message = refusal(lambda: nk.expectation(PSI, np.zeros(shape)), ValueError)
    assert f"'observable' has shape {shape} for 3 qubits; " in message
    assert "must hold 8 x 8 entries, or 8 on a diagonal" in message


def test_shapes_of_outputs():
    message = refusal(lambda: nk.probabilities(PSI, out=np.zeros(4)), ValueError)
    assert nk.probabilities(PSI, out=eval(message.partition("use ")[2], {"np": np})).sum() == 1
    batch = np.ones((2, 8), complex)
    message = refusal(lambda: nk.probabilities(batch, out=np.zeros(8), batch=1), ValueError)
    nk.probabilities(batch, out=eval(message.partition("use ")[2], {"np": np}), batch=1)
    message = refusal(lambda: nk.probabilities(PSI, out=[0] * 8), TypeError)
    assert "np.empty(size, dtype=np.float64)" in message


def test_values_of_parameters():
    """Wrong names are a ParameterError, wrong values and shapes a ValueError."""
    state, plain = nk.zero_state(1), nk.Circuit(1).h(0)
    for circuit, params, error, words in (
        (
            ROTATED,
            None,
            nk.ParameterError,
            'no value for "theta"; the circuit has the parameters (theta)',
        ),
        (ROTATED, {}, nk.ParameterError, 'no value for "theta"'),
        (ROTATED, {"a": 1}, nk.ParameterError, "does not have; it has the parameters (theta)"),
        (
            plain,
            {"a": 1},
            nk.ParameterError,
            "does not have; it has no parameters: leave 'params' out",
        ),
        (ROTATED, [], ValueError, "has shape (0,); the circuit has parameters (theta)"),
        (ROTATED, [1, 2], ValueError, "has shape (2,)"),
        (ROTATED, 1, ValueError, "has shape ()"),
        (plain, [1], ValueError, "has shape (1,); the circuit has no parameters: leave it out"),
        (ROTATED, {"theta": [1, 2]}, ValueError, "has shape (2,)"),
        (ROTATED, {"theta": np.nan}, ValueError, "NaN"),
        (ROTATED, {1: 1}, TypeError, "'params' has a key that is a int; "),
        (ROTATED, {"theta": None}, TypeError, "'params' has dtype object"),
    ):
        message = refusal(lambda c=circuit, p=params: c.run(state, p), error)
        assert words in message
    plain.run(state, [])


@pytest.mark.parametrize(
    "circuit",
    [
        nk.Circuit(1).measure(0),
        nk.Circuit(1).reset(0),
        nk.Circuit(1).apply_kraus(channels.bit_flip(0.1), 0),
    ],
    ids=["measure", "reset", "channel"],
)
def test_gradients_of_circuits_that_draw(circuit):
    for call in lambda: circuit.gradient("Z"), lambda: circuit.vjp(["Z"], [1]), circuit.inverse:
        message = refusal(call, ValueError)
        assert "inverses and gradients are those of gates and operators alone" in message
