"""Run the frameworks' own tests on numket: uv run python .ci/conformance.py [NAME ...]

Each framework is installed with uv in an environment of its own. Its own tests run once with its
own engine, and once with numket in its place (`tests/conformance/plugin.py`). Every test that comes
out otherwise must be in `tests/conformance/known.toml`, with the reason; what is not, and what is
there and does not differ any more, is printed, and makes the exit code 1. With --write the figures
are recorded, and those of docs/conformance.md written anew; --table writes the page alone.

Cirq's tests are in its package, and Qiskit's in its source archive. Those of PennyLane and Qibo are
only in their repositories, which are cloned: --source NAME=PLACE clones from elsewhere.

All take half an hour where nothing else runs. Environments and tests stay in `target/conformance`
for the next time; --kept reads what came of the last run.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections import Counter
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from environment import run, with_numket

ROOT = Path(__file__).parents[1]
DATA = ROOT / "tests/conformance"
KNOWN, FIGURES = DATA / "known.toml", DATA / "figures.json"
PAGE = ROOT / "docs/conformance.md"
FOLDER = ROOT / "target/conformance"
TABLES = re.compile(r"(?s)(<!-- The figures, by .*? -->\n).*?(<!-- The end of the figures\. -->)")

PYTHON = "3.11"
NEWEST = "2026-11-28"
"""Nothing that came out later is installed, so that what a framework needs is pinned, too."""

PYTEST = ("pytest==9.2.0", "pytest-timeout==2.4.0")
SECONDS = 300
"""For one test."""

AGAIN = 2
"""How often a test that fails on one engine alone runs again there: many draw random numbers."""


class Framework(NamedTuple):
    """A framework, and where its tests are."""

    package: str
    """The distribution; with a version, as others."""
    version: str
    others: tuple[str, ...]
    """What the tests need besides."""
    runs: tuple[str, ...]
    """Files and folders of tests, from where they lie."""
    takes: tuple[str, ...] = ()
    """What they need of the source archive or the repository."""
    commit: str = ""
    """Of the repository, if the tests are there."""
    lie: str = "in its package"
    options: tuple[str, ...] = ()
    """For pytest."""


QIBO = """
backends backends_clifford backends_global backends_hamming_weight callbacks derivative
gates_abstract gates_channels gates_density_matrix gates_gates
hamiltonians_symbolic hamiltonians_terms hamiltonians_trotter measurements measurements_collapse
measurements_probabilistic models_circuit models_circuit_execution models_circuit_features
models_circuit_fuse models_circuit_noise models_circuit_parametrized models_circuit_qasm
models_encodings models_error_mitigation models_evolution models_grover models_hep models_iqae
models_qft noise parallel quantum_info_clifford quantum_info_entanglement quantum_info_entropies
quantum_info_linalg_operations quantum_info_metrics quantum_info_random quantum_info_utils
result states tomography_gate_set_tomography
"""
"""The files whose tests call the backend. The others are about pictures, transpilers, texts, and
packages that are not installed."""

FRAMEWORKS = {
    "Cirq": Framework(
        "cirq-core[contrib]",
        "1.7.0",
        ("ipython==9.18.1",),
        # Of `contrib` what simulates; the rest never makes a simulator.
        (
            "cirq/sim",
            "cirq/experiments",
            "cirq/contrib/bayesian_network",
            "cirq/contrib/ghz",
            "cirq/contrib/paulistring/pauli_string_measurement_with_readout_mitigation_test.py",
            "cirq/contrib/quantum_volume",
            "cirq/contrib/quimb",
            "cirq/contrib/shuffle_circuits",
        ),
    ),
    "PennyLane": Framework(
        "pennylane",
        "0.45.1",
        ("flaky==3.8.1", "jax==0.7.0", "pytest-mock==3.17.0", "pytest-rng==1.0.0"),
        # Not test_default_qubit_plxpr.py, of the interpreter of JAX programs in default.qubit.
        (
            "tests/devices/default_qubit/test_default_qubit.py",
            "tests/devices/default_qubit/test_default_qubit_native_mcm.py",
            "tests/devices/default_qubit/test_default_qubit_preprocessing.py",
            "tests/devices/default_qubit/test_default_qubit_tracking.py",
        ),
        (
            "tests/conftest.py",
            "tests/devices/conftest.py",
            "tests/devices/default_qubit",
            "tests/helpers",
            "tests/pytest.ini",
        ),
        "5f61ce25df3cc28a1ac785d20e47d70761202ed2",
        "in its repository, at the tag v0.45.1",
        # Those that are slow start processes of default.qubit's own.
        ("-c", "tests/pytest.ini", "-m", "not slow"),
    ),
    "Qibo": Framework(
        "qibo",
        "0.3.5",
        (),
        tuple(f"tests/test_{name}.py" for name in QIBO.split()),
        ("tests/*.py", "tests/regressions"),
        "4165fc743653fcba0114b504a74332e3dc0e0e10",
        "in its repository, at a commit between the releases 0.3.4 and 0.3.5",
    ),
    "Qiskit": Framework(
        "qiskit",
        "2.6.2",
        ("ddt==1.7.2",),
        ("test/python/primitives", "test/python/providers/basic_provider"),
        ("test",),
        lie="in its source archive",
    ),
}

Outcomes = dict[str, tuple[str, bool]]
"""What came of each test, and whether numket had a hand in it."""

Row = dict[str, Any]


def installed(name: str) -> Path:
    """The Python of a framework's environment."""
    framework = FRAMEWORKS[name]
    python = FOLDER / name / "env/bin/python"
    if not python.exists():
        run("uv", "venv", "--python", PYTHON, FOLDER / name / "env")
    packages = [f"{framework.package}=={framework.version}", *framework.others, *PYTEST]
    run("uv", "pip", "install", "--python", python, "--exclude-newer", NEWEST, *packages)
    return python


