"""Gradients over several ranks, by adjoint differentiation (Jones and Gacon, arXiv:2009.02823).

A copy of the state goes through the circuit, segment by segment. What the observable makes of it
lies beside it from then on; both are taken back together, and each rank adds up the derivatives by
the angles of its own operations.

A global phase of a rank's operations is none of the whole state: its angles are taken out of the
circuit of the rank, and differentiated apart.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket import _core
from numket._segments import on_part
from numket.circuit import Operation, rebuild
from numket.mpi.agreement import agreed, collective, total
from numket.mpi.outcomes import Outcomes
from numket.mpi.owned import Owned
from numket.mpi.parted import Plan
from numket.mpi.readings import check_real
from numket.parameter import Expression
from numket.plan import Segment

UNITARY = 1e-6
"""How far from unitary a matrix may be, as for ``Circuit.gradient``."""


class Gradients(Outcomes):
    """A state that circuits are differentiated on."""

    @collective
    def gradient(
        self,
        circuit: nk.Circuit,
        observable: nk.PauliSum | str,
        params: Any = None,
        *,
        threads: int | None = None,
    ) -> tuple[float, NDArray[np.float64]]:
        """The expectation value after a circuit, and its derivatives by all parameters.

        The circuit starts from this state, which stays as it is: each rank makes two further arrays
        as large as its part. All ranks call it.

        Parameters
        ----------
        circuit : Circuit
            As :meth:`run` takes it.
        observable : PauliSum or str
            As :meth:`expectation` takes it; Hermitian.
        params : dict or array_like, optional
            The values of the parameters in radians, as ``Circuit.run`` takes them.
        threads : int, optional
            At most this many threads on this rank.

        Returns
        -------
        value : float
            The expectation value, the same on every rank.
        gradient : ndarray of float64, shape (number of parameters,)
            The derivatives by radians, in the order of ``circuit.parameters``, on every rank.

        Raises
        ------
        TypeError
            Where an argument has a wrong type.
        ValueError
            Where :meth:`run` or :meth:`expectation` raises it, the observable is not Hermitian, or
            the circuit has a matrix that is not unitary: nothing undoes that.
        KeyError
            Where `params` names a parameter that the circuit lacks, or misses one that it has.
        MemoryError
            Where a rank has too little memory for two arrays.

        Examples
        --------
        >>> import numket as nk, numket.mpi
        >>> circuit = nk.Circuit(2).ry(nk.Parameter("theta"), 0).cx(0, 1)
        >>> value, gradient = nk.mpi.zero_state(2).gradient(circuit, "ZI", [0.3])
        >>> round(value, 6), gradient.round(6)  # cos(0.3) and -sin(0.3)
        (0.955336, array([-0.29552]))
        """
        self._begin()
        strings, count = self._strings(observable, threads)
        agreed(self.comm, lambda: check_real(strings))
        values = self._values(circuit, params)
        agreed(self.comm, lambda: check_unitary(circuit))
        plan = self._plan(circuit, values, threads)
        pair = Pair(self)
        pair._run(plan)
        pair._set_image(strings, pair.image, count)
        value = complex(nk.inner(pair._part(), pair.image, threads=count))
        gradient = np.zeros(1 + len(plan.parameters))
        gradient[0] = value.real
        # Back to the names that qubits had before the swaps.
        places = plan.found.places
        pair._rename([places.index(qubit) for qubit in range(self.num_qubits)])
        pair._tensors.append(pair.image)
        for segment in reversed(plan.found.segments):
            pair._exchange(pair._pairs(segment.local))
            gradient[1:] += agreed(self.comm, partial(pair.pull_back, segment, plan))
        self.exchanges += pair.exchanges
        self.bytes += pair.bytes
        gradient = total(self.comm, gradient)
        return float(gradient[0]), gradient[1:]


class Pair(Owned):
    """A copy of a state, and room beside it for what an observable makes of it."""

    def __init__(self, state: Outcomes) -> None:
        super().__init__(state.comm, state.num_qubits)
        self._places = list(state._places)
        part = state._part()
        self.flat = agreed(self.comm, lambda: nk.empty_state(part.ndim + 1, part.dtype))
        copy, self.image = self.flat.reshape(2, *part.shape)
        copy[...] = part
        self._tensors = [copy]

    def pull_back(self, segment: Segment, plan: Plan) -> NDArray[np.float64]:
        """Takes both back through a segment. Returns what this rank adds to the derivatives."""
        circuit = on_part(segment.circuit, self._axes(), self._fixed(), plan.parameters)
        kept, phases = without_phases(circuit, plan.parameters)
        found = np.zeros(len(plan.parameters))
        if phases:
            slopes = np.zeros_like(found)
            names = [parameter.name for parameter in plan.parameters]
            for phase in phases:
                for name, factor in getattr(phase, "terms", {}).items():
                    slopes[names.index(name)] += factor
            if slopes.any():
                overlap = nk.inner(self.image, self._part(), threads=plan.threads)
                found -= 2 * overlap.imag * slopes
            undone = nk.Circuit(self._part().ndim + 1, plan.parameters)
            for phase in phases:
                undone.gphase(-phase)
            undone.run(self.flat, plan.values, threads=plan.threads)
        if len(kept):
            values = plan.values
            found += _core.pull_back(kept, self.flat, values, threads=plan.threads)
        return found


def without_phases(
    circuit: nk.Circuit, parameters: Sequence[nk.Parameter]
) -> tuple[nk.Circuit, list[Expression | float]]:
    """A circuit without its global phases, and their angles.

    Rotations take the place of gates that are such but for a phase, if they have parameters: these
    are differentiated up to a phase.

    >>> without_phases(nk.Circuit(1).p(nk.Parameter("a"), 0).gphase(0.5), [nk.Parameter("a")])[1]
    [0.5*a, 0.5]
    """
    kept: list[Operation] = []
    phases: list[Expression | float] = []
    for operation in circuit:
        name, params, qubits, controls = operation[:4]
        varies = any(isinstance(param, Expression) for param in params)
        if controls or not (name == "gphase" or (varies and name in ("p", "u"))):
            kept.append(operation)
        elif name == "gphase":
            phases.append(params[0])
        else:
            # u = exp(i (phi + lam) / 2) rz(phi) ry(theta) rz(lam)
            *angles, last = params
            kept.append(Operation("rz", (last,), qubits))
            if angles:
                kept.append(Operation("ry", (angles[0],), qubits))
                kept.append(Operation("rz", (angles[1],), qubits))
            phases += [0.5 * angle for angle in (*angles[1:], last)]
    return rebuild(circuit.num_qubits, kept, parameters), phases


def check_unitary(circuit: nk.Circuit) -> None:
    """Refuse matrices and diagonals that their adjoints do not undo.

    >>> check_unitary(nk.Circuit(1).apply([[0, 1], [1, 0]], 0))
    """
    for place, operation in enumerate(circuit):
        if operation.name == "apply":
            matrix = np.reshape(operation.params[0], (2 ** len(operation.qubits), -1))
            off = abs(matrix.conj().T @ matrix - np.eye(len(matrix))).max()
        elif operation.name == "apply_diagonal":
            off = abs(abs(np.asarray(operation.params[0])) - 1).max()
        else:
            continue
        if not off <= UNITARY:
            raise ValueError(
                f"operation {place} of the circuit is not unitary, to within 1e-6; a gradient "
                "needs it undone by its adjoint: use a unitary matrix"
            )
