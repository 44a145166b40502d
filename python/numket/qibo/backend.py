"""Qibo's backend, and the queue that its engine is handed."""

import copy
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from qibo import gates
from qibo.backends import NumpyBackend

import numket as nk
from numket import density
from numket._core import shown
from numket.qibo.convert import (
    IDLE,
    MAX_CHANNEL_QUBITS,
    Step,
    is_plain,
    named,
    qubits_of,
    steps,
    superoperator,
)

_COMPLEX = (np.dtype(np.complex64), np.dtype(np.complex128))

_CHANNELS = {
    kind.apply
    for kind in (gates.Channel, gates.UnitaryChannel, gates.DepolarizingChannel, gates.ResetChannel)
}
"""The ways in which Qibo applies channels to density matrices that come to their operators.

That of thermal relaxation does not: it is left to Qibo."""


SMALL = 12
"""Qubits of a state to which gates are done one by one, if it is only once.

That keeps zeros of Qibo's that fused gates may leave as 1e-17. With 60 gates it also took 0.2 ms on
12 qubits where a circuit, which has to be planned, took 0.3; on 14 qubits both took 0.4."""


class _Run:
    """Operations that are done in place, in one call or one by one. To Qibo's engine it is a gate.

    Parameters
    ----------
    nqubits : int
    density_matrix : bool
        Whether it runs on one, which is a state of twice the qubits.
    once : bool
        Whether it runs only once.
    """

    symbolic_parameters = ()

    def __init__(self, nqubits: int, density_matrix: bool, once: bool = True) -> None:
        self.nqubits = nqubits
        self.density_matrix = density_matrix
        self.circuit = nk.Circuit(nqubits * (2 if density_matrix else 1))
        self.steps: list[Step] | None = [] if once and self.circuit.num_qubits <= SMALL else None

    def add(self, gate: Any, backend: Any) -> None:
        """Add a plain gate."""
        try:
            for step in steps(gate, backend):
                self._add(step)
                if self.density_matrix:
                    self._add(step.conjugate().moved(self.nqubits))
        except (TypeError, ValueError) as error:
            raise named(gate, error) from error

    def add_channel(self, channel: Any, backend: Any) -> None:
        """Add a channel of density matrices, as one matrix on rows and columns."""
        rows = qubits_of(channel)
        columns = tuple(qubit + self.nqubits for qubit in rows)
        self._add(Step("apply", (superoperator(channel, rows, backend),), rows + columns))

    def _add(self, step: Step) -> None:
        step.add_to(self.circuit)  # refuses what is no gate, before anything is done
        if self.steps is not None:
            self.steps.append(step)

    def apply(self, backend: Any, state: NDArray[Any], nqubits: int) -> Any:
        """Run on a state, or a density matrix, that belongs to the caller."""
        state = _writable(state, backend.dtype)
        # To cut axes into pieces never needs a copy.
        tensor = state.reshape((2,) * self.circuit.num_qubits)
        if self.steps is None:
            self.circuit.run(tensor)
        else:
            for step in self.steps:
                step.change(tensor)
        return state


def _writable(state: NDArray[Any], dtype: DTypeLike) -> Any:
    """The array itself, or a copy of one that numket cannot change in place."""
    if state.dtype in _COMPLEX and state.flags.behaved:
        return state
    return np.array(state, np.result_type(state.dtype, dtype))


