"""What shows states, and goes through circuits step by step.

The modules behind are imported at the first use. They are small functions here, and not attributes
that the package makes when they are asked for: Python would then look up every name of the package
anew at each call, which takes 15 ns, a tenth of a gate.
"""

from typing import TYPE_CHECKING, Any, TypeVar

from numpy.typing import NDArray

from numket._core import Circuit, Ket
from numket._names import public as _public

if TYPE_CHECKING:
    from numket.circuit import Steps
    from numket.widget import Stepper

__all__ = ["show", "stepper", "steps"]

__dir__ = _public(globals())

State = TypeVar("State", NDArray[Any], Ket)


def show(state: Any, top: int = 16, *, batch: int = 0, density: bool = False) -> None:
    """Shows a state, a batch of states, a density matrix, or counts.

    In a notebook as a table with coloured bars, elsewhere as text. Of a state: its norm, how many
    basis states are occupied (have more than rounding errors leave), and the most probable ones
    with amplitude, probability, a bar relative to the largest, and phase. Amplitudes are exact
    where they are square roots of simple fractions.

    Parameters
    ----------
    state : ndarray, Ket or mapping of str to int
        A state of complex or real numbers, or with `batch` or `density` more; or what
        numket.counts gives. Only read.
    top : int
        How many lines at most.
    batch : int
        Number of leading axes of the state that count states; each state has a line.
    density : bool
        Whether the array is a density matrix.

    Raises
    ------
    TypeError
        Where the state is none of these.
    ValueError
        Where the shape is another, or `top` is less than 1.

    See Also
    --------
    numket.Ket : A handle on an array that shows itself.

    Examples
    --------
    >>> import numpy as np, numket as nk
    >>> psi = nk.zero_state(3)
    >>> nk.h(psi, 0)
    >>> nk.cx(psi, 0, 2)
    >>> nk.s(psi, 2)
    >>> nk.show(psi)
    State of 3 qubits: norm 1, 2 of 8 basis states occupied
      |000>  1/√2  50 %  ████████████  → 0
      |101>  i/√2  50 %  ████████████  ↑ π/2
    >>> nk.show(nk.counts(psi, 1000, rng=1))
    1,000 shots, 2 outcomes
      000  512  51.2 %  ████████████
      101  488  48.8 %  ███████████▌
    """
    from numket import display

    display.show(display.card(state, top, batch=batch, density=density))


def stepper(
    circuit: Circuit,
    state: NDArray[Any] | Ket | None = None,
    params: Any = None,
    *,
    rng: Any = None,
) -> "Stepper":
    """A slider over a circuit, in notebooks: the operation lit in the drawing, and the state.

    It goes forth and back. Random outcomes are the same each time that it comes by.

    Parameters
    ----------
    circuit : Circuit
        Up to 16 qubits and 500 operations.
    state : ndarray of complex128 or complex64, shape (2**n,) or (2,) * n, or Ket, optional
        What it is done to, on a copy; `|0...0>` if not given.
    params : dict or array_like, optional
        The values of the parameters in radians, as `Circuit.run` takes them.
    rng : None, int or numpy.random.Generator, optional
        What np.random.default_rng takes, for measurements, resets and channels.

    Returns
    -------
    numket.widget.Stepper
        A widget that a notebook shows. Its `position`, the number of operations done, can be set;
        `state` and `bits` are what these have made.

    Raises
    ------
    ImportError
        Where anywidget is missing.
    TypeError
        Where `circuit` is no Circuit.
    ValueError
        Where the circuit has more qubits or operations.
    TypeError, ValueError, KeyError
        Where `Circuit.run` raises them.

    See Also
    --------
    numket.steps : The same without a widget, for circuits of any size.

    Examples
    --------
    >>> import numket as nk
    >>> stepper = nk.stepper(nk.Circuit(2).h(0).cx(0, 1))
    >>> stepper.position = 1
    >>> stepper.caption
    '1 of 2 operations done, the last is h on qubit 0'
    """
    if not isinstance(circuit, Circuit):
        raise TypeError(
            f"'circuit' is a {type(circuit).__name__}; it must be a Circuit: use numket.Circuit"
        )
    from numket.widget import Stepper

    return Stepper(circuit, state, params, rng=rng)


def steps(
    circuit: Circuit,
    state: State,
    params: Any = None,
    *,
    rng: Any = None,
    threads: int | None = None,
) -> "Steps[State]":
    """Runs a circuit one operation at a time, and gives each operation with the state after it.

    The state is changed in place and is the same object at every step; copy it to keep it. All
    steps together do what `Circuit.run` does, measurements with the same `rng` included.

    Parameters
    ----------
    circuit : Circuit
        What is done.
    state : ndarray of complex128, complex64, float64 or float32, shape (2**n,) or (2,) * n, or Ket
        What it is done to, in place.
    params : dict or array_like, optional
        The values of the parameters in radians, as `Circuit.run` takes them.
    rng : None, int or numpy.random.Generator, optional
        What np.random.default_rng takes, for measurements, resets and channels.
    threads : int, optional
        At most this many threads.

    Returns
    -------
    numket.circuit.Steps
        An iterator of pairs (operation, state), whose method `back` undoes the last operation, and
        whose attribute `bits` has the classical bits.

    Raises
    ------
    TypeError, ValueError, KeyError, BufferInUseError
        At a step, where `Circuit.run` raises them.

    See Also
    --------
    numket.show : Shows a state.

    Examples
    --------
    >>> import numket as nk
    >>> for operation, psi in nk.steps(nk.Circuit(2).h(0).cx(0, 1), nk.zero_state(2)):
    ...     print(operation.name, nk.probabilities(psi).round(3))
    h [0.5 0.  0.5 0. ]
    cx [0.5 0.  0.  0.5]
    """
    from numket.circuit import Steps

    return Steps(circuit, state, params, rng=rng, threads=threads)
