"""Evolution in time under what is no `PauliSum`: matrices, diagonals, and Hamiltonians of time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil, sqrt
from typing import Any, NamedTuple, NoReturn, TypeAlias

import numpy as np
from numpy.typing import NDArray

from numket import _core
from numket._core import Circuit, Ket, PauliSum

Advance: TypeAlias = Callable[[Any, float, float], None]
"""Takes a state from one time to another, in place."""

Part: TypeAlias = tuple[Any, PauliSum]
"""A function of time, or a number, and the sum that it multiplies."""

HERMITIAN = 1e-12
"""How far a matrix may be from its adjoint, relative to its largest entry."""

SMALLEST = 300.0
"""A step in imaginary time makes no part of a state smaller than exp(-SMALLEST)."""

MAX_STEPS = 1_000_000
"""Such steps at most."""

TOLERANCE = 1e-8
"""For Hamiltonians of time, where none is given."""

TOLERANCE_OF_SERIES = 1e-12
"""For operators of SciPy's, where none is given."""

VECTORS = 24
"""Of a Krylov space, in which a step is taken."""

SKEW = 1e-8
"""What rounding explains of products that should be 0 or real, relative to the others."""

ROUNDING = 1e-14
"""What rounding adds to a step: less is no error of the method."""


class How(NamedTuple):
    """What `numket.evolve` was asked for, beside the Hamiltonian."""

    qubits: Any = None
    imaginary: bool = False
    tol: float | None = None
    longest: float = 0.0
    """The longest step from one time to the next."""
    batch: int = 0
    threads: int | None = None

    def options(self) -> dict[str, Any]:
        """What all that works on states takes."""
        return {"batch": self.batch, "threads": self.threads}

    def refuse_but_all_qubits(self, what: str, remedy: str) -> None:
        """For Hamiltonians that act on all qubits, in real time."""
        if self.imaginary or self.qubits is not None:
            name = "imaginary" if self.imaginary else "qubits"
            raise ValueError(f"'{name}' is given {what} acts on all qubits, in real time: {remedy}")


def advance(hamiltonian: Any, *how: Any) -> Advance | None:
    """What takes states from one time to another under a Hamiltonian; None if that is none.

    >>> import numpy as np
    >>> psi = np.array([1, 0], complex)
    >>> advance([[0, 0.5], [0.5, 0]])(psi, 0.0, np.pi)
    >>> psi.round(12) + 0
    array([0.+0.j, 0.-1.j])
    """
    change = _advance(hamiltonian, How(*how))
    if change is None:
        return None
    return lambda state, before, after: change(
        state.state if isinstance(state, Ket) else state, before, after
    )


def _advance(hamiltonian: Any, how: How) -> Advance | None:
    parts = _parts(hamiltonian)
    if parts is not None:
        how.refuse_but_all_qubits("and the Hamiltonian, which changes with time,", "leave it out")
        return _driven(parts, how)
    if any(base.__module__.startswith("scipy.sparse") for base in type(hamiltonian).__mro__):
        how.refuse_but_all_qubits(
            "with an operator of SciPy's, which", "leave it out, or use a PauliSum"
        )
        return _krylov(hamiltonian, TOLERANCE_OF_SERIES if how.tol is None else how.tol, how.batch)
    if not isinstance(hamiltonian, (np.ndarray, list, tuple)):
        return None
    entries = np.array(hamiltonian)
    if entries.dtype.kind not in "biufc":
        return None
    entries = entries.astype(complex if entries.dtype.kind == "c" else float)
    if not np.isfinite(entries).all():
        raise ValueError("'hamiltonian' holds a NaN or an infinity: use finite numbers")
    if entries.ndim == 1:
        return _diagonal(entries, how)
    size = entries.size.bit_length() // 2
    if entries.shape not in ((2**size, 2**size), (2,) * 2 * size):
        raise ValueError(
            f"'hamiltonian' has shape {entries.shape}; a matrix on k qubits has shape (2**k, 2**k),"
            " a diagonal (2**k,): use one of these"
        )
    return _matrix(entries.reshape(2**size, 2**size), how)