class NumketBackend(NumpyBackend):
    """Qibo's backend for NumPy, with numket's kernels.

    Circuits start from a state of their own and change it in place; ``result.state()`` is that
    array. An initial state is copied once, and stays as it is. ``apply_gate`` and
    ``collapse_state``, if called directly, change the array they are given, as qibojit's do.
    Random numbers are drawn as by Qibo's NumPy backend, and give the same outcomes for one seed.

    With ``dtype`` float64 or float32 all is left to Qibo's NumPy backend.

    Examples
    --------
    >>> from qibo import Circuit, gates
    >>> from numket.qibo import NumketBackend
    >>> backend = NumketBackend()
    >>> circuit = Circuit(1)
    >>> circuit.add(gates.RY(0, 0.5))
    >>> backend.execute_circuit(circuit).state().round(3).real
    array([0.969, 0.247])
    """

    def __init__(self) -> None:
        super().__init__()
        # Qibo's stabilizers run on the engine of that name, if it is none of three that they know;
        # others like this one Qibo makes by what __repr__ tells.
        self.name = "numpy"
        self.platform = "numpy"
        self.versions["numket"] = nk.__version__
        self.nthreads = nk.get_num_threads()

    def __repr__(self) -> str:
        return f"numket.qibo ({self.platform})"

    def set_threads(self, nthreads: int) -> None:
        """Set the number of threads of numket, for all that use it."""
        nk.set_num_threads(nthreads)
        self.nthreads = nk.get_num_threads()

    def zero_state(
        self, nqubits: int, density_matrix: bool = False, dtype: DTypeLike | None = None
    ) -> Any:
        """The state in which all qubits are 0, as a vector or as a density matrix."""
        kind = np.dtype(self.dtype if dtype is None else dtype)
        if kind not in _COMPLEX:
            return super().zero_state(nqubits, density_matrix, kind)
        self._validate_nqubits(nqubits, density_matrix=density_matrix)
        return (density.zero_density if density_matrix else nk.zero_state)(nqubits, kind)

    def execute_circuit(self, circuit: Any, initial_state: Any = None, nshots: int = 1000) -> Any:
        """Execute a circuit: Qibo's own engine, on a queue in which gates have become runs."""
        if isinstance(initial_state, type(circuit)):
            return super().execute_circuit(circuit, initial_state, nshots)
        given = getattr(initial_state, "dtype", self.dtype)
        if not self._takes(given):
            return super().execute_circuit(circuit, initial_state, nshots)
        if hasattr(initial_state, "dtype") and not circuit.repeated_execution:
            # Runs are in place; where circuits are repeated, the engine makes the copies.
            initial_state = np.array(initial_state, np.result_type(given, self.dtype))
        planned = copy.copy(circuit)
        planned.queue = self._plan(circuit)
        result = super().execute_circuit(planned, initial_state, nshots)
        circuit._final_state = planned._final_state
        return result

    def apply_gate(self, gate: Any, state: NDArray[Any], nqubits: int) -> Any:
        """Apply a gate to a state, or to both sides of a density matrix, in place."""
        if not self._takes(state.dtype):
            return super().apply_gate(gate, state, nqubits)
        run = _Run(nqubits, state.ndim == 2)
        run.add(gate, self)
        return run.apply(self, state, nqubits)

    def apply_channel(self, channel: Any, state: NDArray[Any], nqubits: int) -> Any:
        """Apply a channel to a copy of a density matrix, or one of its gates, drawn, to a state."""
        if state.ndim == 1 or not self._takes(state.dtype):
            return super().apply_channel(channel, state, nqubits)
        if len(qubits_of(channel)) <= MAX_CHANNEL_QUBITS:
            run = _Run(nqubits, True)
            run.add_channel(channel, self)
            # A copy, as Qibo's entanglement_fidelity goes on with the matrix that it gave. In
            # circuits such a channel is part of a run, and does not come here.
            return run.apply(self, state.copy(), nqubits)
        total = (1 - channel.coefficient_sum) * state
        for weight, gate in zip(channel.coefficients, channel.gates, strict=True):
            total += weight * self.apply_gate(gate, state.copy(), nqubits)
        return total

    def random_integers(
        self,
        low: int,
        high: int | None = None,
        size: Any = None,
        seed: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Draw integers as Qibo does, but one without `size` as a scalar.

        Qibo sets entries of matrices to it, for which NumPy 2.4 takes no array of one element.
        """
        drawn = super().random_integers(low, high, size, seed, **kwargs)
        return drawn if size is not None else drawn.reshape(())

    def calculate_probabilities(
        self,
        state: NDArray[Any],
        qubits: Iterable[int],
        nqubits: int,
        density_matrix: bool = False,
    ) -> Any:
        """The probabilities of the outcomes of some qubits, the first the most significant."""
        if state.dtype not in _COMPLEX:
            return super().calculate_probabilities(state, qubits, nqubits, density_matrix)
        listed = list(qubits)
        kind = state.real.dtype
        if not density_matrix:
            return nk.probabilities(state, listed).astype(kind, copy=False)
        others = tuple(set(range(nqubits)) - set(listed))
        diagonal = state.diagonal().reshape((2,) * nqubits)
        return self._order_probabilities(abs(diagonal.sum(axis=others)), listed, nqubits).ravel()

    def exp_value_observable_symbolic(
        self,
        circuit: Any,
        terms: Sequence[str],
        term_qubits: Sequence[Sequence[int]],
        term_coefficients: Sequence[complex],
        nqubits: int,
    ) -> Any:
        """The expectation value of a sum of Pauli strings after a circuit."""
        result = circuit._final_state
        state = (self.execute_circuit(circuit) if result is None else result).state()
        if state.dtype not in _COMPLEX or not set("".join(terms)) <= set("IXYZ"):
            return super().exp_value_observable_symbolic(
                circuit, terms, term_qubits, term_coefficients, nqubits
            )
        strings = zip(terms, term_qubits, map(complex, term_coefficients), strict=True)
        total = nk.PauliSum(strings, num_qubits=nqubits)
        read = density.expectation if circuit.density_matrix else nk.expectation
        return np.float64(read(state, total).real)

    def _takes(self, dtype: Any) -> bool:
        """Whether what comes of a state of this dtype is a state of numket's."""
        ours = np.dtype(self.dtype)
        return ours in _COMPLEX and np.result_type(dtype, ours) in _COMPLEX

    def _plan(self, circuit: Any) -> list[Any]:
        """The queue, with all that can be run together in one place."""
        queue: list[Any] = []
        idle = []
        for gate in circuit.queue:
            channel = circuit.density_matrix and type(gate).apply in _CHANNELS
            if type(gate) is gates.M and not gate.collapse:
                idle.append(gate)
            elif type(gate) in IDLE:
                continue
            elif is_plain(gate) or (channel and len(qubits_of(gate)) <= MAX_CHANNEL_QUBITS):
                if not queue or type(queue[-1]) is not _Run:
                    once = not circuit.repeated_execution
                    queue.append(_Run(circuit.nqubits, circuit.density_matrix, once))
                (queue[-1].add_channel if channel else queue[-1].add)(gate, self)
            else:
                queue.append(gate)
        return queue + idle

    def _collapse_statevector(
        self,
        state: NDArray[Any],
        qubits: Sequence[int],
        shot: Any,
        nqubits: int,
        normalize: bool = True,
    ) -> Any:
        if not (normalize and self._takes(state.dtype)):
            return super()._collapse_statevector(state, qubits, shot, nqubits, normalize)
        state = _writable(state, self.dtype)
        nk.project(state, qubits, int(np.ravel(shot)[0]))
        nk.normalize(state)
        return state


class MetaBackend:
    """What Qibo looks for in ``set_backend("numket.qibo")`` and in ``QIBO_BACKEND``.

    Examples
    --------
    >>> import qibo
    >>> qibo.set_backend("numket.qibo")
    >>> qibo.get_backend()
    numket.qibo (numpy)
    >>> qibo.set_backend("numpy")
    """

    def __repr__(self) -> str:
        return "numket.qibo.MetaBackend()"

    @staticmethod
    def load(platform: str | None = None, dtype: str = "complex128") -> NumketBackend:
        """The backend, for states of this dtype.

        Parameters
        ----------
        platform : {"numpy"}, optional
            Whose arrays states are.
        dtype : {"complex128", "complex64", "float64", "float32"}
            Of states; the last two leave all to Qibo's NumPy backend.

        Returns
        -------
        NumketBackend

        Raises
        ------
        ValueError
            For another platform.

        Examples
        --------
        >>> from numket.qibo import MetaBackend
        >>> MetaBackend.load(dtype="complex64").zero_state(1)
        array([1.+0.j, 0.+0.j], dtype=complex64)
        """
        if platform not in (None, "numpy"):
            raise ValueError(
                f"'platform' is {shown(platform)}; numket works on NumPy's arrays: use 'numpy', or "
                "none"
            )
        backend = NumketBackend()
        backend.set_dtype(dtype)
        return backend

    @staticmethod
    def list_available() -> dict[str, bool]:
        """The platforms, and whether they are available.

        Returns
        -------
        dict of str to bool

        Examples
        --------
        >>> from numket.qibo import MetaBackend
        >>> MetaBackend.list_available()
        {'numpy': True}
        """
        return {"numpy": True}
