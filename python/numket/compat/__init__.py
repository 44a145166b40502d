"""Functions that simulators call already, with the same arguments, on numket's kernels.

Importing one of them in place of the original is the whole change. They return new arrays as the
originals do, so each call copies the state once; where the old state is not needed any more,
:func:`numket.apply` does without the copy. What numket does not take, such as qutrits
or sums over other axes, goes to the original, and so do states so small that it is as fast.

================================  ========================================
``numpy.tensordot``               a matrix on some axes of a state
``numpy.einsum``                  the same in subscripts, and diagonals
``numpy.kron``                    chains of matrices, and sums of them, that
                                  meet a vector
``cirq.targeted_left_multiply``   a matrix on some axes of a state
``Statevector.evolve``            :func:`evolve` (needs Qiskit)
``qubit.apply_operation``         :func:`apply_operation` (needs PennyLane)
================================  ========================================

>>> import numpy as np
>>> from numket.compat import tensordot
>>> psi = np.zeros((2, 2, 2), dtype=np.complex128)
>>> psi[0, 0, 0] = 1
>>> x = np.array([[0, 1], [1, 0]])
>>> psi = np.moveaxis(tensordot(x, psi, axes=([1], [2])), 0, 2)
>>> psi[0, 0, 1]
np.complex128(1+0j)
"""

from importlib import import_module
from typing import Any

from numket._names import public as _public
from numket.compat.arrays import einsum, targeted_left_multiply, tensordot
from numket.compat.kronecker import Kron, KronSum, kron

__all__ = ["Kron", "KronSum", "einsum", "kron", "targeted_left_multiply", "tensordot"]
"""What ``import *`` gives: that which needs no framework."""

OF_HOSTS = {"apply_operation": "numket.pennylane", "evolve": "numket.qiskit.statevector"}
"""What needs a framework, and the module that imports it."""


def __getattr__(name: str) -> Any:
    if name in OF_HOSTS:
        return getattr(import_module(OF_HOSTS[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*_public(globals())(), *OF_HOSTS})
