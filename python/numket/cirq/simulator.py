"""`Simulator`: Cirq's own, with numket in place of its arithmetic.

Cirq keeps what it decides: noise, sweeps, classical control, which qubits lie in one state. The
states are `Vector` s, which change in place. Unitary operations wait (`_Waiting`) until something
depends on the state; then all of them run as one circuit.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, reduce
from typing import Any

import cirq
import numpy as np
from numpy.typing import NDArray

from numket import _core
from numket.cirq.convert import Step, circuit_of, is_swap, knows, steps_of

CHOICE_QUBITS = 16
"""Outcomes of up to so many qubits are drawn from a list of their probabilities, with the random
numbers that Cirq takes; those of more are drawn by numket, without a list."""

_DTYPES = (np.dtype(np.complex64), np.dtype(np.complex128))


class Vector(cirq.QuantumStateRepresentation):
    """A state vector of qubits, in one array from beginning to end.

    The array has an axis for each qubit. It is `home` if it is the user's own; then the state never
    moves to another.
    """

    def __init__(self, tensor: NDArray[Any], *, home: bool = False) -> None:
        self._state_vector = tensor  # by this name Cirq reads it
        self.home = home

    @property
    def _buffer(self) -> NDArray[Any]:
        """What gates of the user's may ask for; numket needs none."""
        return np.empty_like(self._state_vector)

    @property
    def supports_factor(self) -> bool:
        return not self.home

    def copy(self, deep_copy_buffers: bool = True) -> "Vector":
        return Vector(self._state_vector.copy())

    def kron(self, other: Any) -> Any:
        if isinstance(other, Vector):
            tensors = [self._state_vector, other._state_vector]
            names = range(self._state_vector.ndim + other._state_vector.ndim)
            return Vector(_product(tensors, names, names))
        # A qudit joins: the state is Cirq's from here.
        return type(other)(np.multiply.outer(self._state_vector, other._state_vector))

    def factor(
        self, axes: Sequence[int], *, validate: bool = True, atol: float = 1e-07
    ) -> tuple["Vector", "Vector"]:
        parts = cirq.linalg.transformations.factor_state_vector(
            self._state_vector, axes, validate=validate, atol=atol
        )
        return Vector(parts[0]), Vector(parts[1])

    def reindex(self, axes: Sequence[int]) -> "Vector":
        return Vector(self._state_vector.transpose(axes))

    def run(self, steps: Iterable[Step], wires: Mapping[Any, int]) -> None:
        """Unitary operations."""
        circuit_of(steps, wires).run(self._state_vector)

    def apply_unitary(self, action: Any, axes: Sequence[int]) -> bool:
        """What `steps_of` does not know, by Cirq."""
        args = cirq.ApplyUnitaryArgs(self._state_vector, self._buffer, axes)
        result = cirq.apply_unitary(action, args, None, allow_decompose=False)
        if result is None:
            return False
        if result is not self._state_vector:
            self._state_vector[...] = result
        return True

    def apply_mixture(self, action: Any, axes: Sequence[int], prng: Any) -> int | None:
        mixture = cirq.mixture(action, None)
        if mixture is None:
            return None
        probabilities, unitaries = zip(*mixture, strict=True)
        drawn = int(prng.choice(len(unitaries), p=probabilities))
        _core.apply(self._state_vector, unitaries[drawn], axes)
        return drawn

    def apply_channel(self, action: Any, axes: Sequence[int], prng: Any) -> int | None:
        operators = cirq.kraus(action, None)
        if operators is None:
            return None
        # The weights of all operators follow from one pass over the state.
        rho = _core.reduced_density_matrix(self._state_vector, axes)
        weights = [float(np.vdot(kraus, kraus @ rho).real) for kraus in operators]
        uniform = prng.random()
        drawn = int(np.searchsorted(np.cumsum(weights), uniform, side="right"))
        if drawn == len(weights) or weights[drawn] <= 0:  # by rounding
            drawn = int(np.argmax(weights))
        scaled = np.asarray(operators[drawn]) / np.sqrt(weights[drawn])
        _core.apply(self._state_vector, scaled, axes)
        return drawn

    def measure(self, axes: Sequence[int], seed: Any = None) -> list[int]:
        if not axes:
            return []
        prng = cirq.value.parse_random_state(seed)
        if len(axes) > CHOICE_QUBITS:
            bits = _core.measure(self._state_vector, axes, rng=_number_from(prng))
            return [int(bit) for bit in bits]
        outcome = int(prng.choice(2 ** len(axes), p=self._probabilities(axes)))
        _core.project(self._state_vector, axes, outcome)
        return [outcome >> place & 1 for place in reversed(range(len(axes)))]

    def sample(self, axes: Sequence[int], repetitions: int = 1, seed: Any = None) -> NDArray[Any]:
        if repetitions < 0:
            raise ValueError(f"Number of repetitions cannot be negative. Was {repetitions}")
        prng = cirq.value.parse_random_state(seed)
        if not axes or not repetitions:
            return np.zeros((repetitions, len(axes)), np.uint8)
        if len(axes) > CHOICE_QUBITS:
            drawn = _core.sample(self._state_vector, repetitions, axes, rng=_number_from(prng))
        else:
            drawn = prng.choice(2 ** len(axes), size=repetitions, p=self._probabilities(axes))
        return (drawn[:, np.newaxis] >> np.arange(len(axes))[::-1] & 1).astype(np.uint8)

    def _probabilities(self, axes: Sequence[int]) -> NDArray[np.float64]:
        probabilities: NDArray[np.float64] = _core.probabilities(self._state_vector, axes)
        probabilities /= probabilities.sum()
        return probabilities


