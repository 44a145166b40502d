"""How calls may be written: keywords, one qubit or several, and what the package shows."""

import importlib
import inspect
import pickle
import subprocess
import sys

import numpy as np
import pytest

import numket as nk
import oracle
from helpers import N, in_use, interrupted
from numket import _core

GATES = {gate["name"]: gate for gate in _core.GATES}
ON_ONE = [name for name, gate in GATES.items() if len(gate["qubits"]) == 1]
ON_MORE = [name for name in GATES if name not in ON_ONE]

# Keywords.


@pytest.mark.parametrize("name", GATES)
def test_arguments_of_gates_by_name(name, dtype, rng):
    gate = GATES[name]
    params = dict(zip(gate["params"], rng.normal(size=4), strict=False))
    qubits = dict(zip(gate["qubits"], rng.permutation(4).tolist(), strict=False))
    by_name = params | qubits
    state = oracle.random_state(rng, 4, dtype)
    one, two, three = state.copy(), state.copy(), state.copy()
    getattr(nk, name)(state, *params.values(), *qubits.values())
    getattr(nk, name)(state=one, **by_name)
    getattr(nk, name)(two, *params.values(), **qubits)
    getattr(nk.Ket(three), name)(**by_name)
    assert state.tobytes() == one.tobytes() == two.tobytes() == three.tobytes()
    circuit = getattr(nk.Circuit(num_qubits=4), name)(*params.values(), *qubits.values())
    assert getattr(nk.Circuit(4), name)(**by_name) == circuit


BELL = np.array([1, 0, 0, 1]) / np.sqrt(2)
BY_NAME = [
    (nk.little_endian, {"state": BELL}),
    (nk.norm, {"state": BELL}),
    (nk.normalize, {"state": BELL}),
    (nk.inner, {"bra": BELL, "ket": BELL}),
    (nk.fidelity, {"a": BELL, "b": BELL}),
    (nk.probabilities, {"state": BELL, "qubits": 1}),
    (nk.reduced_density_matrix, {"state": BELL, "qubits": 1}),
    (nk.entanglement_entropy, {"state": BELL, "qubits": 1}),
    (nk.bloch_vectors, {"state": BELL}),
    (nk.correlations, {"state": BELL, "pauli": "X"}),
    (nk.qubit_entropies, {"state": BELL}),
    (nk.cut_entropies, {"state": BELL}),
    (nk.expectation, {"state": BELL, "observable": "Z", "qubits": 1}),
    (nk.variance, {"state": BELL, "observable": "Z", "qubits": 1}),
    (nk.sample, {"state": BELL, "shots": 5, "qubits": [1], "rng": 7}),
    (nk.counts, {"state": BELL, "shots": 5, "qubits": [1], "rng": 7}),
    (nk.measure, {"state": BELL, "qubits": 1, "rng": 7}),
    (nk.project, {"state": BELL, "qubits": 1, "outcome": 1}),
    (nk.reset, {"state": BELL, "qubits": 1, "rng": 7}),
    (nk.apply, {"state": BELL, "matrix": np.diag([1, 1j]), "qubits": 0}),
    (nk.apply_diagonal, {"state": BELL, "diagonal": [1, 1j], "qubits": 0}),
    (nk.apply_permutation, {"state": BELL, "permutation": [1, 0], "qubits": 0}),
    (nk.apply_pauli, {"state": BELL, "pauli": "Y", "qubits": 0}),
    (nk.pauli_rotation, {"state": BELL, "theta": 0.3, "pauli": "Y", "qubits": 0}),
    (nk.evolve, {"state": BELL, "hamiltonian": nk.PauliSum({"XZ": 0.4}), "t": 0.7}),
    (nk.apply_kraus, {"state": BELL, "operators": [np.eye(2)], "qubits": 0, "rng": 7}),
    (nk.density.from_state, {"state": BELL}),
]


