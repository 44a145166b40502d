"""numket as a backend of Qiskit."""

import time
import uuid
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import (
    BoxOp,
    ForLoopOp,
    IfElseOp,
    QuantumCircuit,
    SwitchCaseOp,
)
from qiskit.circuit.library import (
    DiagonalGate,
    MCPhaseGate,
    MCXGate,
    PauliGate,
    PermutationGate,
    UnitaryGate,
    get_standard_gate_name_mapping,
)
from qiskit.exceptions import QiskitError
from qiskit.providers import BackendV2, JobStatus, JobV1, Options
from qiskit.quantum_info import StabilizerState
from qiskit.result import Result
from qiskit.transpiler import Target

import numket as nk
from numket._core import shown
from numket.qiskit.convert import from_qiskit, refuse_unbound
from numket.qiskit.sampling import bits

OF_ANY_SIZE = {
    "box": BoxOp,
    "diagonal": DiagonalGate,
    "for_loop": ForLoopOp,
    "if_else": IfElseOp,
    "mcphase": MCPhaseGate,
    "mcx": MCXGate,
    "pauli": PauliGate,
    "permutation": PermutationGate,
    "switch_case": SwitchCaseOp,
    "unitary": UnitaryGate,
}
"""What `transpile` may leave as it is, besides the standard gates, `measure`, `reset`, `delay`."""


MOST_QUBITS = 62
"""Of a circuit of numket."""

ATOL = 1e-8
"""How far the norm of an initial state may be from 1."""

CLIFFORD = "a circuit of Clifford gates alone runs with use_clifford_optimization=True"


class Backend(BackendV2):
    """A simulator of state vectors for `transpile`, `BackendSamplerV2` and `BackendEstimatorV2`.

    The target has all qubits connected, of any number, and all standard gates; `transpile` leaves
    them and matrices, diagonals, permutations and control flow as they are.

    Parameters
    ----------
    **fields
        Options for all runs, those of Qiskit's BasicSimulator: ``shots`` (1024), ``memory``
        (False), ``seed_simulator``, ``initial_statevector`` (None: all qubits are 0) and
        ``use_clifford_optimization`` (False).

    Raises
    ------
    AttributeError
        For another option.

    Examples
    --------
    >>> from qiskit import QuantumCircuit, transpile
    >>> from numket.qiskit import Backend
    >>> backend = Backend()
    >>> flip = QuantumCircuit(2, 2)
    >>> _ = flip.x(0)
    >>> _ = flip.measure([0, 1], [0, 1])
    >>> backend.run(transpile(flip, backend), shots=100).result().get_counts()
    {'01': 100}
    """

    def __init__(self, **fields: Any) -> None:
        super().__init__(
            name="numket",
            description="State vectors in NumPy arrays, changed in place",
            backend_version=nk.__version__,
            **fields,
        )
        self._target: Target | None = None

    def __repr__(self) -> str:
        return f"<numket.qiskit.Backend, version {self.backend_version}>"

    @property
    def target(self) -> Target:
        """What circuits for this backend may hold."""
        if self._target is None:
            self._target = Target(description="numket", num_qubits=None)
            for name, instruction in get_standard_gate_name_mapping().items():
                self._target.add_instruction(instruction, name=name)
            for name, kind in OF_ANY_SIZE.items():
                self._target.add_instruction(kind, name=name)
        return self._target

    @property
    def max_circuits(self) -> None:
        """None: a job takes any number of circuits."""
        return

    @classmethod
    def _default_options(cls) -> Options:
        return Options(
            shots=1024,
            memory=False,
            seed_simulator=None,
            initial_statevector=None,
            use_clifford_optimization=False,
        )

    def run(self, run_input: QuantumCircuit | Iterable[QuantumCircuit], **options: Any) -> "Job":
        """Run circuits; the job is done when this returns.

        Parameters
        ----------
        run_input : QuantumCircuit, or iterable of them
            Without free parameters.
        shots : int, optional
        memory : bool, optional
            Whether the result has the outcome of each shot, too.
        seed_simulator : None or int, optional
            Where random numbers come from, for all circuits of the job one after the other.
        initial_statevector : array_like, shape (2**n,), optional
            What the circuits, all of n qubits, begin with, in Qiskit's order.
        use_clifford_optimization : bool, optional
            Whether circuits of Clifford gates whose measurements are all at the end are left to
            Qiskit's StabilizerState, which has room for thousands of qubits; not where there is an
            initial state.

        Returns
        -------
        numket.qiskit.backend.Job
            Its ``result()`` is a `qiskit.result.Result`.

        Raises
        ------
        qiskit.exceptions.QiskitError
            On free parameters, on an initial state of another shape or norm, and on what numket
            cannot run, as `from_qiskit` says.
        """
        for name in options.keys() - dict(self.options).keys():
            warnings.warn(f"numket has no option '{name}'", UserWarning, stacklevel=2)
        told = {name: value for name, value in options.items() if value is not None}
        chosen = {**self.options, **told}
        circuits = [run_input] if isinstance(run_input, QuantumCircuit) else list(run_input)
        rng = np.random.default_rng(chosen["seed_simulator"])
        begin = time.perf_counter()
        results = [_experiment(circuit, chosen, rng) for circuit in circuits]
        job_id = str(uuid.uuid4())
        result = Result.from_dict(
            {
                "backend_name": self.name,
                "backend_version": self.backend_version,
                "job_id": job_id,
                "success": True,
                "results": results,
                "status": "COMPLETED",
                "time_taken": time.perf_counter() - begin,
            }
        )
        return Job(self, job_id, result)