class SimulationState(cirq.StateVectorSimulationState):
    """Cirq's context of a state vector, around a `Vector`."""

    _state: Any  # a `Vector`, or what Cirq has for qudits

    def __init__(
        self,
        *,
        available_buffer: NDArray[Any] | None = None,
        prng: Any = None,
        qubits: Sequence[Any] | None = None,
        initial_state: Any = 0,
        dtype: Any = np.complex64,
        classical_data: Any = None,
        in_place: bool = False,
    ) -> None:
        vector = _vector(initial_state, qubits or (), dtype, in_place)
        # Not that of Cirq's class, which would make a state of Cirq's.
        cirq.SimulationState.__init__(
            self, state=vector, prng=prng, qubits=qubits, classical_data=classical_data
        )

    def _act_on_fallback_(
        self, action: Any, qubits: Sequence[Any], allow_decompose: bool = True
    ) -> bool:
        vector = self._state
        if not isinstance(vector, Vector):
            return bool(super()._act_on_fallback_(action, qubits, allow_decompose))
        operation = action if isinstance(action, cirq.Operation) else action.on(*qubits)
        steps = steps_of(operation)
        if steps is not None:
            vector.run(steps, self.qubit_map)
            return True
        done = super()._act_on_fallback_(action, qubits, allow_decompose)
        if vector.home and self._state is not vector:  # ancillas have come and gone
            vector._state_vector[...] = self.target_tensor
            self._state = vector
        return bool(done)


class StateVectorTrialResult(cirq.StateVectorTrialResult):
    """Cirq's result of a simulation; its final state vector is the state itself, not a copy."""

    _merged_sim_state_cache: Any

    def _get_merged_sim_state(self) -> Any:
        state = self._final_simulator_state
        if self._merged_sim_state_cache is None and _ours(state) and state.qubits:
            parts = [part for part in _parts(state) if part.qubits or part.target_tensor != 1]
            names = [name for part in parts for name in part.qubits]
            tensors = [part.target_tensor for part in parts]
            vector = Vector(_product(tensors, names, state.qubits))
            self._merged_sim_state_cache = _like(parts[0], vector, state.qubits)
        return super()._get_merged_sim_state()

    @cached_property
    def final_state_vector(self) -> NDArray[Any]:
        state = self._get_merged_sim_state()
        vector: NDArray[Any] = state.target_tensor.reshape(-1)
        if isinstance(state._state, Vector):
            off = abs(_core.norm(vector) - 1)
            eps = np.finfo(vector.dtype).eps
            if off <= np.sqrt(eps):
                if off > eps / 4:
                    _core.normalize(vector)
                return vector
        # Cirq warns that it is far from normalized.
        return np.asarray(super().final_state_vector)


