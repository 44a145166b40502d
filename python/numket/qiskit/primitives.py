"""Qiskit's primitives, version 2: samples and expectation values."""

import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import QuantumCircuit
from qiskit.exceptions import QiskitError
from qiskit.primitives import (
    BaseEstimatorV2,
    BaseSamplerV2,
    BitArray,
    DataBin,
    PrimitiveJob,
    PrimitiveResult,
    PubResult,
    SamplerPubResult,
)
from qiskit.primitives.containers.bindings_array import BindingsArray
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.quantum_info import SparseObservable, SparsePauliOp

import numket as nk
from numket import density
from numket.qiskit.convert import from_qiskit, refuse_measured
from numket.qiskit.resets import MOST_QUBITS, fresh_qubits
from numket.qiskit.sampling import bits, states, without_idle_resets


class Sampler(BaseSamplerV2):
    """Draws shots, as `qiskit.primitives.StatevectorSampler` does.

    A circuit whose measurements are all final runs once for each set of values, many sets
    together while states are small. Others, with measurements or resets on the way and conditions,
    run up to the first of these once, and from there for each shot.

    Parameters
    ----------
    default_shots : int
        Shots of pubs that do not tell, where `run` does not tell either.
    seed : None, int or numpy.random.Generator
        What np.random.default_rng takes. With an int, every set of values of every pub draws from
        the same random numbers, as in StatevectorSampler: differences of counts at nearby values
        have less noise.

    Examples
    --------
    >>> from qiskit import QuantumCircuit
    >>> from numket.qiskit import Sampler
    >>> bell = QuantumCircuit(2)
    >>> _ = bell.h(0)
    >>> _ = bell.cx(0, 1)
    >>> bell.measure_all()
    >>> result = Sampler(seed=7).run([bell], shots=1000).result()
    >>> sorted(result[0].data.meas.get_counts())
    ['00', '11']
    """

    def __init__(
        self, *, default_shots: int = 1024, seed: np.random.Generator | int | None = None
    ) -> None:
        self._default_shots = default_shots
        self._seed = seed

    def __repr__(self) -> str:
        return f"numket.qiskit.Sampler(default_shots={self.default_shots}, seed={self.seed!r})"

    @property
    def default_shots(self) -> int:
        """The shots where nothing else is told."""
        return self._default_shots

    @property
    def seed(self) -> np.random.Generator | int | None:
        """What random numbers come from."""
        return self._seed

    def run(self, pubs: Iterable[Any], *, shots: int | None = None) -> PrimitiveJob:
        """Run pubs: tuples of a circuit, values of its parameters, and shots.

        Parameters
        ----------
        pubs : iterable of SamplerPubLike
        shots : int, optional
            For pubs that do not tell; `default_shots` if not given.

        Returns
        -------
        qiskit.primitives.PrimitiveJob
            Its ``result()`` has a `SamplerPubResult` for each pub, with a `BitArray` for each
            classical register. Errors of a circuit come with it: QiskitError for what numket
            cannot run, as `from_qiskit` says.
        """
        default = self._default_shots if shots is None else shots
        coerced = [SamplerPub.coerce(pub, default) for pub in pubs]
        for place, pub in enumerate(coerced):
            if not pub.circuit.cregs:
                warnings.warn(
                    f"the circuit of pub {place} has no classical register, so its result will be "
                    "empty; measure into one, for instance with measure_all()",
                    UserWarning,
                    stacklevel=2,
                )
        job = PrimitiveJob(self._run, coerced)
        job._submit()
        return job

    def _run(self, pubs: list[SamplerPub]) -> PrimitiveResult:
        shared = self._seed is None or isinstance(self._seed, np.random.Generator)
        rng = np.random.default_rng(self._seed) if shared else self._seed
        return PrimitiveResult([_sampled(pub, rng) for pub in pubs], metadata={"version": 2})