@pytest.mark.parametrize(
    ("function", "arguments"), BY_NAME, ids=[function.__name__ for function, _ in BY_NAME]
)
def test_arguments_of_functions_by_name(function, arguments, dtype):
    """The same as in their order; and a handle is as good as its array."""
    options = {name: arguments[name] for name in ("rng",) if name in arguments}

    def called(hold, named):
        given = {
            name: hold(value.astype(dtype)) if value is BELL else value
            for name, value in arguments.items()
        }
        states = [value for value in given.values() if type(value) in (np.ndarray, nk.Ket)][:1]
        if named:
            result = function(**given)
        else:
            positional = [value for name, value in given.items() if name not in options]
            result = function(*positional, **options)
        return np.asarray(result, object).tolist(), np.asarray(states[0]).tobytes()

    expected = called(np.array, named=False)
    assert called(np.array, named=True) == expected
    assert called(nk.Ket, named=True) == expected
    assert called(nk.Ket, named=False) == expected


def public_callables():
    for name in nk.__all__:
        value = getattr(nk, name)
        if inspect.isclass(value) and not issubclass(value, Exception):
            yield f"nk.{name}", value
            for attribute, member in vars(value).items():
                if callable(getattr(value, attribute)) and not attribute.startswith("_"):
                    bound = isinstance(member, classmethod | staticmethod)
                    yield f"nk.{name}.{attribute}", member.__func__ if bound else member
        elif inspect.isroutine(value):
            yield f"nk.{name}", value


@pytest.mark.parametrize(
    "value", [pytest.param(value, id=name) for name, value in public_callables()]
)
def test_every_argument_has_a_name(value):
    parameters = inspect.signature(value).parameters.values()
    nameless = {each.name for each in parameters if each.kind is each.POSITIONAL_ONLY}
    assert nameless <= {"self", "cls"}
    assert not any(each.kind is each.VAR_KEYWORD for each in parameters)


def test_methods_by_name(rng):
    circuit = nk.Circuit(num_qubits=2).apply(matrix=np.diag([1, 1j]), qubits=0)
    circuit.apply_diagonal(diagonal=[1, 1j], qubits=0).apply_permutation(
        permutation=[1, 0], qubits=0
    )
    circuit.apply_pauli(pauli="X", qubits=0).pauli_rotation(theta=0.1, pauli="Y", qubits=0)
    circuit.gphase(gamma=0.5).reset(qubits=0).measure(qubits=1, bits=0)
    circuit.apply_kraus(operators=[np.eye(2)], qubits=0)
    expected = nk.Circuit(2).apply(np.diag([1, 1j]), 0).apply_diagonal([1, 1j], 0)
    expected.apply_permutation([1, 0], 0).apply_pauli("X", 0).pauli_rotation(0.1, "Y", 0)
    expected.gphase(0.5).reset(0).measure(1, 0).apply_kraus([np.eye(2)], 0)
    assert circuit == expected
    ket = nk.ket(label="10")
    assert ket.sample(shots=3, qubits=0).tolist() == [1, 1, 1]
    assert ket.counts(shots=3) == {"10": 3}
    assert nk.Sampler(state=ket).counts(shots=3, rng=1) == {"10": 3}
    assert ket.project(qubits=0, outcome=1) == 1
    assert ket.measure(qubits=1) == 0
    total, out = nk.PauliSum(terms={"ZI": 2}), nk.empty_state(2)
    total.apply(state=ket, out=out)
    assert total.expectation(state=ket) == out[2] == -2
    assert total.variance(state=ket) == 0
    bell = nk.Circuit(2).h(0).cx(control=0, target=1)
    assert nk.Circuit.from_qasm(text=bell.to_qasm()) == bell
    with nk.threads(count=1):
        assert nk.get_num_threads() == 1


# One control.