class SparseSimulatorStep(cirq.SparseSimulatorStep):
    """Cirq's result of a moment. Looking at the state lets it catch up with what waits."""

    def __init__(self, waiting: "_Waiting", dtype: Any) -> None:
        self._waiting = waiting
        super().__init__(sim_state=waiting.state, dtype=dtype)

    @property
    def _sim_state(self) -> Any:
        self._waiting.flush()
        return self._waiting.state

    @_sim_state.setter
    def _sim_state(self, state: Any) -> None:
        """Cirq sets the state that we have already."""


class Simulator(cirq.Simulator):
    """``cirq.Simulator`` on numket: the same methods, results and options.

    All unitary operations between two measurements, channels or looks at the state are done
    together. What numket does not know is left to Cirq: gates that have only ``_apply_unitary_``,
    qudits, and other dtypes. The same seed gives the same results in every run, but not always
    those that Cirq draws from it.

    Parameters
    ----------
    dtype : complex64 (default) or complex128
        Of states, as in Cirq.
    noise, seed, split_untangled_states : optional
        As ``cirq.Simulator`` takes them.
    in_place : bool
        Whether an array that is given as the initial state is not copied, but becomes the final
        state: ``result.final_state_vector`` shares its memory if it is contiguous. It must be
        writeable, of the simulator's dtype, and have shape ``(2**n,)`` or ``(2,) * n``; methods
        raise TypeError or ValueError otherwise. If a sweep has several sets of parameters, the last
        is in the array.

    Raises
    ------
    TypeError
        Where `noise` is no noise model.
    ValueError
        Where `dtype` is not complex.

    Examples
    --------
    >>> import cirq
    >>> import numpy as np
    >>> import numket.cirq
    >>> a, b = cirq.LineQubit.range(2)
    >>> bell = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
    >>> simulator = numket.cirq.Simulator(dtype=np.complex128, in_place=True)
    >>> psi = np.array([1, 0, 0, 0], dtype=np.complex128)
    >>> result = simulator.simulate(bell, initial_state=psi)
    >>> np.shares_memory(result.final_state_vector, psi)
    True
    >>> abs(psi).round(3)
    array([0.707, 0.   , 0.   , 0.707])
    """

    def __init__(
        self,
        *,
        dtype: Any = np.complex64,
        noise: Any = None,
        seed: Any = None,
        split_untangled_states: bool = True,
        in_place: bool = False,
    ) -> None:
        super().__init__(
            dtype=dtype, noise=noise, seed=seed, split_untangled_states=split_untangled_states
        )
        self._in_place = in_place

    def __repr__(self) -> str:
        dtype = np.dtype(self._dtype).name
        return f"numket.cirq.Simulator(dtype=np.{dtype}, in_place={self._in_place})"

    def simulate_sweep_iter(
        self,
        program: Any,
        params: Any,
        qubit_order: Any = cirq.QubitOrder.DEFAULT,
        initial_state: Any = None,
    ) -> Iterator[Any]:
        resolvers = list(cirq.to_resolvers(params))
        # Cirq splits off what several sets of parameters share; with one there is nothing to share.
        owner = cirq.Simulator if len(resolvers) > 1 else cirq.SimulatorBase
        yield from super(owner, self).simulate_sweep_iter(
            program, resolvers, qubit_order, initial_state
        )

    def simulate_expectation_values_sweep_iter(
        self,
        program: Any,
        observables: Any,
        params: Any,
        qubit_order: Any = cirq.QubitOrder.DEFAULT,
        initial_state: Any = None,
        permit_terminal_measurements: bool = False,
    ) -> Iterator[list[float]]:
        several = observables if isinstance(observables, list) else [observables]
        yield from super().simulate_expectation_values_sweep_iter(
            program,
            [_Observable.from_pauli_strings(list(cirq.PauliSum.wrap(one))) for one in several],
            params,
            qubit_order,
            initial_state,
            permit_terminal_measurements,
        )

    def _core_iterator(
        self, circuit: Any, sim_state: Any, all_measurements_are_terminal: bool = False
    ) -> Iterator[Any]:
        waiting = _Waiting(sim_state)
        moments = list(self.noise.noisy_moments(circuit, sorted(circuit.all_qubits())))
        measured = set()
        for moment in moments if len(circuit) else [()]:
            for operation in cirq.flatten_to_ops(moment):
                if all_measurements_are_terminal:  # they are sampled at the end
                    if isinstance(operation.gate, cirq.MeasurementGate):
                        measured.add(operation.qubits)
                    if operation.qubits in measured:
                        continue
                try:
                    waiting.act(operation)
                except TypeError as error:
                    name = type(self).__name__
                    raise TypeError(f"{name} doesn't support {_core.shown(operation)}") from error
            yield SparseSimulatorStep(waiting, self._dtype)
        waiting.flush()

    def _create_simulation_state(self, initial_state: Any, qubits: Sequence[Any]) -> Any:
        if self._in_place and isinstance(initial_state, np.ndarray):
            # One state from beginning to end: no part can leave it, not even a global phase.
            data = cirq.ClassicalDataDictionaryStore()
            return self._create_partial_simulation_state(initial_state, qubits, data)
        return super()._create_simulation_state(initial_state, qubits)

    def _create_partial_simulation_state(
        self, initial_state: Any, qubits: Sequence[Any], classical_data: Any
    ) -> Any:
        if isinstance(initial_state, cirq.StateVectorSimulationState):
            return initial_state
        options = {
            "initial_state": initial_state,
            "qubits": qubits,
            "prng": self._prng,
            "classical_data": classical_data,
            "dtype": self._dtype,
        }
        return SimulationState(**options, in_place=self._in_place)

    def _create_simulator_trial_result(
        self, params: Any, measurements: Any, final_simulator_state: Any
    ) -> StateVectorTrialResult:
        return StateVectorTrialResult(params, measurements, final_simulator_state)


