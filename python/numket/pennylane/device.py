"""The device `numket.qubit`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pennylane as qml
from numpy.typing import DTypeLike, NDArray
from pennylane import measurements as mps
from pennylane.devices import Device, ExecutionConfig, MCMConfig
from pennylane.devices.modifiers import simulator_tracking, single_tape_support
from pennylane.devices.preprocess import (
    decompose,
    device_resolve_dynamic_wires,
    no_sampling,
    validate_adjoint_trainable_params,
    validate_device_wires,
    validate_measurements,
    validate_observables,
)
from pennylane.exceptions import DecompositionUndefinedError, DeviceError
from pennylane.transforms import broadcast_expand, defer_measurements, dynamic_one_shot

from numket.pennylane import gradients, measurements, nesting
from numket.pennylane.circuits import Program, is_differentiable, is_supported

BATCH_BYTES = 2**28
"""The states of a batch that are in memory at a time, if there is more than one."""

_Pairs = tuple[tuple[Any, ...], tuple[Any, ...]]


@simulator_tracking
@single_tape_support
class NumketQubit(Device):
    """A device of PennyLane whose states are run by numket: ``qml.device("numket.qubit")``.

    A tape is one circuit of numket, run in one call. Parameter broadcasting is a batch of states;
    derivatives are by adjoint differentiation; observables, probabilities and samples are read
    from the state without copies of it.

    Adjoint differentiation gives first derivatives. Where Autograd or JAX asks for a derivative of
    one, and always with ``max_diff=2``, ``diff_method="best"`` takes the parameter-shift rule, and
    ``"adjoint"`` raises a DeviceError. With PyTorch, which tells too late that it will ask, both
    raise it unless ``"best"`` has ``max_diff=2``.

    Parameters
    ----------
    wires : int or iterable, optional
        How many, or their labels. Without, those of each tape.
    shots : int, optional
        As for other devices of PennyLane, which prefers the transform ``set_shots``.
    seed : None, int, "global", or what ``numpy.random.default_rng`` takes
        For shots and measurements on the way. ``"global"`` draws a seed from NumPy's global
        generator.
    c_dtype : complex128 (default) or complex64
        Of the states.

    Raises
    ------
    pennylane.exceptions.DeviceError
        If `c_dtype` is anything else.

    Examples
    --------
    >>> import pennylane as qml
    >>> dev = qml.device("numket.qubit", wires=2)
    >>> @qml.qnode(dev, diff_method="adjoint")
    ... def circuit(angle):
    ...     qml.RX(angle, 0)
    ...     qml.CNOT([0, 1])
    ...     return qml.expval(qml.Z(1))
    >>> angle = qml.numpy.array(0.5)
    >>> round(float(circuit(angle)), 6), round(float(qml.grad(circuit)(angle)), 6)
    (0.877583, -0.479426)
    """

    config_filepath = Path(__file__).parent / "numket_qubit.toml"

    _device_options = ("c_dtype", "rng")

    def __init__(
        self,
        wires: Any = None,
        *,
        shots: Any = None,
        seed: Any = "global",
        c_dtype: DTypeLike = np.complex128,
    ) -> None:
        if np.dtype(c_dtype) not in (np.complex128, np.complex64):
            raise DeviceError(
                f"'c_dtype' is {np.dtype(c_dtype)}; a state is complex128 or complex64: use "
                "np.complex128"
            )
        super().__init__(wires=wires, shots=shots)
        self._c_dtype = np.dtype(c_dtype)
        if isinstance(seed, str) and seed == "global":
            seed = np.random.randint(0, high=10_000_000)  # noqa: NPY002
        self._rng = np.random.default_rng(seed)
        self._debugger: Any = None

    @property
    def name(self) -> str:
        """``"numket.qubit"``."""
        return "numket.qubit"

    @property
    def c_dtype(self) -> np.dtype[Any]:
        """The dtype of the states."""
        return self._c_dtype

    # What PennyLane does to a tape before it comes here.

    def setup_execution_config(
        self, config: ExecutionConfig | None = None, circuit: Any = None
    ) -> ExecutionConfig:
        """The configuration with all that was left open decided."""
        config = config or ExecutionConfig()
        for option in config.device_options:
            if option not in (*self._device_options, nesting.OPTION):
                raise DeviceError(f"device option {option} not present on {self}")
        own = {option: getattr(self, f"_{option}") for option in self._device_options}
        adjoint = config.gradient_method in ("adjoint", "best")
        decided: dict[str, Any] = {
            "device_options": nesting.before(own | dict(config.device_options)),
            "mcm_config": _mcm_config(config.mcm_config, circuit),
        }
        if config.gradient_method == "best":
            decided["gradient_method"] = "adjoint"
        if adjoint:
            decided["derivative_order"] = 1  # with more of them PennyLane caches, to no use
        if config.use_device_gradient is None:
            decided["use_device_gradient"] = adjoint
        if config.use_device_jacobian_product is None:
            decided["use_device_jacobian_product"] = adjoint
        if config.grad_on_execution is None:
            decided["grad_on_execution"] = False
        if circuit is not None and gradients.is_mapped(circuit):
            # Those of a compiled function become numbers when it runs.
            decided["interface"] = qml.math.Interface.JAX_JIT
        if circuit is not None and config.gradient_method is qml.gradients.param_shift:
            # PennyLane follows its rule for as many derivatives as it is told, by default for one.
            asked = gradients.order(circuit)
            if asked > 2 and config.interface is qml.math.Interface.AUTOGRAD:
                raise DeviceError(
                    "third derivatives are 0 in PennyLane's interface to Autograd, whatever "
                    "max_diff says: use JAX, or default.qubit with diff_method='backprop'"
                )
            decided["derivative_order"] = max(asked, config.derivative_order)
        return replace(config, **decided)

    def preprocess_transforms(
        self, execution_config: ExecutionConfig | None = None
    ) -> qml.CompilePipeline:
        """What makes a tape one that runs here, or refuses it."""
        config = execution_config or ExecutionConfig()
        method = config.mcm_config.mcm_method
        pipeline = qml.CompilePipeline()
        pipeline.add_transform(
            validate_measurements,
            analytic_measurements=_is_analytic,
            sample_measurements=_is_sampled,
            name=self.name,
        )
        if method == "deferred":
            pipeline.add_transform(defer_measurements, allow_postselect=True)
        pipeline.add_transform(
            decompose,
            stopping_condition=is_supported,
            device_wires=self.wires,
            target_gates=self.capabilities.gate_set(),
            name=self.name,
        )
        pipeline.add_transform(
            device_resolve_dynamic_wires, wires=self.wires, allow_resets=method != "deferred"
        )
        pipeline.add_transform(validate_device_wires, self.wires, name=self.name)
        pipeline.add_transform(_expand_shadows)
        if method == "tree-traversal":
            pipeline.add_transform(broadcast_expand)
        elif method == "one-shot":
            pipeline.add_transform(
                dynamic_one_shot, postselect_mode=config.mcm_config.postselect_mode
            )
        if config.gradient_method == "adjoint":
            pipeline.add_transform(_only_first)
            pipeline += self._adjoint_transforms()
        return pipeline

    def _adjoint_transforms(self) -> qml.CompilePipeline:
        name = f"adjoint + {self.name}"
        pipeline = qml.CompilePipeline()
        pipeline.add_transform(no_sampling, name=name)
        pipeline.add_transform(
            decompose,
            stopping_condition=is_differentiable,
            device_wires=self.wires,
            target_gates=self.capabilities.gate_set(differentiable=True),
            skip_initial_state_prep=False,
            name=name,
        )
        pipeline.add_transform(_only_means, name=name)
        pipeline.add_transform(validate_observables, gradients.is_observable, name=name)
        pipeline.add_transform(broadcast_expand)
        pipeline.add_transform(validate_adjoint_trainable_params)
        return pipeline

    # Execution.

    def execute(
        self, circuits: Sequence[Any], execution_config: ExecutionConfig | None = None
    ) -> tuple[Any, ...]:
        """The results of tapes that have been preprocessed, each from one run."""
        config = execution_config or ExecutionConfig()
        with nesting.apart(config):
            return tuple(self._simulate(tape.map_to_standard_wires(), config) for tape in circuits)

    def _simulate(self, tape: Any, config: ExecutionConfig) -> Any:
        dtype = config.device_options.get("c_dtype", self._c_dtype)
        rng = config.device_options.get("rng", self._rng)
        watched = self._debugger is not None and self._debugger.active

        def take(snapshot: Any, states: NDArray[Any]) -> None:
            _take(snapshot, states, tape.shots, rng, self._debugger.snapshots)

        program = Program(tape, snapshot=take if watched else None)
        method, mode = config.mcm_config.mcm_method, config.mcm_config.postselect_mode
        if program.bits and (method == "tree-traversal" or watched):
            return qml.devices.qubit.simulate(
                tape, debugger=self._debugger, rng=rng, mcm_method=method, postselect_mode=mode
            )
        if program.bits:
            return _one_by_one(program, tape, dtype, rng)

        def result(part: slice) -> Any:
            states = program.states(part, dtype)
            program.run(states, part, batch=states.ndim - 1)
            return _read(tape, states, rng, program.kept, mode)

        if program.batch_size is None:
            return result(slice(None))
        return _joined([result(part) for part in _parts(program.batch_size, tape, dtype)])

    # Derivatives.

    def supports_derivatives(
        self, execution_config: ExecutionConfig | None = None, circuit: Any = None
    ) -> bool:
        """Whether derivatives are by adjoint differentiation, and of the tape if one is given."""
        config = execution_config or ExecutionConfig(gradient_method="adjoint")
        if config.gradient_method not in ("adjoint", "best"):
            return False
        best = config.gradient_method == "best"
        if best and config.derivative_order > 1:
            return False  # the parameter-shift rule gives those
        if circuit is None:
            return True
        if circuit.shots:
            return False
        if best and gradients.order(circuit) > 1:
            return False
        if best and any(map(_is_traced, circuit.measurements)):
            return False  # there are better ones for this circuit
        pipeline = qml.CompilePipeline()
        pipeline.add_transform(defer_measurements)
        pipeline += self._adjoint_transforms()
        try:
            with qml.QueuingManager.stop_recording():
                pipeline((circuit,))
        except (DecompositionUndefinedError, DeviceError, AttributeError):
            return False
        return True

    def supports_jvp(
        self, execution_config: ExecutionConfig | None = None, circuit: Any = None
    ) -> bool:
        """As `supports_derivatives`."""
        return self.supports_derivatives(execution_config, circuit)

    def supports_vjp(
        self, execution_config: ExecutionConfig | None = None, circuit: Any = None
    ) -> bool:
        """As `supports_derivatives`."""
        return self.supports_derivatives(execution_config, circuit)

    def compute_derivatives(
        self, circuits: Sequence[Any], execution_config: ExecutionConfig | None = None
    ) -> tuple[Any, ...]:
        """The Jacobian of each tape, at the cost of a gradient for each expectation value."""
        return self._jacobians(circuits, execution_config)[1]

    def execute_and_compute_derivatives(
        self, circuits: Sequence[Any], execution_config: ExecutionConfig | None = None
    ) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """The results and the Jacobian of each tape."""
        return self._jacobians(circuits, execution_config)

    def compute_jvp(
        self,
        circuits: Sequence[Any],
        tangents: Sequence[Any],
        execution_config: ExecutionConfig | None = None,
    ) -> tuple[Any, ...]:
        """The derivatives of each tape in a direction, at the cost of its Jacobian."""
        return self._jvps(circuits, tangents, execution_config)[1]

    def execute_and_compute_jvp(
        self,
        circuits: Sequence[Any],
        tangents: Sequence[Any],
        execution_config: ExecutionConfig | None = None,
    ) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """The results of each tape, and their derivatives in a direction."""
        return self._jvps(circuits, tangents, execution_config)

    def compute_vjp(
        self,
        circuits: Sequence[Any],
        cotangents: Sequence[Any],
        execution_config: ExecutionConfig | None = None,
    ) -> tuple[Any, ...]:
        """The gradient of a weighted sum of each tape's results, at the cost of one gradient."""
        return self._vjps(circuits, cotangents, execution_config)[1]

    def execute_and_compute_vjp(
        self,
        circuits: Sequence[Any],
        cotangents: Sequence[Any],
        execution_config: ExecutionConfig | None = None,
    ) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """The results of each tape, and the gradient of a weighted sum of them."""
        return self._vjps(circuits, cotangents, execution_config)

    # The public methods above are tracked, and would be twice if they called each other.

    def _jacobians(self, circuits: Sequence[Any], config: ExecutionConfig | None) -> _Pairs:
        results, jacobians = [], []
        for derivatives in self._derivatives(circuits, config):
            values, jacobian = derivatives.jacobian()
            results.append(_values(values))
            jacobians.append(gradients.shaped(jacobian))
        return tuple(results), tuple(jacobians)

    def _jvps(
        self, circuits: Sequence[Any], tangents: Sequence[Any], config: ExecutionConfig | None
    ) -> _Pairs:
        results, products = [], []
        every = self._derivatives(circuits, config)
        for derivatives, tangent in zip(every, tangents, strict=True):
            values, jacobian = derivatives.jacobian()
            direction = gradients.direction(tangent, jacobian.shape[1])
            results.append(_values(values))
            products.append(_values([np.array(part) for part in jacobian @ direction]))
        return tuple(results), tuple(products)

    def _vjps(
        self, circuits: Sequence[Any], cotangents: Sequence[Any], config: ExecutionConfig | None
    ) -> _Pairs:
        results, products = [], []
        every = self._derivatives(circuits, config)
        for tape, derivatives, cotangent in zip(circuits, every, cotangents, strict=True):
            weights = gradients.vector(cotangent, len(tape.measurements))
            if weights.ndim == 1:
                values, product = derivatives.product(weights)
            else:
                values, jacobian = derivatives.jacobian()
                product = jacobian.T @ weights
            results.append(_values(values))
            products.append(tuple(product))
        return tuple(results), tuple(products)

    def _derivatives(
        self, circuits: Sequence[Any], config: ExecutionConfig | None
    ) -> Iterator[gradients.Derivatives]:
        gradients.refuse_second(config)
        options = {} if config is None else config.device_options
        dtype = options.get("c_dtype", self._c_dtype)
        for tape in circuits:
            with nesting.apart(config, forward=False):
                derivatives = gradients.Derivatives(tape.map_to_standard_wires(), dtype)
            yield derivatives


