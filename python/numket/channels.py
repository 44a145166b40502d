"""Named noise channels, as Kraus operators for ``apply_kraus``.

Each function returns an ndarray of complex128 of shape ``(m, 2**k, 2**k)``: the operators K of
``rho -> sum of K rho K^dagger``, whose sum of ``K^dagger K`` is the identity. The definitions are
those of M. A. Nielsen and I. L. Chuang, Quantum Computation and Quantum Information (Cambridge
University Press, 2010), section 8.3; where theirs differ, the function says how.

>>> import numpy as np, numket as nk
>>> noisy = nk.Circuit(2).h(0).apply_kraus(nk.channels.depolarizing(0.01), 0).cx(0, 1)
>>> noisy = noisy.apply_kraus(nk.channels.depolarizing(0.02, num_qubits=2), (0, 1))
>>> psi = nk.zero_state(2)
>>> noisy.run(psi, rng=1)
>>> abs(nk.norm(psi) - 1) < 1e-15
True

Errors in reading out act on classical bits and not on a state: see ``Circuit.measure``.
"""

from itertools import product
from typing import SupportsIndex, TypeAlias

import numpy as np
from numpy.typing import NDArray

from numket._core import whole_number
from numket._names import public as _public

__all__ = [
    "amplitude_damping",
    "bit_flip",
    "bit_phase_flip",
    "depolarizing",
    "generalized_amplitude_damping",
    "phase_damping",
    "phase_flip",
]

__dir__ = _public(globals())

Operators: TypeAlias = NDArray[np.complex128]

MAX_QUBITS = 4
"""Of a depolarizing channel: 256 operators of 16 by 16, 1 MiB."""

