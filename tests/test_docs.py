"""Every example in the README, in the pages and in a docstring runs and prints what it says."""

import contextlib
import doctest
import importlib
import pkgutil
import re
from importlib.util import find_spec
from pathlib import Path

import pictures
import pytest

import numket
import test_docstrings
from numket import _core, _hosts

ROOT = Path(__file__).parents[1]
TEXTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = [page for page in TEXTS if "```python\n" in page.read_text()]
ELSEWHERE = {"command_line", "examples", "policy", "reliability", "rust", "tutorial"}
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
    for block in blocks:
        if all(find_spec(module) for module in LARGE.intersection(re.findall(r"\w+", block))):
            exec(block, namespace)


def test_what_needs_no_examples():
    """All pages but these and the reference have some."""
    assert {page.stem for page in (ROOT / "docs").glob("*.md") if page not in PAGES} <= ELSEWHERE


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: page.stem)
def test_links_lead_somewhere(page):
    """Those within the repository: others are only addresses, as tests have no network."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"", text)
    for target in map("".join, targets):
        if "://" in target:
            assert re.fullmatch(r"https://[\w.-]+\.[a-z]+(/\S*)?", target), target
        else:
            assert (page.parent / target.partition("#")[0]).exists(), target


def test_the_reference_has_all_public_names():
    pages = "".join(page.read_text() for page in (ROOT / "docs/reference").glob("*.md"))
    single = set(re.findall(r"\.\. auto(?:function|class|exception):: (\S+)", pages))
    whole = set(re.findall(r"\.\. automodule:: (\S+)\n   :members:", pages))
    assert {f"numket.{name}" for name in set(numket.__all__) - {"channels", "density"}} <= single
    for name in set(test_docstrings.MODULES) - {"numket"} - whole:
        public = {f"{name}.{one}" for one in importlib.import_module(name).__all__}
        assert public <= single | {f"{name}.Parameter"}, name


def test_the_policy_names_the_versions_that_are_tested():
    page = (ROOT / "docs/policy.md").read_text()
    for host in _hosts.HOSTS.values():
        [said] = re.findall(rf"^\| {host.name} \| (.*) \|$", page, re.MULTILINE)
        assert said.startswith(host.oldest), host.name
        assert host.newest in said, host.name
    manifest = (ROOT / "Cargo.toml").read_text()
    [oldest] = re.findall(r'rust-version = "(.*)"', manifest)
    assert f"| Rust | {oldest} and newer" in page


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 160


def test_the_chart_shows_the_table():
    """`.ci/pictures.py` draws it; where a figure has changed since, it is to be drawn anew."""
    chart = (ROOT / "docs/_static/speed.svg").read_text()
    shown = re.findall(r">([\d.]+) × ([\w.]+)<", chart)
    assert shown == [(f"{ratio:g}", engine) for _, engine, ratio in pictures.rows()]
    assert len(shown) >= 10


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
    for native in (_core.overview, _core.on_density, _core.pull_back):
        assert check(native.__doc__, native.__name__)


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