class _Observable(cirq.PauliSum):
    def expectation_from_state_vector(
        self, state_vector: NDArray[Any], qubit_map: Mapping[Any, int], **options: Any
    ) -> Any:
        known = all(qubit in qubit_map for qubit in self.qubits)
        real = all(abs(string.coefficient.imag) <= 1e-4 for string in self)
        if not (known and real and _is_normalized(state_vector, len(qubit_map))):
            # Cirq says why it refuses, or reads what numket does not.
            return super().expectation_from_state_vector(state_vector, qubit_map, **options)
        terms = [
            (
                "".join(str(pauli) for pauli in string.values()),
                [qubit_map[qubit] for qubit in string],
                string.coefficient.real,
            )
            for string in self
        ]
        return float(_core.PauliSum(terms, num_qubits=len(qubit_map)).expectation(state_vector))


def _is_normalized(vector: NDArray[Any], n: int) -> bool:
    """Whether this is a state of n qubits that numket reads, of the norm that Cirq asks for."""
    return (
        vector.dtype in _DTYPES and vector.size == 2**n and abs(_core.norm(vector) ** 2 - 1) <= 1e-5
    )


class _Waiting:
    """Unitary operations that have not been applied to the state yet."""

    def __init__(self, state: Any) -> None:
        self.state = state
        self.steps: list[Step] = []
        self.possible = _ours(state)

    def act(self, operation: Any) -> None:
        """Lets an operation wait if it can, and does it otherwise."""
        # A gate with `_act_on_` may do more than its matrix tells.
        if self.possible and _is_plain(operation):
            steps = steps_of(operation)
            if steps is not None:
                self.steps += steps
                return
        self.flush()
        cirq.act_on(operation, self.state)

    def flush(self) -> None:
        steps, self.steps = self.steps, []
        if not steps:
            return
        if not isinstance(self.state, cirq.SimulationProductState):
            self.state._state.run(steps, self.state.qubit_map)
            return
        for state, inner, wires in _groups(self.state, steps):
            state._state.run(inner, wires)
            for qubit in state.qubits:
                self.state._sim_states[qubit] = state


