"""Expectation values and their derivatives on arrays, for `numket.torch` and `numket.jax`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numket import Circuit, PauliSum, expectation, zero_state

PART_BYTES = 2**28
"""States that must be copied for a batch are copied for parts of it, each of this size."""

SECOND = (
    "second derivatives of expectation values are not available: adjoint differentiation gives the "
    "first alone; use differences of gradients"
)

FORWARD = (
    "forward-mode derivatives of expectation values are not available: use reverse mode, such as "
    "grad, vjp or jacrev"
)

_Arrays = tuple[Any, ...]

_Call = Callable[[Any, Any, int], _Arrays]
"""Of parameters, states and the number of their batch axes."""


class Differentiable:
    """The expectation values of observables after a circuit, and their derivatives.

    The last axis of parameters, states and weights has one place for each parameter, amplitude and
    observable; the axes before it count states, and broadcast against each other.

    Parameters
    ----------
    circuit : Circuit
        Copied.
    observable : PauliSum, str or array_like, or a list or tuple of them
        As `Circuit.gradient` takes it.
    qubits : int or sequence of int, optional
        Those that a single observable acts on.
    threads : int, optional
        At most this many for a call.

    Examples
    --------
    >>> import numket as nk
    >>> both = Differentiable(nk.Circuit(1).ry(nk.Parameter("a"), 0), ["Z", "X"])
    >>> both.values([[0.0], [np.pi]]).round(12) + 0
    array([[ 1.,  0.],
           [-1.,  0.]])
    >>> both.vjp([1, 2], [0.0])  # -sin(0) + 2 cos(0)
    array([2.])
    """

    def __init__(
        self,
        circuit: Circuit,
        observable: Any,
        *,
        qubits: int | Sequence[int] | None = None,
        threads: int | None = None,
    ) -> None:
        if not isinstance(circuit, Circuit):
            raise TypeError(f"'circuit' is a {type(circuit).__name__:.80}: use a numket.Circuit")
        self.circuit = circuit.copy()
        self.names = [parameter.name for parameter in self.circuit.parameters]
        self.is_single = not isinstance(observable, list | tuple)
        self.observables = [_kept(o) for o in ([observable] if self.is_single else observable)]
        if not self.observables:
            raise ValueError("'observable' is empty: list at least one observable")
        self.options: dict[str, Any] = {"threads": threads}
        if self.is_single:
            # Others may change these, or a look at them does.
            if isinstance(qubits, list | np.ndarray | Iterator):
                qubits = tuple(qubits)
            self.options["qubits"] = qubits
        elif qubits is not None:
            raise TypeError(
                "'qubits' is for a single observable: give those of a list for all qubits"
            )
        # A batch of no states: all is checked, and nothing is run.
        nothing = np.empty((0, len(self.names)))
        for each in self.observables:
            self.circuit.gradient(each, nothing, batch=1, **self.options)

    def __reduce__(self) -> tuple[Any, ...]:
        observable = self.observables[0] if self.is_single else self.observables
        return _again, (type(self), self.circuit, observable, self.options)

    def __repr__(self) -> str:
        count = "one observable" if self.is_single else f"{len(self.observables)} observables"
        return (
            f"<{type(self).__module__}.{type(self).__name__} of {count} on "
            f"{self.circuit.num_qubits} qubits by {len(self.names)} parameters>"
        )

    def stacked(self, params: Mapping[Any, Any], stack: Callable[[list[Any]], Any]) -> Any:
        """Values by name in the order of the circuit's parameters, put together by `stack`."""
        values = {getattr(key, "name", key): value for key, value in params.items()}
        if len(values) < len(params) or values.keys() != set(self.names):
            # A batch without states: refused with the words of all calls, and nothing is run.
            none = np.empty((0, 2**self.circuit.num_qubits), complex)
            self.circuit.run(none, dict.fromkeys(params, 0.0), batch=1)
        return stack([values[name] for name in self.names])

    def batch(self, params: tuple[int, ...], state: tuple[int, ...] | None) -> tuple[int, ...]:
        """The axes that count states, of arrays of these shapes."""
        count, size = len(self.names), 2**self.circuit.num_qubits
        if params[-1:] != (count,):
            names = ", ".join(self.names[:8]) + ", ..." * (count > 8)
            raise ValueError(
                f"'params' has shape {tuple(params)} for {count} parameters ({names}); its last "
                "axis must have one place for each: use a dict, or the order of circuit.parameters"
            )
        if state is None:
            return params[:-1]
        if state[-1:] != (size,):
            raise ValueError(
                f"'state' has shape {tuple(state)} for {self.circuit.num_qubits} qubits; its last "
                f"axis must have {size} places: use reshape"
            )
        try:
            return np.broadcast_shapes(params[:-1], state[:-1])
        except ValueError:
            raise ValueError(
                f"'params' has shape {tuple(params)} and 'state' has shape {tuple(state)}; all "
                "axes but the last count states, and must broadcast against each other"
            ) from None

    def values(self, params: Any, state: NDArray[Any] | None = None) -> Any:
        """The expectation values, of the batch axes; several along a last axis."""
        return self._for_all(self._values if self.is_single else self._means, params, state)[0]

    def values_and_gradient(self, params: Any, state: NDArray[Any] | None = None) -> _Arrays:
        """The values of a single observable, and their derivatives along a last axis."""
        return self._for_all(self._gradient, params, state)

    def vjp(self, weights: Any, params: Any, state: NDArray[Any] | None = None) -> Any:
        """The derivatives of the sum of several values with weights, one for each value."""
        weights = np.asarray(weights, np.float64)
        params = np.asarray(params, np.float64)
        known = self.batch(params.shape, None if state is None else state.shape)
        batch = np.broadcast_shapes(weights.shape[:-1], known)
        params = np.broadcast_to(params, (*batch, len(self.names)))
        rows = weights.reshape(-1, len(self.observables))
        if len(rows) and (rows == rows[0]).all():  # the same for all states, as those of a mean are
            return self._for_all(partial(self._weighted, rows[0]), params, state)[0]
        weights = np.broadcast_to(weights, (*batch, len(self.observables)))
        states = None if state is None else np.broadcast_to(state, (*batch, state.shape[-1]))
        gradient = np.empty(params.shape)
        for at in np.ndindex(batch):
            gradient[at] = self._weighted(
                weights[at], params[at], None if states is None else states[at], 0
            )[0]
        return gradient

    def _for_all(self, call: _Call, params: Any, state: NDArray[Any] | None) -> _Arrays:
        """What `call` gives for a batch: part by part, if states must be copied for it."""
        params = np.asarray(params, np.float64)
        if state is None and params.shape[-1:] == (len(self.names),) and call != self._means:
            return call(params, None, params.ndim - 1)
        batch = self.batch(params.shape, None if state is None else state.shape)
        if params.shape[:-1] != batch:
            params = np.broadcast_to(params, (*batch, len(self.names)))
        if call != self._means and state is not None and state.shape[:-1] == batch:
            return call(params, state, len(batch))
        n = self.circuit.num_qubits
        state = zero_state(n) if state is None else state
        params = params.reshape(prod(batch), len(self.names))
        places = np.broadcast_to(
            np.arange(state.size >> n).reshape(state.shape[:-1]), batch
        ).ravel()
        rows = max(1, PART_BYTES // (state.itemsize << n))
        parts = [
            call(params[part], state.reshape(-1, 2**n)[places[part]], 1)
            for part in (slice(i, i + rows) for i in range(0, max(len(params), 1), rows))
        ]
        joined = (np.concatenate(found) for found in zip(*parts, strict=True))
        return tuple(found.reshape(*batch, *found.shape[1:]) for found in joined)

    def _values(self, params: Any, state: NDArray[Any] | None, batch: int) -> _Arrays:
        (observable,) = self.observables
        return (
            self.circuit.expectation(observable, params, state=state, batch=batch, **self.options),
        )

    def _gradient(self, params: Any, state: NDArray[Any] | None, batch: int) -> _Arrays:
        (observable,) = self.observables
        return self.circuit.gradient(observable, params, state=state, batch=batch, **self.options)

    def _weighted(
        self, weights: Any, params: Any, state: NDArray[Any] | None, batch: int
    ) -> _Arrays:
        if not np.isfinite(weights).all():
            return (np.full(params.shape, np.nan),)
        return self.circuit.vjp(
            self.observables, weights, params, state=state, batch=batch, **self.options
        )[1:]

    def _means(self, params: Any, states: NDArray[Any], batch: int) -> _Arrays:
        """Of several observables after one run, which changes the states."""
        self.circuit.run(states, params, batch=batch, **self.options)
        means = [
            expectation(states, each, batch=batch, **self.options) for each in self.observables
        ]
        return (np.stack(means, -1),)


def _kept(observable: Any) -> Any:
    """An observable that nothing changes any more."""
    if isinstance(observable, PauliSum | str):
        return observable
    if not hasattr(observable, "__array__"):
        raise TypeError(
            f"'observable' holds a {type(observable).__name__:.80}: use a PauliSum, a str or an "
            "array, or a list of these; a matrix of lists needs np.array"
        )
    return np.array(observable)


def _again(
    kind: type[Differentiable], circuit: Circuit, observable: Any, options: dict[str, Any]
) -> Differentiable:
    """What a pickle makes."""
    return kind(circuit, observable, **options)
