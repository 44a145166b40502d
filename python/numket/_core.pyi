# Signatures are written here by hand. Gates, docstrings and __all__ come from .ci/stub.py.

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from os import PathLike
from typing import (
    Any,
    Literal,
    Never,
    SupportsFloat,
    SupportsIndex,
    TypeAlias,
    TypedDict,
    TypeVar,
    final,
    overload,
)

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from numket.circuit import Operation
from numket.drawing import Drawing
from numket.linear import PauliOperator
from numket.parameter import Expression, Parameter
from numket.plan import PartedPlan, Plan, Segments
from numket.trajectories import Estimate, Observable

_Amplitude = TypeVar("_Amplitude", bound=np.inexact[Any])
_StateGiven = TypeVar("_StateGiven", NDArray[np.inexact[Any]], "Ket")
_State: TypeAlias = NDArray[np.inexact[Any]] | Ket
# Numbers of batch axes, as far as they are written down: the result is then an array.
_Axes: TypeAlias = Literal[1, 2, 3, 4, 5, 6, 7, 8]
# What gives real values; a sum may have complex coefficients.
_Hermitian: TypeAlias = str | ArrayLike
_Part: TypeAlias = PauliSum | tuple[float | Callable[[float], float], PauliSum]
_Hamiltonian: TypeAlias = PauliSum | ArrayLike | Sequence[_Part]
_Angle: TypeAlias = SupportsFloat | SupportsIndex | ArrayLike
_OneAngle: TypeAlias = SupportsFloat | SupportsIndex
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
    threads_by: str
    cpu_features: list[str]

__all__ = [
    "GATES",
    "BufferInUseError",
    "Circuit",
    "Ket",
    "ParameterError",
    "PauliSum",
    "Sampler",
    "apply",
    "apply_diagonal",
    "apply_kraus",
    "apply_pauli",
    "apply_permutation",
    "basis_state",
    "bloch_vectors",
    "ccx",
    "ccz",
    "ch",
    "config",
    "correlations",
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
    "evolve",
    "expectation",
    "expectation_in_density",
    "fidelity",
    "force_threads",
    "free_memory",
    "get_num_threads",
    "ground_state",
    "h",
    "inner",
    "iswap",
    "ket",
    "little_endian",
    "measure",
    "native_ghz",
    "noop",
    "norm",
    "normalize",
    "on_density",
    "overview",
    "p",
    "pauli_rotation",
    "probabilities",
    "project",
    "pull_back",
    "qubit_numbers",
    "read_qasm",
    "read_qiskit",
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
    "shown",
    "swap",
    "sweep_probe",
    "sx",
    "sxdg",
    "t",
    "tdg",
    "threads",
    "u",
    "variance",
    "whole_number",
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

class ParameterError(KeyError):
    """Values of a circuit's parameters have other names than the parameters.

    Raised before anything is written. Give a value for each of `circuit.parameters`, and no others.
    """

@final
class threads:
    """A context in which calls use at most so many threads.

    It holds for this Python thread and, under asyncio, for this task.

    Parameters
    ----------
    count : int
        At least 1.

    Raises
    ------
    TypeError
        Where `count` is no int.
    ValueError
        Where it is less than 1.

    See Also
    --------
    numket.set_num_threads : For the whole process.

    Examples
    --------
    >>> import numket as nk
    >>> with nk.threads(1):
    ...     nk.get_num_threads()
    1
    """
    def __new__(cls, count: int) -> threads: ...
    def __enter__(self) -> None: ...
    def __exit__(self, *_exception: object) -> None: ...

def set_num_threads(count: int) -> None:
    """Sets how many threads numket may use from now on, in all of this process.

    Parameters
    ----------
    count : int
        At least 1.

    Raises
    ------
    TypeError
        Where `count` is no int.
    ValueError
        Where it is less than 1.

    See Also
    --------
    numket.threads : For some lines only.

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
    """How many threads a call may use here.

    That is what numket.threads or set_num_threads says; else the environment variable
    NUMKET_NUM_THREADS; else OMP_NUM_THREADS, which joblib, Dask and Ray set in their workers; else the
    number of CPUs of this process, by its affinity and control group. `numket info` tells which.

    Returns
    -------
    int
        At least 1.

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

@overload
def empty_state(n: SupportsIndex, dtype: None = None) -> NDArray[np.complex128]:
    """A fresh state of n qubits whose amplitudes are not set.

    Its memory starts at a multiple of 64 bytes, a cache line; otherwise it is an array as
    np.empty makes it.

    Parameters
    ----------
    n : int
        The number of qubits.
    dtype : complex128 (default), complex64, float64 or float32
        The type of the amplitudes.

    Returns
    -------
    ndarray, shape (2**n,)
        Whatever was in the memory.

    Raises
    ------
    TypeError
        Where `n` is no int, or `dtype` is another.
    ValueError
        Where `n` is negative.
    MemoryError
        Where there is too little memory, before any is taken; the message says how many GiB are
        needed and free.

    See Also
    --------
    numket.zero_state : The state |0...0>.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.empty_state(2)
    >>> psi[:] = [0.5, 0.5, -0.5, 0.5]
    >>> nk.norm(psi)
    1.0
    """

@overload
def empty_state(
    n: SupportsIndex, dtype: type[_Amplitude] | np.dtype[_Amplitude]
) -> NDArray[_Amplitude]: ...
@overload
def empty_state(n: SupportsIndex, dtype: DTypeLike | None = None) -> NDArray[Any]: ...
@overload
def zero_state(n: SupportsIndex, dtype: None = None) -> NDArray[np.complex128]:
    """The state |0...0> of n qubits, as a new array.

    Its memory starts at a multiple of 64 bytes, a cache line; otherwise it is an array as
    np.zeros makes it.

    Parameters
    ----------
    n : int
        The number of qubits.
    dtype : complex128 (default), complex64, float64 or float32
        The type of the amplitudes.

    Returns
    -------
    ndarray, shape (2**n,)
        The amplitudes: 1 and then 0.

    Raises
    ------
    TypeError
        Where `n` is no int, or `dtype` is another.
    ValueError
        Where `n` is negative.
    MemoryError
        Where there is too little memory, before any is taken; the message says how many GiB are
        needed and free.

    See Also
    --------
    numket.basis_state : Any other basis state.
    numket.ket : A basis state with gates as methods.

    Examples
    --------
    >>> import numket as nk
    >>> nk.zero_state(2).real
    array([1., 0., 0., 0.])
    """

@overload
def zero_state(
    n: SupportsIndex, dtype: type[_Amplitude] | np.dtype[_Amplitude]
) -> NDArray[_Amplitude]: ...
@overload
def zero_state(n: SupportsIndex, dtype: DTypeLike | None = None) -> NDArray[Any]: ...
@overload
def basis_state(
    n: SupportsIndex,
    index_or_bits: SupportsIndex | str | Iterable[SupportsIndex],
    dtype: None = None,
) -> NDArray[np.complex128]:
    """One basis state of n qubits, as a new array.

    Its memory starts at a multiple of 64 bytes, a cache line; otherwise it is an array as
    np.zeros makes it.

    Parameters
    ----------
    n : int
        The number of qubits.
    index_or_bits : int, str or sequence of int
        An int is the index of the amplitude that is 1. A string or a sequence has the value of
        each qubit, 0 or 1, qubit 0 first.
    dtype : complex128 (default), complex64, float64 or float32
        The type of the amplitudes.

    Returns
    -------
    ndarray, shape (2**n,)
        The amplitudes.

    Raises
    ------
    TypeError
        Where an argument has a wrong type, or `dtype` is another.
    ValueError
        Where `n` is negative, or n qubits have no such basis state.
    MemoryError
        Where there is too little memory, before any is taken; the message says how many GiB are
        needed and free.

    Examples
    --------
    >>> import numket as nk
    >>> nk.basis_state(2, "10").real
    array([0., 0., 1., 0.])
    >>> nk.basis_state(2, 2).real  # 10 in binary
    array([0., 0., 1., 0.])
    """

@overload
def basis_state(
    n: SupportsIndex,
    index_or_bits: SupportsIndex | str | Iterable[SupportsIndex],
    dtype: type[_Amplitude] | np.dtype[_Amplitude],
) -> NDArray[_Amplitude]: ...
@overload
def basis_state(
    n: SupportsIndex,
    index_or_bits: SupportsIndex | str | Iterable[SupportsIndex],
    dtype: DTypeLike | None = None,
) -> NDArray[Any]: ...
@overload
def little_endian(state: NDArray[_Amplitude]) -> NDArray[_Amplitude]:
    """The same state with its qubits in reverse order, as Qiskit counts them: a view, never a copy.

    Qubit q of the result is the q-th *least* significant bit of the flat index.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        The state, with any strides.

    Returns
    -------
    ndarray, shape (2,) * n
        The view state.reshape((2,) * n).T.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes.
    ValueError
        Where its shape is another.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(3)
    >>> nk.x(nk.little_endian(psi), 0)  # Qiskit's qubit 0
    >>> int(psi.argmax())
    1
    """

@overload
def little_endian(state: Ket) -> NDArray[Any]: ...
@overload
def norm(state: _State, *, batch: Literal[0] = 0, threads: int | None = None) -> float:
    """The norm of a state: sqrt(sum(abs(state)**2)).

    The sum is in double precision and in one fixed order: the result has the same bits for any
    number of threads. It is also right where squares of amplitudes are too large or too small for
    a float.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Only read. Qubit q is axis q of state.reshape((2,) * n).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    float, or ndarray of float64 of the batch axes
        The norm, or that of each state.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or another argument has a wrong
        type.
    ValueError
        Where the shape of the state is another.
    BufferInUseError
        Where another call is changing the state.

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> nk.norm(np.array([3, 4j]))
    5.0
    >>> nk.norm(np.array([[3, 4j], [0, 2]]), batch=1)
    array([5., 2.])
    """

@overload
def norm(state: _State, *, batch: _Axes, threads: int | None = None) -> NDArray[np.float64]: ...
@overload
def norm(
    state: _State, *, batch: int, threads: int | None = None
) -> float | NDArray[np.float64]: ...
def normalize(state: _State, *, batch: int = 0, threads: int | None = None) -> None:
    """Scales a state to norm 1, in place.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or another argument has a wrong
        type.
    ValueError
        Where the shape is another, or a state has norm 0, a NaN or an infinity. As with every
        error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> psi = np.array([3, 4j])
    >>> nk.normalize(psi)
    >>> psi
    array([0.6+0.j , 0. +0.8j])
    """

@overload
def inner(
    bra: _State, ket: _State, *, batch: Literal[0] = 0, threads: int | None = None
) -> complex:
    """The inner product of two states: sum(conj(bra) * ket).

    The sum is in double precision. Qubit q of one meets qubit q of the other, however each lies
    in memory.

    Parameters
    ----------
    bra : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        The state that is conjugated. Only read.
    ket : ndarray of the same dtype, shape (2**n,) or (2,) * n
        The other state. Only read.
    batch : int
        Number of leading axes of both that count states. An axis of length 1 broadcasts.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    complex, or ndarray of complex128 of the batch axes
        The product, or that of each pair.

    Raises
    ------
    TypeError
        Where a state is no ndarray of these dtypes, or their dtypes differ.
    ValueError
        Where a shape is another, the numbers of qubits differ, or batch axes do not broadcast.
    BufferInUseError
        Where another call is changing one of the states.

    See Also
    --------
    numket.fidelity : The square of its absolute value.

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
    bra: _State, ket: _State, *, batch: _Axes, threads: int | None = None
) -> NDArray[np.complex128]: ...
@overload
def inner(
    bra: _State, ket: _State, *, batch: int, threads: int | None = None
) -> complex | NDArray[np.complex128]: ...
@overload
def fidelity(a: _State, b: _State, *, batch: Literal[0] = 0, threads: int | None = None) -> float:
    """The fidelity of two pure states: abs(inner(a, b))**2.

    It is computed in double precision.

    Parameters
    ----------
    a : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        A state of norm 1. Only read.
    b : ndarray of the same dtype, shape (2**n,) or (2,) * n
        The other state of norm 1. Only read.
    batch : int
        Number of leading axes of both that count states. They have the same lengths.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    float, or ndarray of float64 of the batch axes
        The fidelity, or that of each pair. It is not divided by the norms, but where it is above 1
        by rounding, which is up to 1024 times the machine epsilon of the dtype, it is 1.

    Raises
    ------
    TypeError
        Where a state is no ndarray of these dtypes, or their dtypes differ.
    ValueError
        Where a shape is another, or the numbers of qubits or the batch axes differ.
    BufferInUseError
        Where another call is changing one of the states.

    Notes
    -----
    R. Jozsa, "Fidelity for mixed quantum states", Journal of Modern Optics 41, 2315 (1994). Some
    authors, such as Nielsen and Chuang, call its square root so.

    Examples
    --------
    >>> import numket as nk
    >>> round(nk.fidelity(nk.zero_state(1), nk.ket("0").ry(0.2, 0).state), 6)  # cos(0.1)**2
    0.990033
    """

@overload
def fidelity(
    a: _State, b: _State, *, batch: _Axes, threads: int | None = None
) -> NDArray[np.float64]: ...
@overload
def fidelity(
    a: _State, b: _State, *, batch: int, threads: int | None = None
) -> float | NDArray[np.float64]: ...
def reduced_density_matrix(
    state: _State, qubits: _Qubits, *, batch: int = 0, threads: int | None = None
) -> NDArray[np.complex128]:
    """The density matrix of some qubits of a state, the others traced out.

    It is computed in double precision.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Only read. Qubit q is axis q of state.reshape((2,) * n).
    qubits : int or sequence of int
        The k distinct qubits that stay, the first being the most significant bit of a row index.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    ndarray of complex128, shape (2**k, 2**k) after the batch axes
        Hermitian, with trace norm(state)**2.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or another argument has a wrong
        type.
    ValueError
        Where the shape is another, or a qubit is out of range or listed twice.
    BufferInUseError
        Where another call is changing the state.

    Notes
    -----
    M. A. Nielsen and I. L. Chuang, Quantum Computation and Quantum Information (Cambridge
    University Press, 2010), section 2.4.3.

    Examples
    --------
    >>> import numket as nk
    >>> bell = nk.ket("00").h(0).cx(0, 1).state
    >>> nk.reduced_density_matrix(bell, 1).round(12).real
    array([[0.5, 0. ],
           [0. , 0.5]])
    """

def bloch_vectors(
    state: _State, *, batch: int = 0, threads: int | None = None
) -> NDArray[np.float64]:
    """The Bloch vectors of all qubits: the expectation values of X, Y and Z of each.

    All are read together: up to 15 qubits in one pass over the state, and 9 more in each further one.
    They are summed in double precision and in one fixed order: the result has the same bits for any
    number of threads.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Only read. Qubit q is axis q of state.reshape((2,) * n).
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    ndarray of float64, shape (n, 3) after the batch axes
        Row q is (<X>, <Y>, <Z>) of qubit q, not divided by norm(state)**2. In a state of norm 1 its
        length is 1 where the qubit is not entangled, and 0 where it is as much as can be.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes.
    ValueError
        Where the shape is another.
    BufferInUseError
        Where another call is changing the state.

    See Also
    --------
    numket.qubit_entropies : How entangled each qubit is, from these.
    numket.correlations : Of pairs of qubits.
    numket.expectation : Of any Pauli string.

    Notes
    -----
    M. A. Nielsen and I. L. Chuang, Quantum Computation and Quantum Information (Cambridge
    University Press, 2010), sections 1.2 and 2.4.2.

    Examples
    --------
    >>> import numket as nk
    >>> nk.bloch_vectors(nk.ket("010").h(2).state).round(12)
    array([[ 0.,  0.,  1.],
           [ 0.,  0., -1.],
           [ 1.,  0.,  0.]])
    >>> bell = nk.ket("00").h(0).cx(0, 1).state
    >>> float(abs(nk.bloch_vectors(bell)).max().round(12))  # each qubit alone is fully mixed
    0.0
    """

def correlations(
    state: _State,
    pauli: str = "Z",
    *,
    connected: bool = False,
    batch: int = 0,
    threads: int | None = None,
) -> NDArray[np.float64]:
    """The expectation values of ZZ, or XX or YY, for all pairs of qubits.

    Those of Z are read in one pass over the state, however many pairs there are; those of X and of Y
    pair by pair. They are summed in double precision and in one fixed order: the result has the same
    bits for any number of threads.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Only read. Qubit q is axis q of state.reshape((2,) * n).
    pauli : str
        The operator on both qubits: "X", "Y" or "Z".
    connected : bool
        Whether to subtract the product of both expectation values: what is left are the covariances
        of outcomes +1 and -1, which are 0 for qubits that know nothing of each other.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    ndarray of float64, shape (n, n) after the batch axes
        Symmetric, and not divided by norm(state)**2, which is what the diagonal holds without
        `connected`.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or `pauli` no str.
    ValueError
        Where the shape is another, or `pauli` is none of the three letters.
    BufferInUseError
        Where another call is changing the state.

    See Also
    --------
    numket.bloch_vectors : Of single qubits.
    numket.expectation : Of any Pauli string.

    Examples
    --------
    >>> import numket as nk
    >>> bell = nk.ket("000").h(0).cx(0, 1).state
    >>> nk.correlations(bell).round(12)
    array([[1., 1., 0.],
           [1., 1., 0.],
           [0., 0., 1.]])
    >>> float(nk.correlations(bell, "Y")[0, 1].round(12))
    -1.0
    """

@overload
def evolve(
    state: _State,
    hamiltonian: _Hamiltonian,
    t: ArrayLike,
    *,
    observables: None = None,
    callback: Callable[[float, Any], object] | None = None,
    imaginary: bool = False,
    qubits: _Qubits | None = None,
    hermitian: bool = True,
    tol: float | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Evolves a state in time under a Hamiltonian H, in place: exp(-i H t).

    For a `PauliSum` it adds up a series of Chebyshev polynomials of H, with proven bounds on its
    spectrum, in one call. The state is written at the end only, so a call that is refused or stopped
    leaves it as it was.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n
        Changed in place; in imaginary time also one of float64 or float32. Qubit q is axis q of
        state.reshape((2,) * n).
    hamiltonian : PauliSum, array_like, or sequence of (callable, PauliSum)
        A Hermitian sum on all n qubits. Or a Hermitian matrix on few qubits, shape (2**k, 2**k), or a
        real diagonal, shape (2**k,): then each time costs one pass over the state, by the eigenvectors
        of the matrix. Or a matrix or LinearOperator of scipy.sparse on all qubits, by steps in Krylov
        spaces of 24 vectors, which are kept. Or a Hamiltonian of time, the sum of f(t) * P over pairs
        (f, P): f is a function of the time of this call, which begins at 0, or a number.
    t : float or array_like of shape (T,)
        The time, with hbar = 1; negative to go back. Or several times, seen from the time 0 of the
        call, which the state goes through one after the other; it ends at the last.
    observables : PauliSum, str, or a sequence of what `numket.expectation` takes, optional
        What to read at each time.
    callback : callable, optional
        Called with each time and the state, which it may also change.
    imaginary : bool
        Apply exp(-H t) instead, which takes a state to the ground state, and keep its norm. A real
        state stays real under a real H, as a PauliSum whose strings have an even number of Y each,
        and takes half the memory and time.
    qubits : int or sequence of int, optional
        For a matrix or a diagonal the k qubits that it acts on; all in order if not given. The first is
        the most significant bit of a row index.
    hermitian : bool
        False takes a PauliSum that is not Hermitian too, as that of a Lindblad equation. The norm then
        changes.
    tol : float, optional
        A bound on the norm of what is left out of the series, for a state of norm 1 and each time:
        1e-12 if not given. What rounding adds is of the order of the machine epsilon of the dtype
        times the number of terms. For a Hamiltonian of time an estimate of the error, 1e-8 if not
        given; steps are as short as that takes, and 1e-14 for each of them is all that is reached.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    None, or ndarray of float64
        The expectation values, if there are observables. The axes are those of the times, of the
        observables and of the batch; without the first for a single time, and without the second
        for one observable that is not in a sequence. Complex where a PauliSum is not Hermitian.

    Raises
    ------
    TypeError
        Where the state is no ndarray of complex128 or complex64, or another argument has a wrong
        type. A real state is refused in real time, and under an H that is not real.
    ValueError
        Where a shape does not fit, H is not Hermitian or has another number of qubits, a time is
        not finite or so long that a series would have more than ten million terms, or `tol` is
        less than rounding leaves. In imaginary time, also where a state has norm 0. As with every
        error, nothing has been written for the first time.
    MemoryError
        Where there is no room for three more states.
    RuntimeError
        Where `tol` is not reached for a Hamiltonian of time, however short the steps are.
    BufferInUseError
        Where another call is using the memory of the state.
    KeyboardInterrupt
        On Ctrl-C. As with whatever a signal handler raises, the note of the error says of which time
        the state is.

    See Also
    --------
    numket.pauli_rotation : For one string, exactly.
    numket.PauliSum.linear_operator : For SciPy's expm_multiply.

    Notes
    -----
    A series has about r t + 3 (r t)**(1/3) + 20 terms for double precision, where r is half the width of
    the bounds on the spectrum. Each term is one product of H and a state. The work takes three
    states more than the one given, and three again for a Hamiltonian of time. Results have the same
    bits for any number of threads.

    Krylov spaces, for operators of SciPy's: Y. Saad, SIAM Journal on Numerical Analysis 29, 209 (1992).

    Steps under a Hamiltonian of time are of order 4, two exponentials each, and are compared with two
    of half the length: S. Blanes and P. C. Moan, Applied Numerical Mathematics 56, 1519 (2006).

    H. Tal-Ezer and R. Kosloff, "An accurate and efficient scheme for propagating the time dependent
    Schroedinger equation", Journal of Chemical Physics 81, 3967 (1984). Bounds: P. W. Anderson,
    Physical Review 83, 1260 (1951).

    Examples
    --------
    Rabi oscillations: the spin has turned after half a period.

    >>> import numpy as np, numket as nk
    >>> psi = nk.zero_state(1)
    >>> nk.evolve(psi, nk.PauliSum({"X": 0.5}), np.pi)
    >>> nk.probabilities(psi).round(12)
    array([0., 1.])

    The magnetization on the way:

    >>> psi = nk.zero_state(1)
    >>> times = np.linspace(0, np.pi, 5)
    >>> nk.evolve(psi, nk.PauliSum({"X": 0.5}), times, observables="Z").round(3) + 0.0
    array([ 1.   ,  0.707,  0.   , -0.707, -1.   ])

    The ground state of two spins, by imaginary time:

    >>> heisenberg = nk.PauliSum({"XX": 1, "YY": 1, "ZZ": 1})
    >>> psi = nk.basis_state(2, "01")
    >>> round(nk.evolve(psi, heisenberg, 10, observables=heisenberg, imaginary=True), 12)
    -3.0

    A pulse, whose area is pi:

    >>> psi = nk.zero_state(1)
    >>> pulse = [(lambda t: np.sqrt(np.pi) * np.exp(-((t - 6) ** 2)), nk.PauliSum({"X": 0.5}))]
    >>> nk.evolve(psi, pulse, 12)
    >>> nk.probabilities(psi).round(6) + 0.0
    array([0., 1.])
    """

@overload
def evolve(
    state: _State,
    hamiltonian: _Hamiltonian,
    t: ArrayLike,
    *,
    observables: PauliSum | str | Iterable[PauliSum | _Hermitian],
    callback: Callable[[float, Any], object] | None = None,
    imaginary: bool = False,
    qubits: _Qubits | None = None,
    hermitian: bool = True,
    tol: float | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> Any: ...
@overload
def ground_state(
    hamiltonian: PauliSum,
    k: Literal[1] | None = None,
    state: None = None,
    *,
    tol: float = 1e-10,
    dtype: DTypeLike | None = None,
    threads: int | None = None,
) -> tuple[float, NDArray[Any]]:
    """The lowest eigenstates of a Hamiltonian H: the ground state, and with `k` also those above it.

    It is Lanczos's method on three vectors, all in one call, with no matrix. Of degenerate levels
    each state comes, with equal energies. Where H is real, as a sum whose strings have an even number
    of Y each, so are the vectors, but where a complex state is given to start from.

    Parameters
    ----------
    hamiltonian : PauliSum
        A Hermitian sum on n qubits.
    k : int
        How many eigenstates, those with the lowest energies.
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n, optional
        The state to start from, which the ground state is written to; for k=1. A real one is for a real
        H. What the start has no part of, as by a symmetry, is found by rounding or not at all: it is
        then the ground state of a sector. A new array, from a random start with a fixed seed, if not
        given.
    tol : float
        A bound on the norm of H v - E v for each eigenstate v, in units of half the width of the
        spectrum. The error of an energy is about the square of that, divided by the gap. complex64
        reaches 1e-5.
    dtype : complex128 (default), complex64, float64 or float32
        Of the states, if none is given; real ones for a real H.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    energy : float, or for k > 1 ndarray of float64, shape (k,)
        The lowest eigenvalues, in ascending order.
    state : ndarray, shape (2**n,), or for k > 1 (k, 2**n)
        The eigenstates, of norm 1; or the array that was given.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and H is not, or another argument has
        a wrong type.
    ValueError
        Where H is not Hermitian, a shape does not fit, k is not from 1 to 2**n, the state to start from
        has norm 0, or `tol` is less than rounding leaves. As with every error, nothing has been
        written.
    RuntimeError
        Where `tol` is not reached, as for levels very close to each other; it says what is.
    MemoryError
        Where there is no room for two states more than those that are returned.
    BufferInUseError
        Where another call is using the memory of the state.
    KeyboardInterrupt
        On Ctrl-C. As with whatever a signal handler raises, nothing has been written.

    See Also
    --------
    numket.evolve : With imaginary time, towards the ground state.
    numket.PauliSum.variance : 0 in an eigenstate.
    numket.PauliSum.linear_operator : For SciPy's eigsh.

    Notes
    -----
    The vectors of the recurrence are not kept. They are made a second time to be added up, so each step
    costs two products of H and a state. For k > 1, each further eigenstate is sought in what is
    orthogonal to those before.

    C. Lanczos, Journal of Research of the National Bureau of Standards 45, 255 (1950). C. C. Paige, Linear
    Algebra and its Applications 34, 235 (1980).

    Examples
    --------
    >>> import numket as nk
    >>> heisenberg = nk.PauliSum({"XX": 1, "YY": 1, "ZZ": 1})
    >>> energy, singlet = nk.ground_state(heisenberg)
    >>> round(energy, 10), round(heisenberg.variance(singlet), 10) + 0.0
    (-3.0, 0.0)
    >>> energies, states = nk.ground_state(heisenberg, k=4)  # the triplet is degenerate
    >>> energies.round(10)
    array([-3.,  1.,  1.,  1.])
    >>> nk.ground_state(heisenberg, dtype=float)[1].dtype  # in half the memory
    dtype('float64')
    """

@overload
def ground_state(
    hamiltonian: PauliSum,
    k: Literal[1] | None = None,
    *,
    state: _StateGiven,
    tol: float = 1e-10,
    dtype: None = None,
    threads: int | None = None,
) -> tuple[float, _StateGiven]: ...
@overload
def ground_state(
    hamiltonian: PauliSum,
    k: SupportsIndex,
    state: Any = None,
    *,
    tol: float = 1e-10,
    dtype: DTypeLike | None = None,
    threads: int | None = None,
) -> tuple[Any, Any]: ...
@overload
def expectation(
    state: _State,
    observable: _Hermitian,
    qubits: _Qubits | None = None,
    *,
    batch: Literal[0] = 0,
    threads: int | None = None,
) -> float:
    """The expectation value of an observable O in a state: <state|O|state>.

    It is computed in double precision, and has the same bits for any number of threads. It is not
    divided by the square of the norm.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Only read. Qubit q is axis q of state.reshape((2,) * n).
    observable : PauliSum, str, or array_like of shape (2**k, 2**k) or (2**k,)
        A sum of Pauli strings, the letters of one string, a Hermitian matrix, or the real
        diagonal of one. The first qubit is the most significant bit of a row index.
    qubits : int or sequence of int, optional
        The k qubits that the observable acts on; all in order if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    float, or ndarray of float64 of the batch axes
        The value, or that of each state; complex where a PauliSum is not Hermitian.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or another argument has a wrong
        type.
    ValueError
        Where a shape does not fit, a qubit is out of range or listed twice, or a matrix is not
        Hermitian (rounding errors aside) or not finite.
    BufferInUseError
        Where another call is changing the state.

    See Also
    --------
    numket.variance : How far measured values scatter.
    numket.Circuit.expectation : After a circuit.

    Examples
    --------
    >>> import numket as nk
    >>> bell = nk.ket("00").h(0).cx(0, 1).state
    >>> round(nk.expectation(bell, "XX"), 12)
    1.0
    >>> round(nk.expectation(bell, [[0, 1], [1, 0]], qubits=1), 12)
    0.0
    >>> round(nk.expectation(bell, [0, 1, 2, 3]), 12)  # the mean basis index
    1.5
    """

@overload
def expectation(
    state: _State,
    observable: _Hermitian,
    qubits: _Qubits | None = None,
    *,
    batch: _Axes,
    threads: int | None = None,
) -> NDArray[np.float64]: ...
@overload
def expectation(
    state: _State,
    observable: PauliSum,
    qubits: _Qubits | None = None,
    *,
    batch: Literal[0] = 0,
    threads: int | None = None,
) -> float | Any: ...
@overload
def expectation(
    state: _State,
    observable: PauliSum,
    qubits: _Qubits | None = None,
    *,
    batch: _Axes,
    threads: int | None = None,
) -> NDArray[Any]: ...
@overload
def expectation(
    state: _State,
    observable: PauliSum | _Hermitian,
    qubits: _Qubits | None = None,
    *,
    batch: int,
    threads: int | None = None,
) -> Any: ...
@overload
def variance(
    state: _State,
    observable: PauliSum | _Hermitian,
    qubits: _Qubits | None = None,
    *,
    batch: Literal[0] = 0,
    threads: int | None = None,
) -> float:
    """The variance of an observable O in a state of norm 1: <O**2> - <O>**2.

    It is computed as the square of the norm of (O - <O>)|state>, which does not lose digits as a
    difference of two large numbers would.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        A state of norm 1. Only read.
    observable : PauliSum, str, or array_like of shape (2**k, 2**k) or (2**k,)
        A Hermitian sum of Pauli strings, the letters of one string, a Hermitian matrix, or the
        real diagonal of one. The first qubit is the most significant bit of a row index.
    qubits : int or sequence of int, optional
        The k qubits that the observable acts on; all in order if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    float, or ndarray of float64 of the batch axes
        The variance, or that of each state.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or another argument has a wrong
        type.
    ValueError
        Where a shape does not fit, a qubit is out of range or listed twice, or the observable is
        not Hermitian or not finite.
    BufferInUseError
        Where another call is changing the state.

    See Also
    --------
    numket.expectation : The mean.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.basis_state(2, "10")
    >>> nk.variance(psi, "ZZ"), nk.variance(psi, "XZ")
    (0.0, 1.0)
    """

@overload
def variance(
    state: _State,
    observable: PauliSum | _Hermitian,
    qubits: _Qubits | None = None,
    *,
    batch: _Axes,
    threads: int | None = None,
) -> NDArray[np.float64]: ...
@overload
def variance(
    state: _State,
    observable: PauliSum | _Hermitian,
    qubits: _Qubits | None = None,
    *,
    batch: int,
    threads: int | None = None,
) -> float | NDArray[np.float64]: ...
def expectation_in_density(
    rho: _State, observable: PauliSum | str | ArrayLike, /, *, threads: int | None = None
) -> Any:
    """The trace of a density matrix times an observable, for `numket.density`: the density matrix is a tensor
    of 2n qubits, those of its rows first.
    """

def probabilities(
    state: _State,
    qubits: _Qubits | None = None,
    *,
    out: NDArray[np.float64] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> NDArray[np.float64]:
    """The probabilities of the outcomes of measuring some qubits, as float64 for both precisions.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Only read. Qubit q is axis q of state.reshape((2,) * n).
    qubits : int or sequence of int, optional
        The k distinct qubits to measure, the first being the most significant bit of an outcome;
        all in order if not given.
    out : ndarray of float64, shape (2**k,) after the batch axes, optional
        Where to write the result; a new array if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    ndarray of float64, shape (2**k,) after the batch axes
        For each outcome the sum of abs(amplitude)**2; all add up to norm(state)**2.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or another argument has a wrong
        type.
    ValueError
        Where a shape does not fit, or a qubit is out of range or listed twice.
    BufferInUseError
        Where another call is changing the state, or using `out`.

    See Also
    --------
    numket.sample : Outcomes at random.

    Examples
    --------
    >>> import numket as nk
    >>> bell = nk.ket("00").h(0).cx(0, 1).state
    >>> nk.probabilities(bell).round(12)
    array([0.5, 0. , 0. , 0.5])
    >>> nk.probabilities(nk.basis_state(3, "110"), (2, 0))  # of qubit 2, then qubit 0
    array([0., 1., 0., 0.])
    """

@overload
def measure(
    state: _State,
    qubits: Iterable[SupportsIndex] | None = None,
    *,
    rng: _Rng = None,
    batch: int = 0,
    threads: int | None = None,
) -> NDArray[np.int8]:
    """Measures qubits in the Z basis, in place: draws an outcome, and projects the state to it.

    The norm of the state stays what it was. The first listed qubit is drawn first; for the same
    `rng`, Circuit.measure draws the same values. The state is read once and written once, however
    many qubits are listed.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    qubits : int or sequence of int, optional
        The k distinct qubits; all in order if not given.
    rng : None, int or numpy.random.Generator, optional
        What np.random.default_rng takes. A Generator is advanced by one number for each qubit of
        each state. They are drawn first: also if the call is then refused because the state has
        no norm or is in use.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    ndarray of int8, shape (k,) after the batch axes
        The values 0 and 1 in the order listed. Where `qubits` is an int, its axis is left out, as
        with an index in NumPy: an int, or an array of the batch axes.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or another argument has a wrong
        type.
    ValueError
        Where a shape does not fit, a qubit is out of range or listed twice, or a state has norm 0
        or is not finite. As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    See Also
    --------
    numket.sample : Outcomes of a state that stays as it is.
    numket.project : For an outcome of one's own choice.

    Notes
    -----
    A projective measurement: M. A. Nielsen and I. L. Chuang, Quantum Computation and Quantum
    Information (Cambridge University Press, 2010), section 2.2.5.

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
    qubits: _Qubit,
    *,
    rng: _Rng = None,
    batch: Literal[0] = 0,
    threads: int | None = None,
) -> int: ...
@overload
def measure(
    state: _State, qubits: _Qubit, *, rng: _Rng = None, batch: _Axes, threads: int | None = None
) -> NDArray[np.int8]: ...
@overload
def measure(
    state: _State, qubits: _Qubit, *, rng: _Rng = None, batch: int, threads: int | None = None
) -> int | NDArray[np.int8]: ...
@overload
def project(
    state: _State,
    qubits: _Qubits,
    outcome: _Outcome,
    *,
    batch: Literal[0] = 0,
    threads: int | None = None,
) -> float:
    """Projects qubits to an outcome, in place, as if a measurement had found it.

    Amplitudes of other outcomes become 0, and the rest is scaled so that the norm stays what it
    was.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    qubits : int or sequence of int
        The k distinct qubits.
    outcome : int, str or sequence of int
        An int is the number of the outcome, in which the first listed qubit is the most
        significant bit. A string or a sequence has k bits in the order listed. All states of a
        batch have the same outcome.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    float, or ndarray of float64 of the batch axes
        The probability that the outcome had.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or another argument has a wrong
        type.
    ValueError
        Where a shape does not fit, a qubit is out of range or listed twice, there is no such
        outcome, or it has probability 0. As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    See Also
    --------
    numket.measure : For an outcome that is drawn.

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
    state: _State, qubits: _Qubits, outcome: _Outcome, *, batch: _Axes, threads: int | None = None
) -> NDArray[np.float64]: ...
@overload
def project(
    state: _State, qubits: _Qubits, outcome: _Outcome, *, batch: int, threads: int | None = None
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

def read_qiskit(
    circuit: Circuit,
    instructions: Iterable[Any],
    places: Mapping[Any, int],
    standard: dict[str, Any],
    controlled: dict[type, Any],
    angle: Callable[[Any], Any],
    other: Callable[[Any], object],
    /,
) -> None:
    """Adds instructions of Qiskit to a circuit.

    `places` has the number of each qubit. `standard` tells, by the names of Qiskit's standard gates, what they are to
    numket, and `controlled` the same by the classes of controlled gates. A name of which there is None needs no look at
    the class. For classes of which any gate may be controlled, `controlled` has a pair: the attribute that is this gate,
    and what it is by its class.

    A gate is the place of one in `GATES`, or made of some: then it is the number of its angles, that of its qubits,
    and steps. Each has the place of a gate; its angles, each a number, and which angle of the gate is added how often;
    and which qubits of the gate it is on. Wherever there are more qubits than a gate has, the first ones are controls.

    `angle` gives what numket takes for an angle that is no float, and `other` adds each instruction that is left.

    >>> from qiskit import QuantumCircuit
    >>> import numket as nk
    >>> from numket import _core
    >>> bell = QuantumCircuit(2)
    >>> _ = bell.h(0)
    >>> circuit, places = nk.Circuit(2), {qubit: number for number, qubit in enumerate(bell.qubits)}
    >>> names = {gate["name"]: number for number, gate in enumerate(_core.GATES)}
    >>> _core.read_qiskit(circuit, bell.data, places, names, {}, float, print)
    >>> len(circuit)
    1
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
    state: _State, qubits: _Qubits, *, rng: _Rng = None, batch: int = 0, threads: int | None = None
) -> None:
    """Resets qubits to |0>, in place: measures them, and flips those that are 1.

    The norm of the state stays what it was.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
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
    TypeError
        Where the state is no ndarray of these dtypes, or another argument has a wrong
        type.
    ValueError
        Where a shape does not fit, a qubit is out of range or listed twice, or a state has norm 0
        or is not finite. As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.basis_state(2, "11")
    >>> nk.reset(psi, 0)
    >>> psi.real  # |01>
    array([0., 1., 0., 0.])
    """

def sample(
    state: _State,
    shots: SupportsIndex,
    qubits: _Qubits | None = None,
    *,
    rng: _Rng = None,
    batch: int = 0,
    threads: int | None = None,
) -> NDArray[np.int64]:
    """Outcomes of measuring qubits, drawn at random. The state stays as it is.

    Each outcome has its probability. The shots have the same values for any number of threads, on
    any CPU, and however the state lies in memory. No memory of the state's size is taken.
    Outcomes of probability 0 are never drawn.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Only read. Its norm may be any number but 0 and infinity.
    shots : int
        How many to draw.
    qubits : int or sequence of int, optional
        The distinct qubits to look at; all in order if not given.
    rng : None, int or numpy.random.Generator, optional
        What np.random.default_rng takes. A Generator is advanced by one number, however many
        shots there are. It is drawn first: also if the call is then refused because the state has
        no norm or is in use.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    ndarray of int64, shape (shots,) after the batch axes
        Numbers of outcomes in the order drawn. The first listed qubit is the most significant
        bit.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or another argument has a wrong
        type.
    ValueError
        Where the shape is another, a qubit is out of range or listed twice, `shots` is negative,
        or a state has norm 0 or is not finite.
    MemoryError
        Where there is too little memory for the result, before any is taken.
    BufferInUseError
        Where another call is changing the state.

    See Also
    --------
    numket.counts : How often each outcome occurs, in a time that does not grow with the shots.
    numket.Sampler : For many calls on one state.
    numket.measure : For a state that collapses.

    Notes
    -----
    Random numbers are those of Philox4x32-10: J. K. Salmon, M. A. Moraes, R. O. Dror and D. E.
    Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011).

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
    qubits: _Qubits | None = None,
    *,
    rng: _Rng = None,
    batch: Literal[0] = 0,
    threads: int | None = None,
) -> dict[str, int]:
    """How many of some shots give each outcome. It takes no longer for 10**12 shots than for 10**6.

    The shots are not drawn one by one, but shared out at random between ever smaller parts of the
    state: a tree of binomial distributions. The counts are the same for any number of threads, on
    any CPU, and however the state lies in memory. They are not those of the shots that
    numket.sample draws.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Only read. Its norm may be any number but 0 and infinity.
    shots : int
        How many, up to 2**53.
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
    dict of str to int, or ndarray of such dicts of the batch axes
        The outcomes that occur, in the order of their numbers. A label has one character for each
        qubit in the order listed, so that qubit 0 is the leftmost if none are listed.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or another argument has a wrong
        type.
    ValueError
        Where the shape is another, a qubit is out of range or listed twice, `shots` is out of
        range, or a state has norm 0 or is not finite.
    MemoryError
        Where so many outcomes occur that there is too little memory for the dict.
    BufferInUseError
        Where another call is changing the state.

    See Also
    --------
    numket.sample : The outcome of each shot.

    Notes
    -----
    Binomial numbers are drawn by algorithm BTRS: W. Hörmann, "The generation of binomial random
    variates", Journal of Statistical Computation and Simulation 46, 101 (1993).

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
    qubits: _Qubits | None = None,
    *,
    rng: _Rng = None,
    batch: _Axes,
    threads: int | None = None,
) -> NDArray[np.object_]: ...
@overload
def counts(
    state: _State,
    shots: SupportsIndex,
    qubits: _Qubits | None = None,
    *,
    rng: _Rng = None,
    batch: int,
    threads: int | None = None,
) -> dict[str, int] | NDArray[np.object_]: ...

@final
class Sampler:
    """Draws from one state again and again, which is read only once.

    What is kept is a table with 24 bytes for each 4096 amplitudes. The array is not copied: a
    draw may read some blocks of it again, and compares them with what they were. If one has
    changed, the call is refused, so that nothing is ever drawn from another state. (Blocks of
    which only phases have changed may be refused too.)

    For the same `rng`, draws are those of numket.sample and numket.counts.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Only read, and kept alive.
    qubits : int or sequence of int, optional
        The distinct qubits to look at; all in order if not given.
    threads : int, optional
        At most this many threads to read it.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or another argument has a wrong
        type.
    ValueError
        Where the shape is another, a qubit is out of range or listed twice, or the state has norm
        0 or is not finite.
    BufferInUseError
        Where another call is changing the state.

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
        cls, state: _State, qubits: _Qubits | None = None, *, threads: int | None = None
    ) -> Sampler: ...
    @property
    def state(self) -> NDArray[Any]:
        """The array that was given, not a copy."""

    def sample(
        self, shots: SupportsIndex, *, rng: _Rng = None, threads: int | None = None
    ) -> NDArray[np.int64]:
        """Outcomes at random, as numket.sample draws them.

        Parameters
        ----------
        shots : int
            How many to draw.
        rng : None, int or numpy.random.Generator, optional
            What np.random.default_rng takes. A Generator is advanced by one number.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        ndarray of int64, shape (shots,)
            Numbers of outcomes in the order drawn. The first listed qubit is the most significant
            bit.

        Raises
        ------
        TypeError
            Where `shots` is no int, or `rng` none that np.random.default_rng takes.
        ValueError
            Where `shots` is negative, or the array has changed where it was to be read.
        MemoryError
            Where there is too little memory for the result, before any is taken.
        BufferInUseError
            Where another call is changing the state.

        Examples
        --------
        >>> import numket as nk
        >>> sampler = nk.Sampler(nk.ket("000").h(0).cx(0, 1).cx(1, 2).state)
        >>> sampler.sample(8, rng=7)
        array([7, 7, 7, 7, 7, 0, 0, 7])
        """

    def counts(
        self, shots: SupportsIndex, *, rng: _Rng = None, threads: int | None = None
    ) -> dict[str, int]:
        """How many of some shots give each outcome, as numket.counts tells it.

        Parameters
        ----------
        shots : int
            How many, up to 2**53.
        rng : None, int or numpy.random.Generator, optional
            What np.random.default_rng takes. A Generator is advanced by one number.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        dict of str to int
            The outcomes that occur, in the order of their numbers. A label has one character for each
            qubit in the order listed.

        Raises
        ------
        TypeError
            Where `shots` is no int, or `rng` none that np.random.default_rng takes.
        ValueError
            Where `shots` is out of range, or the array has changed where it was to be read.
        MemoryError
            Where so many outcomes occur that there is too little memory for the dict.
        BufferInUseError
            Where another call is changing the state.

        Examples
        --------
        >>> import numket as nk
        >>> sampler = nk.Sampler(nk.ket("000").h(0).cx(0, 1).cx(1, 2).state)
        >>> sampler.counts(1000, rng=7)
        {'000': 493, '111': 507}
        """

    def __reduce__(self) -> tuple[Any, ...]: ...

