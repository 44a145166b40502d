"""What circuits are made of, and what is told about them."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from numket import _core
from numket._names import public as _public
from numket.parameter import Parameter

__all__ = ["Operation", "Plan"]

__dir__ = _public(globals())


class Operation(NamedTuple):
    """An operation of a circuit, as iterating over a `Circuit` gives it.

    Parameters
    ----------
    name : str
        The method of Circuit that adds it.
    params : tuple
        Angles in radians, a matrix, a diagonal, a permutation, Pauli letters, Kraus operators, or
        the probabilities of a readout error.
    qubits : tuple of int
        The qubits it acts on; of a gate also its own controls, in the order of the method.
    controls : tuple of int
        Further controls.
    control_values : tuple of int
        The value, 0 or 1, that each of these must have.
    bits : tuple of int
        The classical bits of a measurement, one for each qubit.
    condition : tuple of (int, int)
        Classical bits, and the values that they must have before the operation begins.

    Examples
    --------
    >>> import numket as nk
    >>> next(iter(nk.Circuit(2).rx(0.5, 1, controls=[0])))
    Operation(name='rx', params=(0.5,), qubits=(1,), controls=(0,), control_values=(1,), bits=(),
        condition=())
    """

    name: str
    params: tuple[Any, ...]
    qubits: tuple[int, ...]
    controls: tuple[int, ...]
    control_values: tuple[int, ...]
    bits: tuple[int, ...] = ()
    condition: tuple[tuple[int, int], ...] = ()


def rebuild(
    num_qubits: int,
    operations: Iterable[Operation],
    parameters: Iterable[Parameter] = (),
    num_bits: int = 0,
) -> _core.Circuit:
    """The circuit with these operations.

    >>> import numket as nk
    >>> circuit = nk.Circuit(2).h(0).apply_pauli("XZ")
    >>> rebuild(2, list(circuit)) == circuit
    True
    """
    circuit = _core.Circuit(num_qubits, parameters, num_bits=num_bits)
    gates = {gate["name"] for gate in _core.GATES}
    for operation in operations:
        name, params, qubits, controls, values, bits, condition = operation
        add = getattr(circuit, name)
        options: dict[str, Any] = {"condition": dict(condition)}
        if name == "measure":
            add(qubits, bits, readout_error=params or None, **options)
            continue
        where = qubits if name in gates or name == "gphase" else (qubits,)
        if name not in ("reset", "apply_kraus"):
            options |= {"controls": controls, "control_values": values}
        add(*params, *where, **options)
    return circuit


class Bar:
    """A tqdm bar that is told how many operations, or other units, are done."""

    def __init__(self, unit: str = "op") -> None:
        try:
            from tqdm.auto import tqdm
        except ImportError as error:
            raise ImportError(
                "'progress' needs tqdm: use pip install 'numket[progress]', or give a callable"
            ) from error
        self.bar: Any = tqdm(unit=unit)

    def __call__(self, done: int, total: int) -> None:
        self.bar.total = total
        self.bar.update(done - self.bar.n)

    def close(self) -> None:
        """Leave it as it is."""
        self.bar.close()


class Plan(NamedTuple):
    """How a circuit runs on a flat state in complex128, as ``Circuit.explain`` tells it.

    Parameters
    ----------
    num_qubits : int
        Of the circuit.
    operations : int
        How many the circuit has.
    steps : int
        What they have become: rotations, diagonals, exchanges, matrices.
    passes : int
        How often amplitudes go through registers.
    work : int
        Arithmetic instructions for each register of real numbers, in all passes.
    seconds : float
        What one thread needs, as estimated from steps, passes and sweeps on a CPU with AVX-512.
    sweeps : tuple of (tuple of int, int)
        For each sweep the qubits inside its tiles, none if it goes straight over the state, and how
        many steps it does. A measured or reset qubit has two: one reads and does none. So has a
        channel whose probabilities depend on the state.

    Examples
    --------
    >>> import numket as nk
    >>> plan = nk.Circuit(3).h(0).h(0).cx(0, 1).explain()
    >>> print(plan)
    3 operations on 3 qubits: 4 steps in 1 pass and 1 sweep, 0.0 MiB moved, 0.000 ms on one thread
      sweep 0: 4 steps on tiles of the qubits 0 1 2
    >>> plan.passes
    1
    """

    num_qubits: int
    operations: int
    steps: int
    passes: int
    work: int
    seconds: float
    sweeps: tuple[tuple[tuple[int, ...], int], ...]

    @property
    def bytes(self) -> int:
        """What all sweeps read and write together, at most."""
        return len(self.sweeps) * 2 * 16 << self.num_qubits

    def _facts(self) -> list[str]:
        """What it comes to, in words."""
        return [
            _count(self.steps, "step"),
            _count(self.passes, "pass", "es"),
            _count(len(self.sweeps), "sweep"),
            f"{self.bytes / 2**20:.1f} MiB moved",
            f"{1e3 * self.seconds:.3f} ms on one thread",
        ]

    def __str__(self) -> str:
        steps, passes, sweeps, moved, time = self._facts()
        lines = [
            f"{self.operations} operations on {self.num_qubits} qubits: "
            f"{steps} in {passes} and {sweeps}, {moved}, {time}"
        ]
        lines += [
            f"  sweep {number}: {_count(steps, 'step')} on tiles of the qubits "
            + " ".join(map(str, tile))
            for number, (tile, steps) in enumerate(self.sweeps)
            if tile
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """A table for Jupyter: the first sweeps, and what all come to."""
        shown = self.sweeps[:MAX_ROWS]
        rows = [
            f"<tr><td>{number}<td>{' '.join(map(str, tile)) or 'no tiles'}<td>{steps}</tr>"
            for number, (tile, steps) in enumerate(shown)
        ]
        if len(shown) < len(self.sweeps):
            rows.append(f"<tr><td colspan=3>and {len(self.sweeps) - len(shown)} more</tr>")
        return (
            f"<table><caption>{self.operations} operations on {self.num_qubits} qubits: "
            f"{', '.join(self._facts())}</caption>"
            "<tr><th>sweep<th>qubits of a tile<th>steps</tr>"
            f"{''.join(rows)}</table>"
        )


MAX_ROWS = 20
"""Sweeps that a table shows."""


def _count(number: int, name: str, plural: str = "s") -> str:
    return f"{number} {name}{'' if number == 1 else plural}"
