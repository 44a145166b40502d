"""The circuits of one family: made here, and run by one contestant alone in a process."""

import pickle
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numket as nk
from numket.bench import _contest
from numket.bench.compare.measure import ZERO, fastest
from numket.bench.compare.peers import CONTESTANTS
from numket.bench.once.measure import circuit_of
from numket.bench.once.peers import GATES

SIMPLE = tuple(name for name in GATES if name not in ("mcx", "mcphase"))
"""Without gates that have any number of controls."""
MOST = 2**31
"""Gates times amplitudes: larger circuits are left out."""


class Case(NamedTuple):
    """A circuit."""

    name: str
    family: str
    circuit: nk.Circuit
    simple: nk.Circuit
    """The same in `SIMPLE` gates, for those who have no others."""


def circuits_of(family: str, sizes: Iterable[int]) -> tuple[list[Case], list[dict[str, Any]]]:
    """The circuits of a family, and why there is none of other sizes."""
    from numket.qiskit import from_qiskit

    found: list[Case] = []
    left: list[dict[str, Any]] = []
    for n in sizes:
        name = f"{family}-{n}"
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of the frameworks among themselves
                both = (circuit_of(family, n, gates) for gates in (GATES, SIMPLE))
                circuit, simple = map(from_qiskit, both)
            if len(circuit) << n > MOST:
                raise ValueError(f"it has {len(circuit)} gates, which take too long")
        except ValueError as error:
            left.append({"case": name, "missing": {"all": " ".join(str(error).split())}})
        else:
            found.append(Case(name, family, circuit, simple))
    return found, left


def measure(contestant: str, path: str, least: float) -> dict[str, dict[str, Any]]:
    """For each circuit in the file what `fastest` finds, or why it finds nothing."""
    cases: list[Case] = pickle.loads(Path(path).read_bytes())
    found = {}
    for case in cases:
        try:
            found[case.name] = one_of(contestant, case, least)
        except Exception as error:
            found[case.name] = {"missing": f"{type(error).__name__}: {error}"}
    return found


def one_of(contestant: str, case: Case, least: float) -> dict[str, Any]:
    """The circuit as it is, or in simple gates where it has to be."""
    one = CONTESTANTS[contestant]
    try:
        return fastest(one, case.circuit, least, ZERO)
    except NotImplementedError:
        return fastest(one, case.simple, least, ZERO)


def in_a_process(contestant: str, path: str, least: float) -> dict[str, Any]:
    """As `measure`; where it fails, why, under ``missing``."""
    return _contest.in_a_process(__package__, contestant, path, least)
