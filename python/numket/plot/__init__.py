"""Pictures of states and of what was found, by matplotlib: ``pip install 'numket[plot]'``.

Every function takes its data first, draws on ``ax=`` or on a new figure, and returns the axes.
Pictures are transparent, in colours that people with any colour vision tell apart, and right on
light and on dark grounds. States are read by numket, in place: none is copied.

>>> import numket as nk
>>> from numket import plot
>>> ax = plot.histogram(nk.ket("00").h(0).cx(0, 1))
>>> ax.figure.savefig("bell.png")  # doctest: +SKIP
"""

try:
    import matplotlib as _matplotlib  # noqa: F401 (only whether it is there)
except ImportError as error:
    raise ImportError("a plot needs matplotlib: use pip install 'numket[plot]'") from error

from numket._names import public as _public
from numket.plot.series import convergence, evolution, timings
from numket.plot.states import correlations, density, entropy, histogram, pauli_map, phases

__all__ = [
    "convergence",
    "correlations",
    "density",
    "entropy",
    "evolution",
    "histogram",
    "pauli_map",
    "phases",
    "timings",
]

__dir__ = _public(globals())
