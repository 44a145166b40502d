"""Circuits in PyTorch: expectation values that `backward` differentiates.

>>> import torch
>>> import numket as nk
>>> from numket.torch import Expectation
>>> energy = Expectation(nk.Circuit(1).ry(nk.Parameter("a"), 0), "Z")
>>> energy(torch.tensor([0.0]))
tensor(1.)
"""

from collections.abc import Mapping
from typing import Any

from numket import _hosts
from numket._differentiable import FORWARD, SECOND, Differentiable

with _hosts.required("torch"):
    import torch

__all__ = ["Expectation"]


class Expectation(Differentiable):
    """The expectation value of an observable after a circuit, as a function of its parameters.

    The function takes and returns tensors, and `backward`, `torch.autograd.grad`, `torch.func.grad`
    and `torch.func.vmap` work through it. Derivatives are those of `Circuit.gradient`: a value and
    its gradient by all parameters take the time of a few runs.

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
    numket.jax.Expectation : The same for JAX.

    Examples
    --------
    >>> import torch
    >>> import numket as nk
    >>> from numket.torch import Expectation
    >>> circuit = nk.Circuit(2).ry(nk.Parameter("a"), 0).crx(nk.Parameter("b"), 0, 1)
    >>> energy = Expectation(circuit, nk.PauliSum({"ZI": 1, "IZ": 0.5}))
    >>> params = torch.tensor([0.3, 0.7], requires_grad=True)
    >>> value = energy(params)
    >>> value.backward()
    >>> value.detach(), params.grad
    (tensor(1.4527), tensor([-0.3129, -0.0072]))
    """

    def __call__(self, params: Any, state: Any = None) -> Any:
        """The expectation values.

        Parameters
        ----------
        params : Tensor, or mapping of str or Parameter to Tensor or float
            The values of the parameters in radians, in the order of `circuit.parameters` along the
            last axis; the axes before it count sets of values. By name, they broadcast against
            each other. Integers become numbers of torch's default dtype.
        state : Tensor of complex128 or complex64, shape (2**n,) after batch axes, optional
            What the circuit starts from; |0...0> in complex128 if not given. Only read.

        Returns
        -------
        Tensor
            The values, in the dtype and on the device of the parameters, of the batch axes that
            parameters and state have together.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        ValueError
            Where a shape does not fit, a value is not finite, or the state requires a gradient.
        KeyError
            Where a value has the name of no parameter, or one is missing.
        MemoryError
            Where there is too little memory for two states.
        """
        if isinstance(params, Mapping) and not isinstance(params, torch.Tensor):
            params = self.stacked(params, _stack)
        params = _real(params)
        if state is not None:
            state = _constant(state)
            batch = self.batch(params.shape, state.shape)
            if params.shape[:-1] != batch:
                params = params.expand(*batch, -1)
        is_differentiated = params.requires_grad and torch.is_grad_enabled()
        if _is_transformed():
            return _Mapped.apply(self, params, state, is_differentiated)[0]
        return _Values.apply(self, params, state, is_differentiated)


# Whether torch.func works on this call; where PyTorch does not tell, this is taken for granted.
_is_transformed = getattr(torch._C, "_are_functorch_transforms_active", lambda: True)


def _forward(function: Expectation, params: Any, state: Any, is_differentiated: bool) -> Any:
    """The values, and the gradient of a single one if it will be needed."""
    if is_differentiated and function.is_single:
        values, gradient = function.values_and_gradient(_array(params), _array(state))
        return _like(params, values), _like(params, gradient)
    return _like(params, function.values(_array(params), _array(state))), None


def _backward(ctx: Any, weights: Any, _: Any = None) -> tuple[Any, ...]:
    call = _Pullback.apply if torch.is_grad_enabled() else _Pullback.forward
    return None, call(ctx.function, weights, *ctx.saved_tensors), None, None


def _no_jvp(ctx: Any, *tangents: Any) -> Any:
    raise NotImplementedError(FORWARD)


class _Values(torch.autograd.Function):
    """The values. A Function that torch.func knows too would take 20 us more of a call."""

    @staticmethod
    def forward(
        ctx: Any, function: Expectation, params: Any, state: Any, is_differentiated: bool
    ) -> Any:
        values, gradient = _forward(function, params, state, is_differentiated)
        if is_differentiated:
            ctx.function = function
            ctx.save_for_backward(params, state, gradient)
        return values

    backward = staticmethod(_backward)
    jvp = staticmethod(_no_jvp)


