"""What circuits are made of, and what is told about them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from math import prod
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from numket import _core
from numket._names import public as _public
from numket.parameter import Parameter

__all__ = ["Operation", "Steps"]

__dir__ = _public(globals())

State = TypeVar("State", NDArray[Any], _core.Ket)

DRAWS = ("measure", "reset", "apply_kraus")
"""Operations whose outcome is random, which nothing undoes."""


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
    Operation(name='rx', params=(0.5,), qubits=(1,), controls=(0,), control_values=(1,))
    """

    name: str
    params: tuple[Any, ...]
    qubits: tuple[int, ...]
    controls: tuple[int, ...] = ()
    control_values: tuple[int, ...] = ()
    bits: tuple[int, ...] = ()
    condition: tuple[tuple[int, int], ...] = ()

    def __repr__(self) -> str:
        always = ("name", "params", "qubits")
        fields = zip(self._fields, self, strict=True)
        shown = [f"{name}={value!r}" for name, value in fields if value or name in always]
        return f"Operation({', '.join(shown)})"

    def apply(
        self,
        state: NDArray[Any] | _core.Ket,
        params: Any = None,
        *,
        batch: int = 0,
        threads: int | None = None,
        rng: Any = None,
    ) -> NDArray[np.int8] | None:
        """Applies the operation to a state, in place.

        Parameters
        ----------
        state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
            Changed in place.
        params : dict or array_like, optional
            The values of the parameters in radians, as `Circuit.run` takes them. A dict may have
            more of them.
        batch : int
            Number of leading axes of the state that count states.
        threads : int, optional
            At most this many threads.
        rng : None, int or numpy.random.Generator, optional
            What np.random.default_rng takes, for measurements, resets and channels.

        Returns
        -------
        ndarray of int8
            The outcomes of a measurement, of each qubit in the last axis; None for other
            operations.

        Raises
        ------
        TypeError, ValueError, KeyError, BufferInUseError
            Where `Circuit.run` raises them. A ValueError also where the operation has a condition:
            an array has no classical bits.

        Examples
        --------
        >>> import numket as nk
        >>> bell = nk.Circuit(2).h(0).cx(0, 1)
        >>> psi = nk.zero_state(2)
        >>> for operation in bell:
        ...     operation.apply(psi)
        >>> psi.real.round(3)
        array([0.707, 0.   , 0.   , 0.707])
        """
        if self.condition:
            raise ValueError(
                f"the operation has the condition {dict(self.condition)}, and an array has no "
                "classical bits: use nk.steps(circuit, state), or circuit.run(state)"
            )
        given = state.state if isinstance(state, _core.Ket) else state
        shape = getattr(given, "shape", (2 << max(self.qubits + self.controls, default=0),))
        num_qubits = prod(shape[batch:]).bit_length() - 1
        names = params if isinstance(params, dict) else ()
        declared = [name if isinstance(name, Parameter) else Parameter(name) for name in names]
        circuit = rebuild(max(num_qubits, 0), [self], declared)
        found = circuit.run(state, params, batch=batch, threads=threads, rng=rng)
        return None if found is None else found[..., self.bits]


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
    operations = list(operations)
    asked = _asked_unmeasured(operations)
    if asked:  # in a part of a circuit, whose bits another part measures
        for bit in asked:
            circuit.measure(0, bit)
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
    return circuit[len(asked) :] if asked else circuit


def _asked_unmeasured(operations: Iterable[Operation]) -> list[int]:
    """The classical bits that conditions ask for before anything has measured them.

    >>> import numket as nk
    >>> circuit = nk.Circuit(1).measure(0).x(0, condition=0)
    >>> _asked_unmeasured(circuit), _asked_unmeasured(circuit[1:])
    ([], [0])
    """
    measured: set[int] = set()
    asked: dict[int, None] = {}
    for operation in operations:
        asked |= {bit: None for bit, _ in operation.condition if bit not in measured}
        measured.update(operation.bits)
    return list(asked)


def depth(circuit: _core.Circuit) -> int:
    """How many layers the operations take: see `Circuit.depth`.

    >>> import numket as nk
    >>> depth(nk.Circuit(2).measure(0).x(1, condition=0))
    2
    """
    free: dict[int, int] = {}  # for each qubit, and each bit as ~bit, the layer after its last
    for operation in circuit:
        used = [*operation.qubits, *operation.controls, *(~bit for bit in operation.bits)]
        used += [~bit for bit, _ in operation.condition]
        after = 1 + max((free.get(wire, 0) for wire in used), default=0)
        free |= dict.fromkeys(used, after)
    return max(free.values(), default=0)