def several(observables: Any) -> tuple[list[Any], bool]:
    """What is read at each time, and whether it is one observable that is in no sequence."""
    if observables is None or isinstance(observables, (PauliSum, str)):
        return [observables], True
    if isinstance(observables, np.ndarray):
        raise TypeError(
            "'observables' is one array, whose rows would be taken one by one: use [array] for one "
            "observable, or list(array)"
        )
    return list(observables), False


def _all_qubits(state: Any, batch: int) -> list[int]:
    """The axes that are qubits, of a state that has been looked at."""
    shape = np.asarray(state).shape[batch:]
    if len(shape) == 1:
        return list(range(int(shape[0]).bit_length() - 1))
    return [axis for axis, length in enumerate(shape) if length == 2]


def _matrix(matrix: NDArray[Any], how: How) -> Advance:
    """By the eigenbasis of a matrix: one pass over the state for each time."""
    deviation = float(np.abs(matrix - matrix.conj().T).max())
    if deviation > HERMITIAN * float(np.abs(matrix).max()):
        raise ValueError(
            "'hamiltonian' is not Hermitian: an entry differs from its conjugate by "
            f"{deviation:.1e}; only the evolution under Hermitian ones keeps norms: use (matrix + "
            "matrix.conj().T) / 2, or nk.apply(state, scipy.linalg.expm(-1j * t * matrix), qubits)"
        )
    energies, basis = np.linalg.eigh(matrix)

    def change(state: Any, factors: NDArray[Any]) -> None:
        where = _all_qubits(state, how.batch) if how.qubits is None else how.qubits
        _core.apply(state, basis * factors @ basis.conj().T, where, **how.options())

    if how.imaginary:
        return _cooling(energies, change, how)
    return lambda state, before, after: change(state, np.exp(-1j * energies * (after - before)))


def _diagonal(entries: NDArray[Any], how: How) -> Advance:
    """One pass over the state for each time."""
    if entries.dtype.kind == "c":
        deviation = 2 * float(np.abs(entries.imag).max(initial=0))
        if deviation > 0:
            raise ValueError(
                f"'hamiltonian' is not Hermitian: an entry differs from its conjugate by "
                f"{deviation:.1e}; only the evolution under real diagonals keeps norms: use "
                "diagonal.real, or nk.apply_diagonal(state, np.exp(-1j * t * diagonal), qubits)"
            )
        entries = entries.real

    def change(state: Any, factors: NDArray[Any]) -> None:
        where = _all_qubits(state, how.batch) if how.qubits is None else how.qubits
        _core.apply_diagonal(state, factors, where, **how.options())

    if how.imaginary:
        return _cooling(entries, change, how)

    def turn(state: Any, before: float, after: float) -> None:
        count = len(_all_qubits(state, how.batch))
        phases = Circuit(count).phase(entries, after - before, how.qubits)
        phases.run(state, **how.options())

    return turn


def _cooling(
    energies: NDArray[Any], change: Callable[[Any, NDArray[Any]], None], how: How
) -> Advance:
    """exp(-H t) with the norm kept, in steps that leave something of every state."""
    width, batch = float(np.ptp(energies)) if len(energies) else 0.0, how.batch
    if width * how.longest > SMALLEST * MAX_STEPS:
        raise ValueError(
            f"'t' is too long: the width of the spectrum times t is {width * how.longest:.1e}, "
            f"up to {SMALLEST * MAX_STEPS:.0e}: use shorter times"
        )

    def cool(state: Any, before: float, after: float) -> None:
        norms = np.asarray(_core.norm(state, batch=batch))
        if not (np.isfinite(norms) & (norms > 0)).all():
            raise ValueError(
                "the state has norm 0 or one that is not finite, which nothing can keep: use a "
                "state that is not 0"
            )
        time = after - before
        steps = max(1, ceil(width * abs(time) / SMALLEST))
        lowest = energies.min() if time >= 0 else energies.max()
        factors = np.exp(-(energies - lowest) * (time / steps))
        for _ in range(steps):
            change(state, factors)
            scale = norms / np.asarray(_core.norm(state, batch=batch))
            array = np.asarray(state)
            array *= scale.reshape(scale.shape + (1,) * (array.ndim - batch))

    return cool