def _mcm_config(asked: MCMConfig, tape: Any) -> MCMConfig:
    """How measurements on the way are done, if it was left open."""
    method = asked.mcm_method
    if method is None:
        method = "one-shot" if getattr(tape, "shots", None) else "deferred"
    elif method == "device":
        method = "one-shot"
    if method not in ("deferred", "one-shot", "tree-traversal"):
        raise DeviceError(f"mcm_method='{method}' is not supported with numket.qubit.")
    if asked.postselect_mode == "fill-shots" and method != "deferred":
        raise DeviceError(
            "postselect_mode='fill-shots' is only supported with mcm_method='deferred' on "
            "numket.qubit."
        )
    return replace(asked, mcm_method=method)


def _is_analytic(mp: Any) -> bool:
    if not isinstance(mp, mps.StateMeasurement):
        return False
    return mp.obs is None or _is_readable(mp.obs, isinstance(mp, mps.ExpectationMP))


def _is_sampled(mp: Any) -> bool:
    if not isinstance(mp, mps.SampleMeasurement | mps.ClassicalShadowMP | mps.ShadowExpvalMP):
        return False
    return mp.obs is None or _is_readable(mp.obs, False)


def _is_readable(obs: Any, mean: bool) -> bool:
    """Whether an observable has a basis to measure in, or needs none for its mean."""
    if isinstance(obs, qml.ops.CompositeOp):
        return all(_is_readable(part, mean) for part in obs.operands)
    if isinstance(obs, qml.ops.SymbolicOp):
        return _is_readable(obs.base, mean)
    by_matrix = mean and isinstance(obs, qml.Hermitian | qml.SparseHamiltonian)
    return bool(obs.has_diagonalizing_gates or by_matrix)


