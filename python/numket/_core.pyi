# Signatures are written here by hand. Gates, docstrings and __all__ come from .ci/stub.py.

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from os import PathLike
from typing import Any, SupportsFloat, SupportsIndex, TypeAlias, TypedDict, final, overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from numket.circuit import Operation, Plan
from numket.parameter import Expression, Parameter
from numket.trajectories import Estimate, Observable

_State: TypeAlias = NDArray[np.complexfloating[Any, Any]]
_Angle: TypeAlias = SupportsFloat | SupportsIndex | ArrayLike
_CircuitAngle: TypeAlias = SupportsFloat | SupportsIndex | Expression
_Params: TypeAlias = Mapping[str, ArrayLike] | Mapping[Parameter, ArrayLike] | ArrayLike | None
_Qubit: TypeAlias = SupportsIndex
_Qubits: TypeAlias = SupportsIndex | Iterable[SupportsIndex]
_Rng: TypeAlias = int | Sequence[int] | np.random.Generator | np.random.SeedSequence | None
_Outcome: TypeAlias = SupportsIndex | str | Iterable[SupportsIndex]
_Condition: TypeAlias = SupportsIndex | Mapping[int, int]

class _Config(TypedDict):
    version: str
    lanes: str
    lanes_available: list[str]
    threads: int
    cpu_features: list[str]

__all__ = [
    "GATES",
    "BufferInUseError",
    "Circuit",
    "Ket",
    "PauliSum",
    "Sampler",
    "apply",
    "apply_diagonal",
    "apply_kraus",
    "apply_pauli",
    "apply_permutation",
    "basis_state",
    "ccx",
    "ccz",
    "ch",
    "config",
    "counts",
    "cp",
    "crx",
    "cry",
    "crz",
    "cswap",
    "cu",
    "cx",
    "cy",
    "cz",
    "echo_u64",
    "ecr",
    "empty_state",
    "expectation",
    "expectation_in_density",
    "fidelity",
    "force_threads",
    "get_num_threads",
    "h",
    "inner",
    "iswap",
    "ket",
    "little_endian",
    "measure",
    "most_probable",
    "native_ghz",
    "noop",
    "norm",
    "normalize",
    "p",
    "parameter_values",
    "pauli_rotation",
    "probabilities",
    "project",
    "read_qasm",
    "reduced_density_matrix",
    "reset",
    "rx",
    "rxx",
    "ry",
    "ryy",
    "rz",
    "rzx",
    "rzz",
    "s",
    "sample",
    "sdg",
    "set_num_threads",
    "swap",
    "sweep_probe",
    "sx",
    "sxdg",
    "t",
    "tdg",
    "threads",
    "u",
    "variance",
    "write_qasm",
    "x",
    "y",
    "z",
    "zero_state",
]

GATES: tuple[dict[str, Any], ...]

class BufferInUseError(RuntimeError):
    """An array overlaps memory that another numket call is working on.

    Raised before anything is written. Wait for the other call, or give each thread an array of its own.
    """

@final
class threads:
    """A context in which calls of this Python thread use at most so many threads.

    Parameters
    ----------
    count : int
        At least 1.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> import numket as nk
    >>> with nk.threads(1):
    ...     nk.get_num_threads()
    1
    """
    def __new__(cls, count: int, /) -> threads: ...
    def __enter__(self) -> None: ...
    def __exit__(self, *_exception: object) -> None: ...

def set_num_threads(count: int, /) -> None:
    """Sets how many threads numket uses from now on, in all of this process.

    Parameters
    ----------
    count : int
        At least 1.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> import numket as nk
    >>> before = nk.get_num_threads()
    >>> nk.set_num_threads(1)
    >>> nk.get_num_threads()
    1
    >>> nk.set_num_threads(before)
    """

def get_num_threads() -> int:
    """How many threads a call may use here: what `threads` or set_num_threads says, else the
    environment variable NUMKET_NUM_THREADS, else the CPUs of this process.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        Where NUMKET_NUM_THREADS is no positive number.

    Examples
    --------
    >>> import numket as nk
    >>> nk.get_num_threads() >= 1
    True
    """

def empty_state(n: int, dtype: DTypeLike | None = None) -> NDArray[Any]:
    """A fresh state of n qubits whose amplitudes are not set: plain, flat, 64-byte aligned.

    Parameters
    ----------
    n : int
        Number of qubits.
    dtype : complex128 (default) or complex64

    Returns
    -------
    ndarray, shape (2**n,)

    Raises
    ------
    TypeError, ValueError
    MemoryError
        Naming the GiB needed and free, before anything is allocated.

    Examples
    --------
    >>> import numket as nk
    >>> nk.empty_state(3).shape
    (8,)
    """

def zero_state(n: int, dtype: DTypeLike | None = None) -> NDArray[Any]:
    """The state |0...0> of n qubits: plain, flat, 64-byte aligned.

    Parameters
    ----------
    n : int
        Number of qubits.
    dtype : complex128 (default) or complex64

    Returns
    -------
    ndarray, shape (2**n,)

    Raises
    ------
    TypeError, ValueError
    MemoryError
        Naming the GiB needed and free, before anything is allocated.

    Examples
    --------
    >>> import numket as nk
    >>> nk.zero_state(2).real
    array([1., 0., 0., 0.])
    """

def basis_state(
    n: int,
    index_or_bits: SupportsIndex | str | Iterable[SupportsIndex],
    dtype: DTypeLike | None = None,
) -> NDArray[Any]:
    """One basis state of n qubits: plain, flat, 64-byte aligned.

    Parameters
    ----------
    n : int
        Number of qubits.
    index_or_bits : int, str or sequence of int
        An int is a basis index; a string or a sequence is n bits, qubit 0 first.
    dtype : complex128 (default) or complex64

    Returns
    -------
    ndarray, shape (2**n,)

    Raises
    ------
    TypeError, ValueError
    MemoryError
        Naming the GiB needed and free, before anything is allocated.

    Examples
    --------
    >>> import numket as nk
    >>> [int(nk.basis_state(2, which).argmax()) for which in (2, "10", (1, 0))]
    [2, 2, 2]
    """

def little_endian(state: _State, /) -> NDArray[Any]:
    """The same state seen in little-endian qubit order, as Qiskit has it: a view, never a copy.

    Qubit q of the result is the q-th *least* significant bit of the flat index.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n

    Returns
    -------
    ndarray, shape (2,) * n
        state.reshape((2,) * n).T

    Raises
    ------
    TypeError, ValueError

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> nk.x(nk.little_endian(psi), 0)  # Qiskit's qubit 0
    >>> int(psi.argmax())
    1
    """

@overload
def norm(state: _State, /, *, threads: int | None = None) -> float:
    """The norm of a state, sqrt(sum(abs(state)**2)), summed in double precision.

    The sum has one fixed order: the result has the same bits for any number of threads. Amplitudes whose
    squares would be out of range are summed as well as others.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Only read.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    float, or ndarray of float64 of the batch's shape

    Raises
    ------
    TypeError, ValueError, BufferInUseError

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> nk.norm(np.array([3, 4j]))
    5.0
    >>> nk.norm(np.array([[3, 4j], [0, 2]]), batch=1)
    array([5., 2.])
    """

@overload
def norm(
    state: _State, /, *, batch: int, threads: int | None = None
) -> float | NDArray[np.float64]: ...
def normalize(state: _State, /, *, batch: int = 0, threads: int | None = None) -> None:
    """Scales a state to norm 1, in place.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written; a ValueError where a state has norm 0, or a NaN or an infinity.

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> psi = np.array([3, 4j])
    >>> nk.normalize(psi)
    >>> psi
    array([0.6+0.j , 0. +0.8j])
    """

@overload
def inner(bra: _State, ket: _State, /, *, threads: int | None = None) -> complex:
    """The inner product of two states, sum(conj(bra) * ket), summed in double precision.

    Qubit q of one meets qubit q of the other, however each lies in memory.

    Parameters
    ----------
    bra, ket : ndarrays of one dtype, complex128 or complex64, shape (2**n,) or (2,) * n
        Only read.
    batch : int
        Number of leading axes of both that count states. A batch axis of length 1 meets all states along
        that axis of the other.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    complex, or ndarray of complex128 of the batch's shape

    Raises
    ------
    TypeError, ValueError, BufferInUseError

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> plus = nk.ket("0").h(0).state
    >>> round(abs(nk.inner(nk.zero_state(1), plus)) ** 2, 12)
    0.5
    >>> nk.inner(np.array([[1, 0j]]), np.array([[1, 0j], [0, 1], [3, 4]]), batch=1)
    array([1.+0.j, 0.+0.j, 3.+0.j])
    """

@overload
def inner(
    bra: _State, ket: _State, /, *, batch: int, threads: int | None = None
) -> complex | NDArray[np.complex128]: ...
@overload
def fidelity(a: _State, b: _State, /, *, threads: int | None = None) -> float:
    """The fidelity of two pure states, abs(inner(a, b))**2, in double precision.

    Parameters
    ----------
    a, b : ndarrays of one dtype, complex128 or complex64, shape (2**n,) or (2,) * n
        Only read; their norms are taken to be 1.
    batch : int
        Number of leading axes of both that count states, of the same lengths: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    float; with batch axes, an array of their shape

    Raises
    ------
    TypeError, ValueError, BufferInUseError

    Examples
    --------
    >>> import numket as nk
    >>> round(nk.fidelity(nk.zero_state(1), nk.ket("0").ry(0.2, 0).state), 6)
    0.990033
    """