def count_ops(circuit: _core.Circuit) -> dict[str, int]:
    """How often each operation occurs, the most frequent first.

    >>> import numket as nk
    >>> count_ops(nk.Circuit(2).h(0).x(0).x(1))
    {'x': 2, 'h': 1}
    """
    return dict(Counter(operation.name for operation in circuit).most_common())


class Steps(Generic[State], Iterator[tuple[Operation, State]]):
    """The run of a circuit, one operation at a time, forth and back: what `nk.steps` returns.

    Parameters
    ----------
    circuit : Circuit
        What is done.
    state : ndarray or Ket
        What it is done to, in place.
    params : dict or array_like, optional
        The values of the parameters.
    rng : None, int or numpy.random.Generator, optional
        For measurements, resets and channels.
    threads : int, optional
        At most this many threads.

    Attributes
    ----------
    position : int
        How many operations are done.
    bits : ndarray of int8
        The classical bits so far.

    Raises
    ------
    TypeError, ValueError, KeyError, BufferInUseError
        At a step, where `Circuit.run` raises them.

    Examples
    --------
    >>> import numket as nk
    >>> walk = nk.steps(nk.Circuit(2).h(0).cx(0, 1), nk.zero_state(2))
    >>> for operation, psi in walk:
    ...     print(operation.name, nk.probabilities(psi).round(3))
    h [0.5 0.  0.5 0. ]
    cx [0.5 0.  0.  0.5]
    >>> operation, psi = walk.back()
    >>> print("without", operation.name, nk.probabilities(psi).round(3))
    without cx [0.5 0.  0.5 0. ]
    >>> walk
    <Steps: 1 of 2 operations done>
    """

    def __init__(
        self,
        circuit: _core.Circuit,
        state: State,
        params: Any = None,
        *,
        rng: Any = None,
        threads: int | None = None,
    ) -> None:
        self.bits = np.zeros(circuit.num_bits, np.int8)
        self._circuit, self._params = circuit.copy(), params
        self._state: State = state
        self._rng, self._threads = np.random.default_rng(rng), threads
        self._done: list[bool] = []  # of each operation so far, whether its condition was met

    @property
    def position(self) -> int:
        """How many operations are done."""
        return len(self._done)

    def _run(self, circuit: _core.Circuit) -> NDArray[np.int8] | None:
        return circuit.run(self._state, self._params, rng=self._rng, threads=self._threads)

    def _without_condition(self, place: int) -> _core.Circuit:
        whole = self._circuit
        operation = whole[place]._replace(condition=())
        return rebuild(whole.num_qubits, [operation], whole.parameters, whole.num_bits)

    def __iter__(self) -> "Steps[State]":
        return self

    def __next__(self) -> tuple[Operation, State]:
        if self.position == len(self._circuit):
            raise StopIteration
        operation = self._circuit[self.position]
        met = all(self.bits[bit] == value for bit, value in operation.condition)
        if met:
            found = self._run(self._without_condition(self.position))
            if found is not None and operation.bits:
                self.bits[list(operation.bits)] = found[list(operation.bits)]
        elif operation.name in DRAWS:  # a run draws its numbers whether or not it needs them
            each = 1 if operation.name == "apply_kraus" else len(operation.qubits)
            self._rng.random(each * (2 if operation.name == "measure" and operation.params else 1))
        self._done.append(met)
        return operation, self._state

    def back(self) -> tuple[Operation, State]:
        """Undoes the last operation that is done.

        Returns
        -------
        tuple of Operation and ndarray or Ket
            What has been undone, and the state.

        Raises
        ------
        ValueError
            Where no operation is done, or the last one measures, resets or has a Kraus channel:
            nothing undoes these.

        Examples
        --------
        >>> import numket as nk
        >>> walk = nk.steps(nk.Circuit(1).x(0), nk.ket("0"))
        >>> next(walk)[1].state.real
        array([0., 1.])
        >>> walk.back()[1].state.real
        array([1., 0.])
        """
        if not self._done:
            raise ValueError("no operation is done; only what is done can be undone: use next()")
        place = self.position - 1
        if self._done[place]:
            self._run(self._without_condition(place).inverse())
        self._done.pop()
        return self._circuit[place], self._state

    def __repr__(self) -> str:
        return f"<Steps: {self.position} of {len(self._circuit)} operations done>"