class Estimator(BaseEstimatorV2):
    """Exact expectation values, as `qiskit.primitives.StatevectorEstimator` gives them.

    A circuit runs once for each set of values, however many observables are read from it, and many
    sets together while states are small. Observables are sums of strings of I, X, Y, Z and the
    projectors 0, 1, +, -, r, l; each projector doubles the number of Pauli strings. Where a
    `PauliEvolutionGate` has terms that do not commute, the circuit is the product formula that
    backends run, as `from_qiskit` says, and not the exponential of StatevectorEstimator.

    A circuit may reset qubits. Its values are those of the mixture that this leaves, exactly, if
    its qubits and resets together are at most 24, or its qubits at most 12. Beyond, each value is
    that of a random run of its own, as all are in StatevectorEstimator.

    Parameters
    ----------
    default_precision : float
        Of pubs that do not tell, where `run` does not tell either. Values get normal noise of this
        standard deviation; 0 for exact values.
    seed : None, int or numpy.random.Generator
        What np.random.default_rng takes, for noise and random runs. With an int, every pub draws
        the same.

    Examples
    --------
    >>> from qiskit import QuantumCircuit
    >>> from numket.qiskit import Estimator
    >>> bell = QuantumCircuit(2)
    >>> _ = bell.h(0)
    >>> _ = bell.cx(0, 1)
    >>> result = Estimator().run([(bell, ["ZZ", "XX", "ZI"])]).result()
    >>> result[0].data.evs.round(12) + 0
    array([1., 1., 0.])
    """

    def __init__(
        self, *, default_precision: float = 0.0, seed: np.random.Generator | int | None = None
    ) -> None:
        self._default_precision = default_precision
        self._seed = seed

    def __repr__(self) -> str:
        precision = self.default_precision
        return f"numket.qiskit.Estimator(default_precision={precision}, seed={self.seed!r})"

    @property
    def default_precision(self) -> float:
        """The precision where nothing else is told."""
        return self._default_precision

    @property
    def seed(self) -> np.random.Generator | int | None:
        """What random numbers come from."""
        return self._seed

    def run(self, pubs: Iterable[Any], *, precision: float | None = None) -> PrimitiveJob:
        """Run pubs: tuples of a circuit, observables, values of its parameters, and a precision.

        Parameters
        ----------
        pubs : iterable of EstimatorPubLike
        precision : float, optional
            For pubs that do not tell; `default_precision` if not given.

        Returns
        -------
        qiskit.primitives.PrimitiveJob
            Its ``result()`` has a `PubResult` for each pub, with ``evs`` and ``stds`` (0, as
            StatevectorEstimator has them) in the shape to which observables and values broadcast.
            Errors of a circuit come with it: QiskitError for measurements, and for what numket
            cannot run, as `from_qiskit` says.
        """
        default = self._default_precision if precision is None else precision
        coerced = [EstimatorPub.coerce(pub, default) for pub in pubs]
        job = PrimitiveJob(self._run, coerced)
        job._submit()
        return job

    def _run(self, pubs: list[EstimatorPub]) -> PrimitiveResult:
        results = [_estimated(pub, np.random.default_rng(self._seed)) for pub in pubs]
        return PrimitiveResult(results, metadata={"version": 2})


def _runs(
    circuit: QuantumCircuit, values: BindingsArray
) -> Iterator[tuple[nk.Circuit, NDArray[np.float64]]]:
    """Circuits of numket and their rows of values: one, or where parameters do not go into it,
    such as those of angles that are not affine, one for each set of values, which Qiskit binds."""
    try:
        converted = from_qiskit(circuit)
    except QiskitError:
        if not circuit.parameters:
            raise
        for bound in values.bind_all(circuit).reshape(-1):
            yield from_qiskit(bound), np.empty((1, 0))
        return
    rows = values.as_array(circuit.parameters)
    yield converted, rows.reshape(values.size, circuit.num_parameters)


def _sampled(pub: SamplerPub, rng: Any) -> SamplerPubResult:
    circuit = pub.circuit
    parts = [np.empty((0, pub.shots, circuit.num_clbits), dtype=bool)]
    for converted, rows in _runs(circuit, pub.parameter_values):
        parts.append(bits(converted, rows, pub.shots, circuit.num_clbits, rng))
    every = np.concatenate(parts).reshape(*pub.shape, pub.shots, circuit.num_clbits)
    data = {}
    for register in circuit.cregs:
        columns = [circuit.find_bit(bit).index for bit in register]
        data[register.name] = BitArray.from_bool_array(every[..., columns], order="little")
    return SamplerPubResult(
        DataBin(**data, shape=pub.shape),
        metadata={"shots": pub.shots, "circuit_metadata": circuit.metadata},
    )