class Job(JobV1):
    """A job of `Backend`, which is done from the beginning."""

    def __init__(self, backend: Backend, job_id: str, result: Result) -> None:
        super().__init__(backend, job_id)
        self._result = result

    def submit(self) -> None:
        """Does nothing: the job has been run."""

    def result(self) -> Result:
        """The counts, and the memory where that was asked for."""
        return self._result

    def status(self) -> JobStatus:
        """Always done."""
        return JobStatus.DONE


def _experiment(
    circuit: QuantumCircuit, options: dict[str, Any], rng: np.random.Generator
) -> dict[str, Any]:
    """The part of a result that one circuit gives."""
    shots, initial = options["shots"], options["initial_statevector"]
    if isinstance(shots, bool) or not isinstance(shots, int | np.integer) or shots < 1:
        raise QiskitError(
            f"'shots' is {shown(shots)}; it is a number of runs: use an int of at least 1"
        )
    begin = None if initial is None else _begin(initial, circuit.num_qubits)
    drawn = None
    if options["use_clifford_optimization"] and begin is None:
        drawn = _stabilizer_bits(circuit, int(shots), rng)
    if drawn is None:
        drawn = _state_bits(circuit, int(shots), rng, begin)
    data = _outcomes(drawn, options["memory"]) if drawn.size else {}
    return {
        "name": circuit.name,
        "shots": int(shots),
        "seed_simulator": options["seed_simulator"],
        "success": True,
        "status": "DONE",
        "data": data,
        "header": {
            "name": circuit.name,
            "n_qubits": circuit.num_qubits,
            "memory_slots": circuit.num_clbits,
            "creg_sizes": [[register.name, register.size] for register in circuit.cregs],
            "qreg_sizes": [[register.name, register.size] for register in circuit.qregs],
            "global_phase": circuit.global_phase,
            "metadata": circuit.metadata or {},
        },
    }


def _begin(initial: Any, num_qubits: int) -> NDArray[np.complex128]:
    """An initial state in numket's order."""
    vector = np.asarray(initial, dtype=np.complex128)
    if vector.shape != (2**num_qubits,):
        raise QiskitError(
            f"'initial_statevector' has shape {vector.shape}; the circuit has {num_qubits} qubits: "
            f"use shape {(2**num_qubits,)}"
        )
    norm = np.linalg.norm(vector)
    if not abs(norm - 1) <= ATOL:
        raise QiskitError(f"'initial_statevector' has norm {norm:.12g}; use a state of norm 1")
    return nk.little_endian(vector).reshape(-1)


def _state_bits(
    circuit: QuantumCircuit,
    shots: int,
    rng: np.random.Generator,
    begin: NDArray[np.complex128] | None,
) -> NDArray[np.bool_]:
    """The classical bits of each shot, none where nothing is measured."""
    if circuit.num_qubits > MOST_QUBITS:
        raise QiskitError(
            f"the circuit has {circuit.num_qubits} qubits; a state has at most {MOST_QUBITS}, if "
            f"there is memory for it: {CLIFFORD}"
        )
    converted = from_qiskit(circuit)
    refuse_unbound(converted)
    if not converted.num_bits:
        return np.zeros((shots, 0), dtype=bool)
    rows = np.empty((1, 0))
    try:
        every = bits(converted, rows, shots, circuit.num_clbits, rng, begin)
    except MemoryError as error:
        raise MemoryError(f"{error}; {CLIFFORD}") from error
    return every.reshape(every.shape[1:])


def _stabilizer_bits(
    circuit: QuantumCircuit, shots: int, rng: np.random.Generator
) -> NDArray[np.bool_] | None:
    """As `_state_bits`, by Qiskit's stabilizers, or None where it has none for the circuit."""
    try:
        state = StabilizerState(circuit.remove_final_measurements(inplace=False))
    except QiskitError:
        return None
    state.seed(rng)
    measured = [
        (circuit.find_bit(one.qubits[0]).index, circuit.find_bit(one.clbits[0]).index)
        for one in circuit.data
        if one.operation.name == "measure"
    ]
    drawn = np.zeros((shots, circuit.num_clbits if measured else 0), dtype=bool)
    if not measured:
        return drawn
    # A stabilizer state gives any sum of one outcome and flips of its stabilizers, all as often.
    # (With a seed it samples the same outcome again and again.)
    first = np.array(list(state.measure()[0]))[::-1] == "1"  # qubit 0 is the last letter
    chosen = rng.integers(0, 2, (shots, circuit.num_qubits)).astype(np.float32)
    flips = chosen @ state.clifford.stab_x.astype(np.float32) % 2 == 1
    for qubit, bit in measured:
        drawn[:, bit] = flips[:, qubit] ^ first[qubit]
    return drawn


def _outcomes(drawn: NDArray[np.bool_], memory: bool) -> dict[str, Any]:
    """Counts, and the shots one by one, as hexadecimal numbers of which bit 0 is the last.

    >>> _outcomes(np.array([[True, False], [False, True], [True, False]]), True)
    {'counts': {'0x1': 2, '0x2': 1}, 'memory': ['0x1', '0x2', '0x1']}
    """
    packed = np.packbits(drawn, axis=1, bitorder="little")
    packed = np.pad(packed, ((0, 0), (0, -packed.shape[1] % 8)))
    words = packed.view("<u8")
    # A column of numbers sorts many times faster than rows do.
    keys, axis = (words[:, 0], None) if words.shape[1] == 1 else (words, 0)
    found, inverse, counts = np.unique(keys, axis=axis, return_inverse=True, return_counts=True)
    names = [hex(int.from_bytes(outcome.tobytes(), "little")) for outcome in found]
    data: dict[str, Any] = {"counts": dict(zip(names, counts.tolist(), strict=True))}
    if memory:
        data["memory"] = [names[place] for place in inverse.reshape(-1)]
    return data
