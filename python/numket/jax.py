"""Circuits in JAX: expectation values that `jax.grad` differentiates, also under `jit` and `vmap`.

>>> import jax
>>> import numket as nk
>>> from numket.jax import Expectation
>>> energy = Expectation(nk.Circuit(1).ry(nk.Parameter("a"), 0), "Z")
>>> jax.jit(energy)(jax.numpy.zeros(1))
Array(1., dtype=float32)
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from numket import _hosts
from numket._differentiable import SECOND, Differentiable

with _hosts.required("jax"):
    import jax
    import jax.numpy as jnp

    try:
        from jax.experimental.buffer_callback import buffer_callback
    except ImportError:  # it is experimental, and may go
        buffer_callback = None

__all__ = ["Expectation"]


class Expectation(Differentiable):
    """The expectation value of an observable after a circuit, as a function of its parameters.

    The function works under `jax.jit`, `jax.vmap`, `jax.grad`, `jax.value_and_grad`, `jax.vjp` and
    `jax.jacrev`. Derivatives are those of `Circuit.gradient`: a value and its gradient by all
    parameters take the time of a few runs.

    Parameters
    ----------
    circuit : Circuit
        Its matrices are unitary, and it does not measure, reset or have Kraus channels. It is
        copied: what is added later does not count.
    observable : PauliSum, str or array_like, or a list or tuple of them
        As `Circuit.gradient` takes it; a matrix is an array, not a list of lists. Several
        observables have their values along a last axis.
    qubits : int or sequence of int, optional
        The qubits that a single observable acts on; all in order if not given.
    threads : int, optional
        At most this many threads for a call.

    Raises
    ------
    TypeError
        Where an argument has a wrong type.
    ValueError
        Where the circuit or the observable has no derivative, as `Circuit.gradient` says, or a
        list of observables is empty.

    See Also
    --------
    numket.Circuit.gradient : The same on NumPy arrays.
    numket.torch.Expectation : The same for PyTorch.

    Examples
    --------
    >>> import jax
    >>> import numket as nk
    >>> from numket.jax import Expectation
    >>> circuit = nk.Circuit(2).ry(nk.Parameter("a"), 0).crx(nk.Parameter("b"), 0, 1)
    >>> energy = Expectation(circuit, nk.PauliSum({"ZI": 1, "IZ": 0.5}))
    >>> value, gradient = jax.jit(jax.value_and_grad(energy))(jax.numpy.array([0.3, 0.7]))
    >>> value.round(4), gradient.round(4)
    (Array(1.4527, dtype=float32), Array([-0.3129, -0.0072], dtype=float32))
    """

    def __call__(self, params: Any, state: Any = None) -> Any:
        """The expectation values.

        Parameters
        ----------
        params : Array, or mapping of str or Parameter to Array or float
            The values of the parameters in radians, in the order of `circuit.parameters` along the
            last axis; the axes before it count sets of values. By name, they broadcast against
            each other. Integers become numbers of JAX's default dtype.
        state : Array of complex128 or complex64, shape (2**n,) after batch axes, optional
            What the circuit starts from; |0...0> in complex128 if not given. Only read.

        Returns
        -------
        Array
            The values, in the dtype of the parameters, of the batch axes that parameters and state
            have together. Where a parameter is not finite, they and their derivatives are NaN.

        Raises
        ------
        TypeError
            Where an argument has a wrong type, or a derivative by the state is asked for.
        ValueError
            Where a shape does not fit.
        KeyError
            Where a value has the name of no parameter, or one is missing.
        NotImplementedError
            Where a second derivative is asked for.
        MemoryError
            Where there is too little memory for two states; JAX's own error under `jax.jit`.
        """
        if isinstance(params, Mapping):
            params = self.stacked(params, _stack)
        params = _real(params)
        if state is not None:
            state = state if isinstance(state, jax.Array) else jnp.asarray(state)
            if not jnp.issubdtype(state.dtype, jnp.complexfloating):
                raise TypeError(f"'state' has dtype {state.dtype}: use complex128 or complex64")
        batch = self.batch(params.shape, None if state is None else state.shape)
        if params.shape[:-1] != batch:
            params = jnp.broadcast_to(params, (*batch, params.shape[-1]))
        if state is not None and state.ndim < params.ndim:  # vmap puts its axis first in both
            state = jnp.expand_dims(state, tuple(range(params.ndim - state.ndim)))
        return _values(self, params, state)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _values(function: Expectation, params: Any, state: Any) -> Any:
    return _on_host(function, "values", params, state)[0]


def _forward(function: Expectation, params: Any, state: Any) -> tuple[Any, Any]:
    """The values, and what `_backward` needs."""
    if state is not None and state.perturbed:
        raise TypeError(
            "a derivative by 'state' is asked for, and there are those by parameters alone: use "
            "jax.lax.stop_gradient(state)"
        )
    params, state = params.value, None if state is None else state.value
    if function.is_single:
        values, gradient = _on_host(function, "values_and_gradient", params, state)
        return values, gradient
    return _on_host(function, "values", params, state)[0], (params, state)


def _backward(function: Expectation, kept: Any, weights: Any) -> tuple[Any, None]:
    if function.is_single:
        return weights[..., None] * kept, None
    return _on_host(function, "vjp", *kept, weights)[0], None


_values.defvjp(_forward, _backward, symbolic_zeros=True)


def _on_host(function: Expectation, method: str, *arrays: Any) -> Any:
    """What a method of the function gives, in the dtype of the parameters, the first array."""
    call = _Call(function, method, np.dtype(arrays[0].dtype))
    if any(isinstance(array, jax.core.Tracer) for array in arrays):
        return _called_back(call, *arrays)
    return tuple(map(jnp.asarray, call(*arrays)))


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _called_back(call: "_Call", *arrays: Any) -> Any:
    results = call.results(*arrays)
    through_jax = partial(jax.pure_callback, call, results, vmap_method="expand_dims")
    if buffer_callback is None:
        return through_jax(*arrays)
    in_place = buffer_callback(call.into, results, vmap_method="expand_dims")
    return jax.lax.platform_dependent(*arrays, cpu=in_place, default=through_jax)


def _refuse(*_: Any) -> Any:
    raise NotImplementedError(SECOND)


_called_back.defjvp(_refuse)


class _Call(NamedTuple):
    """A method of a function, as JAX calls it back."""

    function: Expectation
    method: str
    dtype: np.dtype[Any]

    def results(self, *arrays: Any) -> tuple[Any, ...]:
        """The shapes and the dtype of what is given back for these arrays."""
        params, state, *weights = arrays
        batch = self.function.batch(params.shape, None if state is None else state.shape)
        if weights:
            batch = np.broadcast_shapes(batch, weights[0].shape[:-1])
        values = batch if self.function.is_single else (*batch, len(self.function.observables))
        gradient = *batch, params.shape[-1]
        shapes = {"values": [values], "vjp": [gradient], "values_and_gradient": [values, gradient]}
        return tuple(jax.ShapeDtypeStruct(shape, self.dtype) for shape in shapes[self.method])

    def found(self, params: Any, state: Any, *weights: Any) -> tuple[Any, ...]:
        """What the method gives."""
        # JAX's buffers take no dtype in __array__, so that they are made arrays here.
        params, state = np.asarray(params), None if state is None else np.asarray(state)
        given = tuple(map(np.asarray, weights))
        method = getattr(self.function, self.method)
        try:
            found = method(*given, params, state)
        except ValueError:
            is_finite = np.isfinite(params).all(-1)
            if is_finite.all():
                raise
            found = method(*given, np.where(is_finite[..., None], params, 0.0), state)
            if self.method != "values_and_gradient":
                return (_nan_unless(is_finite, found),)
            return tuple(_nan_unless(is_finite, each) for each in found)
        return found if self.method == "values_and_gradient" else (found,)

    def __call__(self, *arrays: Any) -> tuple[NDArray[Any], ...]:
        return tuple(np.asarray(each, self.dtype) for each in self.found(*arrays))

    def into(self, _: Any, results: Any, *arrays: Any) -> None:
        """The same into JAX's own memory."""
        for result, found in zip(results, self.found(*arrays), strict=True):
            memory = np.asarray(result)
            assert memory.shape == np.shape(found)
            memory[...] = found


def _nan_unless(is_finite: Any, values: Any) -> Any:
    """The values, where the parameters of their states are finite."""
    axes = tuple(range(is_finite.ndim, np.ndim(values)))
    return np.where(np.expand_dims(is_finite, axes), values, np.nan)


def _real(params: Any) -> Any:
    if not isinstance(params, jax.Array):  # jnp.asarray of one takes 2 ms where it is traced
        params = jnp.asarray(params)
    if jnp.issubdtype(params.dtype, jnp.complexfloating):
        raise TypeError(f"'params' has dtype {params.dtype}: use a real one such as float64")
    return params if jnp.issubdtype(params.dtype, jnp.floating) else params.astype(float)


def _stack(values: list[Any]) -> Any:
    if not values:
        return jnp.empty(0)
    return jnp.stack(jnp.broadcast_arrays(*map(_real, values)), -1)
