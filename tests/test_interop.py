"""The tables of docs/interop.md are those of the recorded rows, and these are true where they can
be measured here. The other libraries need environments of their own: `.ci/interop.py`."""

import json
import re
import runpy
from pathlib import Path

import numpy as np
import pytest

import interop

SCRIPT = runpy.run_path(str(Path(__file__).parents[1] / ".ci/interop.py"))
ROWS = json.loads(SCRIPT["ROWS"].read_text())
PAGE = SCRIPT["PAGE"].read_text()
LIBRARIES = interop.libraries()
HERE = ["Cirq", "PennyLane", "Qibo", "Qiskit", "SciPy"]  # of the development group
VERSIONS = ("python", "versions")


def test_the_tables_are_those_of_the_rows():
    assert SCRIPT["written"](PAGE, ROWS) == PAGE, "run: uv run python .ci/interop.py --table"


def test_every_library_has_a_row_and_a_place_in_the_tables():
    assert list(ROWS) == list(LIBRARIES)
    assert len(ROWS) >= 25
    for name in ROWS:
        assert len(re.findall(rf"(?m)^(?:\| |- \*\*){re.escape(name)}\b", PAGE)) >= 3


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", HERE)
def test_the_row_of_what_is_installed_here(name):
    if name == "Qibo":
        pytest.importorskip("qibo")
    found = interop.measure(LIBRARIES[name]())
    recorded, found = (
        {key: value for key, value in row.items() if key not in VERSIONS}
        for row in (ROWS[name], found)
    )
    assert found == recorded, f"run: uv run python .ci/interop.py --newest {name}"


class Other(interop.Library):
    """A simulator whose RY turns the other way, in degrees of nothing that is known, or not at all;
    with the first qubit last."""

    name, packages, read = "Other", (), "psi_"
    view = "nk.little_endian(psi)"
    look = "psi_.copy()"
    gates = (*interop.TURNS, *interop.FIXED)

    def __init__(self, factor=-np.pi, phase=0.0):
        self.factor, self.phase = factor, phase

    def run(self, operations):
        changed = [
            (name, tuple(self.factor * angle for angle in angles), qubits)
            for name, angles, qubits in operations
        ]
        psi = interop.expected(changed).astype(complex)
        turns = sum(name == "h" for name, _, _ in operations)
        return {
            "psi_": psi.reshape(2, 2, 2).T.reshape(-1) * np.exp(1j * np.pi * self.phase * turns)
        }


def test_conventions_are_found():
    found = interop.conventions(Other())
    assert found["first qubit"] == "least significant"
    for name in interop.TURNS:
        assert found[name] == {"sign": -1, "unit": "half turns", "phase": 0}
    assert (found["precision"], found["phases"]) == ("double", {})
    assert interop.conventions(Other(1.0, 0.25))["phases"] == {"h": 0.25}


def test_what_is_no_known_convention_is_refused():
    with pytest.raises(AssertionError, match="rx is no rotation that is known here"):
        interop.conventions(Other(2.0))


def test_a_copy_is_told_from_the_state_itself():
    found = interop.in_place(Other())
    assert found == {"dtype": "complex128", "in place": True, "seen": True}
    copied = Other()
    copied.read = "psi_.copy()"
    assert interop.in_place(copied)["seen"] is False
    listed = Other()
    listed.read, listed.view = "list(psi_)", "nk.little_endian(np.array(psi))"
    assert interop.in_place(listed) == {"dtype": "complex128", "in place": False, "seen": False}


def test_differences_name_the_field():
    old = {"state": {"dtype": "complex64"}, "gates": 1}
    new = {"state": {"dtype": "complex128"}, "gates": 1, "other": 2}
    lines = list(SCRIPT["differences"](old, new))
    assert lines == ["state.dtype: complex64 -> complex128", "other: None -> 2"]
