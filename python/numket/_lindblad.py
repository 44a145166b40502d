"""Open systems: the Lindblad equation, for density matrices in place."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numket import _core, density
from numket._core import PauliSum
from numket._evolution import several

__all__ = ["lindblad"]

MOST_QUBITS = 3
"""Of a jump that is a matrix: it has 4**k strings, and what it makes of a density matrix 16**k."""


def lindblad(
    rho: NDArray[Any],
    hamiltonian: PauliSum,
    jumps: Iterable[PauliSum | tuple[Any, Any]],
    t: Any,
    *,
    observables: Any = None,
    callback: Callable[[float, NDArray[Any]], object] | None = None,
    tol: float = 1e-12,
    threads: int | None = None,
) -> NDArray[Any] | float | None:
    """Evolves a density matrix in time under the Lindblad equation, in place.

    With hbar = 1, ``d rho/dt = -i [H, rho] + sum(L rho L^dagger - {L^dagger L, rho} / 2)`` over all
    jumps L. All of it is a sum of Pauli strings on 2n qubits, the rows and the columns of rho, and
    goes through the same series of Chebyshev polynomials as `numket.evolve`. No matrix is made, and
    rho is written once, at the end of each time.

    Parameters
    ----------
    rho : ndarray of complex128 or complex64, shape (2**n, 2**n) or (2,) * 2n
        Changed in place.
    hamiltonian : PauliSum
        A Hermitian sum on n qubits.
    jumps : iterable of PauliSum or (array_like, qubits)
        Jump operators, each with the root of its rate as a factor: sums on n qubits, Hermitian or
        not, or pairs of a matrix of shape (2**k, 2**k) and its k qubits, of which there may be 3.
    t : float or array_like of shape (T,)
        The time; or several, as seen from the time 0 of the call.
    observables : PauliSum, str, or a sequence of what `numket.density.expectation` takes, optional
        What to read at each time.
    callback : callable, optional
        Called with each time and rho, which it may also change.
    tol : float
        A bound on the norm of what is left out of the series, relative to that of rho.
    threads : int, optional
        At most this many threads for this call.

    Returns
    -------
    None, or ndarray of float64
        The expectation values, with the axes of the times and of the observables; without the first
        for a single time, and without the second for one observable that is not in a sequence.

    Raises
    ------
    TypeError
        Where an argument has a wrong type.
    ValueError
        Where a shape does not fit, H is not Hermitian, sums have another number of qubits, or a
        time or `tol` is one that `numket.evolve` refuses.
    MemoryError
        Where there is no room for three more density matrices.
    BufferInUseError
        Where another call is using the memory of rho. Each of these before anything is written.
    KeyboardInterrupt
        On Ctrl-C; its note says of which time rho is.

    See Also
    --------
    numket.quantum_jumps : Trajectories of kets, of which this is the mean.
    numket.density.run : Circuits with channels.
    numket.evolve : Pure states; with hermitian=False under an effective Hamiltonian.

    Notes
    -----
    The norm is that of Frobenius. Long times are cut into steps, in which the damping makes no
    polynomial large; `tol` is shared out to them. The trace is kept to the same accuracy, and
    nothing is done to rho beside.

    G. Lindblad, Communications in Mathematical Physics 48, 119 (1976). V. Gorini, A. Kossakowski
    and E. C. G. Sudarshan, Journal of Mathematical Physics 17, 821 (1976).

    Examples
    --------
    Decay of an excited spin at the rate 0.5, on its way to the time 2:

    >>> import numpy as np, numket as nk
    >>> rho = np.diag([0, 1]).astype(complex)
    >>> jump = np.sqrt(0.5) * nk.PauliSum({"X": 0.5, "Y": 0.5j})  # |0><1|
    >>> nk.lindblad(rho, nk.PauliSum({"Z": -1.0}), [jump], 2.0)
    >>> rho.real.round(6), np.exp(-1).round(6)
    (array([[0.632121, 0.      ],
           [0.      , 0.367879]]), np.float64(0.367879))

    Rabi oscillations with dephasing:

    >>> rho = nk.density.zero_density(1)
    >>> z = (0.2 * np.diag([1, -1]), 0)
    >>> nk.lindblad(rho, nk.PauliSum({"X": 0.5}), [z], [np.pi, 2 * np.pi], observables="Z").round(6)
    array([-0.88182 ,  0.777601])
    """
    size = getattr(rho, "size", 0)
    if isinstance(hamiltonian, PauliSum) and size == 2**hamiltonian.num_qubits > 1:
        raise ValueError(
            f"'rho' has {size} numbers, as many as a ket of {hamiltonian.num_qubits} qubits; this "
            "takes density matrices: use nk.quantum_jumps for kets, or nk.density.from_state(ket)"
        )
    tensor, n = density._tensor(rho)
    generator = _generator(_checked("hamiltonian", hamiltonian, n), _jumps(jumps, n), n)
    observed, single = several(observables)
    if callback is not None and not callable(callback):
        raise TypeError(
            f"'callback' is a {type(callback).__name__:.80}; it must be callable: use a function "
            "of the time and rho"
        )
    read: list[Any] = []
    if observables is not None:
        for observable in observed:
            density.expectation(rho, observable)  # refuses what is none, before anything is done

    def reached(time: float, _state: object) -> None:
        if observables is not None:
            read.append([density.expectation(rho, each, threads=threads) for each in observed])
        if callback is not None:
            callback(time, rho)

    watched = reached if observables is not None or callback is not None else None
    _core.evolve(tensor, generator, t, callback=watched, hermitian=False, tol=tol, threads=threads)
    if observables is None:
        return None
    values = np.array(read).reshape(len(read), len(observed))
    values = values[:, 0] if single else values
    values = values if np.ndim(t) else values[0]
    return values if values.ndim else values.item()


def _checked(name: str, given: Any, n: int) -> PauliSum:
    """A sum on n qubits."""
    if not isinstance(given, PauliSum):
        raise TypeError(
            f"'{name}' is a {type(given).__name__:.80}; it must be a PauliSum: use nk.PauliSum"
        )
    if given.num_qubits != n:
        raise ValueError(
            f"'{name}' acts on {given.num_qubits} qubits and 'rho' has {n}: use num_qubits={n}"
        )
    return given


def _jumps(jumps: Any, n: int) -> list[PauliSum]:
    """Jump operators as sums."""
    if isinstance(jumps, PauliSum):
        raise TypeError("'jumps' is a PauliSum; it must be a sequence of them: use [jump]")
    sums = []
    for jump in jumps:
        if isinstance(jump, PauliSum):
            sums.append(_checked("jumps", jump, n))
            continue
        if not (isinstance(jump, (tuple, list)) and len(jump) == 2):
            raise TypeError(
                f"'jumps' holds {_core.shown(jump)}; a jump is a PauliSum, or a pair (matrix, "
                "qubits): use one of these"
            )
        sums.append(_of_matrix(np.asarray(jump[0]), _core.qubit_numbers(jump[1]), n))
    return sums


def _of_matrix(matrix: NDArray[Any], qubits: list[int], n: int) -> PauliSum:
    """The Pauli strings of a matrix on some qubits.

    >>> _of_matrix(np.array([[0, 1], [0, 0]]), [1], 2)
    PauliSum({'IX': 0.5, 'IY': 0.5j})
    """
    k = len(qubits)
    if matrix.dtype.kind not in "biufc":
        raise TypeError(f"'jumps' holds a matrix of dtype {matrix.dtype}: use numbers")
    if k > MOST_QUBITS or matrix.shape != (2**k, 2**k):
        raise ValueError(
            f"'jumps' holds a matrix of shape {matrix.shape} on {k} qubits; it must have the shape "
            f"(2**k, 2**k) for up to {MOST_QUBITS} qubits: use a PauliSum for more"
        )
    # An axis of letters for each qubit, from its axes of rows and columns.
    strings = [[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, 1j], [-1j, 0]], [[1, 0], [0, -1]]
    letters = 0.5 * np.array(strings)
    values = matrix.astype(complex).reshape((2,) * (2 * k))
    for left in range(k, 0, -1):
        # The first axes are the rows and columns that are left, the last ones letters.
        values = np.tensordot(values, letters, ((0, left), (1, 2)))
    terms = [
        ("".join("IXYZ"[letter] for letter in place), qubits, complex(value))
        for place, value in np.ndenumerate(values)
        if value != 0
    ]
    return PauliSum(terms, num_qubits=n)


def _generator(hamiltonian: PauliSum, jumps: list[PauliSum], n: int) -> PauliSum:
    """K on rows and columns, for which d rho/dt = -i K rho."""
    if not hamiltonian.hermitian:
        raise ValueError(
            "'hamiltonian' is not Hermitian; what is lost goes through jumps: use (hamiltonian + "
            "hamiltonian.adjoint()) / 2"
        )
    nothing = "I" * n

    def sign(letters: str) -> int:
        return -1 if letters.count("Y") % 2 else 1

    terms: list[tuple[str, complex]] = []
    rates = PauliSum({}, num_qubits=n)
    for jump in jumps:
        rates = rates + jump.adjoint() @ jump
        for left, a in jump:
            for right, b in jump:
                terms.append((left + right, 1j * a * complex(b).conjugate() * sign(right)))
    for total, rows, columns in ((hamiltonian, 1, -1), (rates, -0.5j, -0.5j)):
        for letters, value in total:
            terms.append((letters + nothing, rows * value))
            # The product from the right is the transpose on the columns.
            terms.append((nothing + letters, columns * value * sign(letters)))
    return PauliSum(terms, num_qubits=2 * n)