@pytest.mark.parametrize("value", [None, 0, 1])
def test_one_control_is_an_int(value, dtype, rng):
    state = oracle.random_state(rng, 3, dtype)
    other, third = state.copy(), state.copy()
    values = None if value is None else [value]
    nk.ry(state, 0.3, 1, controls=2, control_values=value)
    nk.ry(other, 0.3, 1, controls=[2], control_values=values)
    nk.ry(third, 0.3, 1, controls=np.int64(2), control_values=value)
    assert state.tobytes() == other.tobytes() == third.tobytes()
    matrix = oracle.random_unitary(rng, 1)
    nk.apply(state, matrix, 1, controls=0, control_values=value)
    nk.apply(other, matrix, 1, controls=(0,), control_values=values)
    assert state.tobytes() == other.tobytes()
    circuit = nk.Circuit(3).h(0, controls=1, control_values=value).gphase(0.5, controls=2)
    assert circuit == nk.Circuit(3).h(0, controls=[1], control_values=values).gphase(
        0.5, controls=[2]
    )


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"controls": 0.0}, TypeError, "'controls' is a float; it must be .*: use an int"),
        ({"controls": "2"}, TypeError, "'controls' is a str"),
        ({"controls": True}, TypeError, "'controls' is a bool"),
        ({"controls": 3}, ValueError, "qubit 3 is out of range"),
        ({"controls": -1}, ValueError, "qubit -1 is out of range"),
        ({"controls": 0}, ValueError, "qubit 0 .*twice"),
        ({"controls": 1, "control_values": 2}, ValueError, "2"),
        ({"controls": [1, 2], "control_values": 1}, ValueError, "2 .*1|1 .*2"),
        ({"control_values": 1}, ValueError, "'control_values'"),
    ],
    ids=repr,
)
def test_controls_that_cannot_be(options, error, words, rng):
    state, circuit = oracle.random_state(rng, 3), nk.Circuit(3)
    before = state.tobytes()
    for call in lambda: nk.h(state, 0, **options), lambda: circuit.h(0, **options):
        with pytest.raises(error, match=words):
            call()
    assert state.tobytes() == before
    assert circuit == nk.Circuit(3)


# Gates on several qubits.

SEVERAL = {
    "range": lambda: range(1, 5),
    "list": lambda: [3, 0, 2],
    "tuple": lambda: (4,),
    "array": lambda: np.array([5, 1]),
    "array of one": lambda: np.array([3]),
    "iterator": lambda: iter((2, 4)),
    "none": lambda: [],
}


@pytest.mark.parametrize("which", SEVERAL)
@pytest.mark.parametrize("name", ON_ONE)
def test_a_gate_on_each_of_several_qubits(name, which, dtype, rng):
    params = rng.normal(size=oracle.num_params(name)).tolist()
    state = oracle.random_state(rng, 6, dtype)
    states = [state.copy() for _ in range(3)]
    ours, handled, ran = states
    ket, circuit, expected = nk.Ket(handled), nk.Circuit(6), nk.Circuit(6)
    assert getattr(nk, name)(ours, *params, SEVERAL[which]()) is None
    assert getattr(ket, name)(*params, SEVERAL[which]()) is ket
    assert getattr(circuit, name)(*params, SEVERAL[which]()) is circuit
    for q in SEVERAL[which]():
        getattr(nk, name)(state, *params, q)
        getattr(expected, name)(*params, q)
    assert circuit == expected
    circuit.run(ran)
    assert ours.tobytes() == handled.tobytes() == state.tobytes()
    oracle.assert_close(ran, state, terms=16)


def test_with_controls_and_layouts(dtype, rng):
    flat, order = oracle.random_state(rng, 6, dtype), rng.permutation(6)
    arrays = flat.copy(), flat
    state, expected = (each.reshape((2,) * 6).transpose(order)[:, ::-1] for each in arrays)
    options = {"controls": [0, 4], "control_values": [0, 1], "threads": 2}
    nk.rx(state, 0.3, [5, 1, 2], **options)
    for q in 5, 1, 2:
        nk.rx(expected, 0.3, q, **options)
    assert state.tobytes() == expected.tobytes()


@pytest.mark.parametrize("shape", [(3,), (2, 3), (0,)])
def test_in_batches(shape, dtype, rng):
    states = rng.normal(size=(*shape, 16, 2)).astype(dtype(0).real.dtype).view(dtype)[..., 0]
    states = np.ascontiguousarray(states)
    expected, angles = states.copy(), rng.normal(size=shape[-1])
    nk.u(states, angles, 0.2, 0.1, range(4), batch=len(shape))
    nk.h(states, [1, 3], batch=len(shape))
    for q in range(4):
        nk.u(expected, angles, 0.2, 0.1, q, batch=len(shape))
    for q in 1, 3:
        nk.h(expected, q, batch=len(shape))
    assert states.tobytes() == expected.tobytes()