def _is_plain(operation: Any) -> bool:
    if knows(operation):
        return True
    gate = operation.gate
    if gate is not None:
        return not hasattr(gate, "_act_on_")
    inner = operation.untagged
    return isinstance(inner, cirq.CircuitOperation) or not hasattr(inner, "_act_on_")


def _parts(state: Any) -> list[Any]:
    """The states that a product is of, each once."""
    if isinstance(state, cirq.SimulationProductState):
        return list(dict.fromkeys(state.values()))
    return [state]


def _ours(state: Any) -> bool:
    return all(isinstance(getattr(part, "_state", None), Vector) for part in _parts(state))


def _groups(
    state: Any, steps: Iterable[Step]
) -> Iterator[tuple[SimulationState, list[Step], dict[Any, int]]]:
    """The states into which steps join those of a product, and for each its steps and its wires.

    As in Cirq, a swap joins nothing: the qubits exchange their seats, which are numbered as the
    qubits are before the steps. Phases alone are of the state that has no qubits.
    """
    number = {qubit: place for place, qubit in enumerate(state.qubits)}
    seats = list(range(len(number)))  # of the qubits
    leader = [number[state[qubit].qubits[0]] for qubit in state.qubits]

    def find(seat: int) -> int:
        root = leader[seat]
        while (above := leader[root]) != root:
            root = above
        leader[seat] = root
        return root

    seated, phases = [], []
    for step in steps:
        emit, gate, qubits, values = step
        if not qubits:
            phases.append(step)
            continue
        taken = [seats[number[qubit]] for qubit in qubits]
        if len(taken) > 1:
            first, *others = dict.fromkeys(map(find, taken))
            if others and is_swap(step):
                one, two = (number[qubit] for qubit in qubits)
                seats[one], seats[two] = seats[two], seats[one]
                continue
            for other in others:
                leader[other] = first
        seated.append(Step(emit, gate, tuple(taken), values))

    parts: dict[int, list[Any]] = {}
    for part in _parts(state):
        if part.qubits:
            parts.setdefault(find(number[part.qubits[0]]), []).append(part)
    inner: dict[int, list[Step]] = {root: [] for root in parts}
    for step in seated:
        inner[find(step.qubits[0])].append(step)
    sitters = {seat: place for place, seat in enumerate(seats)}
    for root, joined in parts.items():
        places = [sitters[number[qubit]] for part in joined for qubit in part.qubits]
        vector = joined[0]._state
        if len(joined) > 1:
            tensors = [part.target_tensor for part in joined]
            vector = Vector(_product(tensors, places, sorted(places)))
            places.sort()
        wires = {seats[place]: wire for wire, place in enumerate(places)}
        names = [state.qubits[place] for place in places]
        yield _like(joined[0], vector, names), inner[root], wires
    if phases:
        yield state[None], phases, {}


def _like(state: Any, vector: Vector, qubits: Sequence[Any]) -> SimulationState:
    """Another state in the same simulation."""
    return SimulationState(
        initial_state=vector, qubits=qubits, prng=state.prng, classical_data=state.classical_data
    )


