"""Expectation values after circuits, and their gradients: what the methods of `Circuit` do.

The state after the circuit and what the observable makes of it lie side by side in one array of
two states. Both are taken back through the circuit together, and each parameter reads its
derivative on the way (Jones and Gacon, arXiv:2009.02823).
"""

from collections.abc import Sequence
from operator import index
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from numket._core import (
    Circuit,
    PauliSum,
    apply,
    apply_diagonal,
    batch_shape,
    empty_state,
    inner,
    parameter_values,
    pull_back,
    share_plans,
)
from numket._core import expectation as expectation_in

_Parts = tuple[Any, tuple[int, ...] | None]


def expectation(
    circuit: Circuit,
    observable: Any,
    params: Any = None,
    *,
    qubits: Any = None,
    state: NDArray[Any] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> Any:
    """What `Circuit.expectation` gives."""
    shape, begin = _begin(circuit, params, state, batch)
    taken = circuit.copy()  # others may change the circuit meanwhile
    values = parameter_values(taken, params, shape)
    psi = empty_state(circuit.num_qubits, _dtype(state))

    def at(place: tuple[int, ...]) -> Any:
        _copy(begin, place, psi)
        taken.run(psi, values[place], threads=threads)
        return expectation_in(psi, observable, qubits=qubits, threads=threads)

    every = [at(place) for place in np.ndindex(shape)]
    share_plans(circuit, taken)
    return np.array(every).reshape(shape) if shape else every[0]


def gradient(
    circuit: Circuit,
    observable: Any,
    params: Any = None,
    *,
    qubits: Any = None,
    state: NDArray[Any] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> tuple[Any, NDArray[np.float64]]:
    """What `Circuit.gradient` gives."""
    parts = [_parts(circuit, observable, qubits)]
    values, derivatives = _vjp(circuit, parts, (1.0,), params, state, batch, threads)
    return values[0], derivatives


def vjp(
    circuit: Circuit,
    observables: Sequence[Any],
    weights: Any,
    params: Any = None,
    *,
    state: NDArray[Any] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What `Circuit.vjp` gives."""
    if isinstance(observables, str | PauliSum):
        raise TypeError(
            f"'observables' is a {type(observables).__name__}; it must be several: use a list, or "
            "gradient for one"
        )
    parts = [_parts(circuit, observable, None) for observable in observables]
    factors = np.asarray(weights)
    if factors.size and factors.dtype.kind not in "biuf":
        raise TypeError(
            f"'weights' has dtype {factors.dtype}; weights are real numbers: use floats"
        )
    factors = factors.astype(np.float64)
    if factors.shape != (len(parts),):
        raise ValueError(
            f"'weights' has shape {factors.shape} for {len(parts)} observables: give one number "
            "for each"
        )
    if not np.isfinite(factors).all():
        raise ValueError("'weights' holds a NaN or an infinity; weights are finite numbers")
    values, derivatives = _vjp(circuit, parts, tuple(factors), params, state, batch, threads)
    every = np.stack([np.asarray(value) for value in values], axis=-1) if values else np.empty(0)
    return every, derivatives


def _vjp(
    circuit: Circuit,
    parts: list[_Parts],
    weights: Sequence[float],
    params: Any,
    state: NDArray[Any] | None,
    batch: int,
    threads: int | None,
) -> tuple[list[Any], NDArray[np.float64]]:
    shape, begin = _begin(circuit, params, state, batch)
    taken = circuit.copy()  # others may change the circuit meanwhile
    rows = parameter_values(taken, params, shape)
    # Two states side by side: the first comes back to the beginning, the second to nothing of use.
    both = empty_state(circuit.num_qubits + 1, _dtype(state))
    psi, eta = both.reshape(2, -1)
    more = np.empty_like(eta) if len(parts) > 1 else None
    values = np.empty((len(parts), *shape))
    derivatives = np.empty((*shape, len(taken.parameters)))
    for place in np.ndindex(shape):
        _copy(begin, place, psi)
        taken.run(psi, rows[place], threads=threads)
        for number, (part, weight) in enumerate(zip(parts, weights, strict=True)):
            out = eta if more is None else more
            values[(number, *place)] = _observe(part, psi, out, threads)
            if more is not None and number == 0:
                np.multiply(more, weight, out=eta)
            elif more is not None:
                more *= weight
                eta += more
        if not parts:
            eta[...] = 0
        elif more is None and weights[0] != 1:
            eta *= weights[0]
        derivatives[place] = pull_back(taken, both, rows[place], threads=threads)
    share_plans(circuit, taken)
    return [value if shape else float(value) for value in values], derivatives


def _observe(part: _Parts, psi: NDArray[Any], out: NDArray[Any], threads: int | None) -> float:
    """Writes what an observable makes of a state to `out`, and gives the expectation value."""
    observable, qubits = part
    if isinstance(observable, PauliSum):
        observable.apply(psi, out, threads=threads)
        return float(inner(psi, out, threads=threads).real)
    value = expectation_in(psi, observable, qubits=qubits, threads=threads)
    out[...] = psi
    act = apply if observable.ndim == 2 else apply_diagonal
    act(out, observable, qubits or (), threads=threads)
    return float(value)


def _parts(circuit: Circuit, observable: Any, qubits: Any) -> _Parts:
    """An observable as a sum on all qubits, or as an array and the qubits that it acts on."""
    n = circuit.num_qubits
    listed = _listed(qubits)
    if isinstance(observable, str):
        where = tuple(range(n)) if listed is None else listed
        if len(observable) != len(where):
            raise ValueError(
                f"'observable' has {len(observable)} letters for {len(where)} qubits: give one for "
                "each"
            )
        return PauliSum([(observable, where, 1.0)], num_qubits=n), None
    if isinstance(observable, PauliSum):
        if not observable.hermitian:
            raise ValueError(
                "'observable' is not Hermitian: it has coefficients that are not real; a gradient "
                "needs real values: use (sum + sum.adjoint()) / 2"
            )
        if listed is None:
            return observable, None
        terms = [(letters, listed, value) for letters, value in observable]
        return PauliSum(terms, num_qubits=n), None
    return np.asarray(observable), tuple(range(n)) if listed is None else listed


def _listed(qubits: Any) -> tuple[int, ...] | None:
    if qubits is None:
        return None
    given = np.atleast_1d(np.asarray(qubits, dtype=object)).tolist()
    wrong = (bool, np.bool_, list)
    if any(isinstance(qubit, wrong) or not isinstance(qubit, SupportsIndex) for qubit in given):
        raise TypeError(
            f"'qubits' is {qubits!r}; qubits are ints: use an int or a sequence of ints"
        )
    return tuple(index(qubit) for qubit in given)


def _dtype(state: NDArray[Any] | None) -> Any:
    return np.complex128 if state is None else state.dtype


def _begin(
    circuit: Circuit, params: Any, state: NDArray[Any] | None, batch: int
) -> tuple[tuple[int, ...], NDArray[Any] | None]:
    """The shape of the batch, and what circuits start from, with an axis for each qubit."""
    if state is not None:
        shape = tuple(batch_shape(circuit, state, batch))
        return shape, state.reshape(*shape, *(2,) * circuit.num_qubits)
    given = list(params.values()) if isinstance(params, dict) else [params]
    shapes = [np.shape(value) for value in given if value is not None]
    if not isinstance(params, dict):
        shapes = [shape[:-1] for shape in shapes]
    shape = np.broadcast_shapes(*shapes)
    if len(shape) != batch:  # a batch that is no number differs from all
        raise ValueError(
            f"'batch' is {batch} and 'params' has {len(shape)} batch axes: without a state, these "
            f"tell the shape of the batch: use batch={len(shape)}"
        )
    return shape, None


def _copy(begin: NDArray[Any] | None, place: tuple[int, ...], psi: NDArray[Any]) -> None:
    if begin is None:
        psi[:] = 0
        psi[0] = 1
    else:
        psi.reshape(begin.shape[len(place) :])[...] = begin[place]