def _krylov(operator: Any, tol: float, batch: int) -> Advance:
    """Steps in Krylov spaces, which need no bound on the spectrum."""

    def advance(state: Any, before: float, after: float) -> None:
        found = []
        for index in np.ndindex(state.shape[:batch]):
            psi = np.array(state[index], complex).reshape(-1)
            if operator.shape != (len(psi), len(psi)):
                raise ValueError(
                    f"'hamiltonian' has shape {operator.shape} and a state {len(psi)} amplitudes: "
                    f"use an operator of shape {(len(psi),) * 2}"
                )
            found.append(_in_krylov_spaces(operator, psi, after - before, tol))
        for index, psi in zip(np.ndindex(state.shape[:batch]), found, strict=True):
            view = state[(*index, ...)]
            view[...] = psi.reshape(view.shape)

    return advance


def _in_krylov_spaces(operator: Any, psi: NDArray[Any], time: float, tol: float) -> NDArray[Any]:
    """exp(-i H t) psi, each step by Lanczos's method with all vectors kept.

    >>> _in_krylov_spaces(np.diag([1.0, 2.0]), np.array([1.0, 0j]), np.pi, 1e-12).round(12)
    array([-1.-0.j,  0.+0.j])
    """
    left = time
    while left != 0:
        norm = float(np.linalg.norm(psi))
        if norm == 0:
            break
        vectors = [psi / norm]
        alphas: list[float] = []
        betas: list[float] = []
        while len(alphas) < min(VECTORS, len(psi)):
            product = np.asarray(operator @ vectors[-1]).reshape(-1)
            if not np.isfinite(product).all():
                raise ValueError("'hamiltonian' times a state holds a NaN or an infinity")
            overlaps = np.array([np.vdot(vector, product) for vector in vectors])
            size = max(float(np.linalg.norm(product)), 1e-300)
            skew = max(abs(overlaps[-1].imag), abs(overlaps[:-2]).max(initial=0.0))
            if len(betas) > 0:
                skew = max(skew, abs(overlaps[-2] - betas[-1]))
            if skew > SKEW * size:
                raise ValueError(
                    f"'hamiltonian' is not Hermitian: products with states differ by {skew:.1e} "
                    "from their conjugates: use (operator + operator.H) / 2, or "
                    "scipy.sparse.linalg.expm_multiply(-1j * t * operator, state)"
                )
            alphas.append(float(overlaps[-1].real))
            for _ in range(2):
                for vector in vectors:
                    product = product - np.vdot(vector, product) * vector
            beta = float(np.linalg.norm(product))
            betas.append(beta if beta > 1e-13 * size else 0.0)
            if betas[-1] == 0:
                break
            vectors.append(product / beta)
        count = len(alphas)
        energies, basis = np.linalg.eigh(
            np.diag(alphas) + np.diag(betas[:-1], 1) + np.diag(betas[:-1], -1)
        )
        step = left
        while True:
            phases = -1j * step * energies
            # The error, to leading order, is that of the first vector that is left out.
            shape = np.where(
                abs(phases) < 1e-8, 1.0, np.expm1(phases) / np.where(phases, phases, 1)
            )
            error = abs(step) * betas[-1] * abs(basis[-1] * shape @ basis[0])
            if error <= max(tol * abs(step / time), ROUNDING):
                break
            step *= 0.8
        weights = basis * np.exp(phases) @ basis[0]
        psi = norm * sum(
            (weight * vector for weight, vector in zip(weights, vectors[:count], strict=True)),
            start=np.zeros_like(psi),
        )
        left = 0.0 if step == left else left - step
    return psi


def _parts(hamiltonian: Any) -> list[Part] | None:
    """The parts of a Hamiltonian of time, if it is one."""
    if not isinstance(hamiltonian, (list, tuple)) or not hamiltonian:
        return None
    pairs = [each if isinstance(each, (list, tuple)) else (1.0, each) for each in hamiltonian]
    if not any(isinstance(term, PauliSum) for pair in pairs for term in pair):
        return None
    for number, pair in enumerate(pairs):
        first = pair[0] if len(pair) == 2 else None
        scalar = callable(first) or isinstance(first, (int, float, np.integer, np.floating))
        if not scalar or not isinstance(pair[1], PauliSum):
            raise TypeError(
                f"part {number} of 'hamiltonian' is {_core.shown(pair)}; a Hamiltonian of time is "
                "a list of pairs (function of time, PauliSum): use (lambda t: 1.0, total) for what "
                "does not change"
            )
        if not pair[1].hermitian:
            raise ValueError(
                f"the sum in part {number} of 'hamiltonian' is not Hermitian: use (sum + "
                "sum.adjoint()) / 2"
            )
    return [(pair[0], pair[1]) for pair in pairs]