I, X, Y, Z = np.array(  # noqa: E741
    [[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], np.complex128
)


def bit_flip(p: float) -> Operators:
    """X with probability p: sqrt(1 - p) I and sqrt(p) X.

    Nielsen and Chuang, section 8.3.3, where p is the probability that nothing happens.

    Parameters
    ----------
    p : float
        The probability of a flip, from 0 to 1.

    Returns
    -------
    ndarray of complex128, shape (2, 2, 2)
        First the operator of no flip.

    Raises
    ------
    TypeError
        Where `p` is no number.
    ValueError
        Where it is not from 0 to 1.

    Examples
    --------
    >>> bit_flip(0.25).real
    array([[[0.8660254, 0.       ],
            [0.       , 0.8660254]],
    <BLANKLINE>
           [[0.       , 0.5      ],
            [0.5      , 0.       ]]])
    """
    return _flip(p, X)


def phase_flip(p: float) -> Operators:
    """Z with probability p: sqrt(1 - p) I and sqrt(p) Z.

    Nielsen and Chuang, section 8.3.3, where p is the probability that nothing happens. The same
    channel as phase_damping(1 - (1 - 2p)**2), by other operators.

    Parameters
    ----------
    p : float
        The probability of a flip, from 0 to 1.

    Returns
    -------
    ndarray of complex128, shape (2, 2, 2)
        First the operator of no flip.

    Raises
    ------
    TypeError
        Where `p` is no number.
    ValueError
        Where it is not from 0 to 1.

    Examples
    --------
    >>> phase_flip(1).real[1]
    array([[ 1.,  0.],
           [ 0., -1.]])
    """
    return _flip(p, Z)


def bit_phase_flip(p: float) -> Operators:
    """Y with probability p: sqrt(1 - p) I and sqrt(p) Y.

    Nielsen and Chuang, section 8.3.3, where p is the probability that nothing happens.

    Parameters
    ----------
    p : float
        The probability of a flip, from 0 to 1.

    Returns
    -------
    ndarray of complex128, shape (2, 2, 2)
        First the operator of no flip.

    Raises
    ------
    TypeError
        Where `p` is no number.
    ValueError
        Where it is not from 0 to 1.

    Examples
    --------
    >>> bit_phase_flip(1)[1].imag
    array([[ 0., -1.],
           [ 1.,  0.]])
    """
    return _flip(p, Y)


def depolarizing(p: float, num_qubits: SupportsIndex = 1) -> Operators:
    """With probability p the completely mixed state: rho -> p I / 2**k + (1 - p) rho.

    The operators are sqrt(1 - p + p / 4**k) I, and sqrt(p / 4**k) P for the other Pauli strings P
    of k qubits: Nielsen and Chuang, section 8.3.4. Some authors call p the probability of any
    error, which is (1 - 4**-k) p here.

    Parameters
    ----------
    p : float
        The probability that the state is lost, from 0 to 1.
    num_qubits : int
        How many qubits the channel acts on, from 1 to 4: k.

    Returns
    -------
    ndarray of complex128, shape (4**k, 2**k, 2**k)
        In the order of the Pauli strings II, IX, IY, IZ, XI, ...

    Raises
    ------
    TypeError
        Where `p` is no number, or `num_qubits` no int.
    ValueError
        Where `p` is not from 0 to 1, or `num_qubits` not from 1 to 4.

    Examples
    --------
    >>> rho = np.diag([1, 0])
    >>> sum(k @ rho @ k.conj().T for k in depolarizing(0.5)).real
    array([[0.75, 0.  ],
           [0.  , 0.25]])
    >>> depolarizing(0.01, 2).shape
    (16, 4, 4)
    """
    p, k = _probability("p", p), whole_number("num_qubits", num_qubits)
    if not 1 <= k <= MAX_QUBITS:
        raise ValueError(
            f"'num_qubits' is {k}; a depolarizing channel is made for 1 to {MAX_QUBITS} qubits: "
            "use one on each qubit, or fewer"
        )
    operators = np.ones((1, 1, 1), np.complex128)
    for _ in range(k):
        pairs = [np.kron(one, pauli) for one, pauli in product(operators, (I, X, Y, Z))]
        operators = np.array(pairs)
    weights = np.full(4**k, p / 4**k)
    weights[0] += 1 - p
    return np.sqrt(weights)[:, None, None] * operators


def amplitude_damping(gamma: float) -> Operators:
    """Decay from 1 to 0 with probability gamma.

    The operators are [[1, 0], [0, sqrt(1 - gamma)]] and [[0, sqrt(gamma)], [0, 0]]: Nielsen and
    Chuang, section 8.3.5. For a time t and a relaxation time T1, gamma = 1 - exp(-t / T1).

    Parameters
    ----------
    gamma : float
        The probability of the decay, from 0 to 1.

    Returns
    -------
    ndarray of complex128, shape (2, 2, 2)

    Raises
    ------
    TypeError
        Where `gamma` is no number.
    ValueError
        Where it is not from 0 to 1.

    Examples
    --------
    >>> rho = np.diag([0, 1])
    >>> sum(k @ rho @ k.conj().T for k in amplitude_damping(0.25)).real
    array([[0.25, 0.  ],
           [0.  , 0.75]])
    """
    return generalized_amplitude_damping(gamma, 1)[:2]


def generalized_amplitude_damping(gamma: float, p: float) -> Operators:
    """Relaxation at a finite temperature, towards diag(p, 1 - p).

    sqrt(p) times the operators of amplitude_damping(gamma), and sqrt(1 - p) times those that do the
    same from 0 to 1: Nielsen and Chuang, section 8.3.5.

    Parameters
    ----------
    gamma : float
        How far the qubit relaxes, from 0 to 1.
    p : float
        The probability of 0 in the end, from 0 to 1.

    Returns
    -------
    ndarray of complex128, shape (4, 2, 2)

    Raises
    ------
    TypeError
        Where `gamma` or `p` is no number.
    ValueError
        Where one of them is not from 0 to 1.

    Examples
    --------
    >>> rho = np.diag([0, 1])
    >>> sum(k @ rho @ k.conj().T for k in generalized_amplitude_damping(1, 0.75)).real.round(3)
    array([[0.75, 0.  ],
           [0.  , 0.25]])
    """
    gamma, p = _probability("gamma", gamma), _probability("p", p)
    stay, jump = np.sqrt(1 - gamma), np.sqrt(gamma)
    down = np.array([[[1, 0], [0, stay]], [[0, jump], [0, 0]]], np.complex128)
    # The same with 0 and 1 exchanged.
    return np.concatenate([np.sqrt(p) * down, np.sqrt(1 - p) * down[:, ::-1, ::-1]])


def phase_damping(lam: float) -> Operators:
    """Loss of phase without loss of energy: diag(1, sqrt(1 - lam)) and diag(0, sqrt(lam)).

    The off-diagonal elements of rho are multiplied by sqrt(1 - lam): Nielsen and Chuang, section
    8.3.6. For a time t and a pure dephasing time T, that is exp(-t / T): lam = 1 - exp(-2 t / T).

    Parameters
    ----------
    lam : float
        How much of the phase is lost, from 0 to 1.

    Returns
    -------
    ndarray of complex128, shape (2, 2, 2)

    Raises
    ------
    TypeError
        Where `lam` is no number.
    ValueError
        Where it is not from 0 to 1.

    Examples
    --------
    >>> rho = np.full((2, 2), 0.5)
    >>> sum(k @ rho @ k.conj().T for k in phase_damping(0.75)).real
    array([[0.5 , 0.25],
           [0.25, 0.5 ]])
    """
    lam = _probability("lam", lam)
    return np.array([[[1, 0], [0, np.sqrt(1 - lam)]], [[0, 0], [0, np.sqrt(lam)]]], np.complex128)


def _flip(p: float, pauli: NDArray[np.complex128]) -> Operators:
    p = _probability("p", p)
    return np.array([np.sqrt(1 - p) * I, np.sqrt(p) * pauli])


def _probability(name: str, given: float) -> float:
    """A number from 0 to 1."""
    try:
        value = None if isinstance(given, str | bool | np.bool_) else float(given)
    except TypeError:
        value = None
    except OverflowError:
        value = np.inf
    if value is None:
        raise TypeError(
            f"'{name}' is a {type(given).__name__:.80}; it must be a probability: use a float"
        )
    if not 0 <= value <= 1:
        raise ValueError(f"'{name}' is {value}; it must be a probability: use a number from 0 to 1")
    return value
