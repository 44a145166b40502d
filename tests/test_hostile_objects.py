"""Arguments whose own methods raise, or that are very long: errors are seen, and messages short."""

import numpy as np
import pytest

import numket as nk
from numket import channels, density
from numket.qasm import QasmError

LONGEST = 700
"""Of a message, in characters."""

ROTATED = nk.Circuit(2).rx(nk.Parameter("a"), 0)
EYE = np.eye(2)


class OwnError(Exception):
    """Raised by an argument."""


def own(*_, **__):
    raise OwnError


def kind(*methods, base=object, attributes=()):
    """A class whose methods, and attributes, raise."""
    members = dict.fromkeys(methods, own) | dict.fromkeys(attributes, property(own))
    return type("Hostile", (base,), members)


SHOWN = ("__str__", "__repr__")
NUMBER = ("__index__", "__int__", "__float__", "__complex__", "__bool__")
HOSTILE = {
    **{name: kind(name) for name in (*SHOWN, *NUMBER, "__len__", "__getitem__", "__iter__")},
    **{name: kind(name) for name in ("__array__", "__hash__", "__eq__", "__getattr__", "__call__")},
    **{name: kind(attributes=[name]) for name in ("__class__", "items", "dtype", "shape", "units")},
    "everything": kind(*SHOWN, *NUMBER, "__len__", "__getitem__", "__iter__", "__array__"),
    "a str": lambda: kind(*SHOWN, "__len__", "__iter__", "__hash__", base=str)("2"),
    "an int": lambda: kind(*SHOWN, *NUMBER, base=int)(-5),
    "a large int": lambda: kind(*SHOWN, *NUMBER, "bit_length", base=int)(2**70),
    "a float": lambda: kind(*SHOWN, *NUMBER, base=float)(np.inf),
    "a list": lambda: kind(*SHOWN, "__len__", "__iter__", "__getitem__", base=list)([9]),
    "a dict": lambda: kind(*SHOWN, "__len__", "__iter__", "items", base=dict)({"b": 1}),
    "in a list": lambda: [kind(*SHOWN, *NUMBER, "__array__")()],
    "a key": lambda: {kind(*SHOWN, "__index__")(): 1},
    "a value": lambda: {"a": kind(*SHOWN, *NUMBER, "__array__")()},
    "no text": type("Hostile", (), {name: lambda _: 5 for name in SHOWN}),
}
LONG = {
    "letters": "q" * 10**5,
    "digits": "01" * 50000,
    "a list": [3] * 10**5,
    "a key": {"p" * 10**5: 1.0},
    "a number": 10**100000,
    "a repr": type("Long", (), {"__repr__": lambda _: "r" * 10**5})(),
    "a type": type("T" * 10**5, (), {})(),
    "a dtype": np.zeros(2, [("x" * 10**5, int)]),
    "bytes": b"0" * 10**5,
}
CALLS = {
    "state": lambda it: nk.h(it, 0),
    "qubit": lambda it: nk.h(nk.zero_state(2), it),
    "angle": lambda it: nk.rx(nk.zero_state(2), it, 0),
    "controls": lambda it: nk.x(nk.zero_state(2), 0, controls=it),
    "batch": lambda it: nk.h(nk.zero_state(2), 0, batch=it),
    "threads": lambda it: nk.h(nk.zero_state(2), 0, threads=it),
    "matrix": lambda it: nk.apply(nk.zero_state(2), it, 0),
    "diagonal": lambda it: nk.apply_diagonal(nk.zero_state(2), it, 0),
    "permutation": lambda it: nk.apply_permutation(nk.zero_state(2), it, 0),
    "operators": lambda it: nk.apply_kraus(nk.zero_state(2), it, 0),
    "pauli": lambda it: nk.apply_pauli(nk.zero_state(2), it),
    "n": nk.zero_state,
    "dtype": lambda it: nk.zero_state(1, it),
    "bits": lambda it: nk.basis_state(2, it),
    "label": nk.ket,
    "observable": lambda it: nk.expectation(nk.zero_state(2), it),
    "out": lambda it: nk.probabilities(nk.zero_state(2), out=it),
    "shots": lambda it: nk.sample(nk.zero_state(2), it),
    "rng of few draws": lambda it: nk.measure(nk.zero_state(2), 0, rng=it),
    "rng of many": lambda it: nk.counts(nk.zero_state(2), 3, rng=it),
    "outcome": lambda it: nk.project(nk.zero_state(2), [0, 1], it),
    "base": lambda it: nk.entanglement_entropy(nk.zero_state(2), 0, base=it),
    "terms": nk.PauliSum,
    "coefficient": lambda it: nk.PauliSum([("Z", it)]),
    "qubits of a term": lambda it: nk.PauliSum([("Z", it, 1)], num_qubits=2),
    "Qiskit's": nk.PauliSum.from_qiskit,
    "OpenFermion's": nk.PauliSum.from_openfermion,
    "dtype of SciPy's": lambda it: nk.PauliSum({"Z": 1}).linear_operator(it),
    "parameters": lambda it: nk.Circuit(1, it),
    "name": nk.Parameter,
    "angle of a circuit": lambda it: nk.Circuit(1).rx(it, 0),
    "condition": lambda it: nk.Circuit(1).measure(0, 0).x(0, condition=it),
    "readout": lambda it: nk.Circuit(1).measure(0, readout_error=it),
    "other": lambda it: nk.Circuit(1).compose(it),
    "params": lambda it: ROTATED.run(nk.zero_state(2), it),
    "a value of params": lambda it: ROTATED.run(nk.zero_state(2), {"a": it}),
    "a key of params": lambda it: ROTATED.run(nk.zero_state(2), {it: 1}),
    "observables": lambda it: ROTATED.vjp(it, [1], [0.1]),
    "weights": lambda it: ROTATED.vjp(["ZZ"], it, [0.1]),
    "executor": lambda it: ROTATED.trajectories("ZZ", 2, params=[0.1], executor=it),
    "text": nk.Circuit.from_qasm,
    "dialect": lambda it: nk.Circuit.from_qasm("qreg q[1];", dialect=it),
    "max_rounds": lambda it: nk.Circuit.from_qasm("qreg q[1];", max_rounds=it),
    "probability": channels.bit_flip,
    "rho": lambda it: density.apply(it, EYE, 0),
    "circuit of rho": lambda it: density.run(density.zero_density(1), it),
}


