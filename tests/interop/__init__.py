"""What is measured of another library's state vectors: the rows of docs/interop.md.

`frameworks` and `simulators` have a class for each library, `python -m interop NAME` measures one
where it is installed. `.ci/interop.py` does so for all, each in an environment of its own, and
compares them with `rows.json`.
"""

import importlib.util
import platform
import random
import tempfile
from functools import reduce
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

import numket as nk
import oracle

N = 3
Operation = tuple[str, tuple[float, ...], tuple[int, ...]]  # name, angles, qubits

TURNS = ("rx", "ry", "rz")
FIXED = ("x", "h", "s", "t", "cx")
ANGLE = 0.3
PREPARED: list[Operation] = [("h", (), (0,)), ("t", (), (0,))]  # every rotation moves this
FLIP: list[Operation] = [("x", (), (0,))]
UNIFORM: list[Operation] = [("h", (), (q,)) for q in range(N)]
DEPHASE: list[Operation] = [("rz", (ANGLE,), (0,))]  # by itself no first amplitude is positive
TURN: list[Operation] = [("rx", (ANGLE,), (0,))]
PROGRAM: list[Operation] = [
    ("rx", (0.3,), (0,)),
    ("ry", (0.5,), (1,)),
    ("cx", (), (0, 1)),
    ("rz", (0.7,), (1,)),
    ("ry", (1.1,), (2,)),
    ("cx", (), (1, 2)),
]
SHOTS = 32
QUBITS = list(range(N))
UNITS = {"radians": 1.0, "half turns": np.pi, "turns": 2 * np.pi}
U3 = (0.3, 0.7, 1.1)
SINGLE, DOUBLE = 1e-5, 1e-13  # errors of the program in either precision are below


class Library:
    """A library whose states are looked at.

    `read` is the expression that gives its array, `view` the one that gives numket's view of that
    array, `psi`; `look` asks the library anew what its state is. They see what `run` returns.
    """

    name: str
    packages: tuple[str, ...]
    read: str
    view: str = "psi"
    look: str | None = None
    other: str | None = None  # the option for another precision than that of `run`
    gives: str | None = None  # how an array is handed over as the initial state
    seeds: str | None = None  # how a seed is given
    gates: tuple[str, ...] = (*TURNS, *FIXED, "u3")
    note: str = ""  # what `check` holds to be true
    python = "3.12"  # in which the row is measured
    build: str | None = None  # a constraint for what its source is built with

    def run(self, operations: list[Operation]) -> dict[str, Any]:
        """The names that the expressions use, after these operations from |000>."""
        raise NotImplementedError

    def run_other(self, operations: list[Operation]) -> dict[str, Any]:
        """As `run`, in the other precision."""
        raise NotImplementedError

    def give(self, psi: np.ndarray) -> Any:
        """The library's array after rx(ANGLE) on qubit 0, from psi."""
        raise NotImplementedError

    def draw(self, seed: int) -> Any:
        """Random outcomes of the uniform state."""
        raise NotImplementedError

    def check(self) -> None:
        """Raises AssertionError where `note` is no longer true."""


def evaluate(expression: str, names: dict[str, Any], **more: Any) -> Any:
    return eval(expression, {"np": np, "nk": nk, **names, **more})


