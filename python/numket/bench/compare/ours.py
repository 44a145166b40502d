"""What a contestant is, how it is given a circuit, and numket as one."""

from collections.abc import Callable, Iterator, Mapping
from math import pi
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket import _core


class Ready(NamedTuple):
    """A contestant with its circuit built.

    What is timed returns a float where its seconds are those of the contestant's own clock.
    """

    run: Callable[[], object]
    """From |0...0> to the end: timed."""
    state: Callable[[], NDArray[Any]]
    """The state after it."""
    load: Callable[[NDArray[np.complex128]], object] | None = None
    """Takes another state to start from, for those who can: not timed."""
    go_on: Callable[[], object] | None = None
    """From that state, or from what the circuit has made of it: timed."""


Settings = dict[str, Ready]
"""The ways to run a circuit; the fastest counts."""


class Contestant(NamedTuple):
    """Who takes part."""

    prepare: Callable[[nk.Circuit], Settings]
    package: str
    precision: str = "complex128"


def in_place(
    reset: Callable[[], object],
    apply: Callable[[], object],
    state: Callable[[], NDArray[Any]],
    load: Callable[[NDArray[np.complex128]], object],
) -> Ready:
    """One whose state is set, and then changed."""

    def run() -> object:
        reset()
        return apply()

    return Ready(run, state, load, apply)


SPELLED: dict[str, Callable[..., list[tuple[str, tuple[float, ...]]]]] = {
    "y": lambda: [("ry", (pi,))],
    "z": lambda: [("rz", (pi,))],
    "s": lambda: [("rz", (pi / 2,))],
    "sdg": lambda: [("rz", (-pi / 2,))],
    "t": lambda: [("rz", (pi / 4,))],
    "tdg": lambda: [("rz", (-pi / 4,))],
    "sx": lambda: [("rx", (pi / 2,))],
    "sxdg": lambda: [("rx", (-pi / 2,))],
    "p": lambda lam: [("rz", (lam,))],
    "u": lambda theta, phi, lam: [("rz", (lam,)), ("ry", (theta,)), ("rz", (phi,))],
}
"""What gates on one qubit are to those who lack them, up to a global phase."""


def translated(
    circuit: nk.Circuit, gates: Mapping[str, Callable[..., Any]], flip: bool
) -> Iterator[Any]:
    """What ``gates`` makes of each operation, from its parameters and qubits.

    An X with controls is ``mcx``, a phase ``mcp``: they get the list of the controls, then the
    target. With ``flip`` the qubits are counted from the other end, for those whose qubit 0 is the
    least significant bit.
    """
    last = circuit.num_qubits - 1
    for o in circuit:
        name = f"mc{o.name}" if o.controls else o.name
        if name == "gphase":
            continue
        controls, qubits = (
            [last - q if flip else q for q in some] for some in (o.controls, o.qubits)
        )
        if name in gates and all(o.control_values):
            yield gates[name](*o.params, *([controls] if controls else []), *qubits)
        elif name in SPELLED:
            for one, angles in SPELLED[name](*o.params):
                yield gates[one](*angles, *qubits)
        else:
            raise NotImplementedError(f"it has no gate for {name!r}")


def methods(made: Any, *names: str) -> dict[str, Callable[..., Any]]:
    """The methods that add gates, of those whose names and arguments are numket's."""
    return {name: getattr(made, name) for name in names}


def numket(circuit: nk.Circuit, dtype: str = "complex128") -> Settings:
    """In one call."""
    state = nk.zero_state(circuit.num_qubits, dtype=dtype)

    def load(start: NDArray[np.complex128]) -> None:
        state[:] = start

    def run() -> None:
        circuit.prepare(state)

    def go_on() -> None:
        circuit.run(state)

    return {"": Ready(run, lambda: state, load, go_on)}


def gate_by_gate(circuit: nk.Circuit, dtype: str = "complex128") -> Settings:
    """numket's functions, one after the other from Python."""
    state = nk.zero_state(circuit.num_qubits, dtype=dtype)
    gates = {gate["name"] for gate in _core.GATES}

    calls = [
        (getattr(nk, o.name), (*o.params, *(o.qubits if o.name in gates else (o.qubits,))))
        for o in circuit
    ]

    def apply() -> None:
        for gate, arguments in calls:
            gate(state, *arguments)

    def load(start: NDArray[np.complex128]) -> None:
        state[:] = start

    return {"": in_place(lambda: zero(state), apply, lambda: state, load)}


def zero(state: NDArray[Any]) -> None:
    """Make it |0...0>."""
    state[:] = 0
    state[0] = 1
