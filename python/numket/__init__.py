"""Quantum gates in place on your own NumPy state vector.

Qubit ``q`` is axis ``q`` of ``state.reshape((2,) * n)``. A state is a complex128 or complex64
array of shape ``(2**n,)`` or ``(2,) * n``; functions change it in place and return ``None``.

>>> import numpy as np, numket as nk
>>> psi = np.zeros(8, dtype=np.complex128)
>>> psi[0] = 1
>>> nk.h(psi, 0)
>>> nk.cx(psi, 0, 1)
>>> nk.cx(psi, 1, 2)
>>> nk.probabilities(psi).round(3)
array([0.5, 0. , 0. , 0. , 0. , 0. , 0. , 0.5])
"""

import typing as _typing
from importlib import import_module as _import_module
from importlib.metadata import version as _version

from numket import channels, density
from numket._core import (
    BufferInUseError,
    Circuit,
    Ket,
    ParameterError,
    PauliSum,
    Sampler,
    apply,
    apply_diagonal,
    apply_kraus,
    apply_pauli,
    apply_permutation,
    basis_state,
    bloch_vectors,
    ccx,
    ccz,
    ch,
    correlations,
    counts,
    cp,
    crx,
    cry,
    crz,
    cswap,
    cu,
    cx,
    cy,
    cz,
    ecr,
    empty_state,
    evolve,
    expectation,
    fidelity,
    get_num_threads,
    ground_state,
    h,
    inner,
    iswap,
    ket,
    little_endian,
    measure,
    norm,
    normalize,
    p,
    pauli_rotation,
    probabilities,
    project,
    reduced_density_matrix,
    reset,
    rx,
    rxx,
    ry,
    ryy,
    rz,
    rzx,
    rzz,
    s,
    sample,
    sdg,
    set_num_threads,
    swap,
    sx,
    sxdg,
    t,
    tdg,
    threads,
    u,
    variance,
    x,
    y,
    z,
    zero_state,
)
from numket._names import public as _public
from numket.entanglement import cut_entropies, entanglement_entropy, qubit_entropies
from numket.info import show_config
from numket.parameter import Parameter

if _typing.TYPE_CHECKING:
    from numket.circuit import steps
    from numket.display import show

__version__ = _version("numket")

__all__ = [
    "BufferInUseError",
    "Circuit",
    "Ket",
    "Parameter",
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
    "channels",
    "correlations",
    "counts",
    "cp",
    "crx",
    "cry",
    "crz",
    "cswap",
    "cu",
    "cut_entropies",
    "cx",
    "cy",
    "cz",
    "density",
    "ecr",
    "empty_state",
    "entanglement_entropy",
    "evolve",
    "expectation",
    "fidelity",
    "get_num_threads",
    "ground_state",
    "h",
    "inner",
    "iswap",
    "ket",
    "little_endian",
    "measure",
    "norm",
    "normalize",
    "p",
    "pauli_rotation",
    "probabilities",
    "project",
    "qubit_entropies",
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
    "show",
    "show_config",
    "steps",
    "swap",
    "sx",
    "sxdg",
    "t",
    "tdg",
    "threads",
    "u",
    "variance",
    "x",
    "y",
    "z",
    "zero_state",
]

__dir__ = _public(globals())

_LATE = {"show": "numket.display", "steps": "numket.circuit"}
"""What is imported when it is first used."""


if not _typing.TYPE_CHECKING:  # which would take any name for one of numket's

    def __getattr__(name: str) -> object:
        if name not in _LATE:
            raise AttributeError(f"module 'numket' has no attribute {name!r}")
        found = globals()[name] = getattr(_import_module(_LATE[name]), name)
        return found