def on_density(circuit: Circuit, params: _Params, /) -> tuple[Circuit, int]:
    """What a circuit does to density matrices, for `numket.density`: as a circuit on both sides of them, and how many
    qubits before these are classical bits.

    >>> import numket as nk
    >>> both, bits = nk._core.on_density(nk.Circuit(1).h(0).measure(0, 3).x(0, condition=3), None)
    >>> len(both), both.num_qubits, bits
    (5, 3, 1)
    """

def pull_back(
    circuit: Circuit, states: _State, params: _Params, /, *, threads: int | None = None
) -> NDArray[np.float64]:
    """Takes two states back through a circuit, in place and up to a global phase, for states over several ranks. They are
    a flat state of one more qubit: what the circuit made of a state, and behind it what an observable makes of that.
    Returns the derivatives of the expectation value.

    >>> import numpy as np, numket as nk
    >>> circuit = nk.Circuit(1).rx(nk.Parameter("theta"), 0)
    >>> states = np.zeros((2, 2), complex)
    >>> circuit.prepare(states[0], [0.3])
    >>> states[1] = states[0] * [1, -1]  # Z
    >>> nk._core.pull_back(circuit, states.reshape(-1), [0.3]).round(6)  # -sin(0.3)
    array([-0.29552])
    """

def overview(
    state: _State, count: int, /
) -> tuple[NDArray[np.int64], NDArray[np.float64], float, int]:
    """A state at a glance, for display: the indices of its most probable basis states and their probabilities, most
    probable first and the lower index first among those that are equal but for rounding; the sum of all
    probabilities; and how many basis states have more than rounding leaves. One pass, no copy of the state.

    Examples
    --------
    >>> import numket as nk
    >>> from numket import _core
    >>> _core.overview(nk.basis_state(3, "110"), 1)
    (array([6]), array([1.]), 1.0, 1)
    """

def whole_number(name: str, given: SupportsIndex, /) -> int:
    """A whole number: anything with `__index__` except a bool."""

def qubit_numbers(given: _Qubits, /) -> list[int]:
    """The qubits of a sequence, or the one that `given` is."""

def shown(given: object, /) -> str:
    """What `repr` says of an object, as messages quote it: short, or its type instead."""

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

def free_memory() -> int | None:
    """Bytes of memory that the system could hand out now, where it tells.

    >>> import numket as nk
    >>> nk._core.free_memory() > 0
    True
    """

def config() -> _Config:
    """What this build is and what it found: version, lanes, threads, CPU features."""

def apply(
    state: _State,
    matrix: ArrayLike,
    qubits: _Qubits,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Applies any matrix to qubits of a state, in place.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    matrix : array_like, shape (2**k, 2**k) or (2,) * 2k
        The matrix, unitary or not. The first qubit is the most significant bit of a row index, so
        that np.kron(A, B) is A on the first qubit and B on the second. With batch axes, axes
        before these count matrices and broadcast against the batch.
    qubits : int or sequence of int
        The k distinct qubits.
    controls : int or sequence of int, optional
        Qubits that must have their control values; other amplitudes stay as they are.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the numbers of the operator
        are not, or another argument has a wrong type.
    ValueError
        Where a shape does not fit, a qubit is out of range or listed twice, or the matrix is not
        finite. As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> X, Y = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]])
    >>> psi = nk.zero_state(2)
    >>> nk.apply(psi, X, 0)
    >>> nk.apply(psi, np.kron(X, Y), (0, 1))
    >>> psi
    array([0.+0.j, 0.+1.j, 0.+0.j, 0.+0.j])
    """

def apply_diagonal(
    state: _State,
    diagonal: ArrayLike,
    qubits: _Qubits,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Multiplies a state by a diagonal matrix on some of its qubits, in place.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    diagonal : array_like, shape (2**k,)
        Entry i belongs to the basis state whose bits spell i, the first qubit's first. With batch
        axes, axes before this one count diagonals and broadcast against the batch.
    qubits : int or sequence of int
        The k distinct qubits.
    controls : int or sequence of int, optional
        Qubits that must have their control values; other amplitudes stay as they are.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the numbers of the operator
        are not, or another argument has a wrong type.
    ValueError
        Where a shape does not fit, a qubit is out of range or listed twice, or an entry is not
        finite. As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.basis_state(2, "11")
    >>> nk.apply_diagonal(psi, [1, 1, 1, -1], (0, 1))  # as cz
    >>> psi.real
    array([ 0.,  0.,  0., -1.])
    """

