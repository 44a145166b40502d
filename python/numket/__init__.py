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

from importlib.metadata import version

from numket._core import (
    BufferInUseError,
    Ket,
    apply,
    apply_diagonal,
    apply_permutation,
    basis_state,
    ccx,
    ccz,
    ch,
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
    get_num_threads,
    h,
    inner,
    iswap,
    ket,
    little_endian,
    norm,
    p,
    probabilities,
    rx,
    rxx,
    ry,
    ryy,
    rz,
    rzx,
    rzz,
    s,
    sdg,
    set_num_threads,
    swap,
    sx,
    sxdg,
    t,
    tdg,
    threads,
    u,
    x,
    y,
    z,
    zero_state,
)
from numket.info import show_config

__version__ = version("numket")

__all__ = [
    "BufferInUseError",
    "Ket",
    "apply",
    "apply_diagonal",
    "apply_permutation",
    "basis_state",
    "ccx",
    "ccz",
    "ch",
    "cp",
    "crx",
    "cry",
    "crz",
    "cswap",
    "cu",
    "cx",
    "cy",
    "cz",
    "ecr",
    "empty_state",
    "get_num_threads",
    "h",
    "inner",
    "iswap",
    "ket",
    "little_endian",
    "norm",
    "p",
    "probabilities",
    "rx",
    "rxx",
    "ry",
    "ryy",
    "rz",
    "rzx",
    "rzz",
    "s",
    "sdg",
    "set_num_threads",
    "show_config",
    "swap",
    "sx",
    "sxdg",
    "t",
    "tdg",
    "threads",
    "u",
    "x",
    "y",
    "z",
    "zero_state",
]