def _is_traced(mp: Any) -> bool:
    """Whether a derivative by a parameter of the observable is asked for.

    Arrays of `pennylane.numpy` that autograd does not follow at the moment want none, whatever
    their `requires_grad` says.
    """
    data = () if mp.obs is None else mp.obs.data
    return any(
        qml.math.requires_grad(value) and not isinstance(value, qml.numpy.tensor) for value in data
    )


def _refuse_all_but_means(tape: Any, name: str) -> Any:
    """Derivatives are those of expectation values."""
    for mp in tape.measurements:
        if not isinstance(mp, mps.ExpectationMP) or mp.obs is None:
            raise DeviceError(f"Measurement {mp} is not supported with {name}: use expval")
    return (tape,), _first


def _refuse_all_but_first(tape: Any) -> Any:
    """A derivative of a derivative would be 0, without a word."""
    if gradients.order(tape) > 1:
        raise DeviceError(gradients.ONLY_FIRST)
    return (tape,), _first


def _expand_tapes_with_shadows(tape: Any) -> Any:
    """Shadows, which PennyLane measures, are of one state."""
    shadows = mps.ClassicalShadowMP | mps.ShadowExpvalMP
    if any(isinstance(mp, shadows) for mp in tape.measurements):
        return broadcast_expand(tape)
    return (tape,), _first