def versions(name: str, python: Path) -> dict[str, str]:
    """The versions of what is installed, the framework first."""
    listed = json.loads(run("uv", "pip", "list", "--python", python, "--format", "json"))
    found = {entry["name"]: entry["version"] for entry in listed}
    asked = [FRAMEWORKS[name].package, "numpy", "scipy", *FRAMEWORKS[name].others, *PYTEST]
    names = [re.split(r"[\[=]", package)[0] for package in asked]
    return {package: found[package] for package in names}


def tests_of(name: str, python: Path, source: str | None) -> Path:
    """The folder with a framework's tests, which are fetched if they are not in its package."""
    framework = FRAMEWORKS[name]
    if not framework.takes:
        return Path(
            run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")[:-1]
        )
    folder = FOLDER / name / "source"
    shutil.rmtree(folder, ignore_errors=True)
    if framework.commit:
        with tarfile.open(fileobj=BytesIO(archived(name, python, source))) as archive:
            archive.extractall(folder, filter="data")
        return folder
    downloads = FOLDER / name / "archive"
    wanted = f"{framework.package}=={framework.version}"
    options = ["--quiet", "--no-deps", "--no-binary", framework.package, "--dest", downloads]
    run("uvx", "pip", "download", *options, wanted)
    [place] = downloads.glob(f"{framework.package}-{framework.version}.tar.gz")
    inside = f"{framework.package}-{framework.version}/"
    with tarfile.open(place) as archive:
        for member in archive:
            member.name = member.name.removeprefix(inside)
            if member.name.startswith(tuple(f"{part}/" for part in framework.takes)):
                archive.extract(member, folder, filter="data")
    return folder


def archived(name: str, python: Path, source: str | None) -> bytes:
    """What is needed of a framework's repository, as an archive."""
    framework = FRAMEWORKS[name]
    if source is None:
        about = f"from importlib.metadata import *; print(metadata({framework.package!r}))"
        [source] = re.findall(r"(?mi)^Project-URL: repository, (\S+)", run(python, "-c", about))
    place = Path(source)
    if not place.is_dir():
        place = FOLDER / name / "repository"
        if not place.exists():
            run("git", "clone", "--quiet", "--bare", "--filter=blob:none", source, place)
    command = ["git", "-C", str(place), "archive", framework.commit, "--", *framework.takes]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