def apply_permutation(
    state: _State,
    permutation: ArrayLike,
    qubits: _Qubits,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Moves the amplitudes of a state as a permutation of basis states says, in place.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    permutation : array_like of int, shape (2**k,)
        Basis state i of the listed qubits becomes basis state permutation[i]: new[permutation[i]]
        = old[i]. The first qubit is the most significant bit of i. All states of a batch share
        it.
    qubits : int or sequence of int
        The k distinct qubits.
    controls : int or sequence of int, optional
        Qubits that must have their control values; other amplitudes stay as they are.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the numbers of the operator
        are not, or another argument has a wrong type.
    ValueError
        Where a shape does not fit, a qubit is out of range or listed twice, or `permutation` does
        not list each of 0 to 2**k - 1 once. As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

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
    *,
    rng: _Rng = None,
    batch: Literal[0] = 0,
    threads: int | None = None,
) -> int:
    """Applies one of the operators of a Kraus channel, drawn at random: one step of a quantum trajectory.

    In place. Operator K is drawn with the probability norm(K state)**2 / norm(state)**2, and the
    result is scaled to the norm that the state had. Averaged over many such states, the density
    matrix rho becomes the sum of K rho K^dagger.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    operators : array_like, shape (m, 2**k, 2**k)
        The m Kraus operators, of which the sum of K^dagger K is the identity. numket.channels has
        some.
    qubits : int or sequence of int
        The k distinct qubits, the first being the most significant bit of a row index.
    rng : None, int or numpy.random.Generator, optional
        What np.random.default_rng takes. A Generator is advanced by one number for each state.
        They are drawn first: also if the call is then refused because the state has no norm or is
        in use.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    int, or ndarray of int64 of the batch axes
        The number of the operator that was applied, from 0.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the operators are not, or
        another argument has a wrong type.
    ValueError
        Where a shape does not fit, a qubit is out of range or listed twice, the operators are not
        finite or no channel, or a state has norm 0. As with every error, nothing has been
        written.
    BufferInUseError
        Where another call is using the memory of the state.

    See Also
    --------
    numket.Circuit.trajectories : Means over many trajectories.
    numket.channels : The usual channels.

    Notes
    -----
    J. Dalibard, Y. Castin and K. Mølmer, "Wave-function approach to dissipative processes in
    quantum optics", Physical Review Letters 68, 580 (1992).

    Examples
    --------
    >>> import numket as nk
    >>> decay = nk.channels.amplitude_damping(0.25)
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
    *,
    rng: _Rng = None,
    batch: _Axes,
    threads: int | None = None,
) -> NDArray[np.int64]: ...
@overload
def apply_kraus(
    state: _State,
    operators: ArrayLike,
    qubits: _Qubits,
    *,
    rng: _Rng = None,
    batch: int,
    threads: int | None = None,
) -> int | NDArray[np.int64]: ...
def apply_pauli(
    state: _State,
    pauli: str,
    qubits: _Qubits | None = None,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Applies a product of Pauli operators to a state, in place and in one pass.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    pauli : str
        A letter I, X, Y or Z for each qubit.
    qubits : int or sequence of int, optional
        The qubits of the letters; all in order if not given.
    controls : int or sequence of int, optional
        Qubits that must have their control values; other amplitudes stay as they are.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the operator is not, or
        another argument has a wrong type.
    ValueError
        Where a shape does not fit, there is another letter, a qubit is out of range or listed
        twice, or there is not one for each letter. As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    See Also
    --------
    numket.PauliSum.apply : The same for a sum of such products.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.basis_state(3, "001")
    >>> nk.apply_pauli(psi, "XIZ")  # X on qubit 0, Z on qubit 2
    >>> psi.real
    array([ 0.,  0.,  0.,  0.,  0., -1.,  0.,  0.])
    """