def _first(results: Any) -> Any:
    return results[0]


_only_means = qml.transform(_refuse_all_but_means)
_only_first = qml.transform(_refuse_all_but_first)
_expand_shadows = qml.transform(_expand_tapes_with_shadows)


def _values(values: Sequence[Any]) -> Any:
    """One result is not in a tuple."""
    return values[0] if len(values) == 1 else tuple(values)


def _read(
    tape: Any, states: NDArray[Any], rng: np.random.Generator, kept: float, mode: str | None
) -> Any:
    """What a tape's measurements give."""
    if not tape.shots:
        return _values([measurements.analytic(mp, states) for mp in tape.measurements])
    if mode != "fill-shots":
        return measurements.with_shots(tape, states, rng, kept)
    if kept == 0:
        raise RuntimeError(
            "The probability of the postselected mid-circuit measurement outcome is 0: there are "
            "no shots to fill"
        )
    return measurements.with_shots(tape, states, rng)


def _parts(size: int, tape: Any, dtype: Any) -> list[slice]:
    """A batch cut into parts that are in memory at a time."""
    step = max(1, BATCH_BYTES // (np.dtype(dtype).itemsize << tape.num_wires))
    return [slice(start, min(start + step, size)) for start in range(0, size, step)]


def _joined(results: list[Any]) -> Any:
    """The results of the parts of a batch as those of the batch."""
    if len(results) == 1:
        return results[0]
    if isinstance(results[0], tuple):
        return tuple(_joined(list(same)) for same in zip(*results, strict=True))
    if isinstance(results[0], list):  # counts, a dict for each state
        return [entry for result in results for entry in result]
    return np.concatenate(results)


def _one_by_one(
    program: Program, tape: Any, dtype: Any, rng: np.random.Generator
) -> tuple[Any, ...]:
    """The results of every shot on its own, with a state for each: a batch of them at a time."""
    measured = [mp for mp in tape.measurements if mp.mv is None]
    single = tape.copy(measurements=measured, shots=1)
    rows: list[Any] = []
    for part in _parts(tape.shots.total_shots, tape, dtype):
        size = part.stop - part.start
        states = np.repeat(program.states(slice(None), dtype)[None], size, axis=0)
        bits = program.run(states, slice(None), rng, batch=1)
        columns: list[Any] = []
        if measured:
            found = measurements.with_shots(single, states, rng)
            columns = [found] if len(measured) == 1 else list(found)
        columns += [bits[:, [bit]] for bit in program.bits.values()]
        # An array added to a list by += would be added to its numbers.
        rows.extend(zip(*columns, strict=True) if len(columns) > 1 else columns[0])
    return tuple(rows)


def _take(
    snapshot: Any, states: NDArray[Any], shots: Any, rng: np.random.Generator, taken: dict[Any, Any]
) -> None:
    """Measures what a snapshot asks for, and keeps it under its tag."""
    mp, asked = (snapshot.hyperparameters[key] for key in ("measurement", "shots"))
    tape = qml.tape.QuantumScript([], [mp], shots=shots if asked == "workflow" else asked)
    if tape.shots:
        result = measurements.with_shots(tape, states, rng)
    else:
        result = measurements.analytic(mp, states)
    if isinstance(mp, mps.StateMP) and isinstance(result, np.ndarray):
        result = result.copy()  # the state goes on
    tag = len(taken) if snapshot.tag is None else snapshot.tag
    if tag not in taken:
        taken[tag] = result
    else:
        before = taken[tag] if isinstance(taken[tag], list) else [taken[tag]]
        taken[tag] = [*before, result]
