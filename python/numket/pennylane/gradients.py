"""Derivatives of expectation values by the parameters of tapes, by adjoint differentiation."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pennylane as qml
from numpy.typing import NDArray

from numket import Circuit, PauliSum
from numket.pennylane.circuits import Program
from numket.pennylane.measurements import Observed, observed

MAX_DENSE = 10
"""Observables on more wires that are no sums of Pauli strings have no derivatives here."""


def is_observable(obs: Any) -> bool:
    """Whether derivatives of its expectation value can be had."""
    if obs.pauli_rep is not None:
        return True
    return (obs.has_matrix or obs.has_sparse_matrix) and len(obs.wires) <= MAX_DENSE


def _tracers(tape: Any) -> Iterator[Any]:
    """What Autograd and JAX follow the parameters of a tape with, each around the next."""
    for value in tape.get_parameters(trainable_only=False):
        while hasattr(value, "_trace"):
            yield value
            # Autograd; JAX, differentiating; JAX, in vmap. There is nothing inside others.
            inside = (name for name in ("_value", "primal", "val") if hasattr(value, name))
            value = getattr(value, next(inside, ""), None)


def order(tape: Any) -> int:
    """How many derivatives, one of the other, Autograd or JAX is taking of a tape.

    Each of them has tracers of its own, around those of the derivative outside of it. PyTorch tells
    only when it goes back: see `refuse_second`.

    >>> tapes = []
    >>> def circuit(angle):
    ...     tapes.append(qml.tape.QuantumScript([qml.RX(angle, 0)]))
    ...     return angle**2
    >>> slope = qml.grad(qml.grad(circuit))(qml.numpy.array(0.1))
    >>> order(tapes[0]), order(qml.tape.QuantumScript([qml.RX(0.1, 0)]))
    (2, 0)
    """
    traces = set()
    for tracer in _tracers(tape):
        if hasattr(tracer, "_value"):
            traces.add(tracer._trace)
        elif hasattr(tracer, "primal"):
            traces.add(id(getattr(tracer._trace, "tag", tracer._trace)))
    return len(traces)


def is_mapped(tape: Any) -> bool:
    """Whether a parameter of a tape is the batch of a ``jax.vmap``, which hides its numbers."""
    return any(hasattr(tracer, "batch_dim") for tracer in _tracers(tape))


ONLY_FIRST = (
    "adjoint differentiation on numket.qubit gives first derivatives only, and a derivative of one "
    "is asked for: use diff_method='best' or 'parameter-shift' with max_diff=2"
)
"""Derivatives are numbers to those who take derivatives of them, who would find zero."""


def refuse_second(config: Any) -> None:
    """Raise where PyTorch would take derivatives of the derivatives: with ``create_graph=True``.

    Parameters
    ----------
    config : pennylane.devices.ExecutionConfig or None

    Raises
    ------
    pennylane.exceptions.DeviceError
    """
    if config is None or config.interface is not qml.math.Interface.TORCH:
        return
    torch = sys.modules.get("torch")
    # While PyTorch goes back, gradients are enabled only where a graph of them is asked for.
    if torch is not None and torch.is_grad_enabled():
        raise qml.exceptions.DeviceError(
            f"create_graph=True: {ONLY_FIRST}; instead of torch.autograd.functional.jvp, which "
            "gives 0 with these, use torch.autograd.functional.jacobian"
        )


class Derivatives:
    """A tape whose measurements are expectation values, to be differentiated.

    Parameters
    ----------
    tape : pennylane.tape.QuantumScript
        Its wires are 0, 1, ...; its operations have derivatives by all trainable parameters.
    dtype : complex128 or complex64

    Raises
    ------
    pennylane.exceptions.DeviceError
        For what has no derivative.
    """

    def __init__(self, tape: Any, dtype: Any) -> None:
        program = Program(tape, trainable=tape.trainable_params)
        if program.batch_size is not None or len(program.steps) != 1 or program.bits:
            raise qml.exceptions.DeviceError(
                "adjoint differentiation on numket.qubit takes one circuit of unitary operations "
                "without a batch: apply the transforms of preprocess first"
            )
        circuit = program.steps[0]
        assert isinstance(circuit, Circuit)
        self.circuit = circuit
        self.values = {name: float(value) for name, value in program.values.items()}
        given = program.has_start or dtype != np.complex128
        self.start = program.states(slice(None), dtype) if given else None
        self.observables = [_observed(mp, tape.num_wires) for mp in tape.measurements]
        known = [int(parameter.name) for parameter in self.circuit.parameters]
        # Where the circuit has the trainable parameters, in their order; some may act on nothing.
        self.places = [
            known.index(number) if number in known else None for number in tape.trainable_params
        ]

    def jacobian(self) -> tuple[list[np.float64], NDArray[np.float64]]:
        """All expectation values, and a row of derivatives for each."""
        rows = [
            self.circuit.gradient(array, self.values, qubits=qubits, state=self.start)
            for array, qubits in self.observables
        ]
        values = [np.float64(value) for value, _ in rows]
        return values, np.array([self._placed(row) for _, row in rows]).reshape(
            len(rows), len(self.places)
        )

    def product(self, weights: NDArray[np.float64]) -> tuple[list[np.float64], NDArray[np.float64]]:
        """All expectation values, and the derivatives of their sum with weights."""
        sums = [array for array, _ in self.observables if isinstance(array, PauliSum)]
        if len(sums) < len(self.observables):
            values, jacobian = self.jacobian()
            return values, weights @ jacobian
        means, gradient = self.circuit.vjp(sums, weights, self.values, state=self.start)
        return list(map(np.float64, means)), self._placed(gradient)

    def _placed(self, gradient: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.array([0.0 if place is None else gradient[place] for place in self.places])


def _observed(mp: Any, num_qubits: int) -> Observed:
    obs = mp.obs
    found = None
    if isinstance(mp, qml.measurements.ExpectationMP) and obs is not None:
        found = observed(obs, num_qubits, MAX_DENSE) if is_observable(obs) else None
        if found is None and is_observable(obs):
            found = obs.sparse_matrix().toarray(), tuple(obs.wires)
    if found is None or (isinstance(found[0], PauliSum) and not found[0].hermitian):
        raise qml.exceptions.DeviceError(
            f"{mp} is not supported with adjoint differentiation on numket.qubit: use expval of a "
            f"Hermitian sum of Pauli strings, or of a matrix on at most {MAX_DENSE} wires"
        )
    return found


def shaped(jacobian: NDArray[np.float64]) -> Any:
    """A Jacobian in the nesting of PennyLane, without axes of length 1.

    >>> shaped(np.array([[1.0, 2.0]]))
    (array(1.), array(2.))
    """
    rows = tuple(
        np.array(row[0]) if len(row) == 1 else tuple(np.array(entry) for entry in row)
        for row in jacobian
    )
    return rows[0] if len(rows) == 1 else rows


def direction(tangents: Sequence[Any], count: int) -> NDArray[np.float64]:
    """Tangents of `count` parameters as (count,).

    Without parameters any will do, as for default.qubit: the derivatives are 0.

    >>> direction((np.array(0.5), 1), 2), direction((0.5,), 0)
    (array([0.5, 1. ]), array([], dtype=float64))

    Raises
    ------
    ValueError
        If there are not as many as parameters.
    """
    if count == 0:
        return np.zeros(0)
    if len(tangents) != count:
        raise ValueError(
            f"there are {len(tangents)} tangents for {count} trainable parameters: give one for "
            "each"
        )
    return np.array([float(part) for part in tangents], np.float64)


def vector(cotangents: Any, count: int) -> NDArray[np.float64]:
    """Cotangents of `count` results as (count,), or (count, batch) if they are batched.

    >>> vector((0.0, np.array([1.0, 2.0])), 2)
    array([[0., 0.],
           [1., 2.]])
    """
    parts: Sequence[Any] = [cotangents] if count == 1 else list(cotangents)
    if count == 1 and isinstance(cotangents, tuple | list) and len(cotangents) == 1:
        parts = [cotangents[0]]
    shape = np.broadcast_shapes(*(np.shape(part) for part in parts))
    return np.array([np.broadcast_to(np.real(part), shape) for part in parts], np.float64)
