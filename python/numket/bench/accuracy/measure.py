"""One contestant on one circuit, alone in a process."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numket.bench import _contest
from numket.bench.accuracy.workloads import WORKLOADS
from numket.bench.compare import ours, peers
from numket.bench.compare.ours import Contestant

GATE_BY_GATE = "gate by gate"
OURS = {
    "numket": peers.OURS["numket"],
    GATE_BY_GATE: peers.OURS[GATE_BY_GATE],
    "numket complex64": peers.OURS["numket complex64"],
    f"{GATE_BY_GATE} complex64": Contestant(
        partial(ours.gate_by_gate, dtype="complex64"), "numket", "complex64"
    ),
}
CONTESTANTS = OURS | peers.PEERS


def measure(contestant: str, workload: str, n: int, gates: int, exact: str) -> dict[str, Any]:
    """The 2-norm of the error of the worst setting, and its norm less 1.

    ``exact`` is the file of the exact state.
    """
    wanted = np.load(exact)
    found = []
    for ready in CONTESTANTS[contestant].prepare(WORKLOADS[workload](n, gates)).values():
        ready.run()
        found.append(deviation(ready.state(), wanted))
    return max(found, key=lambda one: one["error"])


def deviation(state: NDArray[Any], wanted: NDArray[Any]) -> dict[str, float]:
    """The 2-norm of what a state is off, a global phase aside, and its norm less 1.

    >>> deviation(np.array([0, 2j]), np.array([0, 1]))
    {'error': 1.0, 'norm': 1.0}
    """
    given = state.astype(np.clongdouble)
    overlap = np.vdot(given, wanted)
    turned = given * (overlap / (abs(overlap) or 1))
    norms = (np.sqrt(np.sum(abs(array) ** 2)) for array in (turned - wanted, given))
    error, norm = norms
    return {"error": float(error), "norm": float(norm - 1)}


def in_a_process(contestant: str, workload: str, n: int, gates: int, exact: str) -> dict[str, Any]:
    """As `measure`; what a contestant cannot do becomes a line under ``missing``."""
    return _contest.in_a_process(__package__, contestant, workload, n, gates, exact)