def pauli_rotation(
    state: _State,
    theta: _Angle,
    pauli: str,
    qubits: _Qubits | None = None,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Rotates a state about a product P of Pauli operators: exp(-i theta/2 P), in place and in one pass.

    As P is its own inverse, this is cos(theta/2) - i sin(theta/2) P.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta : float or array_like
        The angle in radians. An array, with `batch`, broadcasts against the batch axes.
    pauli : str
        A letter I, X, Y or Z for each qubit.
    qubits : int or sequence of int, optional
        The qubits of the letters; all in order if not given.
    controls : int or sequence of int, optional
        Qubits that must have their control values; other amplitudes stay as they are.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the operator is not, or
        another argument has a wrong type.
    ValueError
        Where a shape does not fit, the angle is not finite, there is another letter, a qubit is
        out of range or listed twice, or there is not one for each letter. As with every error,
        nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Notes
    -----
    M. A. Nielsen and I. L. Chuang, Quantum Computation and Quantum Information (Cambridge
    University Press, 2010), section 4.2, exercise 4.2.

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
    q: _Qubits,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Pauli X, the NOT gate: exchanges |0> and |1>.

    In place. The matrix, for the qubits in the order of the arguments::

        [[0, 1],
         [1, 0]]

    Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    q : int or sequence of int
        The qubit, counted from 0, or several: the gate is applied to each.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        or a qubit no int.
    ValueError
        Where a shape does not fit, or a qubit is out of range or listed twice.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(2)
    >>> nk.x(psi, 1)
    >>> psi.real  # |01>
    array([0., 1., 0., 0.])
    """

def y(
    state: _State,
    q: _Qubits,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Pauli Y: |0> becomes i|1>, |1> becomes -i|0>.

    In place. The matrix, for the qubits in the order of the arguments::

        [[ 0, -1j],
         [1j,   0]]

    Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    q : int or sequence of int
        The qubit, counted from 0, or several: the gate is applied to each.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        or a qubit no int.
    ValueError
        Where a shape does not fit, or a qubit is out of range or listed twice.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(1)
    >>> nk.y(psi, 0)
    >>> psi
    array([0.+0.j, 0.+1.j])
    """

def z(
    state: _State,
    q: _Qubits,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Pauli Z: the sign of |1> changes.

    In place. The matrix, for the qubits in the order of the arguments::

        diag(1, -1)

    Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    q : int or sequence of int
        The qubit, counted from 0, or several: the gate is applied to each.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        or a qubit no int.
    ValueError
        Where a shape does not fit, or a qubit is out of range or listed twice.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numket as nk
    >>> plus = nk.ket("0").h(0).state
    >>> nk.z(plus, 0)
    >>> plus.real.round(3)  # |->
    array([ 0.707, -0.707])
    """

def h(
    state: _State,
    q: _Qubits,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Hadamard: (X + Z) / sqrt(2).

    In place. The matrix, for the qubits in the order of the arguments::

        [[1,  1],
         [1, -1]] / sqrt(2)

    Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    q : int or sequence of int
        The qubit, counted from 0, or several: the gate is applied to each.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        or a qubit no int.
    ValueError
        Where a shape does not fit, or a qubit is out of range or listed twice.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(2)
    >>> nk.h(psi, range(2))  # on each qubit
    >>> nk.probabilities(psi).round(3)  # all equally likely
    array([0.25, 0.25, 0.25, 0.25])
    """

def s(
    state: _State,
    q: _Qubits,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """S, the square root of Z: multiplies |1> by i.

    In place. The matrix, for the qubits in the order of the arguments::

        diag(1, 1j)

    Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    q : int or sequence of int
        The qubit, counted from 0, or several: the gate is applied to each.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        or a qubit no int.
    ValueError
        Where a shape does not fit, or a qubit is out of range or listed twice.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numket as nk
    >>> plus = nk.ket("0").h(0).state
    >>> nk.s(plus, 0)
    >>> plus.round(3) + 0  # |+i>
    array([0.707+0.j   , 0.   +0.707j])
    """

def sdg(
    state: _State,
    q: _Qubits,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Inverse of S.

    In place. The matrix, for the qubits in the order of the arguments::

        diag(1, -1j)

    Convention: OpenQASM 3, stdgates.inc.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    q : int or sequence of int
        The qubit, counted from 0, or several: the gate is applied to each.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        or a qubit no int.
    ValueError
        Where a shape does not fit, or a qubit is out of range or listed twice.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.ket("0").h(0).s(0).state
    >>> nk.sdg(psi, 0)
    >>> psi.real.round(3)  # |+> again
    array([0.707, 0.707])
    """

def t(
    state: _State,
    q: _Qubits,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """T, the square root of S: multiplies |1> by exp(i pi/4).

    In place. The matrix, for the qubits in the order of the arguments::

        diag(1, exp(1j*pi/4))

    Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    q : int or sequence of int
        The qubit, counted from 0, or several: the gate is applied to each.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        or a qubit no int.
    ValueError
        Where a shape does not fit, or a qubit is out of range or listed twice.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numket as nk
    >>> plus = nk.ket("0").h(0).state
    >>> nk.t(plus, 0)
    >>> plus.round(3)
    array([0.707+0.j , 0.5  +0.5j])
    """

def tdg(
    state: _State,
    q: _Qubits,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Inverse of T.

    In place. The matrix, for the qubits in the order of the arguments::

        diag(1, exp(-1j*pi/4))

    Convention: OpenQASM 3, stdgates.inc.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    q : int or sequence of int
        The qubit, counted from 0, or several: the gate is applied to each.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        or a qubit no int.
    ValueError
        Where a shape does not fit, or a qubit is out of range or listed twice.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.ket("0").h(0).t(0).state
    >>> nk.tdg(psi, 0)
    >>> psi.real.round(3)  # |+> again
    array([0.707, 0.707])
    """

def sx(
    state: _State,
    q: _Qubits,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Square root of X.

    In place. The matrix, for the qubits in the order of the arguments::

        [[1+1j, 1-1j],
         [1-1j, 1+1j]] / 2

    Convention: OpenQASM 3, stdgates.inc.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    q : int or sequence of int
        The qubit, counted from 0, or several: the gate is applied to each.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        or a qubit no int.
    ValueError
        Where a shape does not fit, or a qubit is out of range or listed twice.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(1)
    >>> nk.sx(psi, 0)
    >>> psi
    array([0.5+0.5j, 0.5-0.5j])
    >>> nk.sx(psi, 0)
    >>> psi.real  # the same as x
    array([0., 1.])
    """

def sxdg(
    state: _State,
    q: _Qubits,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Inverse of the square root of X.

    In place. The matrix, for the qubits in the order of the arguments::

        [[1-1j, 1+1j],
         [1+1j, 1-1j]] / 2

    Convention: Qiskit's SXdgGate.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    q : int or sequence of int
        The qubit, counted from 0, or several: the gate is applied to each.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        or a qubit no int.
    ValueError
        Where a shape does not fit, or a qubit is out of range or listed twice.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.ket("0").sx(0).state
    >>> nk.sxdg(psi, 0)
    >>> psi.real
    array([1., 0.])
    """

def p(
    state: _State,
    lam: _Angle,
    q: _Qubits,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Phase shift: |1> is multiplied by exp(i lam).

    In place. The matrix, for the qubits in the order of the arguments::

        diag(1, exp(1j*lam))

    Convention: OpenQASM 3, stdgates.inc.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    lam : float or array_like
        In radians. An array, with `batch`, broadcasts against the batch axes.
    q : int or sequence of int
        The qubit, counted from 0, or several: the gate is applied to each.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        a qubit no int, or an angle no real number.
    ValueError
        Where a shape does not fit, a qubit is out of range or listed twice, or an angle is not finite.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> plus = nk.ket("0").h(0).state
    >>> nk.p(plus, np.pi / 2, 0)
    >>> plus.round(3)
    array([0.707+0.j   , 0.   +0.707j])
    """

def rx(
    state: _State,
    theta: _Angle,
    q: _Qubits,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Rotation about X by theta: exp(-i theta/2 X).

    In place. The matrix, for the qubits in the order of the arguments::

        [[cos(theta/2),     -1j*sin(theta/2)],
         [-1j*sin(theta/2), cos(theta/2)    ]]

    Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta : float or array_like
        In radians. An array, with `batch`, broadcasts against the batch axes.
    q : int or sequence of int
        The qubit, counted from 0, or several: the gate is applied to each.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        a qubit no int, or an angle no real number.
    ValueError
        Where a shape does not fit, a qubit is out of range or listed twice, or an angle is not finite.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> psi = nk.zero_state(1)
    >>> nk.rx(psi, np.pi / 2, 0)
    >>> psi.round(3)
    array([0.707+0.j   , 0.   -0.707j])
    """

def ry(
    state: _State,
    theta: _Angle,
    q: _Qubits,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Rotation about Y by theta: exp(-i theta/2 Y).

    In place. The matrix, for the qubits in the order of the arguments::

        [[cos(theta/2), -sin(theta/2)],
         [sin(theta/2),  cos(theta/2)]]

    Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta : float or array_like
        In radians. An array, with `batch`, broadcasts against the batch axes.
    q : int or sequence of int
        The qubit, counted from 0, or several: the gate is applied to each.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        a qubit no int, or an angle no real number.
    ValueError
        Where a shape does not fit, a qubit is out of range or listed twice, or an angle is not finite.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> psi = nk.zero_state(1)
    >>> nk.ry(psi, np.pi / 3, 0)
    >>> nk.probabilities(psi).round(3)
    array([0.75, 0.25])
    >>> states = np.array([[1, 0], [1, 0], [1, 0]], complex)
    >>> nk.ry(states, [0, np.pi / 3, np.pi], 0, batch=1)  # an angle for each state
    >>> nk.probabilities(states, batch=1).round(3)
    array([[1.  , 0.  ],
           [0.75, 0.25],
           [0.  , 1.  ]])
    """

def rz(
    state: _State,
    theta: _Angle,
    q: _Qubits,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Rotation about Z by theta: exp(-i theta/2 Z).

    In place. The matrix, for the qubits in the order of the arguments::

        diag(exp(-1j*theta/2), exp(1j*theta/2))

    Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta : float or array_like
        In radians. An array, with `batch`, broadcasts against the batch axes.
    q : int or sequence of int
        The qubit, counted from 0, or several: the gate is applied to each.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        a qubit no int, or an angle no real number.
    ValueError
        Where a shape does not fit, a qubit is out of range or listed twice, or an angle is not finite.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> plus = nk.ket("0").h(0).state
    >>> nk.rz(plus, np.pi, 0)
    >>> plus.round(3) + 0
    array([0.-0.707j, 0.+0.707j])
    """

def u(
    state: _State,
    theta: _Angle,
    phi: _Angle,
    lam: _Angle,
    q: _Qubits,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """General rotation of one qubit by Euler angles: rz(phi) ry(theta) rz(lam), up to a phase.

    In place. The matrix, for the qubits in the order of the arguments::

        [[cos(theta/2),              -exp(1j*lam)*sin(theta/2)      ],
         [exp(1j*phi)*sin(theta/2),  exp(1j*(phi+lam))*cos(theta/2)]]

    Convention: Qiskit's UGate; exp(-i theta/2) times the built-in U of OpenQASM 3.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta : float or array_like
        In radians. An array, with `batch`, broadcasts against the batch axes.
    phi : float or array_like
        In radians. An array, with `batch`, broadcasts against the batch axes.
    lam : float or array_like
        In radians. An array, with `batch`, broadcasts against the batch axes.
    q : int or sequence of int
        The qubit, counted from 0, or several: the gate is applied to each.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        a qubit no int, or an angle no real number.
    ValueError
        Where a shape does not fit, a qubit is out of range or listed twice, or an angle is not finite.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> psi = nk.zero_state(1)
    >>> nk.u(psi, np.pi / 2, 0, np.pi, 0)
    >>> psi.real.round(3)  # as h
    array([0.707, 0.707])
    """

def cx(
    state: _State,
    control: _Qubit,
    target: _Qubit,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Controlled X (CNOT): X on the target where the control is 1.

    In place. The matrix, for the qubits in the order of the arguments::

        [[1, 0, 0, 0],
         [0, 1, 0, 0],
         [0, 0, 0, 1],
         [0, 0, 1, 0]]

    Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.3.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    control : int
        The qubit that must be 1, counted from 0.
    target : int
        The qubit that the gate acts on.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        or a qubit no int.
    ValueError
        Where a shape does not fit, or a qubit is out of range or listed twice.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(2)
    >>> nk.h(psi, 0)
    >>> nk.cx(psi, 0, 1)
    >>> psi.real.round(3)  # a Bell state
    array([0.707, 0.   , 0.   , 0.707])
    """

def cy(
    state: _State,
    control: _Qubit,
    target: _Qubit,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Controlled Y: Y on the target where the control is 1.

    In place. The matrix, for the qubits in the order of the arguments::

        [[1, 0,  0,   0],
         [0, 1,  0,   0],
         [0, 0,  0, -1j],
         [0, 0, 1j,   0]]

    Convention: OpenQASM 3, stdgates.inc.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    control : int
        The qubit that must be 1, counted from 0.
    target : int
        The qubit that the gate acts on.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        or a qubit no int.
    ValueError
        Where a shape does not fit, or a qubit is out of range or listed twice.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.basis_state(2, "10")
    >>> nk.cy(psi, 0, 1)
    >>> psi
    array([0.+0.j, 0.+0.j, 0.+0.j, 0.+1.j])
    """

def cz(
    state: _State,
    control: _Qubit,
    target: _Qubit,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Controlled Z: the sign of |11> changes.

    In place. The matrix, for the qubits in the order of the arguments::

        diag(1, 1, 1, -1)

    Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.3.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    control : int
        The qubit that must be 1, counted from 0.
    target : int
        The qubit that the gate acts on.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        or a qubit no int.
    ValueError
        Where a shape does not fit, or a qubit is out of range or listed twice.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numket as nk
    >>> cluster = nk.ket("00").h(0).h(1).state
    >>> nk.cz(cluster, 0, 1)
    >>> cluster.real.round(3)
    array([ 0.5,  0.5,  0.5, -0.5])
    """

def ch(
    state: _State,
    control: _Qubit,
    target: _Qubit,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Controlled Hadamard: H on the target where the control is 1.

    In place. The matrix, for the qubits in the order of the arguments::

        [[1, 0, 0,         0         ],
         [0, 1, 0,         0         ],
         [0, 0, 1/sqrt(2),  1/sqrt(2)],
         [0, 0, 1/sqrt(2), -1/sqrt(2)]]

    Convention: OpenQASM 3, stdgates.inc.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    control : int
        The qubit that must be 1, counted from 0.
    target : int
        The qubit that the gate acts on.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        or a qubit no int.
    ValueError
        Where a shape does not fit, or a qubit is out of range or listed twice.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.basis_state(2, "10")
    >>> nk.ch(psi, 0, 1)
    >>> psi.real.round(3)
    array([0.   , 0.   , 0.707, 0.707])
    """

def cp(
    state: _State,
    lam: _Angle,
    control: _Qubit,
    target: _Qubit,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Controlled phase shift: |11> is multiplied by exp(i lam).

    In place. The matrix, for the qubits in the order of the arguments::

        diag(1, 1, 1, exp(1j*lam))

    Convention: OpenQASM 3, stdgates.inc.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    lam : float or array_like
        In radians. An array, with `batch`, broadcasts against the batch axes.
    control : int
        The qubit that must be 1, counted from 0.
    target : int
        The qubit that the gate acts on.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        a qubit no int, or an angle no real number.
    ValueError
        Where a shape does not fit, a qubit is out of range or listed twice, or an angle is not finite.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> psi = nk.basis_state(2, "01")
    >>> nk.h(psi, 0)
    >>> nk.cp(psi, np.pi / 2, 1, 0)
    >>> nk.h(psi, 1)
    >>> psi.round(3) + 0  # the Fourier transform, qubits in reverse
    array([ 0.5+0.j , -0.5+0.j ,  0. +0.5j,  0. -0.5j])
    """

def crx(
    state: _State,
    theta: _Angle,
    control: _Qubit,
    target: _Qubit,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Controlled rotation about X: exp(-i theta/2 X) on the target where the control is 1.

    In place. The matrix, for the qubits in the order of the arguments::

        [[1, 0, 0,                0               ],
         [0, 1, 0,                0               ],
         [0, 0, cos(theta/2),     -1j*sin(theta/2)],
         [0, 0, -1j*sin(theta/2), cos(theta/2)    ]]

    Convention: OpenQASM 3, stdgates.inc.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta : float or array_like
        In radians. An array, with `batch`, broadcasts against the batch axes.
    control : int
        The qubit that must be 1, counted from 0.
    target : int
        The qubit that the gate acts on.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        a qubit no int, or an angle no real number.
    ValueError
        Where a shape does not fit, a qubit is out of range or listed twice, or an angle is not finite.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> psi = nk.basis_state(2, "10")
    >>> nk.crx(psi, np.pi / 2, 0, 1)
    >>> psi.round(3)
    array([0.   +0.j   , 0.   +0.j   , 0.707+0.j   , 0.   -0.707j])
    """

def cry(
    state: _State,
    theta: _Angle,
    control: _Qubit,
    target: _Qubit,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Controlled rotation about Y: exp(-i theta/2 Y) on the target where the control is 1.

    In place. The matrix, for the qubits in the order of the arguments::

        [[1, 0, 0,             0           ],
         [0, 1, 0,             0           ],
         [0, 0, cos(theta/2), -sin(theta/2)],
         [0, 0, sin(theta/2),  cos(theta/2)]]

    Convention: OpenQASM 3, stdgates.inc.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta : float or array_like
        In radians. An array, with `batch`, broadcasts against the batch axes.
    control : int
        The qubit that must be 1, counted from 0.
    target : int
        The qubit that the gate acts on.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        a qubit no int, or an angle no real number.
    ValueError
        Where a shape does not fit, a qubit is out of range or listed twice, or an angle is not finite.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> psi = nk.basis_state(2, "10")
    >>> nk.cry(psi, np.pi / 2, 0, 1)
    >>> psi.round(3).real
    array([0.   , 0.   , 0.707, 0.707])
    """

def crz(
    state: _State,
    theta: _Angle,
    control: _Qubit,
    target: _Qubit,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Controlled rotation about Z: exp(-i theta/2 Z) on the target where the control is 1.

    In place. The matrix, for the qubits in the order of the arguments::

        diag(1, 1, exp(-1j*theta/2), exp(1j*theta/2))

    Convention: OpenQASM 3, stdgates.inc.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta : float or array_like
        In radians. An array, with `batch`, broadcasts against the batch axes.
    control : int
        The qubit that must be 1, counted from 0.
    target : int
        The qubit that the gate acts on.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        a qubit no int, or an angle no real number.
    ValueError
        Where a shape does not fit, a qubit is out of range or listed twice, or an angle is not finite.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> psi = nk.ket("10").h(1).state
    >>> nk.crz(psi, np.pi / 2, 0, 1)
    >>> psi.round(3)
    array([0. +0.j , 0. +0.j , 0.5-0.5j, 0.5+0.5j])
    """

def cu(
    state: _State,
    theta: _Angle,
    phi: _Angle,
    lam: _Angle,
    gamma: _Angle,
    control: _Qubit,
    target: _Qubit,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Controlled general rotation: exp(i gamma) u(theta, phi, lam) on the target where the control is 1.

    In place. The matrix, for the qubits in the order of the arguments::

        [[1, 0, 0,                                0                                   ],
         [0, 1, 0,                                0                                   ],
         [0, 0, exp(1j*gamma)*cos(theta/2),       -exp(1j*(gamma+lam))*sin(theta/2)   ],
         [0, 0, exp(1j*(gamma+phi))*sin(theta/2), exp(1j*(gamma+phi+lam))*cos(theta/2)]]

    Convention: OpenQASM 3, stdgates.inc.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta : float or array_like
        In radians. An array, with `batch`, broadcasts against the batch axes.
    phi : float or array_like
        In radians. An array, with `batch`, broadcasts against the batch axes.
    lam : float or array_like
        In radians. An array, with `batch`, broadcasts against the batch axes.
    gamma : float or array_like
        In radians. An array, with `batch`, broadcasts against the batch axes.
    control : int
        The qubit that must be 1, counted from 0.
    target : int
        The qubit that the gate acts on.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        a qubit no int, or an angle no real number.
    ValueError
        Where a shape does not fit, a qubit is out of range or listed twice, or an angle is not finite.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> psi = nk.basis_state(2, "10")
    >>> nk.cu(psi, np.pi / 2, 0, np.pi, 0, 0, 1)
    >>> psi.real.round(3)  # as ch
    array([0.   , 0.   , 0.707, 0.707])
    """

def swap(
    state: _State,
    a: _Qubit,
    b: _Qubit,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Exchanges two qubits.

    In place. The matrix, for the qubits in the order of the arguments::

        [[1, 0, 0, 0],
         [0, 0, 1, 0],
         [0, 1, 0, 0],
         [0, 0, 0, 1]]

    Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 1.3.4.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    a : int
        The first qubit, counted from 0.
    b : int
        The second qubit.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        or a qubit no int.
    ValueError
        Where a shape does not fit, or a qubit is out of range or listed twice.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.basis_state(3, "100")
    >>> nk.swap(psi, 0, 2)
    >>> psi[0b001]
    np.complex128(1+0j)
    """

def iswap(
    state: _State,
    a: _Qubit,
    b: _Qubit,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Exchanges two qubits and multiplies |01> and |10> by i: exp(i pi/4 (XX + YY)).

    In place. The matrix, for the qubits in the order of the arguments::

        [[1,  0,  0, 0],
         [0,  0, 1j, 0],
         [0, 1j,  0, 0],
         [0,  0,  0, 1]]

    Convention: Qiskit's iSwapGate.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    a : int
        The first qubit, counted from 0.
    b : int
        The second qubit.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        or a qubit no int.
    ValueError
        Where a shape does not fit, or a qubit is out of range or listed twice.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.basis_state(2, "10")
    >>> nk.iswap(psi, 0, 1)
    >>> psi
    array([0.+0.j, 0.+1.j, 0.+0.j, 0.+0.j])
    """

def rxx(
    state: _State,
    theta: _Angle,
    a: _Qubit,
    b: _Qubit,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Rotation about XX: exp(-i theta/2 X X).

    In place. The matrix, for the qubits in the order of the arguments::

        [[cos(theta/2),     0,                0,                -1j*sin(theta/2)],
         [0,                cos(theta/2),     -1j*sin(theta/2), 0               ],
         [0,                -1j*sin(theta/2), cos(theta/2),     0               ],
         [-1j*sin(theta/2), 0,                0,                cos(theta/2)    ]]

    Convention: Qiskit's RXXGate.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta : float or array_like
        In radians. An array, with `batch`, broadcasts against the batch axes.
    a : int
        The first qubit, counted from 0.
    b : int
        The second qubit.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        a qubit no int, or an angle no real number.
    ValueError
        Where a shape does not fit, a qubit is out of range or listed twice, or an angle is not finite.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> psi = nk.zero_state(2)
    >>> nk.rxx(psi, np.pi / 2, 0, 1)
    >>> psi.round(3)  # entangled
    array([0.707+0.j   , 0.   +0.j   , 0.   +0.j   , 0.   -0.707j])
    """

def ryy(
    state: _State,
    theta: _Angle,
    a: _Qubit,
    b: _Qubit,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Rotation about YY: exp(-i theta/2 Y Y).

    In place. The matrix, for the qubits in the order of the arguments::

        [[cos(theta/2),    0,                0,                1j*sin(theta/2)],
         [0,               cos(theta/2),     -1j*sin(theta/2), 0              ],
         [0,               -1j*sin(theta/2), cos(theta/2),     0              ],
         [1j*sin(theta/2), 0,                0,                cos(theta/2)   ]]

    Convention: Qiskit's RYYGate.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta : float or array_like
        In radians. An array, with `batch`, broadcasts against the batch axes.
    a : int
        The first qubit, counted from 0.
    b : int
        The second qubit.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        a qubit no int, or an angle no real number.
    ValueError
        Where a shape does not fit, a qubit is out of range or listed twice, or an angle is not finite.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> psi = nk.zero_state(2)
    >>> nk.ryy(psi, np.pi / 2, 0, 1)
    >>> psi.round(3)  # entangled
    array([0.707+0.j   , 0.   +0.j   , 0.   +0.j   , 0.   +0.707j])
    """

def rzz(
    state: _State,
    theta: _Angle,
    a: _Qubit,
    b: _Qubit,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Rotation about ZZ: exp(-i theta/2 Z Z).

    In place. The matrix, for the qubits in the order of the arguments::

        diag(exp(-1j*theta/2), exp(1j*theta/2), exp(1j*theta/2), exp(-1j*theta/2))

    Convention: Qiskit's RZZGate.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta : float or array_like
        In radians. An array, with `batch`, broadcasts against the batch axes.
    a : int
        The first qubit, counted from 0.
    b : int
        The second qubit.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        a qubit no int, or an angle no real number.
    ValueError
        Where a shape does not fit, a qubit is out of range or listed twice, or an angle is not finite.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> psi = nk.ket("00").h(0).h(1).state
    >>> nk.rzz(psi, np.pi / 2, 0, 1)
    >>> psi.round(3)
    array([0.354-0.354j, 0.354+0.354j, 0.354+0.354j, 0.354-0.354j])
    """

def rzx(
    state: _State,
    theta: _Angle,
    a: _Qubit,
    b: _Qubit,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Rotation about ZX: exp(-i theta/2 Z X), Z on the first qubit.

    In place. The matrix, for the qubits in the order of the arguments::

        [[cos(theta/2),     -1j*sin(theta/2), 0,               0              ],
         [-1j*sin(theta/2), cos(theta/2),     0,               0              ],
         [0,                0,                cos(theta/2),    1j*sin(theta/2)],
         [0,                0,                1j*sin(theta/2), cos(theta/2)   ]]

    Convention: Qiskit's RZXGate.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    theta : float or array_like
        In radians. An array, with `batch`, broadcasts against the batch axes.
    a : int
        The first qubit, counted from 0.
    b : int
        The second qubit.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        a qubit no int, or an angle no real number.
    ValueError
        Where a shape does not fit, a qubit is out of range or listed twice, or an angle is not finite.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> psi = nk.zero_state(2)
    >>> nk.rzx(psi, np.pi / 2, 0, 1)
    >>> psi.round(3)
    array([0.707+0.j   , 0.   -0.707j, 0.   +0.j   , 0.   +0.j   ])
    """

def ecr(
    state: _State,
    a: _Qubit,
    b: _Qubit,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Echoed cross-resonance: (X I - Y X) / sqrt(2), a gate of IBM's machines.

    In place. The matrix, for the qubits in the order of the arguments::

        [[  0,   0,  1, 1j],
         [  0,   0, 1j,  1],
         [  1, -1j,  0,  0],
         [-1j,   1,  0,  0]] / sqrt(2)

    Convention: Qiskit's ECRGate.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    a : int
        The first qubit, counted from 0.
    b : int
        The second qubit.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        or a qubit no int.
    ValueError
        Where a shape does not fit, or a qubit is out of range or listed twice.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.zero_state(2)
    >>> nk.ecr(psi, 0, 1)
    >>> psi.round(3)
    array([0.   +0.j   , 0.   +0.j   , 0.707+0.j   , 0.   -0.707j])
    """

def ccx(
    state: _State,
    first: _Qubit,
    second: _Qubit,
    target: _Qubit,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Toffoli: X on the target where both controls are 1.

    In place. The matrix, for the qubits in the order of the arguments::

        [[1, 0, 0, 0, 0, 0, 0, 0],
         [0, 1, 0, 0, 0, 0, 0, 0],
         [0, 0, 1, 0, 0, 0, 0, 0],
         [0, 0, 0, 1, 0, 0, 0, 0],
         [0, 0, 0, 0, 1, 0, 0, 0],
         [0, 0, 0, 0, 0, 1, 0, 0],
         [0, 0, 0, 0, 0, 0, 0, 1],
         [0, 0, 0, 0, 0, 0, 1, 0]]

    Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.3.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    first : int
        A qubit that must be 1, counted from 0.
    second : int
        The other qubit that must be 1.
    target : int
        The qubit that the gate acts on.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        or a qubit no int.
    ValueError
        Where a shape does not fit, or a qubit is out of range or listed twice.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.basis_state(3, "110")
    >>> nk.ccx(psi, 0, 1, 2)  # the AND of 0 and 1, into 2
    >>> psi[0b111]
    np.complex128(1+0j)
    """

def ccz(
    state: _State,
    first: _Qubit,
    second: _Qubit,
    target: _Qubit,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Doubly controlled Z: the sign of |111> changes.

    In place. The matrix, for the qubits in the order of the arguments::

        diag(1, 1, 1, 1, 1, 1, 1, -1)

    Convention: Qiskit's CCZGate.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    first : int
        A qubit that must be 1, counted from 0.
    second : int
        The other qubit that must be 1.
    target : int
        The qubit that the gate acts on.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        or a qubit no int.
    ValueError
        Where a shape does not fit, or a qubit is out of range or listed twice.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.ket("000").h(0).h(1).h(2).state
    >>> nk.ccz(psi, 0, 1, 2)  # marks |111>, as in a search
    >>> psi.real.round(3)
    array([ 0.354,  0.354,  0.354,  0.354,  0.354,  0.354,  0.354, -0.354])
    """

def cswap(
    state: _State,
    control: _Qubit,
    a: _Qubit,
    b: _Qubit,
    *,
    controls: _Qubits | None = None,
    control_values: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None:
    """Fredkin: exchanges two qubits where the control is 1.

    In place. The matrix, for the qubits in the order of the arguments::

        [[1, 0, 0, 0, 0, 0, 0, 0],
         [0, 1, 0, 0, 0, 0, 0, 0],
         [0, 0, 1, 0, 0, 0, 0, 0],
         [0, 0, 0, 1, 0, 0, 0, 0],
         [0, 0, 0, 0, 1, 0, 0, 0],
         [0, 0, 0, 0, 0, 0, 1, 0],
         [0, 0, 0, 0, 0, 1, 0, 0],
         [0, 0, 0, 0, 0, 0, 0, 1]]

    Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 3.2.5.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        Changed in place. Qubit q is axis q of state.reshape((2,) * n).
    control : int
        The qubit that must be 1, counted from 0.
    a : int
        The first qubit, counted from 0.
    b : int
        The second qubit.
    controls : int or sequence of int, optional
        Further qubits that must have their control values.
    control_values : int or sequence of int, optional
        The value, 0 or 1, that each of `controls` must have; all 1 if not given.
    batch : int
        Number of leading axes of the state that count states: (B, 2**n) has 1.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes, or is real and the gate is not,
        or a qubit no int.
    ValueError
        Where a shape does not fit, or a qubit is out of range or listed twice.
        As with every error, nothing has been written.
    BufferInUseError
        Where another call is using the memory of the state.

    Examples
    --------
    >>> import numket as nk
    >>> psi = nk.basis_state(3, "110")
    >>> nk.cswap(psi, 0, 1, 2)
    >>> psi[0b101]
    np.complex128(1+0j)
    """

# The end of the gates.
def ket(label: str, dtype: DTypeLike | None = None) -> Ket:
    """The basis state with this label, as a handle; qubit 0 is the leftmost character.

    Parameters
    ----------
    label : str
        Zeros and ones, one for each qubit.
    dtype : complex128 (default) or complex64
        The precision of the amplitudes.

    Returns
    -------
    Ket
        A handle on a new array.

    Raises
    ------
    TypeError
        Where `label` is no str, or `dtype` is another.
    ValueError
        Where the label has other characters.
    MemoryError
        Where there is too little memory, before any is taken; the message says how many
        GiB are needed and free.

    Examples
    --------
    >>> import numket as nk
    >>> nk.ket("000").H(0).CNOT(0, 1).CNOT(1, 2)
    Ket of 3 qubits: norm 1, 2 of 8 basis states occupied
      |000>  1/√2  50 %  ████████████  → 0
      |111>  1/√2  50 %  ████████████  → 0
    """

@final
class Circuit:
    """Operations on qubits that are put down once, and applied to states in one call.

    Gates, operators, `apply_kraus`, `measure` and `reset` are methods, as functions of the same names
    without the array.
    All of them return the circuit itself, so that calls can be chained. Angles may be parameters,
    or affine expressions of them such as 2 * theta + 1, whose values are given when the circuit
    runs.

    A circuit can also measure and reset qubits, and send them through noisy channels. With
    `condition`, an operation is done only where classical bits, which were measured before, have
    the values given: {0: 1, 2: 0} asks for bit 0 to be 1 and bit 2 to be 0, and 5 is short for
    {5: 1}.

    A run fuses operations, and applies many of them to a part of the state while that part is in
    the cache.

    Parameters
    ----------
    num_qubits : int
        The number of qubits, up to 62.
    parameters : iterable of Parameter, optional
        Parameters that come first in the attribute `parameters`, in this order, even if no angle
        uses them.
    num_bits : int
        The circuit has at least so many classical bits. Those that nothing measures into are 0.

    Raises
    ------
    TypeError
        Where `num_qubits` or `num_bits` is no int.
    ValueError
        Where one of them is out of range, or a parameter is listed twice.

    See Also
    --------
    numket.Parameter : An angle without a value.
    numket.Ket : Gates on an array, one call each.

    Examples
    --------
    >>> import numket as nk
    >>> theta = nk.Parameter("theta")
    >>> circuit = nk.Circuit(2).h(0).cx(0, 1).rz(2 * theta, 1)
    >>> psi = nk.zero_state(2)
    >>> circuit.run(psi, {"theta": 0.5})
    >>> psi.round(3) + 0
    array([0.621-0.339j, 0.   +0.j   , 0.   +0.j   , 0.621+0.339j])
    >>> circuit
    Circuit of 3 operations on 2 qubits
    q0: ─H─●─────────────
           │
    q1: ───X─Rz(2*theta)─

    Operations are numbered, circuit[0] is the first and circuit[1:] a circuit of the others. The sum
    of two circuits does one after the other, and circuit * 3 does it three times.

    >>> circuit.inverse().run(psi, [0.5])
    >>> psi.round(3).real
    array([1., 0., 0., 0.])
    """
    def __new__(
        cls,
        num_qubits: SupportsIndex,
        parameters: Iterable[Parameter] | None = None,
        *,
        num_bits: SupportsIndex = 0,
    ) -> Circuit: ...
    @property
    def num_qubits(self) -> int:
        """The number of qubits."""

    @property
    def num_bits(self) -> int:
        """The number of classical bits.

        It is `num_bits` as given when the circuit was made, or one more than the highest bit that is
        measured, if that is more.
        """

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters, in the order of an array that is given to `run`.

        First come those that were given when the circuit was made, then the others in the order of
        their first use.
        """

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Operation]: ...
    @overload
    def __getitem__(self, place: SupportsIndex, /) -> Operation: ...
    @overload
    def __getitem__(self, place: slice, /) -> Circuit: ...
    def __add__(self, other: Circuit, /) -> Circuit: ...
    def __radd__(self, other: Circuit, /) -> Circuit: ...
    __array_ufunc__: None
    def __mul__(self, count: SupportsIndex, /) -> Circuit: ...
    def __rmul__(self, count: SupportsIndex, /) -> Circuit: ...
    def __matmul__(self, other: Never, /) -> Circuit: ...
    def __rmatmul__(self, other: Never, /) -> Circuit: ...
    def repeat(self, count: SupportsIndex) -> Circuit:
        """A circuit that does all operations several times; circuit * count is the same.

        Measurements write into the same classical bits each time.

        Parameters
        ----------
        count : int
            How often, 0 included.

        Returns
        -------
        Circuit
            A new circuit.

        Raises
        ------
        TypeError
            Where `count` is no int.
        ValueError
            Where it is negative.
        MemoryError
            Where there is too little memory for so many operations.

        Examples
        --------
        >>> import numket as nk
        >>> step = nk.Circuit(2).rx(0.1, 0).cx(0, 1)
        >>> nk.Circuit(2).h(0) + step.repeat(2)
        Circuit of 5 operations on 2 qubits
        q0: ─H─Rx(0.1)─●─Rx(0.1)─●─
                       │         │
        q1: ───────────X─────────X─
        """

    def measure_all(self, *, readout_error: tuple[float, float] | None = None) -> Circuit:
        """Adds a measurement of all qubits, in order, into the next classical bits that are unused.

        Parameters
        ----------
        readout_error : tuple of two floats, optional
            The probabilities of recording 0 as 1, and 1 as 0, for each of the qubits.

        Returns
        -------
        Circuit
            The circuit itself.

        Raises
        ------
        ValueError
            Where `readout_error` is not two probabilities, or there would be too many bits. The circuit is then
            as it was.

        Examples
        --------
        >>> import numket as nk
        >>> nk.Circuit(2).x(1).measure_all().run(nk.zero_state(2))
        array([0, 1], dtype=int8)
        """

    def depth(self) -> int:
        """How many layers the circuit has, where operations on other qubits are done at the same time.

        Every operation counts 1, whatever it is; an operation with a condition comes after the measurement of its
        bits. A global phase takes no layer.

        Returns
        -------
        int
            0 for an empty circuit.

        Examples
        --------
        >>> import numket as nk
        >>> nk.Circuit(3).h(0).h(1).cx(0, 1).h(2).depth()
        2
        """

    def count_ops(self) -> dict[str, int]:
        """How often each operation occurs.

        Returns
        -------
        dict of str to int
            By name, the most frequent first; equally frequent ones in the order of their first use.

        Examples
        --------
        >>> import numket as nk
        >>> nk.Circuit(3).h(0).cx(0, 1).cx(1, 2).count_ops()
        {'cx': 2, 'h': 1}
        """

    def to_matrix(self, params: _Params = None) -> NDArray[np.complex128]:
        """The matrix of the circuit, of 4**n numbers.

        Parameters
        ----------
        params : dict or array_like, optional
            The values of the parameters in radians, as `run` takes them.

        Returns
        -------
        ndarray of complex128, shape (2**n, 2**n)
            Column i is what the circuit makes of basis state i. Qubit 0 is the most significant bit of i.

        Raises
        ------
        ValueError
            Where the circuit measures, resets, has a channel or a condition: no matrix does the same.
        KeyError
            Where `params` names a parameter that the circuit lacks, or misses one that it has.
        MemoryError
            Where there is too little memory, before any is taken.

        Examples
        --------
        >>> import numket as nk
        >>> nk.Circuit(2).x(0).cx(0, 1).to_matrix().real.astype(int)
        array([[0, 0, 1, 0],
               [0, 0, 0, 1],
               [0, 1, 0, 0],
               [1, 0, 0, 0]])
        """

    @overload
    def draw(
        self,
        kind: Literal["text", "svg"] = "text",
        *,
        fold: SupportsIndex | None = None,
        sweeps: bool = False,
    ) -> Drawing:
        """A picture of the circuit, as text, as SVG, or drawn by Matplotlib.

        A control that must be 1 is a filled circle, one that must be 0 an empty one. "M c2" is a measurement into
        bit 2, and "if c2=1" says when an operation is done. Boxes over several qubits show the letter of a Pauli
        operator, or the place of a qubit among those of a matrix. A circuit of more than 200 columns is cut, and
        the picture says so: draw a slice to see another part.

        Parameters
        ----------
        kind : {"text", "svg", "mpl"}
            Text, SVG, or Matplotlib (needs pip install 'numket[plot]').
        fold : int, optional
            How many characters of the text go into a line, at least 20; for pictures the same measure.
            The width of the terminal if not given, and 100 where there is none.
        ax : matplotlib.axes.Axes, optional
            Where "mpl" draws; new axes if not given.
        sweeps : bool
            Whether each operation shows the number of the sweep over the state that completes it, as `explain`
            counts them, and pictures its colour. "-" is an operation without effect, as others undo it.

        Returns
        -------
        numket.drawing.Drawing or matplotlib.axes.Axes
            A str, which prints as it is, or shows itself as a picture in a notebook; or the axes.

        Raises
        ------
        TypeError
            Where `fold` is no int, or `ax` is given for another kind.
        ValueError
            Where `kind` is another, or `fold` is less than 20.
        ImportError
            Where "mpl" does not find Matplotlib.

        Examples
        --------
        >>> import numket as nk
        >>> nk.Circuit(3).h(0).cx(0, 2).rzz(0.5, 1, 2).measure([0, 2]).x(1, condition=0).draw()
        q0: ─H─●────M c0──────────────
               │
        q1: ───┼─┤Z       ├─X if c0=1─
               │ │Rzz(0.5)│
        q2: ───X─┤Z       ├───M c1────
        """

    @overload
    def draw(
        self,
        kind: Literal["mpl"],
        *,
        fold: SupportsIndex | None = None,
        ax: Any = None,
        sweeps: bool = False,
    ) -> Any: ...
    def to_qiskit(self) -> Any:
        """The circuit as one of Qiskit's, as numket.qiskit.to_qiskit gives it.

        Returns
        -------
        qiskit.QuantumCircuit
            The same operations on as many qubits and classical bits.

        Raises
        ------
        ImportError
            Where Qiskit is missing.
        ValueError
            Where an operation has no counterpart there.

        Examples
        --------
        >>> import numket as nk
        >>> from qiskit import QuantumCircuit
        >>> made = nk.Circuit(2).h(0).cx(0, 1).to_qiskit()
        >>> made.count_ops()["cx"]
        1
        """

    def to_cirq(self) -> Any:
        """The circuit as one of Cirq's, as numket.cirq.to_cirq gives it.

        Returns
        -------
        cirq.Circuit
            The same operations on cirq.LineQubit.range(n).

        Raises
        ------
        ImportError
            Where Cirq is missing.
        ValueError
            Where an operation has no counterpart there.

        Examples
        --------
        >>> import numket as nk
        >>> print(nk.Circuit(2).h(0).cx(0, 1).to_cirq())
        0: ───H───@───
                  │
        1: ───────X───
        """

    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __copy__(self) -> Circuit: ...
    def __deepcopy__(self, _memo: Any, /) -> Circuit: ...
    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]: ...
    def copy(self) -> Circuit:
        """A circuit with the same operations, to be changed without changing this one.

        Returns
        -------
        Circuit
            The new circuit.

        Examples
        --------
        >>> import numket as nk
        >>> bell = nk.Circuit(2).h(0).cx(0, 1)
        >>> ghz = bell.copy().cz(0, 1)
        >>> len(bell), len(ghz)
        (2, 3)
        """

    def inverse(self) -> Circuit:
        """The circuit that undoes this one: the inverses of all operations, in reverse order.

        The user's own matrices and diagonals become their adjoints, which undo them if they are
        unitary. Classical bits that were declared stay.

        Returns
        -------
        Circuit
            A new circuit.

        Raises
        ------
        ValueError
            Where the circuit measures, resets, or has a Kraus channel: nothing undoes these.

        Examples
        --------
        >>> import numket as nk
        >>> psi = nk.zero_state(2)
        >>> circuit = nk.Circuit(2).h(0).cx(0, 1).t(1)
        >>> circuit.compose(circuit.inverse()).run(psi)
        >>> nk.probabilities(psi).round(12)
        array([1., 0., 0., 0.])
        """

    def compose(
        self, other: Circuit, qubits: _Qubits | None = None, bits: _Qubits | None = None
    ) -> Circuit:
        """Adds all operations of another circuit, on qubits and classical bits that can be chosen.

        Parameters
        ----------
        other : Circuit
            The circuit to add; it stays as it is. Parameters of one name are the same in both.
        qubits : int or sequence of int, optional
            What each qubit of the other circuit becomes in this one; itself if not given.
        bits : int or sequence of int, optional
            What each classical bit of the other circuit becomes in this one; itself if not given.
            This circuit then has all of them, even if nothing measures into them.

        Returns
        -------
        Circuit
            The circuit itself.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        ValueError
            Where there is not one qubit, and one bit, for each of the other circuit, one is listed
            twice, or this circuit has no such qubit. The circuit is then as it was.

        Examples
        --------
        >>> import numket as nk
        >>> bell = nk.Circuit(2).h(0).cx(0, 1)
        >>> pairs = nk.Circuit(4).compose(bell, (0, 1)).compose(bell, (2, 3))
        >>> psi = nk.zero_state(4)
        >>> pairs.run(psi)
        >>> nk.probabilities(psi, (0, 2)).round(3)
        array([0.25, 0.25, 0.25, 0.25])
        """

    @overload
    def explain(
        self, *, local_qubits: None = None, ranks: None = None, memory: None = None
    ) -> Plan:
        """How the circuit runs on a flat state in complex128: its sweeps over the memory of the state, and its time.

        It is the same whatever the values of parameters are, and takes all conditions for met. With one of the
        arguments, it tells instead how it runs on a state in parts, of which one is at hand at a time.

        Parameters
        ----------
        local_qubits : int, optional
            The qubits of each part.
        ranks : int, optional
            The number of parts, a power of two: for numket.mpi.
        memory : int or str, optional
            Bytes, or a number with a unit as "8GiB", for parts of a file: for numket.FileState.

        Returns
        -------
        numket.plan.Plan or numket.plan.PartedPlan
            What is done in which sweep, how much is read and written, and an estimate of the time. It prints as text;
            in a notebook it shows the circuit in the colours of the sweeps. Or, of a state in parts, its segments and
            what moves between them.

        Raises
        ------
        TypeError
            Where an argument has a wrong type, or two are given.
        ValueError
            Where an argument is out of range; or the circuit, on a state in parts, measures or draws, or has an
            operation that mixes more qubits than a part has.

        See Also
        --------
        draw : The picture of the sweeps, with sweeps=True.
        segments : The segments by themselves.

        Examples
        --------
        >>> import numket as nk
        >>> plan = nk.Circuit(3).h(0).cx(0, 1).ry(0.3, 2).explain()
        >>> print(str(plan).partition(", about")[0])  # and how long that takes
        3 operations on 3 qubits in 1 sweep over the state: 256 B read and written
        >>> plan.sweeps[0].operations
        (0, 1, 2)
        >>> plan = nk.Circuit(3).h(0).cx(0, 1).ry(0.3, 2).explain(ranks=2)
        >>> plan.exchanges, plan.parts_sent
        (1, 0.5)
        """

    @overload
    def explain(
        self,
        *,
        local_qubits: SupportsIndex | None = None,
        ranks: SupportsIndex | None = None,
        memory: int | str | None = None,
    ) -> PartedPlan: ...
    @staticmethod
    def from_qasm(
        text: str,
        *,
        dialect: str | None = None,
        final_measurements: bool = True,
        max_rounds: int = 1_000_000,
    ) -> Circuit:
        """The circuit that an OpenQASM 2 or 3 text describes.

        Parameters
        ----------
        text : str
            The program. Inputs that are floats or angles become parameters.
        dialect : {"braket", "qibo"}, optional
            Whose gates are known besides those of the standard.
        final_measurements : bool
            False leaves out measurements that nothing depends on.
        max_rounds : int
            How many rounds all loops may have together.

        Returns
        -------
        Circuit
            A new circuit. Its qubits and bits count through the registers in the order of their
            declaration.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        numket.qasm.QasmError
            A ValueError that tells line and column: where the text is not OpenQASM, or asks for what
            a circuit cannot do.

        See Also
        --------
        numket.qasm.read : With the names of the registers.

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
        *,
        dialect: str | None = None,
        final_measurements: bool = True,
        max_rounds: int = 1_000_000,
    ) -> Circuit:
        """The circuit that a file in OpenQASM 2 or 3 describes.

        Parameters
        ----------
        path : str or path-like
            The file, in UTF-8.
        dialect : {"braket", "qibo"}, optional
            Whose gates are known besides those of the standard.
        final_measurements : bool
            False leaves out measurements that nothing depends on.
        max_rounds : int
            How many rounds all loops may have together.

        Returns
        -------
        Circuit
            A new circuit.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        OSError
            Where the file cannot be read.
        numket.qasm.QasmError
            A ValueError that tells file, line and column: where the text is not OpenQASM, or asks for
            what a circuit cannot do.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> import numket as nk
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "bell.qasm")
        ...     _ = path.write_text(nk.Circuit(2).h(0).cx(0, 1).to_qasm())
        ...     nk.Circuit.from_qasm_file(path)
        Circuit of 2 operations on 2 qubits
        q0: ─H─●─
               │
        q1: ───X─
        """

    def to_qasm(self) -> str:
        """The circuit as a text in OpenQASM 3, which `from_qasm` reads back as the same circuit.

        Returns
        -------
        str
            The program. Parameters are inputs, conditions are nested ifs, and gates that stdgates.inc
            lacks come with their definitions.

        Raises
        ------
        ValueError
            Where the circuit has matrices, diagonals, permutations, noise, or parameters whose names
            OpenQASM does not allow.

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

    def prepare(
        self,
        state: _State,
        params: _Params = None,
        *,
        batch: int = 0,
        threads: int | None = None,
        progress: bool | Callable[[int, int], object] | None = None,
        rng: _Rng = None,
    ) -> NDArray[np.int8] | Any:
        """Writes what the circuit makes of |0...0> to a state, which is not read.

        As `run` on `zero_state`, but for rounding. It takes less time, as amplitudes that are still
        0 are left out: qubits cost nothing before their first gate, nor do controls that are known.

        Parameters
        ----------
        state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
            Overwritten, whatever it holds. Qubit q is axis q of state.reshape((2,) * n).
        params : dict or array_like, optional
            The values of the parameters in radians, as `run` takes them.
        batch : int
            Number of leading axes of the state that count states: (B, 2**n) has 1.
        threads : int, optional
            At most this many threads for this call.
        progress : bool or callable
            As for `run`.
        rng : None, int or numpy.random.Generator, optional
            As for `run`.

        Returns
        -------
        ndarray of int8, shape (num_bits,) after the batch axes
            The classical bits of each state, as `run` returns them; None for a circuit that has none.

        Raises
        ------
        TypeError, ValueError, KeyError, BufferInUseError
            Where `run` raises them. Nothing has been written then.
        KeyboardInterrupt
            On Ctrl-C. As with whatever a signal handler or `progress` raises, the run stops: the state
            then holds what some of the operations made of |0...0>, or is not yet wholly overwritten.

        See Also
        --------
        numket.Circuit.run : From the state as it is.
        numket.zero_state : |0...0> in a new array.

        Examples
        --------
        >>> import numpy as np, numket as nk
        >>> psi = nk.empty_state(2)
        >>> nk.Circuit(2).h(0).cx(0, 1).prepare(psi)
        >>> psi.round(3).real
        array([0.707, 0.   , 0.   , 0.707])

        A batch, with a value of the parameter for each state:

        >>> states = np.empty((3, 2), complex)
        >>> nk.Circuit(1).ry(nk.Parameter("theta"), 0).prepare(states, [[0], [np.pi / 2], [np.pi]], batch=1)
        >>> states.round(3).real
        array([[1.   , 0.   ],
               [0.707, 0.707],
               [0.   , 1.   ]])
        """

    def segments(
        self,
        local: SupportsIndex | Sequence[SupportsIndex],
        *,
        always: SupportsIndex = 0,
        link: float = 10.0,
        relabel: bool = False,
    ) -> Segments:
        """The circuit in segments, each of which mixes only some of the qubits: for a state in parts.

        An operation does not mix its controls, and none of its qubits if it is diagonal. Where all qubits that it mixes
        are local, that is both of their values are in each part, it can be done in every part by itself: the others
        have one value there.

        Parameters
        ----------
        local : int or sequence of int
            The qubits that are local at first, as many as are at a time; an int is that number of the last qubits.
        always : int
            So many of the last qubits are local in every segment: the rows of a file.
        link : float
            How many times longer it takes to send amplitudes than to go through them in memory. With 0, there are as few
            segments as are found, and otherwise less to be sent.
        relabel : bool
            Whether swaps without controls only change which qubit is which.

        Returns
        -------
        numket.plan.Segments
            The segments, as local qubits and a circuit, and which qubit each has become in the end. The same for the
            same circuit on every machine.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        ValueError
            Where a qubit is out of range or listed twice, `always` is more than there are local qubits, `link` is
            negative or not finite, the circuit measures or draws, or an operation mixes more qubits than are local.

        See Also
        --------
        explain : What that costs.
        numket.FileState : On a file.

        Examples
        --------
        >>> import numket as nk
        >>> for segment in nk.Circuit(3).h(0).cx(0, 1).h(2).segments(2).segments:
        ...     print(segment.local, len(segment.circuit))
        (1, 2) 1
        (0, 1) 2
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
        memory: int | str | None = None,
    ) -> NDArray[np.int8] | Any:
        """Applies all operations to a state, in place and in one call.

        Parameters
        ----------
        state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
            Changed in place. Qubit q is axis q of state.reshape((2,) * n).
        params : dict or array_like, optional
            The values of the parameters in radians: a dict by name or Parameter, or an array in the
            order of `parameters`. With batch axes, each value of a dict broadcasts against them, and
            an array has the parameters in its last axis.
        batch : int
            Number of leading axes of the state that count states: (B, 2**n) has 1.
        threads : int, optional
            At most this many threads for this call.
        progress : bool or callable
            True shows a bar (needs tqdm). A callable is given the number of operations that are done,
            and of all.
        rng : None, int or numpy.random.Generator, optional
            What np.random.default_rng takes, for circuits that measure, reset or have a Kraus
            channel; others do not look at it. For each state, a Generator is advanced by one number
            for each qubit that is measured or reset, one more for a readout error, and one for each
            channel, even where a condition does not hold. They are drawn before anything is written.
        memory : int or str, optional
            For a state in a numpy.memmap that is larger than memory, how much of that to use: bytes, or a number with
            a unit as "8GiB". The circuit then runs as on a numket.FileState.

        Returns
        -------
        ndarray of int8, shape (num_bits,) after the batch axes
            The classical bits of each state, 0 where nothing was measured; None for a circuit that
            has none. The same for any number of threads.

        Raises
        ------
        TypeError
            Where the state is no ndarray of these dtypes, or is real and an operation is not, or
            another argument has a wrong type.
        ValueError
            Where a shape does not fit, a value is not finite, or a state has norm 0 when
            it is measured or a channel reads it. As with every error, nothing has been written; but
            where the user's own operators have taken the norm from the state on its way, that is
            found only then, and the note of the error says where.
        KeyError
            Where `params` names a parameter that the circuit lacks, or misses one that it has.
        BufferInUseError
            Where another call is using the memory of the state.
        KeyboardInterrupt
            On Ctrl-C. As with whatever a signal handler or `progress` raises, the run stops, the note
            of the error says how far it got, and the state keeps its norm if all operations are
            unitary.

        See Also
        --------
        numket.Circuit.expectation : The mean of an observable after the circuit.
        numket.Circuit.trajectories : The mean over many runs with noise.
        numket.FileState : A state in a file, larger than memory.

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

    @overload
    def expectation(
        self,
        observable: _Hermitian,
        params: _Params = None,
        qubits: _Qubits | None = None,
        *,
        state: _State | None = None,
        batch: Literal[0] = 0,
        threads: int | None = None,
    ) -> float:
        """The expectation value of an observable after the circuit.

        A circuit that measures, resets or has a Kraus channel is run once, with fresh random numbers;
        `trajectories` gives means over many runs.

        Parameters
        ----------
        observable : PauliSum, str, or array_like of shape (2**k, 2**k) or (2**k,)
            As numket.expectation takes it.
        params : dict or array_like, optional
            The values of the parameters in radians, as `run` takes them. With batch axes and no
            state, they tell the shape of the batch.
        qubits : int or sequence of int, optional
            The k qubits that the observable acts on; all in order if not given.
        state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n, optional
            What the circuit starts from; |0...0> in complex128 if not given. Only read: the circuit
            runs on a copy, which is complex.
        batch : int
            Number of leading axes of the state, or else of the values of parameters, that count
            states.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        float, or ndarray of float64 of the batch axes
            The value, or that of each state; complex where a PauliSum is not Hermitian.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        ValueError
            Where a shape does not fit, a value is not finite, a qubit is out of range or
            listed twice, or a matrix is not Hermitian (rounding errors aside).
        KeyError
            Where `params` names a parameter that the circuit lacks, or misses one that it has.
        MemoryError
            Where there is too little memory for the copy.
        BufferInUseError
            Where another call is changing the state.

        See Also
        --------
        numket.expectation : In a state.

        Examples
        --------
        >>> import numket as nk
        >>> circuit = nk.Circuit(2).ry(nk.Parameter("theta"), 0).cx(0, 1)
        >>> round(circuit.expectation("ZI", {"theta": 0.3}), 6)  # cos(0.3)
        0.955336
        """

    @overload
    def expectation(
        self,
        observable: _Hermitian,
        params: _Params = None,
        qubits: _Qubits | None = None,
        *,
        state: _State | None = None,
        batch: _Axes,
        threads: int | None = None,
    ) -> NDArray[np.float64]: ...
    @overload
    def expectation(
        self,
        observable: PauliSum,
        params: _Params = None,
        qubits: _Qubits | None = None,
        *,
        state: _State | None = None,
        batch: Literal[0] = 0,
        threads: int | None = None,
    ) -> float | Any: ...
    @overload
    def expectation(
        self,
        observable: PauliSum,
        params: _Params = None,
        qubits: _Qubits | None = None,
        *,
        state: _State | None = None,
        batch: _Axes,
        threads: int | None = None,
    ) -> NDArray[Any]: ...
    @overload
    def expectation(
        self,
        observable: PauliSum | _Hermitian,
        params: _Params = None,
        qubits: _Qubits | None = None,
        *,
        state: _State | None = None,
        batch: int,
        threads: int | None = None,
    ) -> Any: ...
    @overload
    def gradient(
        self,
        observable: PauliSum | _Hermitian,
        params: _Params = None,
        qubits: _Qubits | None = None,
        *,
        state: _State | None = None,
        batch: Literal[0] = 0,
        threads: int | None = None,
    ) -> tuple[float, NDArray[np.float64]]:
        """The expectation value of an observable after the circuit, and its derivatives by all parameters.

        They are computed by adjoint differentiation: in the time of a few runs, however many
        parameters there are, and with memory for two states.

        Parameters
        ----------
        observable : PauliSum, str, or array_like of shape (2**k, 2**k) or (2**k,)
            As numket.expectation takes it; Hermitian.
        params : dict or array_like, optional
            The values of the parameters in radians, as `run` takes them. With batch axes and no
            state, they tell the shape of the batch.
        qubits : int or sequence of int, optional
            The k qubits that the observable acts on; all in order if not given.
        state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n, optional
            What the circuit starts from; |0...0> in complex128 if not given. Only read.
        batch : int
            Number of leading axes of the state, or else of the values of parameters, that count
            states.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        value : float, or ndarray of float64 of the batch axes
            The expectation value, or that of each state.
        gradient : ndarray of float64, shape (number of parameters,) after the batch axes
            The derivatives by radians, in the order of `parameters`.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        ValueError
            Where a shape does not fit, a value is not finite, a qubit is out of range or
            listed twice, the observable is not Hermitian, or the circuit measures, resets, or has a
            Kraus channel or a matrix that is not unitary: nothing undoes these.
        KeyError
            Where `params` names a parameter that the circuit lacks, or misses one that it has.
        MemoryError
            Where there is too little memory for two states.
        BufferInUseError
            Where another call is changing the state.

        Notes
        -----
        T. Jones and J. Gacon, "Efficient calculation of gradients in classical simulations of
        variational quantum algorithms", arXiv:2009.02823 (2020).

        Matrices of yours are undone by their adjoints, so each that is not quite unitary changes the
        derivatives before it, relatively, by up to the largest entry of abs(M.conj().T @ M - 1), which
        may be 1e-6: a thousand matrices that were rounded to complex64 by up to 1e-4 in all.

        Examples
        --------
        >>> import numket as nk
        >>> circuit = nk.Circuit(2).ry(nk.Parameter("theta"), 0).cx(0, 1)
        >>> value, gradient = circuit.gradient("ZI", [0.3])
        >>> round(value, 6), gradient.round(6)  # cos(0.3) and -sin(0.3)
        (0.955336, array([-0.29552]))
        """

    @overload
    def gradient(
        self,
        observable: PauliSum | _Hermitian,
        params: _Params = None,
        qubits: _Qubits | None = None,
        *,
        state: _State | None = None,
        batch: _Axes,
        threads: int | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
    @overload
    def gradient(
        self,
        observable: PauliSum | _Hermitian,
        params: _Params = None,
        qubits: _Qubits | None = None,
        *,
        state: _State | None = None,
        batch: int,
        threads: int | None = None,
    ) -> tuple[Any, NDArray[np.float64]]: ...
    @overload
    def sweep(
        self,
        observable: PauliSum | _Hermitian,
        params: _Params,
        qubits: _Qubits | None = None,
        *,
        gradient: Literal[False] = False,
        state: _State | None = None,
        executor: Executor | None = None,
        threads: int | None = None,
        progress: bool | Callable[[int, int], object] | None = None,
    ) -> Any:
        """The expectation values of an observable, and its gradients, over a table of parameters.

        Without an executor, that is `expectation` or `gradient` of a batch, in parts between which `progress`
        is told. With one, its workers do up to 64 blocks of the table; the numbers have the same bits.

        Parameters
        ----------
        observable : PauliSum, str, or array_like of shape (2**k, 2**k) or (2**k,)
            As numket.expectation takes it.
        params : dict or array_like
            The values of the parameters in radians: a dict by name or Parameter, whose values broadcast
            against each other, or an array that has the parameters in its last axis, in the order of
            `parameters`. All other axes are those of the table.
        qubits : int or sequence of int, optional
            The k qubits that the observable acts on; all in order if not given.
        gradient : bool
            Whether to give the derivatives by all parameters too.
        state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n, optional
            What the circuit starts from at each point; |0...0> in complex128 if not given. Only read.
        executor : concurrent.futures.Executor, optional
            A ThreadPoolExecutor, a ProcessPoolExecutor, joblib's loky, Dask's `client.get_executor()`, an
            MPIPoolExecutor, or any other. Circuit, observable and state are sent with each block.
        threads : int, optional
            At most this many threads; all if not given. In each worker of an executor: 1 if not given.
        progress : bool or callable
            True shows a bar (needs tqdm). A callable is given the number of points that are done, and
            of all.

        Returns
        -------
        values : ndarray of float64 of the axes of the table, or float
            The expectation values; complex where a PauliSum is not Hermitian.
        gradients : ndarray of float64, shape (number of parameters,) after those axes
            The derivatives by radians; only with `gradient`.

        Raises
        ------
        TypeError
            Where an argument has a wrong type, or cannot be sent to another process.
        ValueError
            Where a shape does not fit, a value is not finite, a qubit is out of range or listed twice, the
            observable is not Hermitian (rounding errors aside), or the circuit measures, resets or has a
            Kraus channel: use `trajectories` at each point.
        KeyError
            Where `params` names a parameter that the circuit lacks, or misses one that it has.
        MemoryError
            Where there is too little memory for the runs.
        BufferInUseError
            Where another call is changing the state.
        KeyboardInterrupt
            On Ctrl-C. As with whatever `progress` or a worker raises, blocks that have not begun are cancelled.

        See Also
        --------
        numket.Circuit.expectation : Of one point, or of a batch of states.
        numket.Circuit.trajectories : The mean over many runs with noise, with executors too.

        Examples
        --------
        >>> import numpy as np, numket as nk
        >>> circuit = nk.Circuit(2).ry(nk.Parameter("a"), 0).cx(0, 1).rz(nk.Parameter("b"), 1)
        >>> table = {"a": np.linspace(0, np.pi, 3)[:, np.newaxis], "b": [0.1, 0.2]}
        >>> circuit.sweep("ZI", table).round(6) + 0  # cos(a)
        array([[ 1.,  1.],
               [ 0.,  0.],
               [-1., -1.]])
        >>> from concurrent.futures import ThreadPoolExecutor
        >>> with ThreadPoolExecutor(2) as executor:
        ...     values, gradients = circuit.sweep("ZI", table, gradient=True, executor=executor)
        >>> gradients.shape
        (3, 2, 2)
        """

    @overload
    def sweep(
        self,
        observable: PauliSum | _Hermitian,
        params: _Params,
        qubits: _Qubits | None = None,
        *,
        gradient: Literal[True],
        state: _State | None = None,
        executor: Executor | None = None,
        threads: int | None = None,
        progress: bool | Callable[[int, int], object] | None = None,
    ) -> tuple[Any, NDArray[np.float64]]: ...
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
        """The expectation values of several observables, and the gradient of their weighted sum.

        This is a vector-Jacobian product, at the cost of one gradient.

        Parameters
        ----------
        observables : sequence
            Each as `gradient` takes it, on all qubits.
        weights : array_like of float
            One for each observable.
        params : dict or array_like, optional
            The values of the parameters in radians, as `run` takes them. With batch axes and no
            state, they tell the shape of the batch.
        state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n, optional
            What the circuit starts from; |0...0> in complex128 if not given. Only read.
        batch : int
            Number of leading axes of the state, or else of the values of parameters, that count
            states.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        values : ndarray of float64, shape (number of observables,) after the batch axes
            The expectation values.
        gradient : ndarray of float64, shape (number of parameters,) after the batch axes
            The derivatives of the weighted sum by radians, in the order of `parameters`.

        Raises
        ------
        TypeError
            Where `observables` is no sequence, or an argument has a wrong type.
        ValueError
            Where there is not one finite weight for each observable, or where `gradient` raises it.
        KeyError
            Where `params` names a parameter that the circuit lacks, or misses one that it has.
        MemoryError
            Where there is too little memory for two states, and a third for several observables.
        BufferInUseError
            Where another call is changing the state.

        See Also
        --------
        numket.Circuit.gradient : For one observable, with the source of the algorithm.

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
        bits: _Qubits | None = None,
        *,
        readout_error: ArrayLike | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Adds a measurement of qubits in the Z basis, one after the other, into classical bits.

        Each qubit collapses to its outcome. The state keeps its norm.

        Parameters
        ----------
        qubits : int or sequence of int
            The distinct qubits.
        bits : int or sequence of int, optional
            A classical bit for each; the next that are unused if not given.
        readout_error : tuple of two floats, optional
            The probabilities of recording 0 as 1, and 1 as 0, for each of the qubits. The state
            collapses to the true outcome, whatever is recorded.
        condition : int or mapping of int to int, optional
            Classical bits and the values that they must have, or one bit that must be 1, before the
            first of the qubits is measured. Otherwise the bits keep what they hold, which is 0 where
            nothing was measured.

        Returns
        -------
        Circuit
            The circuit itself.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        ValueError
            Where the circuit has no such qubit, a qubit or a bit is listed twice, there is not one
            bit for each qubit, a bit is out of range, or `readout_error` is not two probabilities.
            The circuit is then as it was.

        See Also
        --------
        numket.measure : The same for an array.

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

    def reset(self, qubits: _Qubits, *, condition: _Condition | None = None) -> Circuit:
        """Adds a reset of qubits to 0: each is measured, and flipped where that gives 1.

        The state keeps its norm.

        Parameters
        ----------
        qubits : int or sequence of int
            The distinct qubits.
        condition : int or mapping of int to int, optional
            Classical bits and the values that they must have, or one bit that must be 1.

        Returns
        -------
        Circuit
            The circuit itself.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        ValueError
            Where the circuit has no such qubit or bit, or a qubit is listed twice. The circuit is
            then as it was.

        See Also
        --------
        numket.reset : The same for an array.

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
        *,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Adds a Kraus channel: each run draws one of its operators, and applies it.

        Operator K is drawn with the probability norm(K state)**2 / norm(state)**2, and the state
        keeps its norm. The operators are copied.

        Parameters
        ----------
        operators : array_like, shape (m, 2**k, 2**k)
            The m Kraus operators, of which the sum of K^dagger K is the identity. numket.channels has
            some.
        qubits : int or sequence of int
            The k distinct qubits.
        condition : int or mapping of int to int, optional
            Classical bits and the values that they must have, or one bit that must be 1.

        Returns
        -------
        Circuit
            The circuit itself.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        ValueError
            Where a shape does not fit, the operators are not finite or no channel, the circuit has no
            such qubit or bit, or a qubit is listed twice. The circuit is then as it was.

        See Also
        --------
        numket.apply_kraus : The same for an array.
        numket.Circuit.trajectories : Means over many runs.

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
        shots: SupportsIndex | None = None,
        params: _Params = None,
        *,
        rng: _Rng = None,
        executor: Executor | None = None,
        threads: int | None = None,
        progress: bool | Callable[[int, int], object] | None = None,
        n: SupportsIndex | None = None,
    ) -> Estimate:
        """The mean of an observable over many runs, each from the same state.

        With noise from Kraus channels, it estimates the expectation value in the mixed state that the
        channels make.

        Parameters
        ----------
        state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
            Where each run starts. Only read; it must not change meanwhile. The runs have states of their
            own: one of more than 4 MiB, 16 of less, and more as long as they fit in 2 MiB; with a
            ThreadPoolExecutor, in 32 MiB.
        observable : callable, PauliSum, str, or array_like
            A function of a state that returns a real number, an object that has one as its method
            `expectation`, or what numket.expectation takes. A function may change its array, to which
            later runs write. PauliSum and str take least time: they are read in many states at once.
        shots : int
            The number of runs, at least 1.
        params : dict or array_like, optional
            The values of the parameters in radians, as `run` takes them.
        rng : None, int or numpy.random.Generator, optional
            What np.random.default_rng takes. The runs draw from it one after the other, as so many calls
            of `run` would; the result is the same for any number of threads, and on any executor.
        executor : concurrent.futures.Executor, optional
            The threads of a ThreadPoolExecutor call the function that `observable` is, each on a state of
            its own; if not given, the caller's does. All others do the runs too, in up to 64 blocks, as
            those of processes and clusters: a ProcessPoolExecutor, joblib's loky, Dask's
            `client.get_executor()` or an MPIPoolExecutor. Circuit, state, observable and generator are
            sent to them with each block.
        threads : int, optional
            Run on at most this many threads; all if not given. Small states have one thread for each run.
            In each worker of an executor: 1 if not given.
        progress : bool or callable
            True shows a bar (needs tqdm). A callable is given the number of runs that are done, and
            of all.
        n : int
            An older name of `shots`.

        Returns
        -------
        numket.trajectories.Estimate
            The mean, its standard error, and the number of runs. The error is the standard deviation
            of the sample over the square root of that number: 0 without noise, NaN for one run.

        Raises
        ------
        TypeError
            Where the state is no ndarray of these dtypes, or is real and an operation is not, or
            another argument has a wrong type.
        ValueError
            Where `shots` is less than 1, or where `run` raises it.
        KeyError
            Where `params` names a parameter that the circuit lacks, or misses one that it has.
        MemoryError
            Where there is too little memory for the states of the runs.
        BufferInUseError
            Where another call is changing the state.
        KeyboardInterrupt
            On Ctrl-C: runs stop where they are. As with every error, the state is as it was.

        See Also
        --------
        numket.channels : The usual channels.

        Notes
        -----
        J. Dalibard, Y. Castin and K. Mølmer, "Wave-function approach to dissipative processes in
        quantum optics", Physical Review Letters 68, 580 (1992).

        Examples
        --------
        >>> import numket as nk
        >>> circuit = nk.Circuit(1).x(0).apply_kraus(nk.channels.amplitude_damping(0.25), 0)
        >>> mean, error, shots = circuit.trajectories(nk.zero_state(1), "Z", 1000, rng=1)
        >>> abs(mean + 0.5) < 4 * error < 0.12
        True
        """

    def apply(
        self,
        matrix: ArrayLike,
        qubits: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Adds a matrix on some qubits, which is copied.

        Parameters
        ----------
        matrix : array_like, shape (2**k, 2**k) or (2,) * 2k
            The matrix, unitary or not. The first qubit is the most significant bit of a row index.
        qubits : int or sequence of int
            The k distinct qubits.
        controls : int or sequence of int, optional
            Qubits that must have their control values; other amplitudes stay as they are.
        control_values : int or sequence of int, optional
            The value, 0 or 1, that each of `controls` must have; all 1 if not given.
        condition : int or mapping of int to int, optional
            Classical bits and the values that they must have, or one bit that must be 1.

        Returns
        -------
        Circuit
            The circuit itself.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        ValueError
            Where a shape does not fit, the matrix is not finite, the circuit has no such qubit or
            bit, or a qubit is listed twice. The circuit is then as it was.

        See Also
        --------
        numket.apply : The same for an array.

        Examples
        --------
        >>> import numpy as np, numket as nk
        >>> H = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
        >>> psi = nk.zero_state(2)
        >>> nk.Circuit(2).apply(H, 0).cx(0, 1).run(psi)
        >>> psi.real.round(3)
        array([0.707, 0.   , 0.   , 0.707])
        """

    def apply_diagonal(
        self,
        diagonal: ArrayLike,
        qubits: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Adds a diagonal matrix on some qubits, which is copied.

        Parameters
        ----------
        diagonal : array_like, shape (2**k,)
            Entry i belongs to the basis state whose bits spell i, the first qubit's first.
        qubits : int or sequence of int
            The k distinct qubits.
        controls : int or sequence of int, optional
            Qubits that must have their control values; other amplitudes stay as they are.
        control_values : int or sequence of int, optional
            The value, 0 or 1, that each of `controls` must have; all 1 if not given.
        condition : int or mapping of int to int, optional
            Classical bits and the values that they must have, or one bit that must be 1.

        Returns
        -------
        Circuit
            The circuit itself.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        ValueError
            Where a shape does not fit, an entry is not finite, the circuit has no such qubit or bit,
            or a qubit is listed twice. The circuit is then as it was.

        See Also
        --------
        numket.apply_diagonal : The same for an array.

        Examples
        --------
        >>> import numket as nk
        >>> psi = nk.zero_state(2)
        >>> nk.Circuit(2).x(0).x(1).apply_diagonal([1, 1, 1, -1], (0, 1)).run(psi)
        >>> psi[3].real.round(12)
        np.float64(-1.0)
        """

    def apply_permutation(
        self,
        permutation: ArrayLike,
        qubits: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Adds a permutation of the basis states of some qubits, which is copied.

        Parameters
        ----------
        permutation : array_like of int, shape (2**k,)
            Basis state i of the listed qubits becomes basis state permutation[i]. The first qubit is
            the most significant bit of i.
        qubits : int or sequence of int
            The k distinct qubits.
        controls : int or sequence of int, optional
            Qubits that must have their control values; other amplitudes stay as they are.
        control_values : int or sequence of int, optional
            The value, 0 or 1, that each of `controls` must have; all 1 if not given.
        condition : int or mapping of int to int, optional
            Classical bits and the values that they must have, or one bit that must be 1.

        Returns
        -------
        Circuit
            The circuit itself.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        ValueError
            Where `permutation` does not list each of 0 to 2**k - 1 once, the circuit has no such
            qubit or bit, or a qubit is listed twice. The circuit is then as it was.

        See Also
        --------
        numket.apply_permutation : The same for an array.

        Examples
        --------
        >>> import numket as nk
        >>> add_one = nk.Circuit(2).apply_permutation([1, 2, 3, 0], (0, 1))
        >>> psi = nk.basis_state(2, 1)
        >>> add_one.run(psi)
        >>> psi.real
        array([0., 0., 1., 0.])
        """

    def apply_pauli(
        self,
        pauli: str,
        qubits: _Qubits | None = None,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Adds a product of Pauli operators.

        Parameters
        ----------
        pauli : str
            A letter I, X, Y or Z for each qubit.
        qubits : int or sequence of int, optional
            The qubits of the letters; all in order if not given.
        controls : int or sequence of int, optional
            Qubits that must have their control values; other amplitudes stay as they are.
        control_values : int or sequence of int, optional
            The value, 0 or 1, that each of `controls` must have; all 1 if not given.
        condition : int or mapping of int to int, optional
            Classical bits and the values that they must have, or one bit that must be 1.

        Returns
        -------
        Circuit
            The circuit itself.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        ValueError
            Where there is another letter, or not one for each qubit, the circuit has no such qubit or
            bit, or a qubit is listed twice. The circuit is then as it was.

        See Also
        --------
        numket.apply_pauli : The same for an array.

        Examples
        --------
        >>> import numket as nk
        >>> psi = nk.zero_state(3)
        >>> nk.Circuit(3).apply_pauli("XX", (0, 2)).run(psi)
        >>> nk.Ket(psi)
        Ket of 3 qubits: norm 1, 1 of 8 basis states occupied
          |101>  1  100 %  ████████████  → 0
        """

    def phase(
        self,
        diagonal: ArrayLike,
        gamma: _CircuitAngle,
        qubits: _Qubits | None = None,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Adds the phases exp(-i gamma C) of a real diagonal C, as the cost of a QAOA, which is copied.

        All phases are computed in the one pass that applies them, and no table of them is kept. The
        circuit keeps one copy of a diagonal, however often it is added.

        Parameters
        ----------
        diagonal : array_like of float, shape (2**k,)
            The diagonal of C. Entry i belongs to the basis state whose bits spell i, the first qubit's
            first.
        gamma : float, Parameter or Expression
            What C is multiplied by.
        qubits : int or sequence of int, optional
            The k distinct qubits; all in order if not given.
        controls : int or sequence of int, optional
            Qubits that must have their control values; other amplitudes stay as they are.
        control_values : int or sequence of int, optional
            The value, 0 or 1, that each of `controls` must have; all 1 if not given.
        condition : int or mapping of int to int, optional
            Classical bits and the values that they must have, or one bit that must be 1.

        Returns
        -------
        Circuit
            The circuit itself.

        Raises
        ------
        TypeError
            Where an argument has a wrong type, as a diagonal that is complex.
        ValueError
            Where a shape does not fit, an entry or its product with gamma is not finite, the circuit has
            no such qubit or bit, or a qubit is listed twice. The circuit is then as it was.

        See Also
        --------
        Circuit.apply_diagonal : A diagonal matrix without a parameter.
        Circuit.trotter : For costs as a PauliSum: products of Z commute, so one step is exact.

        Notes
        -----
        E. Farhi, J. Goldstone and S. Gutmann, "A Quantum Approximate Optimization Algorithm",
        arXiv:1411.4028 (2014).

        Examples
        --------
        One layer for the largest cut of a triangle:

        >>> import numpy as np, numket as nk
        >>> cut = np.array([0, 2, 2, 2, 2, 2, 2, 0])
        >>> qaoa = nk.Circuit(3).h(range(3)).phase(cut, nk.Parameter("gamma"))
        >>> qaoa = qaoa.rx(2 * nk.Parameter("beta"), range(3))
        >>> value, gradient = qaoa.gradient(cut, [0.6, 0.4])
        >>> round(value, 6), gradient.round(6)
        (1.952633, array([-0.176136, -1.037701]))
        """

    def trotter(
        self,
        hamiltonian: PauliSum,
        t: _CircuitAngle,
        steps: SupportsIndex = 1,
        *,
        order: SupportsIndex = 2,
        qubits: _Qubits | None = None,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Adds an approximation of the evolution in time under a Hamiltonian H, exp(-i H t).

        Terms of H that commute are put into groups, in the order in which they come. The exponential
        of a group is a product of rotations, and exact. A step of Suzuki's product formulas is made of
        these, and neighbours that are the same group become one.

        Parameters
        ----------
        hamiltonian : PauliSum
            A Hermitian sum on as many qubits as are listed.
        t : float, Parameter or Expression
            The time, with hbar = 1; negative to go back.
        steps : int
            How many steps of length t / steps.
        order : int
            1, 2 or 4.
        qubits : int or sequence of int, optional
            The qubits of H; all in order if not given.
        controls : int or sequence of int, optional
            Qubits that must have their control values; other amplitudes stay as they are.
        control_values : int or sequence of int, optional
            The value, 0 or 1, that each of `controls` must have; all 1 if not given.
        condition : int or mapping of int to int, optional
            Classical bits and the values that they must have, or one bit that must be 1.

        Returns
        -------
        Circuit
            The circuit itself.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        ValueError
            Where H is not Hermitian or has another number of qubits, an angle is not finite, `steps` is
            not positive, `order` is another, the circuit has no such qubit or bit, or a qubit is listed
            twice. The circuit is then as it was.
        MemoryError
            Where there is no room for so many operations.

        See Also
        --------
        numket.evolve : The exact evolution, to 1e-12, mostly in less time.

        Notes
        -----
        The error is in proportion to t * (t / steps)**order. For a state it is therefore about
        2**order / (2**order - 1) times the distance to what twice as many steps make of it; and
        `numket.evolve` makes what it is exactly. Where all terms commute, each step is exact.

        H. F. Trotter, Proceedings of the American Mathematical Society 10, 545 (1959). M. Suzuki, Physics
        Letters A 146, 319 (1990): orders 2 and 4, the latter with u = 1 / (4 - 4**(1/3)). How errors grow with
        t and the number of qubits: A. M. Childs et al., Physical Review X 11, 011020 (2021).

        Examples
        --------
        >>> import numpy as np, numket as nk
        >>> ising = nk.PauliSum({"ZZI": -1, "IZZ": -1, "XII": -0.5, "IXI": -0.5, "IIX": -0.5})
        >>> exact = nk.zero_state(3)
        >>> nk.evolve(exact, ising, 1.0)
        >>> for order in 1, 2, 4:
        ...     psi = nk.zero_state(3)
        ...     nk.Circuit(3).trotter(ising, 1.0, 10, order=order).run(psi)
        ...     print(order, f"{np.linalg.norm(psi - exact):.0e}")
        1 7e-02
        2 3e-03
        4 2e-06
        """

    def gphase(
        self,
        gamma: _CircuitAngle,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Adds a phase: amplitudes for which the controls hold are multiplied by exp(i gamma).

        It is the same as pauli_rotation(-2 * gamma, "", ()).

        Parameters
        ----------
        gamma : float, Parameter or Expression
            The phase in radians.
        controls : int or sequence of int, optional
            Qubits that must have their control values; all amplitudes are multiplied if not given.
        control_values : int or sequence of int, optional
            The value, 0 or 1, that each of `controls` must have; all 1 if not given.
        condition : int or mapping of int to int, optional
            Classical bits and the values that they must have, or one bit that must be 1.

        Returns
        -------
        Circuit
            The circuit itself.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        ValueError
            Where the phase is not finite, the circuit has no such qubit or bit, or a qubit is listed
            twice. The circuit is then as it was.

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
        qubits: _Qubits | None = None,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Adds a rotation about a product P of Pauli operators: exp(-i theta/2 P).

        Parameters
        ----------
        theta : float, Parameter or Expression
            The angle in radians.
        pauli : str
            A letter I, X, Y or Z for each qubit.
        qubits : int or sequence of int, optional
            The qubits of the letters; all in order if not given.
        controls : int or sequence of int, optional
            Qubits that must have their control values; other amplitudes stay as they are.
        control_values : int or sequence of int, optional
            The value, 0 or 1, that each of `controls` must have; all 1 if not given.
        condition : int or mapping of int to int, optional
            Classical bits and the values that they must have, or one bit that must be 1.

        Returns
        -------
        Circuit
            The circuit itself.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        ValueError
            Where the angle is not finite, there is another letter, or not one for each qubit, the
            circuit has no such qubit or bit, or a qubit is listed twice. The circuit is then as it
            was.

        See Also
        --------
        numket.pauli_rotation : The same for an array, with the source of the formula.

        Examples
        --------
        >>> import numpy as np, numket as nk
        >>> circuit = nk.Circuit(2).pauli_rotation(nk.Parameter("theta"), "YX")
        >>> psi = nk.zero_state(2)
        >>> circuit.run(psi, {"theta": np.pi / 2})
        >>> psi.real.round(3)
        array([0.707, 0.   , 0.   , 0.707])
        """

    # The gates of the table, by .ci/stub.py:
    def x(
        self,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Pauli X, the NOT gate: exchanges |0> and |1>.

        The matrix, for the qubits in the order of the arguments::

            [[0, 1],
             [1, 0]]

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

        See `numket.x`.
        """

    def y(
        self,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Pauli Y: |0> becomes i|1>, |1> becomes -i|0>.

        The matrix, for the qubits in the order of the arguments::

            [[ 0, -1j],
             [1j,   0]]

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

        See `numket.y`.
        """

    def z(
        self,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Pauli Z: the sign of |1> changes.

        The matrix, for the qubits in the order of the arguments::

            diag(1, -1)

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

        See `numket.z`.
        """

    def h(
        self,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Hadamard: (X + Z) / sqrt(2).

        The matrix, for the qubits in the order of the arguments::

            [[1,  1],
             [1, -1]] / sqrt(2)

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

        See `numket.h`.
        """

    def s(
        self,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """S, the square root of Z: multiplies |1> by i.

        The matrix, for the qubits in the order of the arguments::

            diag(1, 1j)

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

        See `numket.s`.
        """

    def sdg(
        self,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Inverse of S.

        The matrix, for the qubits in the order of the arguments::

            diag(1, -1j)

        Convention: OpenQASM 3, stdgates.inc.

        See `numket.sdg`.
        """

    def t(
        self,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """T, the square root of S: multiplies |1> by exp(i pi/4).

        The matrix, for the qubits in the order of the arguments::

            diag(1, exp(1j*pi/4))

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

        See `numket.t`.
        """

    def tdg(
        self,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Inverse of T.

        The matrix, for the qubits in the order of the arguments::

            diag(1, exp(-1j*pi/4))

        Convention: OpenQASM 3, stdgates.inc.

        See `numket.tdg`.
        """

    def sx(
        self,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Square root of X.

        The matrix, for the qubits in the order of the arguments::

            [[1+1j, 1-1j],
             [1-1j, 1+1j]] / 2

        Convention: OpenQASM 3, stdgates.inc.

        See `numket.sx`.
        """

    def sxdg(
        self,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Inverse of the square root of X.

        The matrix, for the qubits in the order of the arguments::

            [[1-1j, 1+1j],
             [1+1j, 1-1j]] / 2

        Convention: Qiskit's SXdgGate.

        See `numket.sxdg`.
        """

    def p(
        self,
        lam: _CircuitAngle,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Phase shift: |1> is multiplied by exp(i lam).

        The matrix, for the qubits in the order of the arguments::

            diag(1, exp(1j*lam))

        Convention: OpenQASM 3, stdgates.inc.

        See `numket.p`.
        """

    def rx(
        self,
        theta: _CircuitAngle,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Rotation about X by theta: exp(-i theta/2 X).

        The matrix, for the qubits in the order of the arguments::

            [[cos(theta/2),     -1j*sin(theta/2)],
             [-1j*sin(theta/2), cos(theta/2)    ]]

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

        See `numket.rx`.
        """

    def ry(
        self,
        theta: _CircuitAngle,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Rotation about Y by theta: exp(-i theta/2 Y).

        The matrix, for the qubits in the order of the arguments::

            [[cos(theta/2), -sin(theta/2)],
             [sin(theta/2),  cos(theta/2)]]

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

        See `numket.ry`.
        """

    def rz(
        self,
        theta: _CircuitAngle,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Rotation about Z by theta: exp(-i theta/2 Z).

        The matrix, for the qubits in the order of the arguments::

            diag(exp(-1j*theta/2), exp(1j*theta/2))

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

        See `numket.rz`.
        """

    def u(
        self,
        theta: _CircuitAngle,
        phi: _CircuitAngle,
        lam: _CircuitAngle,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """General rotation of one qubit by Euler angles: rz(phi) ry(theta) rz(lam), up to a phase.

        The matrix, for the qubits in the order of the arguments::

            [[cos(theta/2),              -exp(1j*lam)*sin(theta/2)      ],
             [exp(1j*phi)*sin(theta/2),  exp(1j*(phi+lam))*cos(theta/2)]]

        Convention: Qiskit's UGate; exp(-i theta/2) times the built-in U of OpenQASM 3.

        See `numket.u`.
        """

    def cx(
        self,
        control: _Qubit,
        target: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Controlled X (CNOT): X on the target where the control is 1.

        The matrix, for the qubits in the order of the arguments::

            [[1, 0, 0, 0],
             [0, 1, 0, 0],
             [0, 0, 0, 1],
             [0, 0, 1, 0]]

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.3.

        See `numket.cx`.
        """

    def cy(
        self,
        control: _Qubit,
        target: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Controlled Y: Y on the target where the control is 1.

        The matrix, for the qubits in the order of the arguments::

            [[1, 0,  0,   0],
             [0, 1,  0,   0],
             [0, 0,  0, -1j],
             [0, 0, 1j,   0]]

        Convention: OpenQASM 3, stdgates.inc.

        See `numket.cy`.
        """

    def cz(
        self,
        control: _Qubit,
        target: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Controlled Z: the sign of |11> changes.

        The matrix, for the qubits in the order of the arguments::

            diag(1, 1, 1, -1)

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.3.

        See `numket.cz`.
        """

    def ch(
        self,
        control: _Qubit,
        target: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Controlled Hadamard: H on the target where the control is 1.

        The matrix, for the qubits in the order of the arguments::

            [[1, 0, 0,         0         ],
             [0, 1, 0,         0         ],
             [0, 0, 1/sqrt(2),  1/sqrt(2)],
             [0, 0, 1/sqrt(2), -1/sqrt(2)]]

        Convention: OpenQASM 3, stdgates.inc.

        See `numket.ch`.
        """

    def cp(
        self,
        lam: _CircuitAngle,
        control: _Qubit,
        target: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Controlled phase shift: |11> is multiplied by exp(i lam).

        The matrix, for the qubits in the order of the arguments::

            diag(1, 1, 1, exp(1j*lam))

        Convention: OpenQASM 3, stdgates.inc.

        See `numket.cp`.
        """

    def crx(
        self,
        theta: _CircuitAngle,
        control: _Qubit,
        target: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Controlled rotation about X: exp(-i theta/2 X) on the target where the control is 1.

        The matrix, for the qubits in the order of the arguments::

            [[1, 0, 0,                0               ],
             [0, 1, 0,                0               ],
             [0, 0, cos(theta/2),     -1j*sin(theta/2)],
             [0, 0, -1j*sin(theta/2), cos(theta/2)    ]]

        Convention: OpenQASM 3, stdgates.inc.

        See `numket.crx`.
        """

    def cry(
        self,
        theta: _CircuitAngle,
        control: _Qubit,
        target: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Controlled rotation about Y: exp(-i theta/2 Y) on the target where the control is 1.

        The matrix, for the qubits in the order of the arguments::

            [[1, 0, 0,             0           ],
             [0, 1, 0,             0           ],
             [0, 0, cos(theta/2), -sin(theta/2)],
             [0, 0, sin(theta/2),  cos(theta/2)]]

        Convention: OpenQASM 3, stdgates.inc.

        See `numket.cry`.
        """

    def crz(
        self,
        theta: _CircuitAngle,
        control: _Qubit,
        target: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Controlled rotation about Z: exp(-i theta/2 Z) on the target where the control is 1.

        The matrix, for the qubits in the order of the arguments::

            diag(1, 1, exp(-1j*theta/2), exp(1j*theta/2))

        Convention: OpenQASM 3, stdgates.inc.

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
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Controlled general rotation: exp(i gamma) u(theta, phi, lam) on the target where the control is 1.

        The matrix, for the qubits in the order of the arguments::

            [[1, 0, 0,                                0                                   ],
             [0, 1, 0,                                0                                   ],
             [0, 0, exp(1j*gamma)*cos(theta/2),       -exp(1j*(gamma+lam))*sin(theta/2)   ],
             [0, 0, exp(1j*(gamma+phi))*sin(theta/2), exp(1j*(gamma+phi+lam))*cos(theta/2)]]

        Convention: OpenQASM 3, stdgates.inc.

        See `numket.cu`.
        """

    def swap(
        self,
        a: _Qubit,
        b: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Exchanges two qubits.

        The matrix, for the qubits in the order of the arguments::

            [[1, 0, 0, 0],
             [0, 0, 1, 0],
             [0, 1, 0, 0],
             [0, 0, 0, 1]]

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 1.3.4.

        See `numket.swap`.
        """

    def iswap(
        self,
        a: _Qubit,
        b: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Exchanges two qubits and multiplies |01> and |10> by i: exp(i pi/4 (XX + YY)).

        The matrix, for the qubits in the order of the arguments::

            [[1,  0,  0, 0],
             [0,  0, 1j, 0],
             [0, 1j,  0, 0],
             [0,  0,  0, 1]]

        Convention: Qiskit's iSwapGate.

        See `numket.iswap`.
        """

    def rxx(
        self,
        theta: _CircuitAngle,
        a: _Qubit,
        b: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Rotation about XX: exp(-i theta/2 X X).

        The matrix, for the qubits in the order of the arguments::

            [[cos(theta/2),     0,                0,                -1j*sin(theta/2)],
             [0,                cos(theta/2),     -1j*sin(theta/2), 0               ],
             [0,                -1j*sin(theta/2), cos(theta/2),     0               ],
             [-1j*sin(theta/2), 0,                0,                cos(theta/2)    ]]

        Convention: Qiskit's RXXGate.

        See `numket.rxx`.
        """

    def ryy(
        self,
        theta: _CircuitAngle,
        a: _Qubit,
        b: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Rotation about YY: exp(-i theta/2 Y Y).

        The matrix, for the qubits in the order of the arguments::

            [[cos(theta/2),    0,                0,                1j*sin(theta/2)],
             [0,               cos(theta/2),     -1j*sin(theta/2), 0              ],
             [0,               -1j*sin(theta/2), cos(theta/2),     0              ],
             [1j*sin(theta/2), 0,                0,                cos(theta/2)   ]]

        Convention: Qiskit's RYYGate.

        See `numket.ryy`.
        """

    def rzz(
        self,
        theta: _CircuitAngle,
        a: _Qubit,
        b: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Rotation about ZZ: exp(-i theta/2 Z Z).

        The matrix, for the qubits in the order of the arguments::

            diag(exp(-1j*theta/2), exp(1j*theta/2), exp(1j*theta/2), exp(-1j*theta/2))

        Convention: Qiskit's RZZGate.

        See `numket.rzz`.
        """

    def rzx(
        self,
        theta: _CircuitAngle,
        a: _Qubit,
        b: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Rotation about ZX: exp(-i theta/2 Z X), Z on the first qubit.

        The matrix, for the qubits in the order of the arguments::

            [[cos(theta/2),     -1j*sin(theta/2), 0,               0              ],
             [-1j*sin(theta/2), cos(theta/2),     0,               0              ],
             [0,                0,                cos(theta/2),    1j*sin(theta/2)],
             [0,                0,                1j*sin(theta/2), cos(theta/2)   ]]

        Convention: Qiskit's RZXGate.

        See `numket.rzx`.
        """

    def ecr(
        self,
        a: _Qubit,
        b: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Echoed cross-resonance: (X I - Y X) / sqrt(2), a gate of IBM's machines.

        The matrix, for the qubits in the order of the arguments::

            [[  0,   0,  1, 1j],
             [  0,   0, 1j,  1],
             [  1, -1j,  0,  0],
             [-1j,   1,  0,  0]] / sqrt(2)

        Convention: Qiskit's ECRGate.

        See `numket.ecr`.
        """

    def ccx(
        self,
        first: _Qubit,
        second: _Qubit,
        target: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Toffoli: X on the target where both controls are 1.

        The matrix, for the qubits in the order of the arguments::

            [[1, 0, 0, 0, 0, 0, 0, 0],
             [0, 1, 0, 0, 0, 0, 0, 0],
             [0, 0, 1, 0, 0, 0, 0, 0],
             [0, 0, 0, 1, 0, 0, 0, 0],
             [0, 0, 0, 0, 1, 0, 0, 0],
             [0, 0, 0, 0, 0, 1, 0, 0],
             [0, 0, 0, 0, 0, 0, 0, 1],
             [0, 0, 0, 0, 0, 0, 1, 0]]

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.3.

        See `numket.ccx`.
        """

    def ccz(
        self,
        first: _Qubit,
        second: _Qubit,
        target: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Doubly controlled Z: the sign of |111> changes.

        The matrix, for the qubits in the order of the arguments::

            diag(1, 1, 1, 1, 1, 1, 1, -1)

        Convention: Qiskit's CCZGate.

        See `numket.ccz`.
        """

    def cswap(
        self,
        control: _Qubit,
        a: _Qubit,
        b: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        condition: _Condition | None = None,
    ) -> Circuit:
        """Fredkin: exchanges two qubits where the control is 1.

        The matrix, for the qubits in the order of the arguments::

            [[1, 0, 0, 0, 0, 0, 0, 0],
             [0, 1, 0, 0, 0, 0, 0, 0],
             [0, 0, 1, 0, 0, 0, 0, 0],
             [0, 0, 0, 1, 0, 0, 0, 0],
             [0, 0, 0, 0, 1, 0, 0, 0],
             [0, 0, 0, 0, 0, 0, 1, 0],
             [0, 0, 0, 0, 0, 1, 0, 0],
             [0, 0, 0, 0, 0, 0, 0, 1]]

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 3.2.5.

        See `numket.cswap`.
        """

    # The end of the gates.

@final
class Ket:
    """A handle on a state: gates as methods that can be chained, in place on the wrapped array.

    Gates, `apply` and its kin, `measure`, `reset`, `project` and the readings are methods, as functions
    of the same names without the state. Gates and operators return the handle. It passes for its array
    wherever a state is an argument, and in NumPy.

    Parameters
    ----------
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
        The array to work on, which is not copied.

    Attributes
    ----------
    state : ndarray
        The very array that was given.
    num_qubits : int
        The number of qubits.

    Raises
    ------
    TypeError
        Where the state is no ndarray of these dtypes.
    ValueError
        Where its shape is another, or it is read-only.

    See Also
    --------
    numket.ket : A handle on a new basis state.
    numket.Circuit : The same calls put down once, and applied faster.

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
    def __new__(cls, state: _State) -> Ket: ...
    @property
    def state(self) -> NDArray[Any]:
        """The wrapped array itself, not a copy."""

    @property
    def num_qubits(self) -> int:
        """The number of qubits."""

    def _repr_html_(self) -> str: ...
    def _repr_latex_(self) -> str: ...
    def __array__(
        self, dtype: DTypeLike | None = None, copy: bool | None = None
    ) -> NDArray[Any]: ...
    def __copy__(self) -> Ket: ...
    def __deepcopy__(self, _memo: Any, /) -> Ket: ...
    def __reduce__(self) -> tuple[Any, ...]: ...
    def copy(self) -> Ket:
        """A handle on a copy of the array.

        Returns
        -------
        Ket
            Its array has the same shape and dtype.

        Raises
        ------
        MemoryError
            Where there is too little memory, before any is taken.
        BufferInUseError
            Where another call is changing the state.

        Examples
        --------
        >>> import numket as nk
        >>> ket = nk.ket("0")
        >>> other = ket.copy().x(0)
        >>> ket.state.real, other.state.real
        (array([1., 0.]), array([0., 1.]))
        """

    def apply(
        self,
        matrix: ArrayLike,
        qubits: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Applies any matrix to qubits of the state, in place.

        Parameters
        ----------
        matrix : array_like, shape (2**k, 2**k) or (2,) * 2k
            The matrix, unitary or not. The first qubit is the most significant bit of a row
            index.
        qubits : int or sequence of int
            The k distinct qubits.
        controls : int or sequence of int, optional
            Qubits that must have their control values; other amplitudes stay as they are.
        control_values : int or sequence of int, optional
            The value, 0 or 1, that each of `controls` must have; all 1 if not given.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        Ket
            The handle itself.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Where numket.apply raises them.

        See Also
        --------
        numket.apply : The same for an array.

        Examples
        --------
        >>> import numpy as np, numket as nk
        >>> SWAP = np.eye(4)[[0, 2, 1, 3]]
        >>> nk.ket("10").apply(SWAP, (0, 1))
        Ket of 2 qubits: norm 1, 1 of 4 basis states occupied
          |01>  1  100 %  ████████████  → 0
        """

    def apply_diagonal(
        self,
        diagonal: ArrayLike,
        qubits: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Multiplies the state by a diagonal matrix on some of its qubits, in place.

        Parameters
        ----------
        diagonal : array_like, shape (2**k,)
            Entry i belongs to the basis state whose bits spell i, the first qubit's first.
        qubits : int or sequence of int
            The k distinct qubits.
        controls : int or sequence of int, optional
            Qubits that must have their control values; other amplitudes stay as they are.
        control_values : int or sequence of int, optional
            The value, 0 or 1, that each of `controls` must have; all 1 if not given.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        Ket
            The handle itself.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Where numket.apply_diagonal raises them.

        See Also
        --------
        numket.apply_diagonal : The same for an array.

        Examples
        --------
        >>> import numket as nk
        >>> nk.ket("11").apply_diagonal([1, 1, 1, -1], (0, 1))
        Ket of 2 qubits: norm 1, 1 of 4 basis states occupied
          |11>  -1  100 %  ████████████  ← π
        """

    def apply_permutation(
        self,
        permutation: ArrayLike,
        qubits: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Moves the amplitudes of the state as a permutation of basis states says, in place.

        Parameters
        ----------
        permutation : array_like of int, shape (2**k,)
            Basis state i of the listed qubits becomes basis state permutation[i]. The first
            qubit is the most significant bit of i.
        qubits : int or sequence of int
            The k distinct qubits.
        controls : int or sequence of int, optional
            Qubits that must have their control values; other amplitudes stay as they are.
        control_values : int or sequence of int, optional
            The value, 0 or 1, that each of `controls` must have; all 1 if not given.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        Ket
            The handle itself.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Where numket.apply_permutation raises them.

        See Also
        --------
        numket.apply_permutation : The same for an array.

        Examples
        --------
        >>> import numket as nk
        >>> nk.ket("01").apply_permutation([1, 2, 3, 0], (0, 1))  # add 1 modulo 4
        Ket of 2 qubits: norm 1, 1 of 4 basis states occupied
          |10>  1  100 %  ████████████  → 0
        """

    def apply_pauli(
        self,
        pauli: str,
        qubits: _Qubits | None = None,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Applies a product of Pauli operators, in place and in one pass.

        Parameters
        ----------
        pauli : str
            A letter I, X, Y or Z for each qubit.
        qubits : int or sequence of int, optional
            The qubits of the letters; all in order if not given.
        controls : int or sequence of int, optional
            Qubits that must have their control values.
        control_values : int or sequence of int, optional
            The value, 0 or 1, that each of `controls` must have; all 1 if not given.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        Ket
            The handle itself.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Where numket.apply_pauli raises them.

        See Also
        --------
        numket.apply_pauli : The same for an array.

        Examples
        --------
        >>> import numket as nk
        >>> nk.ket("001").apply_pauli("XIX")  # X on qubits 0 and 2
        Ket of 3 qubits: norm 1, 1 of 8 basis states occupied
          |100>  1  100 %  ████████████  → 0
        """

    def pauli_rotation(
        self,
        theta: _OneAngle,
        pauli: str,
        qubits: _Qubits | None = None,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Rotates about a product P of Pauli operators: exp(-i theta/2 P), in place and in one pass.

        Parameters
        ----------
        theta : float
            The angle in radians.
        pauli : str
            A letter I, X, Y or Z for each qubit.
        qubits : int or sequence of int, optional
            The qubits of the letters; all in order if not given.
        controls : int or sequence of int, optional
            Qubits that must have their control values.
        control_values : int or sequence of int, optional
            The value, 0 or 1, that each of `controls` must have; all 1 if not given.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        Ket
            The handle itself.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Where numket.pauli_rotation raises them.

        See Also
        --------
        numket.pauli_rotation : The same for an array.

        Examples
        --------
        >>> import numpy as np, numket as nk
        >>> nk.ket("00").pauli_rotation(np.pi / 2, "YX")
        Ket of 2 qubits: norm 1, 2 of 4 basis states occupied
          |00>  1/√2  50 %  ████████████  → 0
          |11>  1/√2  50 %  ████████████  → 0
        """

    def normalize(self, *, threads: int | None = None) -> Ket:
        """Scales the state to norm 1, in place.

        Parameters
        ----------
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        Ket
            The handle itself.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Where numket.normalize raises them.

        Examples
        --------
        >>> import numpy as np, numket as nk
        >>> nk.Ket(np.array([3, 4j])).normalize()
        Ket of 1 qubit: norm 1, 2 of 2 basis states occupied
          |1>  4i/5  64 %  ████████████  ↑ π/2
          |0>  3/5   36 %  ██████▊       → 0
        """

    def reset(self, qubits: _Qubits, *, rng: _Rng = None, threads: int | None = None) -> Ket:
        """Resets qubits to |0>, in place: measures them, and flips those that are 1.

        Parameters
        ----------
        qubits : int or sequence of int
            The distinct qubits.
        rng : None, int or numpy.random.Generator, optional
            What np.random.default_rng takes.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        Ket
            The handle itself.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Where numket.reset raises them.

        Examples
        --------
        >>> import numket as nk
        >>> nk.ket("11").reset(0)
        Ket of 2 qubits: norm 1, 1 of 4 basis states occupied
          |01>  1  100 %  ████████████  → 0
        """

    @overload
    def measure(
        self,
        qubits: Iterable[SupportsIndex] | None = None,
        *,
        rng: _Rng = None,
        threads: int | None = None,
    ) -> NDArray[np.int8]:
        """Measures qubits in the Z basis, in place: draws an outcome, and projects the state to it.

        Parameters
        ----------
        qubits : int or sequence of int, optional
            The distinct qubits; all in order if not given.
        rng : None, int or numpy.random.Generator, optional
            What np.random.default_rng takes.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        ndarray of int8, or int
            The values in the order listed; an int where `qubits` is one.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Where numket.measure raises them.

        Examples
        --------
        >>> import numket as nk
        >>> bell = nk.ket("00").h(0).cx(0, 1)
        >>> bell.measure(0, rng=7), bell.measure(1)
        (0, 0)
        """

    @overload
    def measure(self, qubits: _Qubit, *, rng: _Rng = None, threads: int | None = None) -> int: ...
    def apply_kraus(
        self, operators: ArrayLike, qubits: _Qubits, *, rng: _Rng = None, threads: int | None = None
    ) -> int:
        """Applies one operator of a Kraus channel, drawn with its probability, in place.

        Parameters
        ----------
        operators : array_like, shape (m, 2**k, 2**k)
            The m Kraus operators, of which the sum of K^dagger K is the identity. numket.channels has
            some.
        qubits : int or sequence of int
            The k distinct qubits, the first being the most significant bit of a row index.
        rng : None, int or numpy.random.Generator, optional
            What np.random.default_rng takes.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        int
            The number of the operator that was applied, from 0.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Where numket.apply_kraus raises them.

        See Also
        --------
        numket.apply_kraus : The same for an array.

        Examples
        --------
        >>> import numket as nk
        >>> excited = nk.ket("1")
        >>> excited.apply_kraus(nk.channels.amplitude_damping(0.25), 0, rng=5)  # it decays
        1
        >>> excited
        Ket of 1 qubit: norm 1, 1 of 2 basis states occupied
          |0>  1  100 %  ████████████  → 0
        """

    def project(self, qubits: _Qubits, outcome: _Outcome, *, threads: int | None = None) -> float:
        """Projects qubits to an outcome, in place, as if a measurement had found it.

        Parameters
        ----------
        qubits : int or sequence of int
            The k distinct qubits.
        outcome : int, str or sequence of int
            An int is the number of the outcome, in which the first listed qubit is the most
            significant bit. A string or a sequence has k bits in the order listed.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        float
            The probability that the outcome had.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Where numket.project raises them.

        Examples
        --------
        >>> import numket as nk
        >>> bell = nk.ket("00").h(0).cx(0, 1)
        >>> round(bell.project(0, 1), 12)
        0.5
        >>> bell
        Ket of 2 qubits: norm 1, 1 of 4 basis states occupied
          |11>  1  100 %  ████████████  → 0
        """

    def sample(
        self,
        shots: SupportsIndex,
        qubits: _Qubits | None = None,
        *,
        rng: _Rng = None,
        threads: int | None = None,
    ) -> NDArray[np.int64]:
        """Outcomes at random, each with its probability. The state stays as it is.

        Parameters
        ----------
        shots : int
            How many to draw.
        qubits : int or sequence of int, optional
            The distinct qubits to look at; all in order if not given.
        rng : None, int or numpy.random.Generator, optional
            What np.random.default_rng takes.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        ndarray of int64, shape (shots,)
            Numbers of outcomes in the order drawn. The first listed qubit is the most
            significant bit.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Where numket.sample raises them.

        Examples
        --------
        >>> import numket as nk
        >>> nk.ket("000").h(0).cx(0, 1).cx(1, 2).sample(8, rng=7)
        array([7, 7, 7, 7, 7, 0, 0, 7])
        """

    def counts(
        self,
        shots: SupportsIndex,
        qubits: _Qubits | None = None,
        *,
        rng: _Rng = None,
        threads: int | None = None,
    ) -> dict[str, int]:
        """How many of some shots give each outcome. The state stays as it is.

        Parameters
        ----------
        shots : int
            How many, up to 2**53.
        qubits : int or sequence of int, optional
            The distinct qubits to look at; all in order if not given.
        rng : None, int or numpy.random.Generator, optional
            What np.random.default_rng takes.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        dict of str to int
            The outcomes that occur, in the order of their numbers. A label has one
            character for each qubit in the order listed.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Where numket.counts raises them.

        Examples
        --------
        >>> import numket as nk
        >>> nk.ket("000").h(0).cx(0, 1).cx(1, 2).counts(1000, rng=7)
        {'000': 493, '111': 507}
        """

    def probabilities(
        self,
        qubits: _Qubits | None = None,
        *,
        out: NDArray[np.float64] | None = None,
        threads: int | None = None,
    ) -> NDArray[np.float64]:
        """The probabilities of the outcomes of measuring some qubits.

        Parameters
        ----------
        qubits : int or sequence of int, optional
            The k distinct qubits; all in order if not given.
        out : ndarray of float64, shape (2**k,), optional
            Where to write; a new array if not given.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        ndarray of float64, shape (2**k,)
            The first listed qubit is the most significant bit of an outcome.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Where numket.probabilities raises them.

        See Also
        --------
        numket.probabilities : The same for an array.

        Examples
        --------
        >>> import numket as nk
        >>> nk.ket("00").h(0).cx(0, 1).probabilities().round(6)
        array([0.5, 0. , 0. , 0.5])
        """

    @overload
    def expectation(
        self, observable: _Hermitian, qubits: _Qubits | None = None, *, threads: int | None = None
    ) -> float:
        """The expectation value of an observable.

        Parameters
        ----------
        observable : PauliSum, str, or array_like of shape (2**k, 2**k) or (2**k,)
            A sum of Pauli strings, the letters of one string, a Hermitian matrix, or the real diagonal of
            one.
        qubits : int or sequence of int, optional
            The k qubits that the observable acts on; all in order if not given.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        float, or complex for a sum that is not Hermitian
            It is not divided by the square of the norm.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Where numket.expectation raises them.

        See Also
        --------
        numket.expectation : The same for an array.

        Examples
        --------
        >>> import numket as nk
        >>> round(nk.ket("00").h(0).cx(0, 1).expectation("XX"), 12)
        1.0
        """

    @overload
    def expectation(
        self, observable: PauliSum, qubits: _Qubits | None = None, *, threads: int | None = None
    ) -> float | Any: ...
    def variance(
        self,
        observable: PauliSum | _Hermitian,
        qubits: _Qubits | None = None,
        *,
        threads: int | None = None,
    ) -> float:
        """The variance of an observable, which is Hermitian.

        Parameters
        ----------
        observable : PauliSum, str, or array_like of shape (2**k, 2**k) or (2**k,)
            A sum of Pauli strings, the letters of one string, a Hermitian matrix, or the real diagonal of
            one.
        qubits : int or sequence of int, optional
            The k qubits that the observable acts on; all in order if not given.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        float
            That of a state of norm 1.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Where numket.variance raises them.

        See Also
        --------
        numket.variance : The same for an array.

        Examples
        --------
        >>> import numket as nk
        >>> nk.ket("10").variance("XZ")
        1.0
        """

    def norm(self, *, threads: int | None = None) -> float:
        """The norm of the state.

        Parameters
        ----------
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        float
            The square root of the sum of abs(amplitude)**2.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Where numket.norm raises them.

        See Also
        --------
        numket.norm : The same for an array.

        Examples
        --------
        >>> import numket as nk
        >>> nk.ket("10").norm()
        1.0
        """

    # The gates of the table, by .ci/stub.py:
    def x(
        self,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Pauli X, the NOT gate: exchanges |0> and |1>.

        In place on the array. The matrix, for the qubits in the order of the arguments::

            [[0, 1],
             [1, 0]]

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

        See `numket.x`.
        """

    def y(
        self,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Pauli Y: |0> becomes i|1>, |1> becomes -i|0>.

        In place on the array. The matrix, for the qubits in the order of the arguments::

            [[ 0, -1j],
             [1j,   0]]

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

        See `numket.y`.
        """

    def z(
        self,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Pauli Z: the sign of |1> changes.

        In place on the array. The matrix, for the qubits in the order of the arguments::

            diag(1, -1)

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

        See `numket.z`.
        """

    def h(
        self,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Hadamard: (X + Z) / sqrt(2).

        In place on the array. The matrix, for the qubits in the order of the arguments::

            [[1,  1],
             [1, -1]] / sqrt(2)

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

        See `numket.h`.
        """

    def s(
        self,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """S, the square root of Z: multiplies |1> by i.

        In place on the array. The matrix, for the qubits in the order of the arguments::

            diag(1, 1j)

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

        See `numket.s`.
        """

    def sdg(
        self,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Inverse of S.

        In place on the array. The matrix, for the qubits in the order of the arguments::

            diag(1, -1j)

        Convention: OpenQASM 3, stdgates.inc.

        See `numket.sdg`.
        """

    def t(
        self,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """T, the square root of S: multiplies |1> by exp(i pi/4).

        In place on the array. The matrix, for the qubits in the order of the arguments::

            diag(1, exp(1j*pi/4))

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

        See `numket.t`.
        """

    def tdg(
        self,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Inverse of T.

        In place on the array. The matrix, for the qubits in the order of the arguments::

            diag(1, exp(-1j*pi/4))

        Convention: OpenQASM 3, stdgates.inc.

        See `numket.tdg`.
        """

    def sx(
        self,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Square root of X.

        In place on the array. The matrix, for the qubits in the order of the arguments::

            [[1+1j, 1-1j],
             [1-1j, 1+1j]] / 2

        Convention: OpenQASM 3, stdgates.inc.

        See `numket.sx`.
        """

    def sxdg(
        self,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Inverse of the square root of X.

        In place on the array. The matrix, for the qubits in the order of the arguments::

            [[1-1j, 1+1j],
             [1+1j, 1-1j]] / 2

        Convention: Qiskit's SXdgGate.

        See `numket.sxdg`.
        """

    def p(
        self,
        lam: _OneAngle,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Phase shift: |1> is multiplied by exp(i lam).

        In place on the array. The matrix, for the qubits in the order of the arguments::

            diag(1, exp(1j*lam))

        Convention: OpenQASM 3, stdgates.inc.

        See `numket.p`.
        """

    def rx(
        self,
        theta: _OneAngle,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Rotation about X by theta: exp(-i theta/2 X).

        In place on the array. The matrix, for the qubits in the order of the arguments::

            [[cos(theta/2),     -1j*sin(theta/2)],
             [-1j*sin(theta/2), cos(theta/2)    ]]

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

        See `numket.rx`.
        """

    def ry(
        self,
        theta: _OneAngle,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Rotation about Y by theta: exp(-i theta/2 Y).

        In place on the array. The matrix, for the qubits in the order of the arguments::

            [[cos(theta/2), -sin(theta/2)],
             [sin(theta/2),  cos(theta/2)]]

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

        See `numket.ry`.
        """

    def rz(
        self,
        theta: _OneAngle,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Rotation about Z by theta: exp(-i theta/2 Z).

        In place on the array. The matrix, for the qubits in the order of the arguments::

            diag(exp(-1j*theta/2), exp(1j*theta/2))

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2.

        See `numket.rz`.
        """

    def u(
        self,
        theta: _OneAngle,
        phi: _OneAngle,
        lam: _OneAngle,
        q: _Qubits,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """General rotation of one qubit by Euler angles: rz(phi) ry(theta) rz(lam), up to a phase.

        In place on the array. The matrix, for the qubits in the order of the arguments::

            [[cos(theta/2),              -exp(1j*lam)*sin(theta/2)      ],
             [exp(1j*phi)*sin(theta/2),  exp(1j*(phi+lam))*cos(theta/2)]]

        Convention: Qiskit's UGate; exp(-i theta/2) times the built-in U of OpenQASM 3.

        See `numket.u`.
        """

    def cx(
        self,
        control: _Qubit,
        target: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Controlled X (CNOT): X on the target where the control is 1.

        In place on the array. The matrix, for the qubits in the order of the arguments::

            [[1, 0, 0, 0],
             [0, 1, 0, 0],
             [0, 0, 0, 1],
             [0, 0, 1, 0]]

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.3.

        See `numket.cx`.
        """

    def cy(
        self,
        control: _Qubit,
        target: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Controlled Y: Y on the target where the control is 1.

        In place on the array. The matrix, for the qubits in the order of the arguments::

            [[1, 0,  0,   0],
             [0, 1,  0,   0],
             [0, 0,  0, -1j],
             [0, 0, 1j,   0]]

        Convention: OpenQASM 3, stdgates.inc.

        See `numket.cy`.
        """

    def cz(
        self,
        control: _Qubit,
        target: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Controlled Z: the sign of |11> changes.

        In place on the array. The matrix, for the qubits in the order of the arguments::

            diag(1, 1, 1, -1)

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.3.

        See `numket.cz`.
        """

    def ch(
        self,
        control: _Qubit,
        target: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Controlled Hadamard: H on the target where the control is 1.

        In place on the array. The matrix, for the qubits in the order of the arguments::

            [[1, 0, 0,         0         ],
             [0, 1, 0,         0         ],
             [0, 0, 1/sqrt(2),  1/sqrt(2)],
             [0, 0, 1/sqrt(2), -1/sqrt(2)]]

        Convention: OpenQASM 3, stdgates.inc.

        See `numket.ch`.
        """

    def cp(
        self,
        lam: _OneAngle,
        control: _Qubit,
        target: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Controlled phase shift: |11> is multiplied by exp(i lam).

        In place on the array. The matrix, for the qubits in the order of the arguments::

            diag(1, 1, 1, exp(1j*lam))

        Convention: OpenQASM 3, stdgates.inc.

        See `numket.cp`.
        """

    def crx(
        self,
        theta: _OneAngle,
        control: _Qubit,
        target: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Controlled rotation about X: exp(-i theta/2 X) on the target where the control is 1.

        In place on the array. The matrix, for the qubits in the order of the arguments::

            [[1, 0, 0,                0               ],
             [0, 1, 0,                0               ],
             [0, 0, cos(theta/2),     -1j*sin(theta/2)],
             [0, 0, -1j*sin(theta/2), cos(theta/2)    ]]

        Convention: OpenQASM 3, stdgates.inc.

        See `numket.crx`.
        """

    def cry(
        self,
        theta: _OneAngle,
        control: _Qubit,
        target: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Controlled rotation about Y: exp(-i theta/2 Y) on the target where the control is 1.

        In place on the array. The matrix, for the qubits in the order of the arguments::

            [[1, 0, 0,             0           ],
             [0, 1, 0,             0           ],
             [0, 0, cos(theta/2), -sin(theta/2)],
             [0, 0, sin(theta/2),  cos(theta/2)]]

        Convention: OpenQASM 3, stdgates.inc.

        See `numket.cry`.
        """

    def crz(
        self,
        theta: _OneAngle,
        control: _Qubit,
        target: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Controlled rotation about Z: exp(-i theta/2 Z) on the target where the control is 1.

        In place on the array. The matrix, for the qubits in the order of the arguments::

            diag(1, 1, exp(-1j*theta/2), exp(1j*theta/2))

        Convention: OpenQASM 3, stdgates.inc.

        See `numket.crz`.
        """

    def cu(
        self,
        theta: _OneAngle,
        phi: _OneAngle,
        lam: _OneAngle,
        gamma: _OneAngle,
        control: _Qubit,
        target: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Controlled general rotation: exp(i gamma) u(theta, phi, lam) on the target where the control is 1.

        In place on the array. The matrix, for the qubits in the order of the arguments::

            [[1, 0, 0,                                0                                   ],
             [0, 1, 0,                                0                                   ],
             [0, 0, exp(1j*gamma)*cos(theta/2),       -exp(1j*(gamma+lam))*sin(theta/2)   ],
             [0, 0, exp(1j*(gamma+phi))*sin(theta/2), exp(1j*(gamma+phi+lam))*cos(theta/2)]]

        Convention: OpenQASM 3, stdgates.inc.

        See `numket.cu`.
        """

    def swap(
        self,
        a: _Qubit,
        b: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Exchanges two qubits.

        In place on the array. The matrix, for the qubits in the order of the arguments::

            [[1, 0, 0, 0],
             [0, 0, 1, 0],
             [0, 1, 0, 0],
             [0, 0, 0, 1]]

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 1.3.4.

        See `numket.swap`.
        """

    def iswap(
        self,
        a: _Qubit,
        b: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Exchanges two qubits and multiplies |01> and |10> by i: exp(i pi/4 (XX + YY)).

        In place on the array. The matrix, for the qubits in the order of the arguments::

            [[1,  0,  0, 0],
             [0,  0, 1j, 0],
             [0, 1j,  0, 0],
             [0,  0,  0, 1]]

        Convention: Qiskit's iSwapGate.

        See `numket.iswap`.
        """

    def rxx(
        self,
        theta: _OneAngle,
        a: _Qubit,
        b: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Rotation about XX: exp(-i theta/2 X X).

        In place on the array. The matrix, for the qubits in the order of the arguments::

            [[cos(theta/2),     0,                0,                -1j*sin(theta/2)],
             [0,                cos(theta/2),     -1j*sin(theta/2), 0               ],
             [0,                -1j*sin(theta/2), cos(theta/2),     0               ],
             [-1j*sin(theta/2), 0,                0,                cos(theta/2)    ]]

        Convention: Qiskit's RXXGate.

        See `numket.rxx`.
        """

    def ryy(
        self,
        theta: _OneAngle,
        a: _Qubit,
        b: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Rotation about YY: exp(-i theta/2 Y Y).

        In place on the array. The matrix, for the qubits in the order of the arguments::

            [[cos(theta/2),    0,                0,                1j*sin(theta/2)],
             [0,               cos(theta/2),     -1j*sin(theta/2), 0              ],
             [0,               -1j*sin(theta/2), cos(theta/2),     0              ],
             [1j*sin(theta/2), 0,                0,                cos(theta/2)   ]]

        Convention: Qiskit's RYYGate.

        See `numket.ryy`.
        """

    def rzz(
        self,
        theta: _OneAngle,
        a: _Qubit,
        b: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Rotation about ZZ: exp(-i theta/2 Z Z).

        In place on the array. The matrix, for the qubits in the order of the arguments::

            diag(exp(-1j*theta/2), exp(1j*theta/2), exp(1j*theta/2), exp(-1j*theta/2))

        Convention: Qiskit's RZZGate.

        See `numket.rzz`.
        """

    def rzx(
        self,
        theta: _OneAngle,
        a: _Qubit,
        b: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Rotation about ZX: exp(-i theta/2 Z X), Z on the first qubit.

        In place on the array. The matrix, for the qubits in the order of the arguments::

            [[cos(theta/2),     -1j*sin(theta/2), 0,               0              ],
             [-1j*sin(theta/2), cos(theta/2),     0,               0              ],
             [0,                0,                cos(theta/2),    1j*sin(theta/2)],
             [0,                0,                1j*sin(theta/2), cos(theta/2)   ]]

        Convention: Qiskit's RZXGate.

        See `numket.rzx`.
        """

    def ecr(
        self,
        a: _Qubit,
        b: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Echoed cross-resonance: (X I - Y X) / sqrt(2), a gate of IBM's machines.

        In place on the array. The matrix, for the qubits in the order of the arguments::

            [[  0,   0,  1, 1j],
             [  0,   0, 1j,  1],
             [  1, -1j,  0,  0],
             [-1j,   1,  0,  0]] / sqrt(2)

        Convention: Qiskit's ECRGate.

        See `numket.ecr`.
        """

    def ccx(
        self,
        first: _Qubit,
        second: _Qubit,
        target: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Toffoli: X on the target where both controls are 1.

        In place on the array. The matrix, for the qubits in the order of the arguments::

            [[1, 0, 0, 0, 0, 0, 0, 0],
             [0, 1, 0, 0, 0, 0, 0, 0],
             [0, 0, 1, 0, 0, 0, 0, 0],
             [0, 0, 0, 1, 0, 0, 0, 0],
             [0, 0, 0, 0, 1, 0, 0, 0],
             [0, 0, 0, 0, 0, 1, 0, 0],
             [0, 0, 0, 0, 0, 0, 0, 1],
             [0, 0, 0, 0, 0, 0, 1, 0]]

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.3.

        See `numket.ccx`.
        """

    def ccz(
        self,
        first: _Qubit,
        second: _Qubit,
        target: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Doubly controlled Z: the sign of |111> changes.

        In place on the array. The matrix, for the qubits in the order of the arguments::

            diag(1, 1, 1, 1, 1, 1, 1, -1)

        Convention: Qiskit's CCZGate.

        See `numket.ccz`.
        """

    def cswap(
        self,
        control: _Qubit,
        a: _Qubit,
        b: _Qubit,
        *,
        controls: _Qubits | None = None,
        control_values: _Qubits | None = None,
        threads: int | None = None,
    ) -> Ket:
        """Fredkin: exchanges two qubits where the control is 1.

        In place on the array. The matrix, for the qubits in the order of the arguments::

            [[1, 0, 0, 0, 0, 0, 0, 0],
             [0, 1, 0, 0, 0, 0, 0, 0],
             [0, 0, 1, 0, 0, 0, 0, 0],
             [0, 0, 0, 1, 0, 0, 0, 0],
             [0, 0, 0, 0, 1, 0, 0, 0],
             [0, 0, 0, 0, 0, 0, 1, 0],
             [0, 0, 0, 0, 0, 1, 0, 0],
             [0, 0, 0, 0, 0, 0, 0, 1]]

        Convention: OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 3.2.5.

        See `numket.cswap`.
        """

    # The end of the gates.
    def X(self, q: _Qubits) -> Ket:
        """The method `x` under its name in the original ket notation.

        Parameters
        ----------
        q : int or sequence of int
            The qubit, counted from 0, or several: the gate is applied to each.

        Returns
        -------
        Ket
            The handle itself.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Where numket.x raises them.

        Examples
        --------
        >>> import numket as nk
        >>> nk.ket("00").X(1)
        Ket of 2 qubits: norm 1, 1 of 4 basis states occupied
          |01>  1  100 %  ████████████  → 0
        """

    def Y(self, q: _Qubits) -> Ket:
        """The method `y` under its name in the original ket notation.

        Parameters
        ----------
        q : int or sequence of int
            The qubit, counted from 0, or several: the gate is applied to each.

        Returns
        -------
        Ket
            The handle itself.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Where numket.y raises them.

        Examples
        --------
        >>> import numket as nk
        >>> nk.ket("0").Y(0)
        Ket of 1 qubit: norm 1, 1 of 2 basis states occupied
          |1>  i  100 %  ████████████  ↑ π/2
        """

    def Z(self, q: _Qubits) -> Ket:
        """The method `z` under its name in the original ket notation.

        Parameters
        ----------
        q : int or sequence of int
            The qubit, counted from 0, or several: the gate is applied to each.

        Returns
        -------
        Ket
            The handle itself.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Where numket.z raises them.

        Examples
        --------
        >>> import numket as nk
        >>> nk.ket("1").Z(0)
        Ket of 1 qubit: norm 1, 1 of 2 basis states occupied
          |1>  -1  100 %  ████████████  ← π
        """

    def H(self, q: _Qubits) -> Ket:
        """The method `h` under its name in the original ket notation.

        Parameters
        ----------
        q : int or sequence of int
            The qubit, counted from 0, or several: the gate is applied to each.

        Returns
        -------
        Ket
            The handle itself.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Where numket.h raises them.

        Examples
        --------
        >>> import numket as nk
        >>> nk.ket("0").H(0)
        Ket of 1 qubit: norm 1, 2 of 2 basis states occupied
          |0>  1/√2  50 %  ████████████  → 0
          |1>  1/√2  50 %  ████████████  → 0
        """

    def S(self, q: _Qubits) -> Ket:
        """The method `s` under its name in the original ket notation.

        Parameters
        ----------
        q : int or sequence of int
            The qubit, counted from 0, or several: the gate is applied to each.

        Returns
        -------
        Ket
            The handle itself.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Where numket.s raises them.

        Examples
        --------
        >>> import numket as nk
        >>> nk.ket("1").S(0)
        Ket of 1 qubit: norm 1, 1 of 2 basis states occupied
          |1>  i  100 %  ████████████  ↑ π/2
        """

    def CNOT(self, control: _Qubit, target: _Qubit) -> Ket:
        """The method `cx` under its name in the original ket notation.

        Parameters
        ----------
        control : int
            The qubit that must be 1, counted from 0.
        target : int
            The qubit that the gate acts on.

        Returns
        -------
        Ket
            The handle itself.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Where numket.cx raises them.

        Examples
        --------
        >>> import numket as nk
        >>> nk.ket("00").H(0).CNOT(0, 1)
        Ket of 2 qubits: norm 1, 2 of 4 basis states occupied
          |00>  1/√2  50 %  ████████████  → 0
          |11>  1/√2  50 %  ████████████  → 0
        """

    def CPHASE(self, theta: _OneAngle, control: _Qubit, target: _Qubit) -> Ket:
        """The method `cp` under its name in the original ket notation.

        Parameters
        ----------
        theta : float
            In radians.
        control : int
            The qubit that must be 1, counted from 0.
        target : int
            The qubit that the gate acts on.

        Returns
        -------
        Ket
            The handle itself.

        Raises
        ------
        TypeError, ValueError, BufferInUseError
            Where numket.cp raises them.

        Examples
        --------
        >>> import numpy as np, numket as nk
        >>> nk.ket("11").CPHASE(np.pi / 2, 0, 1)
        Ket of 2 qubits: norm 1, 1 of 4 basis states occupied
          |11>  i  100 %  ████████████  ↑ π/2
        """

@final
class PauliSum:
    """A sum of Pauli strings with coefficients, such as a Hamiltonian: an immutable value.

    Equal strings are merged, and what cancels is left out. Sums of as many qubits are added with
    + and -, and multiplied with @ as matrices are; * and / take numbers. A number that is added
    counts as that multiple of the identity, so sum() adds a list. Sums are compared, hashed,
    copied and pickled by value.

    Parameters
    ----------
    terms : mapping of str to number, or iterable
        For each string its letters I, X, Y or Z, qubit 0 first, and its coefficient. Or tuples
        (letters, coefficient), or (letters, qubits, coefficient) for letters that belong to these
        qubits.
    num_qubits : int, optional
        Needed where terms list qubits, or where there is no term.

    Attributes
    ----------
    num_qubits : int
        The number of qubits.
    hermitian : bool
        Whether all coefficients are real.

    Raises
    ------
    TypeError
        Where a term is none of these tuples, or a coefficient is no number.
    ValueError
        Where there is another letter, strings differ in length, a qubit is out of range or listed
        twice, a coefficient is not finite, or the number of qubits is not known.

    Examples
    --------
    >>> import numket as nk
    >>> nk.PauliSum({"XXI": 0.5, "ZIZ": -1})
    PauliSum({'XXI': 0.5, 'ZIZ': -1.0})

    The Ising model in a transverse field, on 4 qubits:

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
        """The sum that a Qiskit operator is.

        Qiskit's labels have qubit 0 last, ours have it first: qubit q stays qubit q.

        Parameters
        ----------
        operator : qiskit.quantum_info.SparsePauliOp
            Or any other object with its method to_list().

        Returns
        -------
        PauliSum
            The same operator.

        Raises
        ------
        TypeError
            Where the operator has no to_list().
        ValueError
            Where it has too many qubits, or a coefficient that is not finite.

        Examples
        --------
        >>> import numket as nk
        >>> from qiskit.quantum_info import SparsePauliOp
        >>> nk.PauliSum.from_qiskit(SparsePauliOp(["IZ", "XX"], [1, 0.5]))
        PauliSum({'ZI': 1.0, 'XX': 0.5})
        """

    @classmethod
    def from_openfermion(cls, operator: Any, num_qubits: SupportsIndex | None = None) -> PauliSum:
        """The sum that an OpenFermion operator is.

        Parameters
        ----------
        operator : openfermion.QubitOperator
            Or any other object with its attribute `terms`.
        num_qubits : int, optional
            The number of qubits; one more than the highest that the operator acts on if not given.

        Returns
        -------
        PauliSum
            The same operator.

        Raises
        ------
        TypeError
            Where the operator has no such terms, as a FermionOperator before a Jordan-Wigner
            transformation.
        ValueError
            Where it acts on a qubit beyond `num_qubits`, has too many, or a coefficient that is not
            finite.

        Examples
        --------
        >>> import numket as nk
        >>> from openfermion import QubitOperator
        >>> nk.PauliSum.from_openfermion(QubitOperator("X0 Z2", 0.5))
        PauliSum({'XIZ': 0.5})
        """

    @property
    def num_qubits(self) -> int:
        """The number of qubits."""

    @property
    def hermitian(self) -> bool:
        """Whether all coefficients are real."""

    @overload
    def to_matrix(self, *, sparse: Literal[False] = False) -> NDArray[np.complex128]:
        """The matrix of the sum, of 4**n numbers, or as a sparse one of SciPy's.

        Parameters
        ----------
        sparse : bool
            Whether to make a sparse matrix, which has no entries that are 0 in every term. Needs SciPy: pip install
            'numket[scipy]'.

        Returns
        -------
        ndarray of complex128 or scipy.sparse.csr_array, shape (2**n, 2**n)
            Qubit 0 is the most significant bit of the numbers of rows and columns.

        Raises
        ------
        ImportError
            For a sparse one without SciPy.
        MemoryError
            Where there is too little memory.

        See Also
        --------
        numket.PauliSum.linear_operator : Products with vectors, without any matrix.

        Examples
        --------
        >>> import numket as nk
        >>> nk.PauliSum({"ZI": 1, "XX": 0.5}).to_matrix().real
        array([[ 1. ,  0. ,  0. ,  0.5],
               [ 0. ,  1. ,  0.5,  0. ],
               [ 0. ,  0.5, -1. ,  0. ],
               [ 0.5,  0. ,  0. , -1. ]])
        """

    @overload
    def to_matrix(self, *, sparse: bool) -> Any: ...
    def adjoint(self) -> PauliSum:
        """The adjoint: the sum with the conjugates of all coefficients.

        Returns
        -------
        PauliSum
            A new sum, equal to this one if it is Hermitian.

        Examples
        --------
        >>> import numket as nk
        >>> lowering = nk.PauliSum({"X": 0.5, "Y": 0.5j})  # |0><1|
        >>> lowering.adjoint() @ lowering
        PauliSum({'I': 0.5, 'Z': -0.5})
        """

    def trace(self) -> complex:
        """The trace of the matrix: 2**num_qubits times the coefficient of the string of I alone.

        Returns
        -------
        float or complex
            Complex only where the coefficient is.

        Examples
        --------
        >>> import numket as nk
        >>> nk.PauliSum({"II": 0.5, "ZZ": 3}).trace()
        2.0
        """

    @overload
    def expectation(
        self, state: _State, *, batch: Literal[0] = 0, threads: int | None = None
    ) -> float | Any:
        """The expectation value of the sum in a state: <state|sum|state>.

        It is computed in double precision, and has the same bits for any number of threads. It is not
        divided by the square of the norm. No memory of the state's size is taken.

        Parameters
        ----------
        state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
            Only read. Qubit q is axis q of state.reshape((2,) * n).
        batch : int
            Number of leading axes of the state that count states: (B, 2**n) has 1.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        float, or ndarray of float64 of the batch axes
            The value, or that of each state; complex where the sum is not Hermitian.

        Raises
        ------
        TypeError
            Where the state is no ndarray of these dtypes, or another argument has a wrong
            type.
        ValueError
            Where the state has not as many qubits as the sum.
        BufferInUseError
            Where another call is changing the state.

        Examples
        --------
        >>> import numket as nk
        >>> bell = nk.ket("00").h(0).cx(0, 1).state
        >>> round(nk.PauliSum({"XX": 0.5, "ZZ": 0.25, "ZI": 7}).expectation(bell), 12)
        0.75
        """

    @overload
    def expectation(
        self, state: _State, *, batch: _Axes, threads: int | None = None
    ) -> NDArray[Any]: ...
    @overload
    def expectation(self, state: _State, *, batch: int, threads: int | None = None) -> Any: ...
    @overload
    def variance(
        self, state: _State, *, batch: Literal[0] = 0, threads: int | None = None
    ) -> float:
        """The variance of the sum in a state of norm 1: <sum**2> - <sum>**2.

        It is computed as the square of the norm of (sum - <sum>)|state>, which does not lose digits
        as a difference of two large numbers would. No memory of the state's size is taken.

        Parameters
        ----------
        state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
            A state of norm 1. Only read.
        batch : int
            Number of leading axes of the state that count states: (B, 2**n) has 1.
        threads : int, optional
            At most this many threads for this call.

        Returns
        -------
        float, or ndarray of float64 of the batch axes
            The variance, or that of each state.

        Raises
        ------
        TypeError
            Where the state is no ndarray of these dtypes, or another argument has a wrong
            type.
        ValueError
            Where the state has not as many qubits as the sum, or the sum is not Hermitian.
        BufferInUseError
            Where another call is changing the state.

        Examples
        --------
        >>> import numket as nk
        >>> nk.PauliSum({"X": 2}).variance(nk.zero_state(1))
        4.0
        """

    @overload
    def variance(
        self, state: _State, *, batch: _Axes, threads: int | None = None
    ) -> NDArray[np.float64]: ...
    @overload
    def variance(
        self, state: _State, *, batch: int, threads: int | None = None
    ) -> float | NDArray[np.float64]: ...
    def apply(self, state: _State, out: _State, *, threads: int | None = None) -> None:
        """Writes the product of the sum, as a matrix, and a state to another array.

        Parameters
        ----------
        state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n
            Only read. Qubit q is axis q of state.reshape((2,) * n).
        out : ndarray of the same dtype, shape (2**n,) or (2,) * n
            Where to write. It shares no memory with the state, and may have another shape and other
            strides.
        threads : int, optional
            At most this many threads for this call.

        Raises
        ------
        TypeError
            Where an array is no ndarray of these dtypes, or their dtypes differ.
        ValueError
            Where an array has not as many qubits as the sum, or `out` is read-only. As with every
            error, nothing has been written.
        BufferInUseError
            Where the arrays share memory, or another call is using it.

        Examples
        --------
        >>> import numket as nk
        >>> out = nk.empty_state(2)
        >>> nk.PauliSum({"XI": 1, "ZZ": 2}).apply(nk.zero_state(2), out)
        >>> out.real
        array([2., 0., 1., 0.])
        """

    def linear_operator(self, dtype: DTypeLike | None = None) -> PauliOperator:
        """The sum as a linear operator of SciPy, for eigsh, expm_multiply and the like.

        Every product is one pass over the vector, and no matrix is built. Needs SciPy: pip install
        'numket[scipy]'.

        Parameters
        ----------
        dtype : complex128 (default), complex64, float64 or float32
            Of the vectors that products give. Real ones are for a sum whose strings have an even number of Y
            each, and take half the time and memory; complex vectors keep complex products.

        Returns
        -------
        scipy.sparse.linalg.LinearOperator
            Of shape (2**n, 2**n).

        Raises
        ------
        ImportError
            Without SciPy.
        TypeError
            Where `dtype` is another.
        ValueError
            Where `dtype` is real, and the sum is not.

        Examples
        --------
        >>> import numket as nk
        >>> from scipy.sparse.linalg import eigsh
        >>> heisenberg = nk.PauliSum({"XX": 1, "YY": 1, "ZZ": 1})
        >>> eigsh(heisenberg.linear_operator(float), 1, which="SA")[0].round(6)  # of the singlet
        array([-3.])
        """

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[tuple[str, complex]]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __copy__(self) -> PauliSum: ...
    def __deepcopy__(self, _memo: Any, /) -> PauliSum: ...
    def __reduce__(self) -> tuple[Any, ...]: ...
    def __add__(self, other: PauliSum | complex, /) -> PauliSum: ...
    def __radd__(self, other: complex, /) -> PauliSum: ...
    def __sub__(self, other: PauliSum | complex, /) -> PauliSum: ...
    def __rsub__(self, other: complex, /) -> PauliSum: ...
    def __matmul__(self, other: PauliSum, /) -> PauliSum: ...
    def __rmatmul__(self, other: Never, /) -> Never: ...
    def __mul__(self, other: complex, /) -> PauliSum: ...
    def __rmul__(self, other: complex, /) -> PauliSum: ...
    def __truediv__(self, other: complex, /) -> PauliSum: ...
    def __rtruediv__(self, other: Never, /) -> Never: ...
    def __neg__(self) -> PauliSum: ...