def _product(
    tensors: Sequence[NDArray[Any]], names: Iterable[Any], order: Sequence[Any]
) -> NDArray[Any]:
    """The product of states whose axes have names, with the axes in an order.

    One state is not copied; the product of several is written once.
    """
    place = {name: axis for axis, name in enumerate(order)}
    axes = [place[name] for name in names]
    if len(tensors) == 1:
        return tensors[0].transpose(np.argsort(axes))
    n, dtype = len(axes), tensors[0].dtype
    shape = (2,) * n
    bits = [bit for tensor in tensors if (bit := _bit(tensor)) is not None]
    if len(bits) == len(tensors):
        ordered = [bit for _, bit in sorted(zip(axes, bits, strict=True))]
        return _core.basis_state(n, ordered, dtype).reshape(shape)
    out = _core.empty_state(n, dtype).reshape(shape)
    sizes = np.cumsum([tensor.ndim for tensor in tensors])
    middle = min(int(np.searchsorted(sizes, n / 2)) + 1, len(tensors) - 1)
    left = reduce(np.multiply.outer, tensors[:middle])
    right = reduce(np.multiply.outer, tensors[middle:])
    np.multiply.outer(left, right, out=out.transpose(axes), casting="same_kind")
    return out


def _bit(tensor: NDArray[Any]) -> int | None:
    """The basis state that a state of one qubit is."""
    if tensor.shape != (2,) or 1 not in (values := tensor.tolist()) or 0 not in values:
        return None
    return int(values[1] == 1)


def _vector(initial_state: Any, qubits: Sequence[Any], dtype: Any, in_place: bool) -> Any:
    """The vector of an initial state; that of Cirq if there are qudits, or of another dtype."""
    if isinstance(initial_state, Vector):
        return initial_state
    shape = tuple(qubit.dimension for qubit in qubits)
    ours = set(shape) <= {2} and np.dtype(dtype) in _DTYPES
    if in_place and isinstance(initial_state, np.ndarray):
        return Vector(_taken(initial_state, shape, np.dtype(dtype), ours), home=True)
    if not ours:
        options = {"initial_state": initial_state, "qubits": qubits, "dtype": dtype}
        return cirq.StateVectorSimulationState(**options)._state
    if isinstance(initial_state, np.ndarray):
        return Vector(np.array(initial_state.reshape(shape), dtype, order="C"))
    n = len(shape)
    if isinstance(initial_state, int) and 0 <= initial_state < 2**n:
        if n > 1:
            return Vector(_core.basis_state(n, initial_state, dtype).reshape(shape))
        small = np.zeros(shape, dtype)  # of which there may be many
        small.flat[initial_state] = 1
        return Vector(small)
    checked = cirq.to_valid_state_vector(initial_state, n, qid_shape=shape, dtype=dtype)
    return Vector(checked.reshape(shape))


def _taken(
    initial_state: NDArray[Any], shape: tuple[int, ...], dtype: Any, ours: bool
) -> NDArray[Any]:
    """The user's array, to be worked in."""
    if not ours:
        raise ValueError(
            f"the simulation has dtype {dtype} and qubits of the dimensions {sorted(set(shape))}; "
            "numket works in place on qubits in complex64 or complex128: use in_place=False"
        )
    if initial_state.dtype != dtype:
        raise TypeError(
            f"'initial_state' has dtype {initial_state.dtype}, the simulator {dtype}; in place it "
            f"must be the same: use Simulator(dtype=np.{initial_state.dtype}, in_place=True)"
        )
    if initial_state.shape not in (shape, (2 ** len(shape),)):
        raise ValueError(
            f"'initial_state' has shape {initial_state.shape} for {len(shape)} qubits; in place it "
            f"must be {(2 ** len(shape),)} or {shape}"
        )
    if not initial_state.flags.writeable:
        raise ValueError(
            "'initial_state' is read-only; in place it is written to: use in_place=False"
        )
    return initial_state.reshape(shape)


def _number_from(prng: Any) -> int:
    """What a generator of numket starts from, drawn from one of Cirq's."""
    return int.from_bytes(prng.bytes(16), "little")