def _estimated(pub: EstimatorPub, rng: np.random.Generator) -> PubResult:
    observables = pub.observables.ravel()
    sums = [_pauli_sum(observables[i], pub.circuit.num_qubits) for i in range(observables.size)]
    rows = np.arange(pub.parameter_values.size).reshape(pub.parameter_values.shape)
    which = np.arange(len(sums)).reshape(pub.observables.shape)
    rows, which = np.broadcast_arrays(rows, which)
    evs, done = np.zeros(rows.shape), 0
    for converted, values in _runs(pub.circuit, pub.parameter_values):
        here = (done <= rows) & (rows < done + len(values))
        evs[here] = _expectations(converted, values, sums, rows[here] - done, which[here], rng)
        done += len(values)
    if pub.precision != 0:
        evs = np.asarray(rng.normal(evs, pub.precision))
    data = DataBin(evs=evs, stds=np.zeros_like(evs), shape=evs.shape)
    return PubResult(
        data,
        metadata={"target_precision": pub.precision, "circuit_metadata": pub.circuit.metadata},
    )


def _expectations(
    circuit: nk.Circuit,
    values: NDArray[np.float64],
    sums: list[nk.PauliSum],
    rows: NDArray[np.int64],
    which: NDArray[np.int64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """The expectation values of some observables, each after the circuit with one row of values."""
    refuse_measured(circuit)
    circuit = without_idle_resets(circuit)
    drawn = sum(operation.name == "reset" for operation in circuit)
    if drawn:
        n = circuit.num_qubits
        if n + min(drawn, n) > MOST_QUBITS:
            return _drawn(circuit, values, sums, rows, which, rng)
        if drawn > n:
            return _mixed(circuit, values, sums, rows, which)
        circuit, sums = fresh_qubits(circuit, sums)
    out = np.zeros(rows.shape)
    for first, some in states(circuit, values, rng):
        [here] = np.nonzero((first <= rows) & (rows < first + len(some)))
        for number in np.unique(which[here]):
            places = here[which[here] == number]
            after = rows[places] - first
            if len(after) == len(some):
                out[places] = sums[number].expectation(some, batch=1)[after]
                continue
            for place, row in zip(places, after, strict=True):
                out[place] = sums[number].expectation(some[row])
    return out


def _mixed(
    circuit: nk.Circuit,
    values: NDArray[np.float64],
    sums: list[nk.PauliSum],
    rows: NDArray[np.int64],
    which: NDArray[np.int64],
) -> NDArray[np.float64]:
    """As `_expectations`, by density matrices."""
    out = np.zeros(rows.shape)
    for row in np.unique(rows):
        rho = density.zero_density(circuit.num_qubits)
        density.run(rho, circuit, values[row])
        for place in np.flatnonzero(rows == row):
            out[place] = density.expectation(rho, sums[which[place]])
    return out


def _drawn(
    circuit: nk.Circuit,
    values: NDArray[np.float64],
    sums: list[nk.PauliSum],
    rows: NDArray[np.int64],
    which: NDArray[np.int64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """As `_expectations`, each after a run of its own whose resets are drawn."""
    out = np.zeros(rows.shape)
    for place, (row, number) in enumerate(zip(rows, which, strict=True)):
        for _, [state] in states(circuit, values[[row]], rng):
            out[place] = sums[number].expectation(state)
    return out


def _pauli_sum(observable: Any, num_qubits: int) -> nk.PauliSum:
    """An observable of a pub, a mapping of strings to real numbers, without projectors."""
    terms = SparseObservable.from_list(list(observable.items()), num_qubits=num_qubits)
    return nk.PauliSum.from_qiskit(SparsePauliOp.from_sparse_observable(terms))