@overload
def fidelity(
    a: _State, b: _State, /, *, batch: int, threads: int | None = None
) -> float | NDArray[np.float64]: ...
def reduced_density_matrix(
    state: _State, qubits: _Qubits, /, *, batch: int = 0, threads: int | None = None
) -> NDArray[np.complex128]:
    """The density matrix of some qubits, the others traced out: sum of |psi><psi| over their settings, in
    double precision.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Only read.
    qubits : int or sequence of int
        The k qubits that stay, the first being the most significant bit of a row index.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    ndarray of complex128, shape (2**k, 2**k), after the batch axes
        Hermitian; its trace is norm(state)**2.

    Raises
    ------
    TypeError, ValueError, BufferInUseError

    Examples
    --------
    >>> import numket as nk
    >>> bell = nk.ket("00").h(0).cx(0, 1).state
    >>> nk.reduced_density_matrix(bell, 1).round(12).real
    array([[0.5, 0. ],
           [0. , 0.5]])
    """

def expectation(
    state: _State,
    observable: PauliSum | str | ArrayLike,
    /,
    *,
    qubits: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> Any:
    """The expectation value <state|observable|state>, in double precision. It is not divided by the square
    of the norm. Has the same bits for any number of threads.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Only read.
    observable : PauliSum, str, or array_like of shape (2**k, 2**k) or (2**k,)
        A sum of Pauli strings, the letters of one string, a Hermitian matrix, or the real diagonal of
        one. The first qubit is the most significant bit of a row index.
    qubits : int or sequence of int, optional
        The k qubits that the observable acts on; all in order if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    float, or complex for a sum that is not Hermitian; with batch axes, an array of their shape

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        ValueError also for a matrix that is not Hermitian beyond rounding.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.ket("00").h(0).cx(0, 1).state
    >>> round(nk.expectation(psi, "XX"), 12), round(nk.expectation(psi, [[0, 1], [1, 0]], qubits=1), 12)
    (1.0, 0.0)
    >>> round(nk.expectation(psi, [0, 1, 2, 3]), 12)  # the mean basis index
    1.5
    """

def variance(
    state: _State,
    observable: PauliSum | str | ArrayLike,
    /,
    *,
    qubits: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> Any:
    """The variance of an observable: the square of the norm of (O - <O>)|state>, which for a state of norm 1 is
    <O**2> - <O>**2, without the cancellation.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Only read; its norm is taken to be 1.
    observable : PauliSum, str, or array_like of shape (2**k, 2**k) or (2**k,)
        A Hermitian sum of Pauli strings, the letters of one string, a Hermitian matrix, or the real
        diagonal of one. The first qubit is the most significant bit of a row index.
    qubits : int or sequence of int, optional
        The k qubits that the observable acts on; all in order if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    float; with batch axes, an array of their shape

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        ValueError also for what is not Hermitian.

    Examples
    --------
    >>> import numket as nk
    >>> nk.variance(nk.basis_state(2, "10"), "XZ"), nk.variance(nk.basis_state(2, "10"), "ZZ")
    (1.0, 0.0)
    """

def expectation_in_density(
    rho: _State, observable: PauliSum | str | ArrayLike, /, *, threads: int | None = None
) -> Any:
    """The trace of a density matrix times an observable, for `numket.density`: the density matrix is a tensor
    of 2n qubits, those of its rows first.
    """

def probabilities(
    state: _State,
    /,
    qubits: _Qubits | None = None,
    *,
    out: NDArray[np.float64] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> NDArray[np.float64]:
    """The probabilities of the outcomes of measuring some qubits, as float64 for both precisions.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Only read.
    qubits : int or sequence of int, optional
        The k qubits to measure, the first being the most significant bit of an outcome; all in
        order if not given.
    out : ndarray of float64, shape (2**k,), after the batch's shape, optional
        Where to write; a new array if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    ndarray of float64, shape (2**k,), after the batch's shape
        Sums of abs(amplitude)**2; they add up to norm(state)**2.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> nk.probabilities(nk.basis_state(3, "110"), (2, 0))
    array([0., 1., 0., 0.])
    >>> states = nk.zero_state(3).reshape(2, 4)
    >>> nk.probabilities(states, 0, batch=1)
    array([[1., 0.],
           [0., 0.]])
    """

@overload
def measure(
    state: _State,
    /,
    qubits: _Qubit,
    *,
    rng: _Rng = None,
    threads: int | None = None,
) -> int:
    """Measures qubits, in place: draws their values with the probabilities that these have, and leaves the
    state as it is after that. The norm stays what it was.

    The values are those that Circuit.measure gives for the same rng: the first listed qubit is drawn first.
    The state is read once and written once, however many qubits are listed.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    qubits : int or sequence of int, optional
        The k distinct qubits; all in order if not given.
    rng : None, int or numpy.random.Generator, optional
        What np.random.default_rng takes; a Generator is advanced by one number for each qubit of each state,
        which are drawn before the state is looked at: also if it is then refused for its norm or because
        another call is using it.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    ndarray of int8, shape (k,) after the batch's shape
        The values in the order listed. If qubits is an int, there is no axis for it, as with an index in
        NumPy: an int, or an array of the batch's shape.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> bell = nk.ket("00").h(0).cx(0, 1).state
    >>> nk.measure(bell, 0, rng=7)
    0
    >>> nk.measure(bell)
    array([0, 0], dtype=int8)
    """

@overload
def measure(
    state: _State,
    /,
    qubits: Iterable[SupportsIndex] | None = None,
    *,
    rng: _Rng = None,
    threads: int | None = None,
) -> NDArray[np.int8]: ...
@overload
def measure(
    state: _State,
    /,
    qubits: _Qubits | None = None,
    *,
    rng: _Rng = None,
    batch: int,
    threads: int | None = None,
) -> int | NDArray[np.int8]: ...
@overload
def project(
    state: _State,
    qubits: _Qubits,
    outcome: _Outcome,
    /,
    *,
    threads: int | None = None,
) -> float:
    """Projects qubits to an outcome, in place, as if a measurement had found it. The norm stays what it was.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place.
    qubits : int or sequence of int
        The k distinct qubits.
    outcome : int, str or sequence of int
        An int is the number of the outcome, in which the first listed qubit is the most significant bit; a
        string or a sequence is k bits in the order listed. One outcome for all states of a batch.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    float, or ndarray of float64 of the batch's shape
        The probability that the outcome had.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written; a ValueError where the outcome has probability 0.

    Examples
    --------
    >>> import numket as nk
    >>> bell = nk.ket("00").h(0).cx(0, 1).state
    >>> round(nk.project(bell, 1, 1), 12)
    0.5
    >>> bell.real.round(12)
    array([0., 0., 0., 1.])
    """

@overload
def project(
    state: _State,
    qubits: _Qubits,
    outcome: _Outcome,
    /,
    *,
    batch: int,
    threads: int | None = None,
) -> float | NDArray[np.float64]: ...
def read_qasm(
    text: str, dialect: int, final_measurements: bool, max_rounds: int, /
) -> tuple[tuple[int, int], str] | tuple[Circuit, dict[str, range], dict[str, range]]:
    """What a text says: a circuit, and its registers of qubits and of bits; or a refusal: the line and column, and
    the reason.

    >>> from numket import _core
    >>> _core.read_qasm("qreg q[1]; h q[1];", 0, True, 10)[0]
    (1, 16)
    """

def write_qasm(circuit: Circuit, /) -> str:
    """A circuit as OpenQASM 3.

    >>> import numket as nk
    >>> print(nk._core.write_qasm(nk.Circuit(1).h(0)))
    OPENQASM 3.0;
    include "stdgates.inc";
    qubit[1] q;
    h q[0];
    <BLANKLINE>
    """

def reset(
    state: _State,
    qubits: _Qubits,
    /,
    *,
    rng: _Rng = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Resets qubits to |0>, in place: measures them, and flips those that are 1. The norm stays what it was.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place.
    qubits : int or sequence of int
        The distinct qubits.
    rng : None, int or numpy.random.Generator, optional
        As for numket.measure.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.ket("011").h(0).state
    >>> nk.reset(psi, [0, 2], rng=1)
    >>> nk.probabilities(psi, (0, 1, 2)).round(12).argmax()
    np.int64(2)
    """

def sample(
    state: _State,
    shots: SupportsIndex,
    /,
    qubits: _Qubits | None = None,
    *,
    rng: _Rng = None,
    batch: int = 0,
    threads: int | None = None,
) -> NDArray[np.int64]:
    """Basis states at random, each with the probability that it has. The state stays as it is.

    Shots have the same values for any number of threads, on any CPU, and however the state lies in memory.
    Nothing of the state's size is allocated. Outcomes of probability 0 are never drawn.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Only read. Its norm does not matter, if it is neither 0 nor infinite.
    shots : int
        How many to draw, from 0.
    qubits : int or sequence of int, optional
        The distinct qubits to look at; all in order if not given.
    rng : None, int or numpy.random.Generator, optional
        What np.random.default_rng takes; a Generator is advanced by one number, however many shots there
        are, and drawn from before the state is looked at: also if it is then refused for its norm or
        because another call is using it.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    ndarray of int64, shape (shots,) after the batch's shape
        Numbers of outcomes in the order drawn; the first listed qubit is the most significant bit.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
    MemoryError
        Naming the GiB needed and free, before anything is allocated.

    See Also
    --------
    numket.counts : as a dict, in a time that does not grow with the shots.
    numket.Sampler : for many calls on one state.

    Examples
    --------
    >>> import numket as nk
    >>> ghz = nk.ket("000").h(0).cx(0, 1).cx(1, 2).state
    >>> nk.sample(ghz, 8, rng=7)
    array([7, 7, 7, 7, 7, 0, 0, 7])
    >>> nk.sample(ghz, 4, (0, 2), rng=7)
    array([3, 3, 3, 3])
    """

@overload
def counts(
    state: _State,
    shots: SupportsIndex,
    /,
    qubits: _Qubits | None = None,
    *,
    rng: _Rng = None,
    threads: int | None = None,
) -> dict[str, int]:
    """How many shots give each outcome, without drawing them one by one: 10**12 take no longer than 10**6.

    The counts are split up at random between ever smaller parts of the state (a multinomial distribution as
    a tree of binomial ones). They are the same for any number of threads, on any CPU, and however the state
    lies in memory. They are not those of the shots that numket.sample draws.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Only read. Its norm does not matter, if it is neither 0 nor infinite.
    shots : int
        How many, from 0 to 2**53.
    qubits : int or sequence of int, optional
        The distinct qubits to look at; all in order if not given.
    rng : None, int or numpy.random.Generator, optional
        As for numket.sample.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    dict of str to int, or ndarray of such dicts of the batch's shape
        Only outcomes that occur, in the order of their numbers. A label has one character for each qubit, in
        the order listed: qubit 0 is the leftmost if none are listed.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
    MemoryError
        Naming the GiB needed and free, where the outcomes that occur are too many for a dict.

    Examples
    --------
    >>> import numket as nk
    >>> ghz = nk.ket("000").h(0).cx(0, 1).cx(1, 2).state
    >>> nk.counts(ghz, 1000, rng=7)
    {'000': 493, '111': 507}
    >>> nk.counts(ghz, 10**12, 0, rng=7)
    {'0': 499999779060, '1': 500000220940}
    """

@overload
def counts(
    state: _State,
    shots: SupportsIndex,
    /,
    qubits: _Qubits | None = None,
    *,
    rng: _Rng = None,
    batch: int,
    threads: int | None = None,
) -> dict[str, int] | NDArray[np.object_]: ...

@final
class Sampler:
    """Draws from one state again and again: it is read once, and a table of its own kept.

    The table has 24 bytes for each 4096 amplitudes. The array itself is not copied: for outcomes that need
    more than the table, the blocks of it that are drawn are read again, and compared with what they were.
    Where one has changed, the call is refused; draws are never from anything but the state that was read.
    (A change of phases alone may be refused too.)

    The draws are those of numket.sample and numket.counts, for the same rng.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Only read, and kept alive.
    qubits : int or sequence of int, optional
        The distinct qubits to look at; all in order if not given.
    threads : int, optional
        At most this many threads to read it.

    Raises
    ------
    TypeError, ValueError, BufferInUseError

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.ket("00").h(0).cx(0, 1).state
    >>> sampler = nk.Sampler(psi)
    >>> sampler.sample(5, rng=7)
    array([3, 3, 3, 3, 3])
    >>> sampler.counts(10**9, rng=7)
    {'00': 499993013, '11': 500006987}
    >>> nk.h(psi, 0)
    >>> sampler.sample(5)
    Traceback (most recent call last):
    ValueError: 'state' has changed since the Sampler read it; samples are drawn from the state that was read: make a new Sampler
    """
    def __new__(
        cls, state: _State, /, qubits: _Qubits | None = None, *, threads: int | None = None
    ) -> Sampler: ...
    @property
    def state(self) -> NDArray[Any]:
        """The array that was given."""

    def sample(
        self, shots: SupportsIndex, /, *, rng: _Rng = None, threads: int | None = None
    ) -> NDArray[np.int64]:
        """Outcomes at random, as numket.sample gives them.

        Parameters
        ----------
        shots : int
        rng : None, int or numpy.random.Generator, optional
        threads : int, optional

        Returns
        -------
        ndarray of int64, shape (shots,)

        Raises
        ------
        TypeError, ValueError, MemoryError, BufferInUseError
            A ValueError where the array has changed in what is drawn from.
        """

    def counts(
        self, shots: SupportsIndex, /, *, rng: _Rng = None, threads: int | None = None
    ) -> dict[str, int]:
        """How many shots give each outcome, as numket.counts gives it.

        Parameters
        ----------
        shots : int
        rng : None, int or numpy.random.Generator, optional
        threads : int, optional

        Returns
        -------
        dict of str to int

        Raises
        ------
        TypeError, ValueError, MemoryError, BufferInUseError
            A ValueError where the array has changed in what is drawn from.
        """

def parameter_values(circuit: Circuit, params: _Params, /) -> NDArray[np.float64]:
    """The values of all parameters for one state, in the order of `circuit.parameters`, as an array of float64.

    >>> import numket as nk
    >>> nk._core.parameter_values(nk.Circuit(1).rx(nk.Parameter("a"), 0), {"a": 0.5})
    array([0.5])
    """

def most_probable(state: _State, count: int, /) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The most probable basis states, for display: indices and probabilities, most probable first,
    the lower index first among equals. One pass, no copy of the state.

    Examples
    --------
    >>> import numket as nk
    >>> from numket import _core
    >>> _core.most_probable(nk.basis_state(3, "110"), 1)
    (array([6]), array([1.]))
    """

def noop() -> None:
    """Nothing: the price of a call."""

def echo_u64(value: int, /) -> int:
    """Its argument: the price of a call with a number in and out."""

def force_threads(count: int, /) -> None:
    """Has every call use `count` threads whatever its size and its limits, or with 0 lets the policy decide
    again.
    """

def native_ghz(state: _State, /) -> float:
    """The seconds that the gates of the GHZ state take natively, H and a chain of CX on a state of
    |0...0> with no Python between them.
    """

def sweep_probe(state: _State, repeats: int, /, threads: int | None = None) -> list[float]:
    """The seconds of each of `repeats` in-place sweeps `state *= 1.0`: what memory allows at best."""

def config() -> _Config:
    """What this build is and what it found: version, lanes, threads, CPU features."""

def apply(
    state: _State,
    matrix: ArrayLike,
    qubits: _Qubits,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Applies any matrix to qubits of a state, in place.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    matrix : array_like, shape (2**k, 2**k) or (2,) * 2k
        Unitary or not. The first qubit is the most significant bit of a row index, so that
        np.kron(A, B) is A on the first qubit and B on the second. With batch axes, axes before
        those count matrices and broadcast against the batch.
    qubits : int or sequence of int
        The k distinct qubits.
    controls, control_values : sequences of int, optional
        Qubits that must have the given values, 0 or 1 (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> psi = nk.zero_state(2)
    >>> nk.apply(psi, np.kron([[0, 1], [1, 0]], np.eye(2)), (0, 1))
    >>> psi.real
    array([0., 0., 1., 0.])
    """

def apply_diagonal(
    state: _State,
    diagonal: ArrayLike,
    qubits: _Qubits,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Multiplies a state by a diagonal matrix on some of its qubits, in place.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    diagonal : array_like, shape (2**k,)
        Entry i belongs to the basis state whose bits, the first qubit's first, spell i. With batch
        axes, axes before that count diagonals and broadcast against the batch.
    qubits : int or sequence of int
        The k distinct qubits.
    controls, control_values : sequences of int, optional
        Qubits that must have the given values, 0 or 1 (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.basis_state(2, "11")
    >>> nk.apply_diagonal(psi, [1, 1, 1, -1], (0, 1))
    >>> psi.real
    array([ 0.,  0.,  0., -1.])
    """

def apply_permutation(
    state: _State,
    permutation: ArrayLike,
    qubits: _Qubits,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Moves the amplitudes of a state as a permutation of basis states says, in place.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    permutation : array_like of int, shape (2**k,)
        Basis state i of the listed qubits becomes basis state permutation[i]:
        new[permutation[i]] = old[i]. The first qubit is the most significant bit of i.
    qubits : int or sequence of int
        The k distinct qubits.
    controls, control_values : sequences of int, optional
        Qubits that must have the given values, 0 or 1 (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.basis_state(2, 3)
    >>> nk.apply_permutation(psi, [1, 2, 3, 0], (0, 1))  # add 1 modulo 4
    >>> psi.real
    array([1., 0., 0., 0.])
    """

@overload
def apply_kraus(
    state: _State,
    operators: ArrayLike,
    qubits: _Qubits,
    /,
    *,
    rng: _Rng = None,
    threads: int | None = None,
) -> int:
    """Applies one operator of a channel, drawn with the probability that it has, and keeps the norm: one
    step of a quantum trajectory, in place. Averaged over many, states evolve as
    rho -> sum of K rho K^dagger.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    operators : array_like, shape (m, 2**k, 2**k)
        The Kraus operators; the sum of K^dagger K is the identity.
    qubits : int or sequence of int
        The k distinct qubits.
    rng : None, int or numpy.random.Generator, optional
        What np.random.default_rng takes; a Generator is advanced by one number for each state, which
        are drawn before the state itself is looked at: also if it is then refused for its norm or
        because another call is using it.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    int, or ndarray of int64 of the batch's shape
        The number of the operator that was applied.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> decay = [[[1, 0], [0, np.sqrt(0.75)]], [[0, 0.5], [0, 0]]]
    >>> psi = nk.basis_state(1, "1")
    >>> [nk.apply_kraus(psi, decay, 0, rng=seed) for seed in (3, 5, 8)]
    [0, 1, 0]
    >>> psi.real
    array([1., 0.])
    """

@overload
def apply_kraus(
    state: _State,
    operators: ArrayLike,
    qubits: _Qubits,
    /,
    *,
    rng: _Rng = None,
    batch: int,
    threads: int | None = None,
) -> int | NDArray[np.int64]: ...
def apply_pauli(
    state: _State,
    pauli: str,
    /,
    qubits: _Qubits | None = None,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Applies a product of Pauli operators to a state, in place and in one pass.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    pauli : str
        A letter I, X, Y or Z for each qubit.
    qubits : int or sequence of int, optional
        The qubits of the letters; all in order if not given.
    controls, control_values : sequences of int, optional
        Qubits that must have the given values, 0 or 1 (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.basis_state(3, "001")
    >>> nk.apply_pauli(psi, "XIZ")
    >>> psi.real
    array([ 0.,  0.,  0.,  0.,  0., -1.,  0.,  0.])
    """

def pauli_rotation(
    state: _State,
    theta: _Angle,
    pauli: str,
    /,
    qubits: _Qubits | None = None,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Rotates a state about a product of Pauli operators, in place and in one pass:
    exp(-i theta/2 P) = cos(theta/2) - i sin(theta/2) P, as P is its own inverse.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta : float
        The angle in radians, finite; with batch axes, an array that broadcasts against them.
    pauli : str
        A letter I, X, Y or Z for each qubit.
    qubits : int or sequence of int, optional
        The qubits of the letters; all in order if not given.
    controls, control_values : sequences of int, optional
        Qubits that must have the given values, 0 or 1 (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> psi = nk.zero_state(2)
    >>> nk.pauli_rotation(psi, np.pi / 2, "YX")
    >>> psi.round(3)
    array([0.707+0.j, 0.   +0.j, 0.   +0.j, 0.707+0.j])
    """

# The gates of the table, by .ci/stub.py:
def x(
    state: _State,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Pauli X, the NOT gate: exchanges |0> and |1>.

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    q, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [q, *_] = 0, 1, 2
    >>> [*_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.x(psi, q, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def y(
    state: _State,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Pauli Y: |0> becomes i|1>, |1> becomes -i|0>.

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    q, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [q, *_] = 0, 1, 2
    >>> [*_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.y(psi, q, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def z(
    state: _State,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Pauli Z: the sign of |1> changes.

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    q, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [q, *_] = 0, 1, 2
    >>> [*_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.z(psi, q, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def h(
    state: _State,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Hadamard: (X + Z) / sqrt(2).

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    q, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [q, *_] = 0, 1, 2
    >>> [*_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.h(psi, q, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def s(
    state: _State,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """S, the square root of Z: multiplies |1> by i.

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    q, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [q, *_] = 0, 1, 2
    >>> [*_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.s(psi, q, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def sdg(
    state: _State,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Inverse of S.

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    q, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [q, *_] = 0, 1, 2
    >>> [*_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.sdg(psi, q, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def t(
    state: _State,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """T, the square root of S: multiplies |1> by exp(i pi/4).

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    q, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [q, *_] = 0, 1, 2
    >>> [*_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.t(psi, q, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def tdg(
    state: _State,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Inverse of T.

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    q, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [q, *_] = 0, 1, 2
    >>> [*_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.tdg(psi, q, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def sx(
    state: _State,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Square root of X.

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    q, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [q, *_] = 0, 1, 2
    >>> [*_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.sx(psi, q, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def sxdg(
    state: _State,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Inverse of the square root of X.

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    q, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [q, *_] = 0, 1, 2
    >>> [*_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.sxdg(psi, q, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def p(
    state: _State,
    lam: _Angle,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Phase shift: |1> is multiplied by exp(i lam).

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    lam, q, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [q, *_] = 0, 1, 2
    >>> [lam, *_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.p(psi, lam, q, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def rx(
    state: _State,
    theta: _Angle,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Rotation about X by theta: exp(-i theta/2 X).

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta, q, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [q, *_] = 0, 1, 2
    >>> [theta, *_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.rx(psi, theta, q, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def ry(
    state: _State,
    theta: _Angle,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Rotation about Y by theta: exp(-i theta/2 Y).

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta, q, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [q, *_] = 0, 1, 2
    >>> [theta, *_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.ry(psi, theta, q, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def rz(
    state: _State,
    theta: _Angle,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Rotation about Z by theta: exp(-i theta/2 Z).

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta, q, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [q, *_] = 0, 1, 2
    >>> [theta, *_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.rz(psi, theta, q, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def u(
    state: _State,
    theta: _Angle,
    phi: _Angle,
    lam: _Angle,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """General rotation of one qubit by Euler angles: rz(phi) ry(theta) rz(lam), up to a phase.

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta, phi, lam, q, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [q, *_] = 0, 1, 2
    >>> [theta, phi, lam, *_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.u(psi, theta, phi, lam, q, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def cx(
    state: _State,
    control: _Qubit,
    target: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Controlled X (CNOT): X on the target where the control is 1.

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    control, target, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [control, target, *_] = 0, 1, 2
    >>> [*_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.cx(psi, control, target, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def cy(
    state: _State,
    control: _Qubit,
    target: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Controlled Y: Y on the target where the control is 1.

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    control, target, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [control, target, *_] = 0, 1, 2
    >>> [*_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.cy(psi, control, target, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def cz(
    state: _State,
    control: _Qubit,
    target: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Controlled Z: the sign of |11> changes.

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    control, target, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [control, target, *_] = 0, 1, 2
    >>> [*_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.cz(psi, control, target, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def ch(
    state: _State,
    control: _Qubit,
    target: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Controlled Hadamard: H on the target where the control is 1.

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    control, target, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [control, target, *_] = 0, 1, 2
    >>> [*_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.ch(psi, control, target, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def cp(
    state: _State,
    lam: _Angle,
    control: _Qubit,
    target: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Controlled phase shift: |11> is multiplied by exp(i lam).

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    lam, control, target, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [control, target, *_] = 0, 1, 2
    >>> [lam, *_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.cp(psi, lam, control, target, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def crx(
    state: _State,
    theta: _Angle,
    control: _Qubit,
    target: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Controlled rotation about X: exp(-i theta/2 X) on the target where the control is 1.

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta, control, target, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [control, target, *_] = 0, 1, 2
    >>> [theta, *_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.crx(psi, theta, control, target, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def cry(
    state: _State,
    theta: _Angle,
    control: _Qubit,
    target: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Controlled rotation about Y: exp(-i theta/2 Y) on the target where the control is 1.

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta, control, target, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [control, target, *_] = 0, 1, 2
    >>> [theta, *_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.cry(psi, theta, control, target, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def crz(
    state: _State,
    theta: _Angle,
    control: _Qubit,
    target: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Controlled rotation about Z: exp(-i theta/2 Z) on the target where the control is 1.

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta, control, target, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [control, target, *_] = 0, 1, 2
    >>> [theta, *_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.crz(psi, theta, control, target, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def cu(
    state: _State,
    theta: _Angle,
    phi: _Angle,
    lam: _Angle,
    gamma: _Angle,
    control: _Qubit,
    target: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Controlled general rotation: exp(i gamma) u(theta, phi, lam) on the target where the control is 1.

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta, phi, lam, gamma, control, target, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [control, target, *_] = 0, 1, 2
    >>> [theta, phi, lam, gamma, *_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.cu(psi, theta, phi, lam, gamma, control, target, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def swap(
    state: _State,
    a: _Qubit,
    b: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Exchanges two qubits.

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    a, b, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [a, b, *_] = 0, 1, 2
    >>> [*_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.swap(psi, a, b, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def iswap(
    state: _State,
    a: _Qubit,
    b: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Exchanges two qubits and multiplies |01> and |10> by i: exp(i pi/4 (XX + YY)).

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    a, b, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [a, b, *_] = 0, 1, 2
    >>> [*_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.iswap(psi, a, b, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def rxx(
    state: _State,
    theta: _Angle,
    a: _Qubit,
    b: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Rotation about XX: exp(-i theta/2 X X).

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta, a, b, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [a, b, *_] = 0, 1, 2
    >>> [theta, *_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.rxx(psi, theta, a, b, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def ryy(
    state: _State,
    theta: _Angle,
    a: _Qubit,
    b: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Rotation about YY: exp(-i theta/2 Y Y).

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta, a, b, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [a, b, *_] = 0, 1, 2
    >>> [theta, *_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.ryy(psi, theta, a, b, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def rzz(
    state: _State,
    theta: _Angle,
    a: _Qubit,
    b: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Rotation about ZZ: exp(-i theta/2 Z Z).

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta, a, b, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [a, b, *_] = 0, 1, 2
    >>> [theta, *_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.rzz(psi, theta, a, b, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def rzx(
    state: _State,
    theta: _Angle,
    a: _Qubit,
    b: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Rotation about ZX: exp(-i theta/2 Z X), Z on the first qubit.

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta, a, b, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [a, b, *_] = 0, 1, 2
    >>> [theta, *_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.rzx(psi, theta, a, b, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def ecr(
    state: _State,
    a: _Qubit,
    b: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Echoed cross-resonance: (X I - Y X) / sqrt(2), a gate of IBM's machines.

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    a, b, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [a, b, *_] = 0, 1, 2
    >>> [*_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.ecr(psi, a, b, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def ccx(
    state: _State,
    first: _Qubit,
    second: _Qubit,
    target: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Toffoli: X on the target where both controls are 1.

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    first, second, target, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [first, second, target, *_] = 0, 1, 2
    >>> [*_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.ccx(psi, first, second, target, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def ccz(
    state: _State,
    first: _Qubit,
    second: _Qubit,
    target: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Doubly controlled Z: the sign of |111> changes.

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    first, second, target, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [first, second, target, *_] = 0, 1, 2
    >>> [*_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.ccz(psi, first, second, target, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

def cswap(
    state: _State,
    control: _Qubit,
    a: _Qubit,
    b: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Fredkin: exchanges two qubits where the control is 1.

    In place; returns None. Angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    control, a, b, in this order
        Angles: finite real numbers in radians; with batch axes, arrays that broadcast against
        them. Qubits: distinct ints from 0.
    controls, control_values : sequences of int, optional
        Further controls and the values, 0 or 1, that they must have (all 1 if not given).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError, BufferInUseError
        Before anything is written.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> [control, a, b, *_] = 0, 1, 2
    >>> [*_] = 0.1, 0.2, 0.3, 0.4
    >>> nk.cswap(psi, control, a, b, )
    >>> abs(nk.norm(psi) - 1) < 1e-15
    True
    """

# The end of the gates.
def ket(label: str, /, dtype: DTypeLike | None = None) -> Ket:
    """The basis state with this label, as a handle; qubit 0 is the leftmost character.

    Parameters
    ----------
    label : str
        Zeros and ones.
    dtype : complex128 (default) or complex64

    Returns
    -------
    Ket

    Raises
    ------
    TypeError, ValueError, MemoryError

    Examples
    --------
    >>> import numket as nk
    >>> nk.ket("000").H(0).CNOT(0, 1).CNOT(1, 2)
    Ket of 3 qubits
      |000>  0.707107+0.000000j  0.500000
      |111>  0.707107+0.000000j  0.500000
    """

@final
class Circuit:
    """A list of operations on qubits, applied to an array in one call.

    Every function that changes a state is a method of the same name, without the array; all return
    the circuit itself. Angles may be parameters, or affine expressions of them, whose values are
    given when the circuit runs.

    Qubits can be measured, reset, and go through noise on the way. With `condition`, an operation is done only if
    classical bits that have been measured before have some values: {0: 1, 2: 0}, or 5 for {5: 1}.

    Operations are fused, and done tile by tile in cache where the state is larger than that.

    Parameters
    ----------
    num_qubits : int
        The number of qubits.
    parameters : iterable of Parameter, optional
        Parameters that come first in `parameters`, whatever uses them.
    num_bits : int
        The circuit has at least so many classical bits, even if nothing measures into them: these are 0.

    Raises
    ------
    TypeError, ValueError

    Examples
    --------
    >>> import numket as nk
    >>> theta = nk.Parameter("theta")
    >>> circuit = nk.Circuit(2).h(0).cx(0, 1).rz(2 * theta, 1)
    >>> psi = nk.zero_state(2)
    >>> circuit.run(psi, {"theta": 0.5})
    >>> psi.round(3) + 0
    array([0.621-0.339j, 0.   +0.j   , 0.   +0.j   , 0.621+0.339j])
    >>> circuit.inverse().run(psi, [0.5])
    >>> psi.round(3).real
    array([1., 0., 0., 0.])
    """
    def __new__(
        cls,
        num_qubits: SupportsIndex,
        /,
        parameters: Iterable[Parameter] | None = None,
        *,
        num_bits: SupportsIndex = 0,
    ) -> Circuit: ...
    @property
    def num_qubits(self) -> int:
        """The number of qubits."""

    @property
    def num_bits(self) -> int:
        """The number of classical bits: `num_bits` as the circuit was made with it, or one more than the
        highest that is measured, if that is more.
        """

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters in the order of an array given to `run`: those given when the circuit was made,
        then others in the order in which they were first used.
        """

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Operation]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __copy__(self) -> Circuit: ...
    def __deepcopy__(self, _memo: Any, /) -> Circuit: ...
    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]: ...
    def copy(self) -> Circuit:
        """A circuit with the same operations, which can be changed by itself."""

    def inverse(self) -> Circuit:
        """The circuit that undoes this one. Matrices and diagonals of the user's own are replaced by
        their adjoints, which undo them if they are unitary. Raises ValueError where the circuit
        measures, resets, or has a Kraus channel. Classical bits that are declared stay so.
        """

    def compose(
        self, other: Circuit, qubits: _Qubits | None = None, bits: _Qubits | None = None
    ) -> Circuit:
        """Appends all operations of another circuit; its qubit i becomes `qubits[i]`, or i itself, and
        its classical bit i `bits[i]`, or i itself. These bits come with it even if nothing measures
        into them.
        """

    def explain(self) -> Plan:
        """The plan for a flat state in complex128: sweeps over memory, bytes that they move, passes through
        registers, steps, work, and the time that one thread may need.
        It is the same whatever the values of parameters, and takes all conditions for met.
        """

    @staticmethod
    def from_qasm(
        text: str,
        /,
        *,
        dialect: str | None = None,
        final_measurements: bool = True,
        max_rounds: int = 1_000_000,
    ) -> Circuit:
        """The circuit that an OpenQASM 2 or 3 text tells; see numket.qasm.loads.

        Parameters
        ----------
        text : str
            OpenQASM. Inputs that are floats or angles become parameters.
        dialect : {"braket", "qibo"}, optional
            Whose gates are known besides those of the standard.
        final_measurements : bool
            False leaves out measurements that nothing depends on.
        max_rounds : int
            How many rounds all loops may have together.

        Raises
        ------
        numket.qasm.QasmError
            A ValueError, with line and column, where the text is not OpenQASM or a circuit cannot do it.

        Examples
        --------
        >>> import numket as nk
        >>> text = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; h q[0]; cx q[0], q[1];'
        >>> nk.Circuit.from_qasm(text) == nk.Circuit(2).h(0).cx(0, 1)
        True
        """

    @staticmethod
    def from_qasm_file(
        path: str | PathLike[str],
        /,
        *,
        dialect: str | None = None,
        final_measurements: bool = True,
        max_rounds: int = 1_000_000,
    ) -> Circuit:
        """As `from_qasm`, from a file.

        Parameters
        ----------
        path : str or path-like
            The file, in UTF-8.
        dialect, final_measurements, max_rounds
            As for `from_qasm`.

        Raises
        ------
        OSError, numket.qasm.QasmError
            Where it cannot be read; where `from_qasm` raises it.
        """

    def to_qasm(self) -> str:
        """The circuit as OpenQASM 3, which `from_qasm` reads back as the same circuit.

        Returns
        -------
        str
            Parameters are inputs, conditions nested ifs. Gates that stdgates.inc lacks and Pauli strings come
            with definitions.

        Raises
        ------
        ValueError
            For matrices, diagonals, permutations, noise, and parameters whose names OpenQASM does not allow.

        Examples
        --------
        >>> import numket as nk
        >>> print(nk.Circuit(1).rx(2 * nk.Parameter("a"), 0).to_qasm())
        OPENQASM 3.0;
        include "stdgates.inc";
        input float a;
        qubit[1] q;
        rx(2.0*a) q[0];
        <BLANKLINE>
        """

    def run(
        self,
        state: _State,
        params: _Params = None,
        *,
        batch: int = 0,
        threads: int | None = None,
        progress: bool | Callable[[int, int], object] | None = None,
        rng: _Rng = None,
    ) -> NDArray[np.int8] | Any:
        """Applies all operations to a state, in place and in one call.

        Parameters
        ----------
        state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
            Changed in place. Qubit q is axis q of state.reshape((2,) * n).
        params : dict or array_like, optional
            The values of the parameters in radians: by name or Parameter, or in the order of
            `parameters`. With batch axes, each value of a dict broadcasts against them, and an
            array has the parameters in its last axis.
        batch : int
            Number of leading axes of the state that count states: (B, 2**n) has 1.
        threads : int, optional
            At most this many threads for this call.
        progress : bool or callable
            True shows a bar (needs tqdm); a callable is given the number of operations done and
            that of all.
        rng : None, int or numpy.random.Generator, optional
            What np.random.default_rng takes, for circuits that measure, reset or have a Kraus
            channel; others do not look at it. A Generator is advanced by one number for each qubit
            that is measured or reset, one more where it has a readout error, and one for each
            channel; for each state, also where a condition does not hold. They are drawn before
            anything is written.

        Returns
        -------
        None, or ndarray of int8, shape batch + (num_bits,)
            The classical bits of each state, 0 where nothing was measured; None for a circuit
            without classical bits. The same for any number of threads.

        Raises
        ------
        TypeError, ValueError, KeyError, BufferInUseError
            Before anything is written. One exception: where operators of the user's own have left a
            state without norm, which is found at the next measurement, or channel that reads it, as the note
            says.
        KeyboardInterrupt
            On Ctrl-C, and whatever a signal handler or `progress` raises: the run stops, its note
            says how far it got, and the state keeps its norm if all operations are unitary.

        Examples
        --------
        >>> import numpy as np, numket as nk
        >>> circuit = nk.Circuit(1).rx(nk.Parameter("theta"), 0)
        >>> states = np.array([[1, 0], [1, 0]], complex)
        >>> circuit.run(states, {"theta": [0, np.pi]}, batch=1)
        >>> states.round(3)
        array([[1.+0.j, 0.+0.j],
               [0.+0.j, 0.-1.j]])

        Twice the same outcome, and the second qubit back in 0:

        >>> circuit = nk.Circuit(2).h(0).measure(0).cx(0, 1).measure(1).x(1, condition=1)
        >>> psi = nk.zero_state(2)
        >>> circuit.run(psi, rng=3)
        array([1, 1], dtype=int8)
        >>> psi.round(3).real
        array([0., 0., 1., 0.])
        """

    def expectation(
        self,
        observable: PauliSum | str | ArrayLike,
        params: _Params = None,
        *,
        qubits: _Qubits | None = None,
        state: _State | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Any:
        """The expectation value of an observable after the circuit.

        Parameters
        ----------
        observable : PauliSum, str, or array_like of shape (2**k, 2**k) or (2**k,)
            As numket.expectation takes it.
        params : dict or array_like, optional
            As `run` takes it. With batch axes and no state, it tells the shape of the batch.
        qubits : int or sequence of int, optional
            The k qubits that the observable acts on; all in order if not given.
        state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n, optional
            What the circuit starts from, only read; |0...0> in complex128 if not given. The circuit runs
            on a copy.
        batch : int
            Number of leading axes of the state, or the parameters, that count states.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        float, or complex for a sum that is not Hermitian; with batch axes, an array of their shape

        Raises
        ------
        TypeError, ValueError, KeyError

        Examples
        --------
        >>> import numket as nk
        >>> circuit = nk.Circuit(2).ry(nk.Parameter("theta"), 0).cx(0, 1)
        >>> round(circuit.expectation("ZI", {"theta": 0.3}), 6)  # cos(0.3)
        0.955336
        """

    def gradient(
        self,
        observable: PauliSum | str | ArrayLike,
        params: _Params = None,
        *,
        qubits: _Qubits | None = None,
        state: _State | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> tuple[Any, NDArray[np.float64]]:
        """The expectation value of an observable after the circuit, and its gradient by all parameters, by
        adjoint differentiation: in the time of a few runs, whatever the number of parameters, and with two
        states of memory.

        Parameters
        ----------
        observable : PauliSum, str, or array_like of shape (2**k, 2**k) or (2**k,)
            As numket.expectation takes it; Hermitian.
        params : dict or array_like, optional
            As `run` takes it. With batch axes and no state, it tells the shape of the batch.
        qubits : int or sequence of int, optional
            The k qubits that the observable acts on; all in order if not given.
        state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n, optional
            What the circuit starts from, only read; |0...0> in complex128 if not given.
        batch : int
            Number of leading axes of the state, or the parameters, that count states.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        value : float, or ndarray of the shape of the batch
        gradient : ndarray of float64, shape batch + (number of parameters,)
            Derivatives by radians, in the order of `parameters`.

        Raises
        ------
        TypeError, ValueError, KeyError
            ValueError also where the circuit measures or resets, or has matrices that are not unitary, as
            nothing undoes these.

        Notes
        -----
        T. Jones and J. Gacon, "Efficient calculation of gradients in classical simulations of
        variational quantum algorithms", arXiv:2009.02823.

        Examples
        --------
        >>> import numket as nk
        >>> circuit = nk.Circuit(2).ry(nk.Parameter("theta"), 0).cx(0, 1)
        >>> value, gradient = circuit.gradient("ZI", [0.3])
        >>> round(value, 6), gradient.round(6)  # cos(0.3) and -sin(0.3)
        (0.955336, array([-0.29552]))
        """

    def vjp(
        self,
        observables: Sequence[PauliSum | str | ArrayLike],
        weights: ArrayLike,
        params: _Params = None,
        *,
        state: _State | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The expectation values of several observables after the circuit, and the gradient of their sum with
        weights (a vector-Jacobian product), at the cost of one gradient.

        Parameters
        ----------
        observables : sequence
            Each as `gradient` takes it, on all qubits.
        weights : array_like of float, one for each
        params, state, batch, threads
            As `gradient` takes them.

        Returns
        -------
        values : ndarray of float64, shape batch + (number of observables,)
        gradient : ndarray of float64, shape batch + (number of parameters,)

        Raises
        ------
        TypeError, ValueError, KeyError
            As `gradient`.

        Examples
        --------
        >>> import numket as nk
        >>> circuit = nk.Circuit(1).ry(nk.Parameter("theta"), 0)
        >>> values, gradient = circuit.vjp(["Z", "X"], [1, 2], [0.3])
        >>> values.round(6), gradient.round(6)  # -sin(0.3) + 2 cos(0.3)
        (array([0.955336, 0.29552 ]), array([1.615153]))
        """

    def measure(
        self,
        qubits: _Qubits,
        /,
        bits: _Qubits | None = None,
        *,
        readout_error: ArrayLike | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Measures qubits in the Z basis, one after the other: each collapses, and the outcome goes to a
        classical bit. The state keeps its norm.

        Parameters
        ----------
        qubits : int or sequence of int
            The distinct qubits.
        bits : int or sequence of int, optional
            A classical bit for each; the next that are unused if left out.
        readout_error : tuple of two floats, optional
            The probabilities of recording 0 as 1, and 1 as 0, for each of the qubits. The state
            collapses to the true outcome, whatever is recorded.
        condition : int or mapping of int to int, optional
            Classical bits and the values that they must have before the first of the qubits is
            measured, or one bit that must be 1. Otherwise nothing is done: the bits keep what they
            hold, which is 0 where nothing was measured.

        Examples
        --------
        >>> import numket as nk
        >>> circuit = nk.Circuit(2).x(1).measure([0, 1])
        >>> circuit.run(nk.zero_state(2))
        array([0, 1], dtype=int8)

        A detector that takes every 0 for a 1:

        >>> circuit = nk.Circuit(2).x(1).measure([0, 1], readout_error=(1, 0))
        >>> circuit.run(nk.zero_state(2))
        array([1, 1], dtype=int8)

        Another try where the first has given 1:

        >>> circuit = nk.Circuit(1).x(0).measure(0)
        >>> circuit = circuit.x(0, condition=0).measure(0, 0, condition=0)
        >>> circuit.run(nk.zero_state(1))
        array([0], dtype=int8)
        """

    def reset(self, qubits: _Qubits, /, *, condition: _Condition | None = None) -> Circuit:
        """Resets qubits to 0: each is measured, and flipped where that gives 1. The state keeps its norm.

        Parameters
        ----------
        qubits : int or sequence of int
            The distinct qubits.
        condition : int or mapping of int to int, optional
            Classical bits and the values that they must have, or one bit that must be 1.

        Examples
        --------
        >>> import numket as nk
        >>> psi = nk.basis_state(2, "11")
        >>> nk.Circuit(2).reset(0).run(psi)
        >>> psi.real
        array([0., 1., 0., 0.])
        """

    def apply_kraus(
        self,
        operators: ArrayLike,
        qubits: _Qubits,
        /,
        *,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Adds a Kraus channel, as numket.apply_kraus takes it: each run draws one of the operators, with
        the probability that it has, applies it, and keeps the norm. The operators are copied.

        Parameters
        ----------
        operators : array_like, shape (m, 2**k, 2**k)
            The Kraus operators; the sum of K^dagger K is the identity. numket.channels has some.
        qubits : int or sequence of int
            The k distinct qubits.
        condition : int or mapping of int to int, optional
            Classical bits and the values that they must have, or one bit that must be 1.

        Raises
        ------
        TypeError, ValueError
            Where this is no channel on so many qubits of the circuit; it is then as it was.

        Examples
        --------
        >>> import numket as nk
        >>> circuit = nk.Circuit(1).x(0).apply_kraus(nk.channels.amplitude_damping(0.25), 0)
        >>> psi = nk.zero_state(1)
        >>> circuit.run(psi, rng=3)
        >>> psi.real
        array([0., 1.])
        """

    def trajectories(
        self,
        state: _State,
        observable: Observable,
        n: SupportsIndex,
        params: _Params = None,
        *,
        rng: _Rng = None,
        executor: Executor | None = None,
        threads: int | None = None,
        progress: bool | Callable[[int, int], object] | None = None,
    ) -> Estimate:
        """Runs the circuit `n` times, each from the same state, and estimates the mean of an observable:
        with noise from Kraus channels, that in the mixed state which the channels make.

        Parameters
        ----------
        state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
            Where each run starts. Only read; it must stand still meanwhile. Each worker has a
            state of its own for its runs, allocated as by numket.empty_state.
        observable : callable, PauliSum, str, or array_like
            A function of a state that returns a real number, an object that has one as its method
            `expectation`, or what numket.expectation takes. A function may change the array, but
            the next run of the worker writes to it too. Workers call it at the same time.
        n : int
            The number of runs, at least 1.
        params : dict or array_like, optional
            The values of the parameters, as `run` takes them.
        rng : None, int or numpy.random.Generator, optional
            What np.random.default_rng takes; run i draws from the i-th generator that its `spawn`
            gives, so that the result is the same whoever does the runs.
        executor : concurrent.futures.Executor, optional
            Whose threads do the runs; if left out, threads that end with the call.
        threads : int, optional
            At most this many threads, all of them if left out: one for each run while states are
            small. With an executor, at most so many for each run, one if left out.
        progress : bool or callable
            True shows a bar (needs tqdm); a callable is given the number of runs done and that of
            all.

        Returns
        -------
        numket.trajectories.Estimate
            The mean, its standard error, and n. The error is the sample's standard deviation over
            sqrt(n): 0 without noise, NaN for one run.

        Raises
        ------
        TypeError, ValueError, KeyError, MemoryError
            As `run` does, and whatever the observable raises. `state` is as it was.
        KeyboardInterrupt
            On Ctrl-C: runs in flight stop, the others are not begun, and `state` is as it was.

        Examples
        --------
        >>> import numket as nk
        >>> circuit = nk.Circuit(1).x(0).apply_kraus(nk.channels.amplitude_damping(0.25), 0)
        >>> mean, error, n = circuit.trajectories(nk.zero_state(1), "Z", 1000, rng=1)
        >>> abs(mean + 0.5) < 4 * error < 0.12
        True
        """

    def apply(
        self,
        matrix: ArrayLike,
        qubits: _Qubits,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Adds a matrix, as numket.apply takes it; it is copied."""

    def apply_diagonal(
        self,
        diagonal: ArrayLike,
        qubits: _Qubits,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Adds a diagonal, as numket.apply_diagonal takes it; it is copied."""

    def apply_permutation(
        self,
        permutation: ArrayLike,
        qubits: _Qubits,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Adds a permutation, as numket.apply_permutation takes it; it is copied."""

    def apply_pauli(
        self,
        pauli: str,
        /,
        qubits: _Qubits | None = None,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Adds a product of Pauli operators, as numket.apply_pauli takes it."""

    def gphase(
        self,
        gamma: _CircuitAngle,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Multiplies by a phase, exp(i gamma), where controls hold: the same as `pauli_rotation(-2 * gamma,
        "", ())`.

        Parameters
        ----------
        gamma : float, Parameter or expression
            The phase in radians.
        controls : iterable of int, optional
            Qubits that must have their control values; all amplitudes are multiplied if left out.
        control_values : iterable of 0 and 1, optional
            One for each control; all 1 if left out.
        condition : int or mapping of int to int, optional
            Classical bits and the values that they must have, or one bit that must be 1.

        Returns
        -------
        Circuit
            The circuit itself.

        Raises
        ------
        TypeError, ValueError
            Where the phase is no finite number, or the circuit has no such qubits or bits; it is
            then as it was.

        Examples
        --------
        >>> import numpy as np, numket as nk
        >>> psi = nk.zero_state(1)
        >>> nk.Circuit(1).h(0).gphase(np.pi / 2).run(psi)
        >>> psi.round(3) + 0
        array([0.+0.707j, 0.+0.707j])
        >>> nk.Circuit(1).gphase(np.pi / 2, controls=[0]).run(psi)
        >>> psi.round(3) + 0
        array([ 0.   +0.707j, -0.707+0.j   ])
        """

    def pauli_rotation(
        self,
        theta: _CircuitAngle,
        pauli: str,
        /,
        qubits: _Qubits | None = None,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Adds a rotation about a product of Pauli operators, as numket.pauli_rotation takes it."""

    # The gates of the table, by .ci/stub.py:
    def x(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Pauli X, the NOT gate: exchanges |0> and |1>.

        See `numket.x`.
        """

    def y(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Pauli Y: |0> becomes i|1>, |1> becomes -i|0>.

        See `numket.y`.
        """

    def z(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Pauli Z: the sign of |1> changes.

        See `numket.z`.
        """

    def h(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Hadamard: (X + Z) / sqrt(2).

        See `numket.h`.
        """

    def s(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """S, the square root of Z: multiplies |1> by i.

        See `numket.s`.
        """

    def sdg(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Inverse of S.

        See `numket.sdg`.
        """

    def t(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """T, the square root of S: multiplies |1> by exp(i pi/4).

        See `numket.t`.
        """

    def tdg(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Inverse of T.

        See `numket.tdg`.
        """

    def sx(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Square root of X.

        See `numket.sx`.
        """

    def sxdg(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Inverse of the square root of X.

        See `numket.sxdg`.
        """

    def p(
        self,
        lam: _CircuitAngle,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Phase shift: |1> is multiplied by exp(i lam).

        See `numket.p`.
        """

    def rx(
        self,
        theta: _CircuitAngle,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Rotation about X by theta: exp(-i theta/2 X).

        See `numket.rx`.
        """

    def ry(
        self,
        theta: _CircuitAngle,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Rotation about Y by theta: exp(-i theta/2 Y).

        See `numket.ry`.
        """

    def rz(
        self,
        theta: _CircuitAngle,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Rotation about Z by theta: exp(-i theta/2 Z).

        See `numket.rz`.
        """

    def u(
        self,
        theta: _CircuitAngle,
        phi: _CircuitAngle,
        lam: _CircuitAngle,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """General rotation of one qubit by Euler angles: rz(phi) ry(theta) rz(lam), up to a phase.

        See `numket.u`.
        """

    def cx(
        self,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Controlled X (CNOT): X on the target where the control is 1.

        See `numket.cx`.
        """

    def cy(
        self,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Controlled Y: Y on the target where the control is 1.

        See `numket.cy`.
        """

    def cz(
        self,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Controlled Z: the sign of |11> changes.

        See `numket.cz`.
        """

    def ch(
        self,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Controlled Hadamard: H on the target where the control is 1.

        See `numket.ch`.
        """

    def cp(
        self,
        lam: _CircuitAngle,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Controlled phase shift: |11> is multiplied by exp(i lam).

        See `numket.cp`.
        """

    def crx(
        self,
        theta: _CircuitAngle,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Controlled rotation about X: exp(-i theta/2 X) on the target where the control is 1.

        See `numket.crx`.
        """

    def cry(
        self,
        theta: _CircuitAngle,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Controlled rotation about Y: exp(-i theta/2 Y) on the target where the control is 1.

        See `numket.cry`.
        """

    def crz(
        self,
        theta: _CircuitAngle,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Controlled rotation about Z: exp(-i theta/2 Z) on the target where the control is 1.

        See `numket.crz`.
        """

    def cu(
        self,
        theta: _CircuitAngle,
        phi: _CircuitAngle,
        lam: _CircuitAngle,
        gamma: _CircuitAngle,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Controlled general rotation: exp(i gamma) u(theta, phi, lam) on the target where the control is 1.

        See `numket.cu`.
        """

    def swap(
        self,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Exchanges two qubits.

        See `numket.swap`.
        """

    def iswap(
        self,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Exchanges two qubits and multiplies |01> and |10> by i: exp(i pi/4 (XX + YY)).

        See `numket.iswap`.
        """

    def rxx(
        self,
        theta: _CircuitAngle,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Rotation about XX: exp(-i theta/2 X X).

        See `numket.rxx`.
        """

    def ryy(
        self,
        theta: _CircuitAngle,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Rotation about YY: exp(-i theta/2 Y Y).

        See `numket.ryy`.
        """

    def rzz(
        self,
        theta: _CircuitAngle,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Rotation about ZZ: exp(-i theta/2 Z Z).

        See `numket.rzz`.
        """

    def rzx(
        self,
        theta: _CircuitAngle,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Rotation about ZX: exp(-i theta/2 Z X), Z on the first qubit.

        See `numket.rzx`.
        """

    def ecr(
        self,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Echoed cross-resonance: (X I - Y X) / sqrt(2), a gate of IBM's machines.

        See `numket.ecr`.
        """

    def ccx(
        self,
        first: _Qubit,
        second: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Toffoli: X on the target where both controls are 1.

        See `numket.ccx`.
        """

    def ccz(
        self,
        first: _Qubit,
        second: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Doubly controlled Z: the sign of |111> changes.

        See `numket.ccz`.
        """

    def cswap(
        self,
        control: _Qubit,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Fredkin: exchanges two qubits where the control is 1.

        See `numket.cswap`.
        """

    # The end of the gates.

@final
class Ket:
    """A handle on a state: gates as chainable methods, in place on the wrapped array.

    `.state` is the very array that was given. Every method returns the handle. Gates take the
    arguments of the function of the same name, without the state; angles are radians.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n

    Raises
    ------
    TypeError, ValueError

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> psi = np.zeros(4, dtype=np.complex128)
    >>> psi[0] = 1
    >>> handle = nk.Ket(psi).h(0).cx(0, 1)
    >>> handle.state is psi
    True
    >>> np.round(psi.real, 3)
    array([0.707, 0.   , 0.   , 0.707])
    """
    def __new__(cls, state: _State, /) -> Ket: ...
    @property
    def state(self) -> NDArray[Any]:
        """The wrapped array itself, not a copy."""

    @property
    def num_qubits(self) -> int:
        """The number of qubits."""

    def _repr_html_(self) -> str: ...
    def _repr_latex_(self) -> str: ...
    def apply(self, matrix: ArrayLike, qubits: _Qubits, /, **options: Any) -> Ket:
        """Applies a matrix, as numket.apply does."""

    def apply_diagonal(self, diagonal: ArrayLike, qubits: _Qubits, /, **options: Any) -> Ket:
        """Applies a diagonal, as numket.apply_diagonal does."""

    def apply_permutation(self, permutation: ArrayLike, qubits: _Qubits, /, **options: Any) -> Ket:
        """Applies a permutation, as numket.apply_permutation does."""

    def normalize(self, **options: Any) -> Ket:
        """Scales the state to norm 1, as numket.normalize does."""

    def reset(self, qubits: _Qubits, /, **options: Any) -> Ket:
        """Resets qubits to |0>, as numket.reset does."""

    @overload
    def measure(self, qubits: _Qubit, **options: Any) -> int:
        """Measures qubits and returns their values, as numket.measure does.

        Examples
        --------
        >>> import numket as nk
        >>> bell = nk.ket("00").h(0).cx(0, 1)
        >>> bell.measure(0, rng=7), bell.measure(1)
        (0, 0)
        """

    @overload
    def measure(
        self, qubits: Iterable[SupportsIndex] | None = None, **options: Any
    ) -> NDArray[np.int8]: ...
    def project(self, qubits: _Qubits, outcome: _Outcome, /, **options: Any) -> float:
        """Projects qubits to an outcome and returns its probability, as numket.project does."""

    def sample(
        self, shots: SupportsIndex, /, qubits: _Qubits | None = None, **options: Any
    ) -> NDArray[np.int64]:
        """Basis states at random, as numket.sample gives them."""

    def counts(
        self, shots: SupportsIndex, /, qubits: _Qubits | None = None, **options: Any
    ) -> dict[str, int]:
        """How many shots give each outcome, as numket.counts tells it.

        Examples
        --------
        >>> import numket as nk
        >>> nk.ket("10").counts(100)
        {'10': 100}
        """

    # The gates of the table, by .ci/stub.py:
    def x(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Pauli X, the NOT gate: exchanges |0> and |1>.

        See `numket.x`.
        """

    def y(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Pauli Y: |0> becomes i|1>, |1> becomes -i|0>.

        See `numket.y`.
        """

    def z(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Pauli Z: the sign of |1> changes.

        See `numket.z`.
        """

    def h(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Hadamard: (X + Z) / sqrt(2).

        See `numket.h`.
        """

    def s(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """S, the square root of Z: multiplies |1> by i.

        See `numket.s`.
        """

    def sdg(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Inverse of S.

        See `numket.sdg`.
        """

    def t(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """T, the square root of S: multiplies |1> by exp(i pi/4).

        See `numket.t`.
        """

    def tdg(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Inverse of T.

        See `numket.tdg`.
        """

    def sx(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Square root of X.

        See `numket.sx`.
        """

    def sxdg(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Inverse of the square root of X.

        See `numket.sxdg`.
        """

    def p(
        self,
        lam: _Angle,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Phase shift: |1> is multiplied by exp(i lam).

        See `numket.p`.
        """

    def rx(
        self,
        theta: _Angle,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Rotation about X by theta: exp(-i theta/2 X).

        See `numket.rx`.
        """

    def ry(
        self,
        theta: _Angle,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Rotation about Y by theta: exp(-i theta/2 Y).

        See `numket.ry`.
        """

    def rz(
        self,
        theta: _Angle,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Rotation about Z by theta: exp(-i theta/2 Z).

        See `numket.rz`.
        """

    def u(
        self,
        theta: _Angle,
        phi: _Angle,
        lam: _Angle,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """General rotation of one qubit by Euler angles: rz(phi) ry(theta) rz(lam), up to a phase.

        See `numket.u`.
        """

    def cx(
        self,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Controlled X (CNOT): X on the target where the control is 1.

        See `numket.cx`.
        """

    def cy(
        self,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Controlled Y: Y on the target where the control is 1.

        See `numket.cy`.
        """

    def cz(
        self,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Controlled Z: the sign of |11> changes.

        See `numket.cz`.
        """

    def ch(
        self,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Controlled Hadamard: H on the target where the control is 1.

        See `numket.ch`.
        """

    def cp(
        self,
        lam: _Angle,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Controlled phase shift: |11> is multiplied by exp(i lam).

        See `numket.cp`.
        """

    def crx(
        self,
        theta: _Angle,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Controlled rotation about X: exp(-i theta/2 X) on the target where the control is 1.

        See `numket.crx`.
        """

    def cry(
        self,
        theta: _Angle,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Controlled rotation about Y: exp(-i theta/2 Y) on the target where the control is 1.

        See `numket.cry`.
        """

    def crz(
        self,
        theta: _Angle,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Controlled rotation about Z: exp(-i theta/2 Z) on the target where the control is 1.

        See `numket.crz`.
        """

    def cu(
        self,
        theta: _Angle,
        phi: _Angle,
        lam: _Angle,
        gamma: _Angle,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Controlled general rotation: exp(i gamma) u(theta, phi, lam) on the target where the control is 1.

        See `numket.cu`.
        """

    def swap(
        self,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Exchanges two qubits.

        See `numket.swap`.
        """

    def iswap(
        self,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Exchanges two qubits and multiplies |01> and |10> by i: exp(i pi/4 (XX + YY)).

        See `numket.iswap`.
        """

    def rxx(
        self,
        theta: _Angle,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Rotation about XX: exp(-i theta/2 X X).

        See `numket.rxx`.
        """

    def ryy(
        self,
        theta: _Angle,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Rotation about YY: exp(-i theta/2 Y Y).

        See `numket.ryy`.
        """

    def rzz(
        self,
        theta: _Angle,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Rotation about ZZ: exp(-i theta/2 Z Z).

        See `numket.rzz`.
        """

    def rzx(
        self,
        theta: _Angle,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Rotation about ZX: exp(-i theta/2 Z X), Z on the first qubit.

        See `numket.rzx`.
        """

    def ecr(
        self,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Echoed cross-resonance: (X I - Y X) / sqrt(2), a gate of IBM's machines.

        See `numket.ecr`.
        """

    def ccx(
        self,
        first: _Qubit,
        second: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Toffoli: X on the target where both controls are 1.

        See `numket.ccx`.
        """

    def ccz(
        self,
        first: _Qubit,
        second: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Doubly controlled Z: the sign of |111> changes.

        See `numket.ccz`.
        """

    def cswap(
        self,
        control: _Qubit,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket:
        """Fredkin: exchanges two qubits where the control is 1.

        See `numket.cswap`.
        """

    # The end of the gates.
    def X(self, q: _Qubit, /) -> Ket:
        """The method `x` under its name in the original ket notation."""

    def Y(self, q: _Qubit, /) -> Ket:
        """The method `y` under its name in the original ket notation."""

    def Z(self, q: _Qubit, /) -> Ket:
        """The method `z` under its name in the original ket notation."""

    def H(self, q: _Qubit, /) -> Ket:
        """The method `h` under its name in the original ket notation."""

    def S(self, q: _Qubit, /) -> Ket:
        """The method `s` under its name in the original ket notation."""

    def CNOT(self, control: _Qubit, target: _Qubit, /) -> Ket:
        """The method `cx` under its name in the original ket notation."""

    def CPHASE(self, theta: _Angle, control: _Qubit, target: _Qubit, /) -> Ket:
        """The method `cp` under its name in the original ket notation."""

@final
class PauliSum:
    """A sum of Pauli strings with coefficients, such as a Hamiltonian: an immutable value.

    Equal strings are merged, and what cancels is left out. Sums of one size are added with + and -,
    multiplied with @ as matrices are, and with numbers; they compare, copy and pickle by value.

    Parameters
    ----------
    terms : mapping of str to number, or iterable
        A letter I, X, Y or Z for each qubit, qubit 0 first, and the coefficient of the string. Or tuples
        (letters, coefficient), or (letters, qubits, coefficient) with the qubits of the letters.
    num_qubits : int, optional
        Needed where terms list qubits, or where there is no term.

    Attributes
    ----------
    num_qubits : int
    hermitian : bool
        Whether all coefficients are real.

    Raises
    ------
    TypeError, ValueError

    Examples
    --------
    >>> import numket as nk
    >>> nk.PauliSum({"XXI": 0.5, "ZIZ": -1})
    PauliSum({'XXI': 0.5, 'ZIZ': -1.0})
    >>> chain = nk.PauliSum([("ZZ", (q, q + 1), -1) for q in range(3)], num_qubits=4)
    >>> chain += nk.PauliSum([("X", q, 0.5) for q in range(4)], num_qubits=4)
    >>> len(chain), chain.expectation(nk.zero_state(4))
    (7, -3.0)
    """

    __array_ufunc__: None
    def __new__(
        cls,
        terms: Mapping[str, complex] | Iterable[tuple[str, complex] | tuple[str, _Qubits, complex]],
        num_qubits: SupportsIndex | None = None,
    ) -> PauliSum: ...
    @classmethod
    def from_qiskit(cls, operator: Any) -> PauliSum:
        """The sum that a Qiskit operator is: a SparsePauliOp, or whatever has its to_list(). Qiskit's labels
        have qubit 0 last; qubit q stays qubit q.

        Parameters
        ----------
        operator : qiskit.quantum_info.SparsePauliOp

        Returns
        -------
        PauliSum
        """

    @classmethod
    def from_openfermion(cls, operator: Any, num_qubits: SupportsIndex | None = None) -> PauliSum:
        """The sum that an OpenFermion operator is: a QubitOperator, or whatever has its terms.

        Parameters
        ----------
        operator : openfermion.QubitOperator
        num_qubits : int, optional
            One more than the highest qubit if not given.

        Returns
        -------
        PauliSum
        """

    @property
    def num_qubits(self) -> int:
        """The number of qubits."""

    @property
    def hermitian(self) -> bool:
        """Whether all coefficients are real."""

    def adjoint(self) -> PauliSum:
        """The adjoint: with the conjugates of all coefficients.

        Returns
        -------
        PauliSum
        """

    def trace(self) -> complex:
        """The trace of its matrix: 2**num_qubits times the coefficient of the string of I alone.

        Returns
        -------
        float, or complex where that is
        """

    def expectation(self, state: _State, /, *, batch: int = 0, threads: int | None = None) -> Any:
        """The expectation value <state|sum|state>, in double precision. It is not divided by the square of
        the norm. Has the same bits for any number of threads, and allocates nothing of the state's size.

        Parameters
        ----------
        state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
            Only read.
        batch : int
            Number of leading axes of the state that count states: (B, 2**n) has 1.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        float, or complex if the sum is not Hermitian; with batch axes, an array of their shape

        Raises
        ------
        TypeError, ValueError, BufferInUseError

        Examples
        --------
        >>> import numket as nk
        >>> bell = nk.ket("00").h(0).cx(0, 1).state
        >>> round(nk.PauliSum({"XX": 0.5, "ZZ": 0.25, "ZI": 7}).expectation(bell), 12)
        0.75
        """

    def variance(self, state: _State, /, *, batch: int = 0, threads: int | None = None) -> Any:
        """The variance: the square of the norm of (sum - <sum>)|state>, which for a state of norm 1 is
        <sum**2> - <sum>**2, without the cancellation. Allocates nothing of the state's size.

        Parameters
        ----------
        state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
            Only read; its norm is taken to be 1.
        batch : int
            Number of leading axes of the state that count states: (B, 2**n) has 1.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        float; with batch axes, an array of their shape

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            ValueError also where the sum is not Hermitian.

        Examples
        --------
        >>> import numket as nk
        >>> nk.PauliSum({"X": 2}).variance(nk.zero_state(1))
        4.0
        """

    def apply(self, state: _State, out: _State, /, *, threads: int | None = None) -> None:
        """Writes sum|state> to `out`: the product of its matrix and the state.

        Parameters
        ----------
        state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
            Only read.
        out : ndarray of the same dtype, shape (2**n,) or (2,) * n
            Changed; shares no memory with the state, and may lie differently.
        threads : int, optional
            At most this many threads for this call.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Before anything is written.

        Examples
        --------
        >>> import numket as nk
        >>> out = nk.empty_state(2)
        >>> nk.PauliSum({"XI": 1, "ZZ": 2}).apply(nk.zero_state(2), out)
        >>> out.real
        array([2., 0., 1., 0.])
        """

    def linear_operator(self, dtype: DTypeLike | None = None) -> Any:
        """The sum as a scipy.sparse.linalg.LinearOperator, for eigsh, expm_multiply and the like: every
        product is one pass, and no matrix is built. Needs SciPy, extra `scipy`.

        Parameters
        ----------
        dtype : complex128 (default) or complex64

        Returns
        -------
        scipy.sparse.linalg.LinearOperator of shape (2**n, 2**n)
        """

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[tuple[str, complex]]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __copy__(self) -> PauliSum: ...
    def __deepcopy__(self, _memo: Any, /) -> PauliSum: ...
    def __reduce__(self) -> tuple[Any, ...]: ...
    def __add__(self, other: PauliSum, /) -> PauliSum: ...
    def __radd__(self, other: PauliSum, /) -> PauliSum: ...
    def __sub__(self, other: PauliSum, /) -> PauliSum: ...
    def __rsub__(self, other: PauliSum, /) -> PauliSum: ...
    def __matmul__(self, other: PauliSum, /) -> PauliSum: ...
    def __rmatmul__(self, other: PauliSum, /) -> PauliSum: ...
    def __mul__(self, other: complex, /) -> PauliSum: ...
    def __rmul__(self, other: complex, /) -> PauliSum: ...
    def __truediv__(self, other: complex, /) -> PauliSum: ...
    def __rtruediv__(self, other: complex, /) -> PauliSum: ...
    def __neg__(self) -> PauliSum: ...