def outcomes(
    name: str, python: Path, folder: Path, ours: bool, only: Iterable[str] = ()
) -> Outcomes:
    """What comes of a framework's tests, or of some of them, with its own engine or with ours."""
    shutil.rmtree(FOLDER / name / "path", ignore_errors=True)
    path = with_numket(FOLDER / name)
    (path / "conformance").symlink_to(DATA)
    engine = "numket" if ours else "own"
    label = f"{engine}-again" if only else engine
    report, log = (FOLDER / name / f"{label}.{ending}" for ending in ("json", "log"))
    report.unlink(missing_ok=True)
    chosen = FOLDER / name / "chosen"
    chosen.write_text("\n".join(only or FRAMEWORKS[name].runs))
    options = ["-p", "conformance.plugin", "-p", "no:cacheprovider", "--rootdir", folder, "-q"]
    nothing = FOLDER / name / "pytest.ini"
    nothing.write_text("[pytest]\n")  # instead of numket's own settings, which are further up
    options += [
        "-c",
        nothing,
        *FRAMEWORKS[name].options,
        "--tb=short",
        f"--timeout={SECONDS}",
        "--continue-on-collection-errors",
    ]
    with log.open("w") as written:
        subprocess.run(
            [python, "-m", "pytest", *options, f"@{chosen}"],
            cwd=folder,
            env=os.environ
            | {
                "CONFORMANCE_FRAMEWORK": name,
                "CONFORMANCE_ENGINE": engine,
                "CONFORMANCE_REPORT": str(report),
                "MPLBACKEND": "agg",
                "OPENBLAS_NUM_THREADS": "1",
                "PYTHONHASHSEED": "0",
                "PYTHONPATH": os.pathsep.join([str(path), str(folder)]),
            },
            stdout=written,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if not report.exists():
        raise RuntimeError(f"the tests did not end, see {log}:\n{log.read_text()[-2000:]}")
    return recorded(report)


def recorded(report: Path) -> Outcomes:
    """The outcomes in a file."""
    return {test: tuple(told) for test, told in json.loads(report.read_text()).items()}


def sorted_out(
    own: Outcomes, ours: Outcomes, known: list[Row]
) -> tuple[list[list[str]], list[str]]:
    """The tests of each known row, and what is not as known."""
    found: list[list[str]] = [[] for _ in known]
    wrong = []
    for test in {**own, **ours}:
        pair = tuple(engine.get(test, ("missing",))[0] for engine in (own, ours))
        if pair[0] == pair[1]:
            continue
        rows = [
            number
            for number, row in enumerate(known)
            if re.search(row["tests"], test) and (row["own"], row["numket"]) == pair
        ]
        if rows:
            found[rows[0]].append(test)
        else:
            wrong.append(f"{test}: {pair[0]} -> {pair[1]}, and nothing tells why")
    for row, tests in zip(known, found, strict=True):
        if len(tests) != row["count"]:
            wrong.append(f"{row['tests']}: {row['count']} tests are known, {len(tests)} differ")
    return found, wrong


def counted(every: Outcomes) -> dict[str, int]:
    counts = Counter(outcome for outcome, _ in every.values())
    return {kind: counts[kind] for kind in ("passed", "failed", "skipped")}


def both(name: str, python: Path, known: list[Row], source: str | None) -> dict[bool, Outcomes]:
    """What comes of a framework's tests, with its own engine and with ours."""
    folder = tests_of(name, python, source)
    engines = {ours: outcomes(name, python, folder, ours) for ours in (False, True)}
    for ours, every in engines.items():
        for _ in range(AGAIN):
            by_chance = [
                test
                for test, (outcome, _) in every.items()
                if outcome == "failed" and engines[not ours].get(test, ("",))[0] == "passed"
                if not any(re.search(row["tests"], test) for row in known)
            ]
            if not by_chance:
                break
            again = outcomes(name, python, folder, ours, by_chance)
            every.update({test: told for test, told in again.items() if told[0] == "passed"})
        (FOLDER / name / ("numket.json" if ours else "own.json")).write_text(json.dumps(every))
    return engines


def measured(name: str, known: list[Row], source: str | None, kept: bool) -> tuple[Row, list[str]]:
    """The figures of a framework, and what is not as known."""
    python = installed(name)
    if kept:
        own, ours = (recorded(FOLDER / name / f"{engine}.json") for engine in ("own", "numket"))
    else:
        own, ours = both(name, python, known, source).values()
    found, wrong = sorted_out(own, ours, known)
    figures = {
        "python": run(python, "-c", "import platform; print(platform.python_version())").strip(),
        "versions": versions(name, python),
        "own": counted(own),
        "numket": counted(ours),
        "reached": sum(hand for _, hand in ours.values()),
        "files": len({test.partition("::")[0] for test in ours}),
        "known": [len(tests) for tests in found],
    }
    return figures, wrong


def cells(counts: dict[str, int]) -> str:
    return " | ".join(f"{counts[kind]:,}" for kind in ("passed", "failed", "skipped"))


def tables(figures: dict[str, Row], known: dict[str, list[Row]]) -> str:
    """The figures of the page."""
    text = "| framework | files | tests | run by numket | own engine: passed | failed | skipped "
    text += "| numket: passed | failed | skipped |\n|---|" + 9 * "---:|" + "\n"
    for name, row in figures.items():
        total = sum(row["numket"].values())
        text += f"| {name} {FRAMEWORKS[name].version} | {row['files']} | {total:,} | "
        text += f"{row['reached']:,} | {cells(row['own'])} | {cells(row['numket'])} |\n"
    for name, row in figures.items():
        around = ", ".join(f"{package} {at}" for package, at in row["versions"].items())
        text += f"\n## {name}\nThe tests are {FRAMEWORKS[name].lie}. "
        text += f"Python {row['python']}, {around}.\n\n"
        if known.get(name):
            text += "| tests that differ | number | own engine | numket | why |\n"
            text += "|---|---:|---|---|---|\n"
        else:
            text += "None of them differs.\n"
        for each in known.get(name, ()):
            pattern = each["tests"].replace("|", "\\|")
            text += f"| `{pattern}` | {each['count']} | {each['own']} | {each['numket']} | "
            text += f"{each['reason']} |\n"
    return text + "\n"


def written(page: str, figures: dict[str, Row], known: dict[str, list[Row]]) -> str:
    """The page with these figures."""
    return TABLES.sub(lambda match: match[1] + tables(figures, known) + match[2], page)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(FRAMEWORKS)}")
    parser.add_argument(
        "--source",
        action="append",
        default=[],
        metavar="NAME=PLACE",
        help="clone the framework's repository from here, or read this clone",
    )
    parser.add_argument("--kept", action="store_true", help="run nothing, read the last outcomes")
    parser.add_argument("--write", action="store_true", help="record the figures, write the page")
    parser.add_argument("--table", action="store_true", help="only write the page, as recorded")
    options = parser.parse_args()
    known = tomllib.loads(KNOWN.read_text())
    figures = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    sources = dict(source.split("=", 1) for source in options.source)
    failed = False
    for name in options.names or ([] if options.table else FRAMEWORKS):
        row, wrong = measured(name, known.get(name, []), sources.get(name), options.kept)
        failed |= bool(wrong)
        print(f"{name}: own engine {row['own']}, numket {row['numket']}", flush=True)
        for line in wrong:
            print(f"  {line}", flush=True)
        figures = {
            other: (figures | {name: row})[other]
            for other in FRAMEWORKS
            if other in {*figures, name}
        }
        if options.write:
            FIGURES.write_text(json.dumps(figures, indent=1) + "\n")
    if options.write or options.table:
        PAGE.write_text(written(PAGE.read_text(), figures, known))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
