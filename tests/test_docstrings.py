"""Docstrings of public names say what a caller must know, in the sections that numpydoc defines."""

import ast
import inspect
from importlib import import_module
from pathlib import Path
from types import GetSetDescriptorType

import pytest
from numpydoc.docscrape import NumpyDocString
from numpydoc.validate import validate

from numket import _core

MODULES = [
    "numket",
    "numket.channels",
    "numket.circuit",
    "numket.cirq",
    "numket.compat",
    "numket.density",
    "numket.jax",
    "numket.linear",
    "numket.mpi",
    "numket.parameter",
    "numket.pennylane",
    "numket.plan",
    "numket.plot",
    "numket.qasm",
    "numket.qibo",
    "numket.qiskit",
    "numket.qiskit.statevector",
    "numket.threadpools",
    "numket.torch",
    "numket.trajectories",
]

# What numpydoc knows and is not asked for.
EXCEPTIONS = {
    "ES01": "a summary may say all",
    "GL02": "doc comments in Rust end without an empty line",
    "PR07": "the type of a parameter may say all",
    "RT03": "the type of a result may say all",
    "SA01": "not everything has relatives",
    "SS05": "a summary may be a phrase, such as 'The norm of a state.'",
}

# What takes anything, or leaves it to another call to refuse it.
NEVER_REFUSE = {
    "numket.parameter.Expression",
    "numket.plan.PartedPlan",
    "numket.plan.Plan",
    "numket.qiskit.Estimator",
    "numket.qiskit.Sampler",
    "numket.show_config",
    "numket.threadpools.NumketController",  # threadpoolctl makes it
}


def stub_results():
    """What the stub says about the result of every function and method of the extension."""
    tree = ast.parse(Path(_core.__file__).with_name("_core.pyi").read_text())
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield f"numket.{node.name}", ast.unparse(node.returns)
        elif isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, ast.FunctionDef):
                    yield f"numket.{node.name}.{method.name}", ast.unparse(method.returns)


RESULTS = dict(stub_results())


def is_documented_by_its_framework(owner, name):
    return any(name in vars(base) for base in owner.__mro__[1:] if "numket" not in base.__module__)


def members(kind):
    """What a class has of its own, or of classes in public modules of numket's."""
    own = (base for base in reversed(kind.__mro__) if base.__module__.startswith("numket"))
    bases = [base for base in own if base is kind or "._" not in base.__module__]
    return {name: member for base in bases for name, member in vars(base).items()}


def public(module):
    """The names of functions, classes, methods and properties, and what they are."""
    for name in getattr(module, "__all__", None) or vars(module):
        value = getattr(module, name)
        own = hasattr(module, "__all__") or getattr(value, "__module__", "") == module.__name__
        is_described = inspect.isclass(value) or inspect.isroutine(value)
        if name.startswith("_") or not own or not is_described:
            continue
        yield f"{module.__name__}.{name}", value
        for attribute, member in members(value).items() if inspect.isclass(value) else ():
            is_method = inspect.isroutine(member) or isinstance(member, property)
            if attribute.startswith("_") or not is_method:
                continue
            if not is_documented_by_its_framework(value, attribute):
                yield f"{module.__name__}.{name}.{attribute}", getattr(value, attribute)


def parameters(value):
    try:
        return [name for name in inspect.signature(value).parameters if name != "self"]
    except (TypeError, ValueError):
        return []


def complaints(name, value):
    """What numpydoc and we miss in a docstring."""
    found = {code: text for code, text in validate(name)["errors"] if code not in EXCEPTIONS}
    is_property = isinstance(value, property | GetSetDescriptorType)
    is_exception = inspect.isclass(value) and issubclass(value, Exception)
    is_tuple = inspect.isclass(value) and issubclass(value, tuple)
    if is_property or is_exception:
        found.pop("EX01", None)
    if "GL08" in found:
        return found
    doc = NumpyDocString(inspect.getdoc(value))
    result = RESULTS.get(name)
    if not is_property and result not in (None, "None") and not doc["Returns"]:
        found["returns"] = "No Returns section found"
    is_plain = is_tuple or is_exception or name in NEVER_REFUSE
    if parameters(value) and not is_plain and not doc["Raises"]:
        found["raises"] = "No Raises section found"
    if not all("".join(error.desc).strip() for error in doc["Raises"]):
        found["when"] = "Raises does not say when"
    return found


@pytest.mark.parametrize("name", MODULES)
def test_docstrings(name):
    try:
        module = import_module(name)
    except ImportError as error:
        pytest.skip(str(error))
    found = {name: told for name, value in public(module) if (told := complaints(name, value))}
    assert not found, "\n" + "\n".join(f"{name}: {found[name]}" for name in sorted(found))