def test_original_names_too():
    ket = nk.ket("00").X(range(2)).H([0]).Z(()).S((1,)).Y([0, 1])
    expected = nk.ket("00").X(0).X(1).H(0).S(1).Y(0).Y(1)
    assert ket.state.tobytes() == expected.state.tobytes()


def test_on_many_threads(rng):
    state = oracle.random_state(rng, 19)
    expected = state.copy()
    nk.h(state, range(19))
    nk.h(expected, range(19), threads=1)
    assert state.tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    ("qubits", "error", "words"),
    [
        ([0, 3], ValueError, "qubit 3 is out of range"),
        ([0, -1], ValueError, "qubit -1 is out of range"),
        (range(4), ValueError, "qubit (3 is out of range|2 .*twice)"),
        ([0, 1, 0], ValueError, "qubit 0 .*twice"),
        ([1, 2], ValueError, "qubit 2 .*twice"),  # the control
        ([0, 1.0], TypeError, "'q' is a float; it must be a whole number"),
        ([0, True], TypeError, "'q' is a bool"),
        ([[0], 1], TypeError, "'q' is a list"),
        (0.0, TypeError, "'q' is a float; it must be a whole number or a sequence"),
        (None, TypeError, "'q' is a NoneType"),
        ("01", TypeError, "'q' is a str"),
        (range(10**9), ValueError, "qubit (3 is out of range|2 .*twice)"),
    ],
    ids=repr,
)
def test_qubits_that_cannot_be(qubits, error, words, dtype, rng):
    state, circuit = oracle.random_state(rng, 3, dtype), nk.Circuit(3).measure(0)
    theta = nk.Parameter("theta")
    before, expected = state.tobytes(), circuit.copy()
    for call in (
        lambda: nk.rx(state, 0.3, qubits, controls=2),
        lambda: nk.rx(state.reshape(1, 8), [0.3], qubits, controls=2, batch=1),
        lambda: nk.Ket(state).rx(0.3, qubits, controls=2),
        lambda: circuit.rx(theta, qubits, controls=2),
        lambda: circuit.rx(theta, qubits, controls=2, condition=0),
    ):
        with pytest.raises(error, match=words):
            call()
    assert state.tobytes() == before
    assert circuit == expected
    assert circuit.parameters == ()


def test_what_else_is_refused_before_anything_is_written(rng):
    state, circuit = oracle.random_state(rng, 3), nk.Circuit(3)
    before = state.tobytes()
    for theta in np.nan, "1", [0.1, 0.2]:
        with pytest.raises((TypeError, ValueError)):
            nk.rx(state, theta, range(3))
        with pytest.raises((TypeError, ValueError)):
            circuit.rx(theta, range(3))
    with pytest.raises(ValueError, match="measured"):
        circuit.x(range(3), condition=5)
    assert state.tobytes() == before
    assert circuit == nk.Circuit(3)
    # It is still a circuit without conditions.
    assert circuit.h(range(3)).inverse() == nk.Circuit(3).h([2, 1, 0])


def test_a_parameter_of_no_operation_is_none():
    assert nk.Circuit(2).rx(nk.Parameter("theta"), []).parameters == ()


def test_under_a_condition():
    circuit = nk.Circuit(3).x(0).measure(0).x([1, 2], condition=0)
    state = nk.zero_state(3)
    circuit.run(state)
    assert state[7] == 1
    assert circuit == nk.Circuit(3).x(0).measure(0).x(1, condition=0).x(2, condition=0)


@pytest.mark.parametrize("name", ON_MORE)
def test_gates_on_more_qubits_take_one_of_each(name, rng):
    state = oracle.random_state(rng, 4)
    before = state.tobytes()
    params, qubits = [0.1] * oracle.num_params(name), list(range(oracle.num_qubits(name)))
    for position in range(len(qubits)):
        given = [*qubits[:position], [3], *qubits[position + 1 :]]
        with pytest.raises(TypeError, match="is a list; it must be a whole number: use an int"):
            getattr(nk, name)(state, *params, *given)
    assert state.tobytes() == before