def module_of(source: str) -> ModuleType:
    """A module from its text, in a file: some libraries read the source of functions."""
    with tempfile.NamedTemporaryFile("w", suffix=".py", delete=False) as file:
        file.write(source)
    spec = importlib.util.spec_from_file_location(Path(file.name).stem, file.name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def operator(operation: Operation, library: dict[str, Any] | None = None) -> np.ndarray:
    """The matrix of an operation, with numket's conventions or with those measured."""
    name, angles, _ = operation
    if name in TURNS and library is not None:
        angles = (angles[0] * UNITS[library[name]["unit"]] * library[name]["sign"],)
    return oracle.gate({"u3": "u"}.get(name, name), *angles)


def expected(operations: list[Operation], library: dict[str, Any] | None = None) -> np.ndarray:
    psi = np.eye(1, 2**N, dtype=np.clongdouble)[0]
    return reduce(lambda psi, op: oracle.apply(psi, operator(op, library), op[2]), operations, psi)


def overlap(one: np.ndarray, other: np.ndarray) -> complex:
    return complex(np.vdot(one, other) / (np.linalg.norm(one) * np.linalg.norm(other)))


def flat(view: np.ndarray) -> np.ndarray:
    return np.array(view).reshape(-1)


def close(one: Any, other: Any) -> bool:
    return bool(np.allclose(flat(one), flat(other), rtol=0, atol=SINGLE))


def parallel(one: Any, other: Any) -> bool:
    """Whether two states are equal up to a phase, which some libraries draw at random."""
    return abs(abs(overlap(flat(one), flat(other))) - 1) < SINGLE


def first(psi: np.ndarray) -> complex:
    return complex(psi[abs(psi) > SINGLE][0])


def is_positive(amplitude: complex) -> bool:
    return abs(amplitude - abs(amplitude)) < SINGLE


def in_pi(phase: complex) -> float:
    """The angle of a phase in units of pi, of which single precision shows four digits."""
    return round(float(np.angle(phase) / np.pi), 4) + 0.0


def array(value: Any) -> dict[str, Any]:
    """What an array is."""
    kind = f"{type(value).__module__.partition('.')[0]}.{type(value).__name__}"
    if isinstance(value, list):
        return {"type": f"list of {type(value[0]).__name__}"}
    value = np.asarray(value)  # a tensor, by its view
    return {
        "type": kind,
        "dtype": str(value.dtype),
        "shape": [*value.shape],
        "strides": [*value.strides],
        "owner": bool(value.flags.owndata),
        "writeable": bool(value.flags.writeable),
    }


def conventions(library: Library) -> dict[str, Any]:
    """Order of the qubits, and what its gates are beside those of numket."""
    found: dict[str, Any] = {}

    def amplitudes(operations: list[Operation]) -> np.ndarray:
        names = library.run(operations)
        return flat(evaluate(library.view, names, psi=evaluate(library.read, names)))

    names = library.run(FLIP)
    raw = flat(evaluate(library.read, names))
    found["first qubit"] = {4: "most significant", 1: "least significant"}[int(abs(raw).argmax())]
    assert int(abs(amplitudes(FLIP)).argmax()) == 4, "the view has another order"

    runs = [amplitudes(PROGRAM) for _ in range(3)]
    phases = "as the gates have it"
    if not all(close(run, runs[0]) for run in runs):
        phases = "random"
    elif all(is_positive(first(run)) for run in (runs[0], amplitudes([*PREPARED, *DEPHASE]))):
        phases = "first amplitude positive"
    base = amplitudes(PREPARED)
    for name in TURNS:
        turned = amplitudes([*PREPARED, (name, (ANGLE,), (0,))])
        for unit, size in UNITS.items():
            for sign in (1, -1):
                angle = sign * size * ANGLE
                phase = overlap(oracle.apply(base, oracle.gate(name, angle), [0]), turned)
                if abs(abs(phase) - 1) < SINGLE:
                    found[name] = {"sign": sign, "unit": unit}
                    if phases == "as the gates have it":
                        found[name]["phase"] = round(float(np.angle(phase)) / angle, 3) + 0.0
        assert name in found, f"{name} is no rotation that is known here"
    want = expected(PROGRAM, found)
    found["precision"] = precision(runs[0], want)
    found["phases"] = phases
    if phases != "as the gates have it":
        return found
    found["phases"] = {}
    for name in FIXED:
        where = (0, 1) if name == "cx" else (0,)
        phase = overlap(
            oracle.apply(base, oracle.gate(name), where), amplitudes([*PREPARED, (name, (), where)])
        )
        assert abs(abs(phase) - 1) < SINGLE, name
        if in_pi(phase):
            found["phases"][name] = in_pi(phase)
    if "u3" in library.gates:
        size = UNITS[found["rx"]["unit"]]
        turned = amplitudes([*PREPARED, ("u3", U3, (0,))])
        phase = overlap(oracle.apply(base, oracle.gate("u", *np.multiply(size, U3)), [0]), turned)
        same = abs(abs(phase) - 1) < SINGLE
        halves = np.exp(-0.5j * size * (U3[1] + U3[2]))
        known = {"nk.u": 1, "determinant 1": halves}
        found["u3"] = next(
            (name for name, value in known.items() if same and abs(phase - value) < SINGLE),
            f"nk.u, phase {in_pi(phase)} pi" if same else "another gate",
        )
    return found


def handed_over(library: Library, gates: dict[str, Any] | None) -> dict[str, Any]:
    """What becomes of an array that is the initial state of a run."""
    names = library.run(PROGRAM)
    raw = evaluate(library.read, names)
    psi = np.array(raw).reshape(-1)
    before = psi.copy()
    after = library.give(psi)
    kept = np.array_equal(psi, before)
    want, got = (flat(evaluate(library.view, names, psi=value)) for value in (raw, after))
    if gates is not None:
        want = oracle.apply(want, operator(TURN[0], gates), [0])
    assert parallel(want, got), "the initial state is another one"
    first = flat(after)
    psi[:] = 7
    return {"kept": kept, "shared": not np.array_equal(flat(after), first)}


def precision(psi: np.ndarray, want: np.ndarray) -> str:
    """How well the digits of a state are those of the exact one, up to a phase."""
    error = float(np.max(abs(psi - want * overlap(want, psi))))
    assert error < SINGLE, "the program is another one"
    return "double" if error < DOUBLE else "single"


def in_place(library: Library) -> dict[str, Any]:
    """Works on the view of the library's array, and asks the library what it sees."""
    names = library.run(PROGRAM)
    psi = evaluate(library.read, names)
    view = evaluate(library.view, names, psi=psi)
    before = flat(view)
    n = view.size.bit_length() - 1
    nk.rx(view, 0.4, 0)
    nk.cx(view, 0, n - 1)
    want = oracle.apply(
        oracle.apply(before, oracle.gate("rx", 0.4), [0]), oracle.gate("cx"), [0, n - 1]
    )
    assert oracle.distance(flat(view), want) < 4 * oracle.tolerance(view.dtype), "numket is wrong"
    found: dict[str, Any] = {"dtype": str(view.dtype)}
    inside = evaluate(library.view, names, psi=psi)
    found["in place"] = isinstance(psi, np.ndarray) and bool(np.shares_memory(psi, view))
    if not found["in place"] and not isinstance(psi, list):
        found["in place"] = close(inside, view) and not close(inside, before)
    if library.look is not None:
        seen = evaluate(library.view, names, psi=evaluate(library.look, names))
        found["seen"] = parallel(seen, view)
        assert found["seen"] or parallel(seen, before), "the library sees something else"
    return found


def seed_everything(seed: int) -> None:
    """For libraries without a seed of their own: do they draw from one of these?"""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 (the legacy generator is what is asked for)


def plain(value: Any) -> Any:
    return value if isinstance(value, dict) else np.asarray(value).tolist()


def measure(library: Library) -> dict[str, Any]:
    """The row of a library."""
    found: dict[str, Any] = {
        "python": ".".join(platform.python_version_tuple()[:2]),
        "versions": {
            name: version(name)
            for name in ("numpy", *(package.partition("[")[0] for package in library.packages))
        },
        "state": array(evaluate(library.read, library.run(PROGRAM))),
        "view": in_place(library),
    }
    if library.gates:
        found["gates"] = conventions(library)
    if library.other is not None:
        names = library.run_other(PROGRAM)
        raw = evaluate(library.read, names)
        psi = flat(evaluate(library.view, names, psi=raw))
        found["other"] = {
            "dtype": array(raw).get("dtype", "complex128"),
            "precision": precision(psi, expected(PROGRAM, found.get("gates"))),
        }
    if library.gives is not None:
        found["given"] = handed_over(library, found.get("gates"))
    if library.seeds is not None:
        one, again, two = (plain(library.draw(seed)) for seed in (1, 1, 2))
        found["seeds"] = {"same": one == again, "others": one != two}
    library.check()
    return found


def libraries() -> dict[str, type[Library]]:
    """All of them by name, in the order of the alphabet; none is imported yet."""
    from interop import frameworks, simulators

    classes = [
        value
        for module in (frameworks, simulators)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Library) and value is not Library
    ]
    return {found.name: found for found in sorted(classes, key=lambda found: found.name.lower())}
