"""What numket says of frameworks that are missing or of another version."""

import importlib
import sys
import tomllib
import warnings
from pathlib import Path

import pytest

import numket
from numket import _hosts, compat
from numket._hosts import HOSTS, Host, UntestedVersionWarning, required

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
LARGE = {"jax", "torch"}
"""What the extra `all` leaves to the user."""


@pytest.mark.parametrize("module", HOSTS)
def test_a_missing_framework_is_named_with_its_extra(module, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    expected = rf"numket\.{module} needs {HOSTS[module].name}: .*'numket\[{module}\]'"
    with pytest.raises(ImportError, match=expected), required(module):
        __import__(module)


def test_what_else_is_missing_is_not_taken_for_the_framework():
    with pytest.raises(ModuleNotFoundError, match="no_such_module"), required("cirq"):
        import no_such_module  # noqa: F401


@pytest.mark.parametrize("module", HOSTS)
def test_the_extra_takes_the_versions_that_are_tested(module):
    (line,) = PROJECT["optional-dependencies"][module]
    assert line.partition(";")[0] == f"{HOSTS[module].package}>={HOSTS[module].oldest}"
    assert (module in PROJECT["optional-dependencies"]["all"][0]) != (module in LARGE)


@pytest.mark.parametrize(
    ("found", "warned"),
    [
        ("1.4.9", True),
        ("1.5", True),
        ("1.5.0", True),
        ("1.5.1", False),
        ("1.5.1rc1", False),
        ("1.6", False),
        ("1.7.0.dev3", False),
        ("1.7.12", False),
        ("1.8", True),
        ("2.0", True),
    ],
)
def test_an_untested_version_is_told(found, warned, monkeypatch):
    monkeypatch.setitem(HOSTS, "cirq", Host("Cirq", "cirq-core", "1.5.1", "1.7"))
    monkeypatch.setattr(_hosts, "version", lambda _: found)
    with warnings.catch_warnings(record=True) as caught, required("cirq"):
        warnings.simplefilter("always")
    assert [w.category for w in caught] == [UntestedVersionWarning] * warned
    assert all(found in str(w.message) and "1.5.1 to 1.7" in str(w.message) for w in caught)


@pytest.mark.parametrize("module", HOSTS)
def test_numket_alone_imports_no_framework(module, snippet):
    assert snippet(f"import sys, numket; print({module!r} in sys.modules)") == "False"


@pytest.fixture
def imported_anew(monkeypatch):
    """Imports a package of numket's as if for the first time; afterwards the old one is back."""
    old, names = dict(sys.modules), []

    def forget():
        for name in list(sys.modules):
            if f"{name}.".startswith(tuple(names)):
                del sys.modules[name]

    def again(name):
        names.append(f"numket.{name}.")
        monkeypatch.setattr(numket, name, None, raising=False)
        forget()
        return importlib.import_module(f"numket.{name}")

    yield again
    forget()
    sys.modules.update((name, found) for name, found in old.items() if name not in sys.modules)


@pytest.mark.parametrize("module", HOSTS)
def test_an_untested_version_is_told_once(module, imported_anew, monkeypatch):
    pytest.importorskip(module)
    monkeypatch.setattr(_hosts, "version", lambda _: "999.0")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        imported_anew(module)
        if module == "qiskit":
            assert compat.evolve.__module__ == "numket.qiskit.statevector"
    assert [w.category for w in caught].count(UntestedVersionWarning) == 1