def test_an_iterator_that_changes_the_state():
    state = np.ones(8, complex)

    def qubits():
        yield 0
        state.resize(4, refcheck=False)
        yield 2

    with pytest.raises(ValueError, match="qubit 2 is out of range"):
        nk.h(state, qubits())
    assert state.tolist() == [1] * 4


def test_an_error_of_the_users_own_iterator():
    def qubits():
        yield 0
        raise KeyError("mine")

    state = np.ones(8, complex)
    for call in nk.h, nk.Ket(state).h, nk.Circuit(3).h:
        with pytest.raises(KeyError, match="mine"):
            call(*([state] if call is nk.h else []), qubits())
    assert state.tolist() == [1] * 8


def test_ctrl_c_between_two_qubits():
    state = nk.zero_state(N)
    with interrupted(lambda: in_use(state)) as notes:
        while True:
            nk.h(state, range(N), threads=1)
    assert "numket stopped after about" in notes[0]
    assert "of 22 operations; the state holds what they made of it" in notes[0]
    assert abs(nk.norm(state) - 1) < 1e-10


# Errors and names.


def test_errors_of_parameters_print_as_they_read():
    circuit = nk.Circuit(1).rx(nk.Parameter("a"), 0)
    state = nk.zero_state(1)
    before = state.tobytes()
    for params in {}, {"b": 1}, {"a": 1, "b": 2}:
        for call in (
            lambda given=params: circuit.run(state, given),
            lambda given=params: circuit.gradient("Z", given),
        ):
            with pytest.raises(KeyError, match=r"^'params' has .*the circuit") as caught:
                call()
            error = caught.value
            assert type(error) is nk.ParameterError
            assert str(error) == error.args[0]
            copied = pickle.loads(pickle.dumps(error))
            assert (type(copied), str(copied)) == (nk.ParameterError, str(error))
    assert state.tobytes() == before


MODULES = ["channels", "circuit", "compat.arrays", "compat.kronecker", "density", "entanglement"]
MODULES += ["linear", "parameter", "plan", "plot", "qasm", "trajectories"]


@pytest.mark.parametrize("name", ["numket", *(f"numket.{name}" for name in MODULES)])
def test_only_public_names_are_listed(name):
    module = importlib.import_module(name)
    names = [name for name in dir(module) if not name.startswith("__")]
    assert names == sorted(module.__all__)
    assert "__doc__" in dir(module)
    assert set(names) <= set(vars(module))


def test_what_needs_frameworks_is_listed_too():
    from numket import compat

    names = [name for name in dir(compat) if not name.startswith("__")]
    assert names == sorted([*compat.__all__, *compat.OF_HOSTS])


def test_all_names_are_there():
    code = "from numket import *; import numket; print(set(numket.__all__) <= set(dir()))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "True\n"


def test_qubits_come_last_in_order_or_by_name(rng):
    """Before the options, which have names: the same rule for all calls."""
    state = oracle.random_state(rng, 3)
    ket, circuit, rho = nk.Ket(state), nk.Circuit(3).h(0), nk.density.from_state(state)
    for call, given in (
        (nk.probabilities, [state]),
        (nk.expectation, [state, "Z"]),
        (nk.variance, [state, "Z"]),
        (nk.density.expectation, [rho, "Z"]),
        (ket.expectation, ["Z"]),
        (ket.variance, ["Z"]),
        (ket.probabilities, []),
        (circuit.expectation, ["Z", None]),
    ):
        assert np.array_equal(call(*given, 2), call(*given, qubits=2))
    value, _ = circuit.gradient("Z", None, 0)
    assert value == circuit.gradient("Z", qubits=0)[0]


def test_numbers_of_runs_are_shots():
    circuit = nk.Circuit(1).h(0).measure(0)
    found = circuit.trajectories(nk.zero_state(1), "Z", 8, rng=1)
    assert found == circuit.trajectories(nk.zero_state(1), "Z", shots=8, rng=1)
    assert found == circuit.trajectories(nk.zero_state(1), "Z", n=8, rng=1)
    assert found.shots == found.n == 8


def test_the_package_makes_no_names_when_asked():
    """With a `__getattr__` of the module, Python looks up each name anew: 15 ns for every gate."""
    assert not hasattr(nk, "__getattr__")