class _Mapped(torch.autograd.Function):
    """The same for torch.func, with the gradient as a second result."""

    @staticmethod
    def forward(
        function: Expectation, params: Any, state: Any, is_differentiated: bool
    ) -> tuple[Any, Any]:
        values, gradient = _forward(function, params, state, is_differentiated)
        return values, params.new_empty(0) if gradient is None else gradient

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.function, params, state, _ = inputs
        ctx.mark_non_differentiable(output[1])
        ctx.save_for_backward(params, state, output[1])

    backward = staticmethod(_backward)
    jvp = staticmethod(_no_jvp)

    @staticmethod
    def vmap(
        info: Any, in_dims: Any, function: Expectation, params: Any, state: Any, flag: bool
    ) -> Any:
        params, state = _in_front(in_dims[1:3], (1, 1), (params, state))
        batch = function.batch(params.shape, None if state is None else state.shape)
        values, gradient = _Mapped.apply(function, params.expand(*batch, -1), state, flag)
        return (values, gradient), (0, 0 if gradient.ndim == params.ndim else None)


class _Pullback(torch.autograd.Function):
    """The derivatives of the values' sum with weights, which are not differentiated again."""

    @staticmethod
    def forward(function: Expectation, weights: Any, params: Any, state: Any, gradient: Any) -> Any:
        if not function.is_single:
            return _like(params, function.vjp(_array(weights), _array(params), _array(state)))
        if gradient is None or gradient.shape != params.shape:
            gradient = _forward(function, params, state, True)[1]
        return (weights.unsqueeze(-1) if weights.ndim else weights) * gradient

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        """Nothing is kept."""

    @staticmethod
    def backward(ctx: Any, *cotangents: Any) -> Any:
        raise NotImplementedError(SECOND)

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> Any:
        raise NotImplementedError(SECOND)

    @staticmethod
    def vmap(info: Any, in_dims: Any, function: Expectation, *tensors: Any) -> Any:
        ranks = (0 if function.is_single else 1, 1, 1, 1)
        return _Pullback.apply(function, *_in_front(in_dims[1:], ranks, tensors)), 0


def _in_front(dims: Any, ranks: Any, tensors: Any) -> list[Any]:
    """Tensors with the mapped axis first, which broadcast, the last `rank` axes of each aside."""
    given = [
        (tensor if dim is None else tensor.movedim(dim, 0), dim is not None, rank)
        for tensor, dim, rank in zip(tensors, dims, ranks, strict=True)
    ]
    axes = max(t.ndim - rank - is_mapped for t, is_mapped, rank in given if t is not None)
    return [
        t.reshape(t.shape[0], *(1,) * (axes + rank + 1 - t.ndim), *t.shape[1:]) if is_mapped else t
        for t, is_mapped, rank in given
    ]


def _real(params: Any) -> Any:
    params = torch.as_tensor(params)
    if params.is_complex():
        raise TypeError(f"'params' has dtype {params.dtype}: use a real one such as torch.float64")
    return params if params.is_floating_point() else params.to(torch.get_default_dtype())


def _stack(values: list[Any]) -> Any:
    values = [_real(value) for value in values]
    return torch.stack(torch.broadcast_tensors(*values), -1) if values else torch.empty(0)


def _constant(state: Any) -> Any:
    state = torch.as_tensor(state)
    if not state.is_complex():
        raise TypeError(f"'state' has dtype {state.dtype}: use torch.complex128 or complex64")
    if state.requires_grad and torch.is_grad_enabled():
        raise ValueError(
            "'state' requires a gradient, and derivatives are by parameters alone: use "
            "state.detach()"
        )
    return state


def _array(tensor: Any) -> Any:
    """The NumPy array of a tensor, in the same memory if that is on the CPU."""
    if tensor is None:
        return None
    if tensor.dtype == torch.bfloat16:  # NumPy has no such dtype
        tensor = tensor.float()
    return tensor.numpy(force=True)


def _like(params: Any, values: Any) -> Any:
    """The tensor of NumPy's numbers, in the dtype and on the device of the parameters."""
    if isinstance(values, float):
        return torch.scalar_tensor(values, dtype=params.dtype, device=params.device)
    return torch.from_numpy(values).to(dtype=params.dtype, device=params.device)