def refusal(call, given):
    """What a call says that is refused, if it is."""
    try:
        call(given)
    except (TypeError, ValueError, KeyError, MemoryError) as error:
        return str(error)
    except OwnError:
        pass
    return None


@pytest.mark.parametrize("name", CALLS)
def test_objects_that_raise(name):
    """Nothing is unraisable, which would be a warning, and no error comes without words."""
    if name == "dtype of SciPy's":
        pytest.importorskip("scipy")
    for make in HOSTILE.values():
        message = refusal(CALLS[name], make())
        assert message is None or 0 < len(message) < LONGEST
        assert "unprintable" not in (message or "")


@pytest.mark.parametrize("name", CALLS)
def test_long_arguments_are_not_printed_whole(name):
    if name == "dtype of SciPy's":
        pytest.importorskip("scipy")
    for long in LONG.values():
        message = refusal(CALLS[name], long)
        assert message is None or 0 < len(message) < LONGEST


@pytest.mark.parametrize("name", ["base", "dialect", "max_rounds", "name"])
def test_what_shows_nothing_is_named_by_its_type(name):
    with pytest.raises((TypeError, ValueError), match="is a Hostile; "):
        CALLS[name](kind(*SHOWN)())


@pytest.mark.parametrize("name", ["dtype", "rng of few draws", "rng of many"])
def test_a_str_that_shows_nothing_is_named_by_its_type(name):
    with pytest.raises((TypeError, ValueError), match="is a Hostile; "):
        CALLS[name](kind(*SHOWN, base=str)("7"))


def test_keyboard_interrupts_of_a_repr_are_not_lost():
    def stopped(_):
        raise KeyboardInterrupt

    for name in ("dtype", "base", "dialect", "name"):
        with pytest.raises(KeyboardInterrupt):
            CALLS[name](type("Stopped", (), dict.fromkeys(SHOWN, stopped))())


def test_errors_of_conversions_are_seen():
    for name, method in (
        ("qubit", "__index__"),
        ("angle", "__float__"),
        ("matrix", "__array__"),
        ("observable", "__array__"),
        ("controls", "__iter__"),
        ("terms", "__iter__"),
        ("coefficient", "__complex__"),
        ("parameters", "__iter__"),
        ("observables", "__iter__"),
        ("params", "__array__"),
        ("condition", "__index__"),
        ("batch", "__index__"),
        ("shots", "__index__"),
    ):
        with pytest.raises(OwnError):
            CALLS[name](kind(method)())
    for name, attribute in (("terms", "items"), ("condition", "items"), ("angle", "units")):
        with pytest.raises(OwnError):
            CALLS[name](kind(attributes=[attribute])())


def test_a_label_is_its_letters_whatever_str_says():
    label = kind("__str__", "__len__", "__iter__", base=str)("01")
    assert nk.ket(label).state.tolist() == [0, 1, 0, 0]
    assert nk.basis_state(2, label).tolist() == [0, 1, 0, 0]
    assert nk.project(nk.zero_state(2), 0, kind("__str__", base=str)("0")) == 1


def test_long_names_in_texts_and_of_parameters():
    name = "p" * 10**5
    circuit = nk.Circuit(1).rx(nk.Parameter(name), 0)
    for call in (
        lambda: circuit.run(nk.zero_state(1)),
        lambda: circuit.run(nk.zero_state(1), [1, 2]),
        lambda: circuit.run(nk.zero_state(1), {"p": 1}),
        lambda: nk.Circuit(1, [nk.Parameter(name)] * 2),
        lambda: nk.Circuit(1).rx(nk.Parameter("2" + name), 0).to_qasm(),
        lambda: nk.Circuit.from_qasm(f"qreg q[1]; {name} q[0];"),
    ):
        with pytest.raises((ValueError, KeyError, QasmError)) as caught:
            call()
        assert "ppp" in str(caught.value)
        assert "..." in str(caught.value)
        assert len(str(caught.value)) < LONGEST
