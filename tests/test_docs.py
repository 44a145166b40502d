"""Every example in the README and in a docstring runs and prints what it says."""

import contextlib
import doctest
import importlib
import pkgutil
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

import numket
from numket import _core

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LARGE = {"anywidget", "jax", "torch"}  # not always installed
BRINGS = {
    "numket.views": "anywidget",
    "numket.widget": "anywidget",
    "numket.jax": "jax",
    "numket.torch": "torch",
}
NEEDED = re.compile(r">>> from (openfermion|qiskit|scipy)\b")  # whose examples run where they are
NEEDLESS = {"__main__"}  # importing it would be running it
MODULES = [
    module.name
    for module in pkgutil.walk_packages(numket.__path__, "numket.")
    if module.name.rpartition(".")[2] not in NEEDLESS and module.name != "numket._core"
]


def check(text: str, name: str) -> int:
    """Runs the examples of a docstring and returns how many there were."""
    for module in NEEDED.findall(text):
        pytest.importorskip(module)
    test = doctest.DocTestParser().get_doctest(text, {"nk": numket}, name, name, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    failed, attempted = runner.run(test)
    assert failed == 0
    return attempted


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page(page):
    namespace: dict[str, object] = {}
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
    assert blocks
    for block in blocks:
        if all(find_spec(module) for module in LARGE.intersection(re.findall(r"\w+", block))):
            exec(block, namespace)


@pytest.mark.parametrize("name", numket.__all__)
def test_every_public_name_has_a_running_example(name):
    public = getattr(numket, name)
    assert public.__doc__
    if name == "stepper":
        pytest.importorskip("anywidget")
    examples = check(public.__doc__, name)
    assert examples or issubclass(public, Exception)


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (owner, name)
        for owner in (numket.Ket, numket.Circuit, numket.PauliSum, numket.Sampler)
        for name in dir(owner)
        if not name.startswith("_")
    ],
)
def test_every_method_is_described(owner, name):
    description = getattr(owner, name).__doc__
    assert description
    check(description, f"{owner.__name__}.{name}")


def test_native_helpers():
    assert check(_core.overview.__doc__, "overview")


@pytest.mark.parametrize("name", ["numket", *MODULES])
def test_modules(name):
    large = pytest.importorskip(BRINGS[name]) if name in BRINGS else None
    module = importlib.import_module(name)
    assert module.__doc__
    with contextlib.ExitStack() as stack:
        if name == "numket.jax":  # as JAX is by itself; PennyLane turns this on
            stack.callback(large.config.update, "jax_enable_x64", large.config.jax_enable_x64)
            large.config.update("jax_enable_x64", False)
        failed, _ = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert failed == 0


@pytest.mark.parametrize("gate", _core.GATES, ids=lambda gate: gate["name"])
def test_the_table_and_the_functions_say_the_same(gate):
    function = getattr(numket, gate["name"])
    expected = ", ".join(["state", *gate["params"], *gate["qubits"]])
    assert function.__text_signature__.startswith(f"({expected}, *, controls=None")
    assert gate["doc"] in function.__doc__
    assert gate["doc"] in getattr(numket.Ket, gate["name"]).__doc__