def _driven(parts: list[Part], how: How) -> Advance:
    """Steps of order 4 without commutators, as long as the error allows."""
    tol, options = TOLERANCE if how.tol is None else how.tol, how.options()

    def advance(state: Any, before: float, after: float) -> None:
        whole = after - before
        now = np.array(state, copy=True, order="K")
        norms = np.asarray(_core.norm(now, batch=how.batch)).reshape(-1)
        time, step = before, whole
        with noted(
            f"numket stopped on the way from t = {before!r} to t = {after!r}; the state is that of "
            f"t = {before!r}"
        ):
            while time != after:
                if abs(step) < 1e-12 * abs(whole):
                    _stuck(tol, time)
                step = step if abs(after - time) > 1.001 * abs(step) else after - time
                rough = now.copy(order="K")
                _step(parts, rough, time, step, options)
                fine = now.copy(order="K")
                middle = time + step / 2
                _step(parts, fine, time, step / 2, options)
                _step(parts, fine, middle, step / 2, options)
                rough -= fine
                # 16 times as far from what is exact as `fine` is, but for higher orders.
                distances = np.asarray(_core.norm(rough, batch=how.batch)).reshape(-1)
                error = float(np.max(distances / np.maximum(norms, 1e-300), initial=0.0)) / 15
                rounding = ROUNDING if fine.dtype == np.complex128 else 1e-6
                allowed = max(tol * abs(step / whole), rounding)
                if error <= allowed:
                    now = fine
                    time = after if step == after - time else time + step
                step *= min(4.0, max(0.2, 0.9 * (allowed / max(error, 1e-300)) ** 0.25))
        np.asarray(state)[...] = now

    return advance


@contextmanager
def noted(note: str) -> Iterator[None]:
    """Tells of a call that Ctrl-C stops in one of those it makes, in place of what that one notes.

    >>> with noted("nothing was changed"):
    ...     pass
    """
    try:
        yield
    except KeyboardInterrupt as stopped:
        # That of Python itself, between two calls, has none yet.
        stopped.__notes__ = [note]
        raise


def _stuck(tol: float, time: float) -> NoReturn:
    raise RuntimeError(
        f"'tol' of {tol:.1e} is not reached at t = {time!r}, however short a step is: are the "
        "functions smooth there? Use a larger tolerance, or times= that include the jumps"
    )


def _step(parts: list[Part], state: Any, time: float, step: float, options: Any) -> None:
    """exp(-i step (a H1 + b H2)) exp(-i step (b H1 + a H2)), H at the two points of Gauss."""
    early, late = (time + (0.5 + sign * sqrt(3) / 6) * step for sign in (-1, 1))
    values = [[_value(function, at) for at in (early, late)] for function, _ in parts]
    a, b = 0.25 - sqrt(3) / 6, 0.25 + sqrt(3) / 6
    for first, second in ((b, a), (a, b)):
        weights = [first * early + second * late for early, late in values]
        total = sum(
            (weight * part for weight, (_, part) in zip(weights, parts, strict=True)),
            start=PauliSum({}, num_qubits=parts[0][1].num_qubits),
        )
        _core.evolve(state, total, step, **options)


def _value(function: Any, time: float) -> float:
    """The number that a part is multiplied by at a time."""
    value = function(time) if callable(function) else function
    try:
        number = float(value)
    except TypeError:
        raise TypeError(
            f"a function of 'hamiltonian' gives {_core.shown(value)} at t = {time!r}; it must give "
            "a real number: use float(...)"
        ) from None
    if not np.isfinite(number):
        raise ValueError(f"a function of 'hamiltonian' gives {number} at t = {time!r}")
    return number
