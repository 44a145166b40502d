"""`numket bench`: what it measures, prints, writes and refuses."""

import json
import pickle
import re
import sys
from functools import partial
from importlib.metadata import PackageNotFoundError
from types import SimpleNamespace

import numpy as np
import pytest

import numket as nk
import oracle
from numket.__main__ import main
from numket.bench import (
    _contest,
    accuracy,
    busy,
    circuits,
    compare,
    dropin,
    noise,
    observe,
    once,
    scale,
)
from numket.bench.accuracy import measure as accuracies
from numket.bench.busy import measure as beside
from numket.bench.circuits import measure as made
from numket.bench.compare import measure, ours, transforms
from numket.bench.compare.workloads import WORKLOADS
from numket.bench.dropin import hosts
from numket.bench.dropin import measure as dropping
from numket.bench.noise import measure as mixing
from numket.bench.noise import peers as mixers
from numket.bench.observe import measure as observing
from numket.bench.observe import peers as observers
from numket.bench.observe import tasks
from numket.bench.once import measure as running

WARNS = pytest.mark.filterwarnings("ignore:.*``qiskit:PendingDeprecationWarning")
"""Qiskit 2.0 warns of what its own transpile() calls."""


@pytest.mark.parametrize(
    "name",
    [
        *("ghz", "boundary", "batch", "layouts", "autodiff", "compare", "dynamics"),
        *("accuracy", "observe", "once", "circuits", "noise", "busy", "dropin", "scale"),
    ],
)
def test_bench_paths_are_checked_before_the_measurement(name, tmp_path, capsys):
    (tmp_path / "bad.json").write_text('{"rows": [{"qubits": 10}]}')
    (tmp_path / "worse.json").write_text("[")
    for option, path, words in (
        ("--baseline", "missing.json", "No such file"),
        ("--baseline", "bad.json", f"is no --output of numket bench {name}"),
        ("--baseline", "worse.json", f"is no --output of numket bench {name}"),
        ("--output", "missing/out.json", "no such directory"),
    ):
        assert main(["bench", name, option, str(tmp_path / path)]) == 2
        shown = capsys.readouterr()
        assert words in shown.err
        assert shown.err.count("\n") == 1
        assert shown.out == ""


INSTALLED = {*_contest.chosen(hosts.PACKAGES, None), "numket"}


@pytest.fixture
def no_peers(monkeypatch):
    """No other simulator is installed."""

    def version(package):
        raise PackageNotFoundError(package)

    monkeypatch.setattr(_contest, "version", version)


@pytest.fixture
def small_observe(monkeypatch, no_peers):
    """`numket bench observe` on three qubits, with few shots, in this process."""
    monkeypatch.setattr(observe, "QUICK", (3,))
    monkeypatch.setattr(observe, "in_a_process", lambda *cell: observing.measure(*cell[:3], 0))
    monkeypatch.setitem(tasks.TASKS, "sample", tasks.TASKS["sample"]._replace(shots=1000))


@pytest.fixture
def small_compare(monkeypatch, no_peers):
    """`numket bench compare` on three qubits, in this process."""
    monkeypatch.setattr(compare, "SIZES", (3,))
    monkeypatch.setattr(compare, "in_a_process", lambda *cell: measure.measure(*cell[:3], 0))


@pytest.fixture
def small_accuracy(monkeypatch, no_peers):
    """`numket bench accuracy` on three qubits, in this process."""
    monkeypatch.setattr(accuracy, "QUICK", ((3, 50),))
    monkeypatch.setattr(accuracy, "in_a_process", accuracies.measure)


@pytest.fixture
def small_dropin(monkeypatch, no_peers):
    """`numket bench dropin` on four qubits, in this process."""
    monkeypatch.setattr(dropin, "QUICK", 4)
    monkeypatch.setattr(dropin, "in_a_process", lambda *cell: dropping.measure(*cell[:3], 0))


@pytest.fixture
def small_once(monkeypatch, no_peers):
    """`numket bench once` in this process."""
    monkeypatch.setattr(once, "in_a_process", running.measure)


@pytest.fixture
def small_circuits(monkeypatch, no_peers):
    """`numket bench circuits` in this process."""
    monkeypatch.setattr(circuits, "in_a_process", lambda *cell: made.measure(*cell[:2], 0))


@pytest.fixture
def small_noise(monkeypatch, no_peers):
    """`numket bench noise` in this process."""
    monkeypatch.setattr(noise, "in_a_process", lambda *cell: mixing.measure(*cell[:4], 0))


@pytest.fixture
def small_busy(monkeypatch, no_peers):
    """`numket bench busy` in this process, with nothing beside."""
    monkeypatch.setattr(busy, "in_a_process", beside.measure)
    monkeypatch.setattr(busy, "cpus", lambda: 0)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("ghz", "numket ms"),
        ("boundary", "mean ns"),
        ("batch", "median us"),
        ("layouts", "ratio"),
        ("autodiff", "median us"),
        ("dynamics", "median ms"),
        ("compare", "numket ms"),
        ("accuracy", "numket complex64 error"),
        ("observe", "numket ms"),
        ("once", "numket ms"),
        ("circuits", "numket ms"),
        ("noise", "numket ms"),
        ("busy", "numket ms"),
        ("dropin", "numket ms"),
    ],
)
@WARNS
def test_benches_write_and_compare(
    name,
    key,
    small_compare,
    small_accuracy,
    small_observe,
    small_once,
    small_circuits,
    small_noise,
    small_busy,
    small_dropin,
    tmp_path,
    capsys,
):
    path = tmp_path / "out.json"
    assert main(["bench", name, "--quick", "--output", str(path)]) == 0
    document = json.loads(path.read_text())
    assert document["environment"]["numket"] == nk.__version__
    assert all(row[key] > 0 for row in document["rows"])
    for row in document["rows"]:
        row[key] /= 10**6  # nothing is a million times as fast as it was, or as slow
    path.write_text(json.dumps(document))
    assert main(["bench", name, "--quick", "--baseline", str(path)]) == 1
    assert "REGRESSION" in capsys.readouterr().out
    for row in document["rows"]:
        row[key] *= 10**12
    path.write_text(json.dumps(document))
    assert main(["bench", name, "--quick", "--baseline", str(path)]) == 0


def test_bench_kernels_writes_and_draws(tmp_path, capsys):
    data, picture = tmp_path / "out.json", tmp_path / "out.png"
    options = ["--output", str(data), "--plot", str(picture)]
    assert main(["bench", "kernels", "--quick", *options]) == 0
    rows = json.loads(data.read_text())["rows"]
    assert {row["gate"] for row in rows} >= {"h", "cx", "apply 5"}
    for row in rows:
        assert len(row["fractions"]) == row["qubits"]
        assert 0 < row["min"] <= row["median"] <= row["max"]
    assert f"drawn in {picture}" in capsys.readouterr().out
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_bench_kernels_is_refused_before_the_measurement(tmp_path, capsys, monkeypatch):
    missing = str(tmp_path / "missing" / "out")
    for option in ("--output", "--plot"):
        assert main(["bench", "kernels", option, missing]) == 2
        shown = capsys.readouterr()
        assert "missing" in shown.err
        assert shown.err.count("\n") == 1
        assert shown.out == ""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert main(["bench", "kernels", "--plot", str(tmp_path / "out.png")]) == 2
    err = capsys.readouterr().err
    assert err == "numket: drawing needs matplotlib: use pip install 'numket[plot]'\n"


def test_bench_compare_shows_its_peers(monkeypatch, tmp_path, capsys):
    times = {"numket": 2, "numket complex64": 1, "gate by gate": 3, "qulacs": 8, "aer": 9}

    def in_a_process(name, workload, n, least):
        if name == "qsim" and (workload, n) != ("ghz", 4):
            return {"missing": "NotImplementedError: because"}
        found = {"ms": times.get(name, 6), "setting": "block 2" if name == "qulacs" else ""}
        return {"|0...0>": found} | ({} if name == "aer" else {"dense": found})

    monkeypatch.setattr(compare, "in_a_process", in_a_process)
    monkeypatch.setattr(_contest, "version", lambda package: f"1.2 of {package}")
    data, picture = tmp_path / "out.json", tmp_path / "out.png"
    names = "qulacs,aer,qsim,scipy.fft"
    options = ["--output", str(data), "--plot", str(picture), "--peers", names]
    assert main(["bench", "compare", "--quick", *options]) == 0
    out = capsys.readouterr().out
    assert "peers: qulacs 1.2 of qulacs, aer 1.2 of qiskit-aer, qsim 1.2 of qsimcirq" in out
    assert re.search(r"^ *qulacs( +8 \(4\.00\)){6}$", out, re.M)
    assert re.search(r"^ *qsim in complex64 +6 \(3\.00\)( +-){5}$", out, re.M)
    assert re.search(r"^ *over numket complex64 +\(6\.00\)( +-){5}$", out, re.M)
    assert re.search(r"^ *best in complex128( +qulacs){6}$", out, re.M)
    assert re.search(
        r"^ *10 qubits from dense, ms +ghz +qft +brickwork +tfim +qcbm +qv$", out, re.M
    )
    assert re.search(r"^ *scipy\.fft +- +6 \(3\.00\)( +-){4}$", out, re.M)
    best, single = "best in complex128 / numket", "qsim in complex64 / numket complex64"
    for start in r"\|0\.\.\.0>", "dense":
        assert re.search(rf"{best} +{start} +ghz qft brickwork tfim +4\.00 +4\.00 ", out)
        assert re.search(rf"{single} +{start} +all +6\.00 +6\.00 +ghz-4", out)
    assert re.search(r"scipy\.fft / numket +dense +all +3\.00 +3\.00 +qft-4-dense", out)
    assert out.count("missing: qsim at ") == 22
    assert re.search(r"^ *aer( +-){6}$", out, re.M)
    assert "missing: qsim at qv-10: NotImplementedError: because" in out
    assert picture.read_bytes().startswith(b"\x89PNG")
    document = json.loads(data.read_text())
    assert set(document["peers"]) == {"qulacs", "aer", "qsim", "scipy.fft"}
    assert [row["case"] for row in document["rows"][:2]] == ["ghz-4", "ghz-4-dense"]
    row = document["rows"][0]
    assert row["ms"] == {**times, "qsim": 6}
    assert row["settings"] == {"qulacs": "block 2"}
    assert row["best peer"] == "qulacs"


@pytest.mark.parametrize(
    "name",
    [*("compare", "accuracy", "observe", "once", "circuits", "noise", "busy", "dropin")],
)
@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("{known},foo", "no such peer: foo; known are .*{known}"),
        (
            "{known}",
            r"not installed: {known}; use pip install 'numket\[{extra}\]', or choose from none",
        ),
    ],
)
def test_benches_refuse_peers(names, words, name, no_peers, capsys):
    known, extra = ("qsim", "all,peers") if name == "dropin" else ("qulacs", "peers")
    names = names.format(known=known)
    words = words.format(known=known, extra=extra)
    assert main(["bench", name, "--peers", names]) == 2
    shown = capsys.readouterr()
    assert re.search(words, shown.err)
    assert shown.err.count("\n") == 1
    assert shown.out == ""


def test_bench_accuracy_shows_its_peers(monkeypatch, tmp_path, capsys):
    ours = {"numket": 1.5e-15, "gate by gate": 1e-15, "gate by gate complex64": 2e-7}

    def in_a_process(name, workload, n, gates, exact):
        assert np.load(exact).shape == (2**n,)
        if name == "qsim" and workload != "qft":
            return {"missing": "NotImplementedError: because"}
        return {"error": ours.get(name, 4e-7), "norm": 0.0}

    monkeypatch.setattr(accuracy, "in_a_process", in_a_process)
    monkeypatch.setattr(_contest, "version", lambda package: f"1.2 of {package}")
    path = tmp_path / "out.json"
    options = ["--output", str(path), "--peers", "qsim", "--qubits", "3"]
    assert main(["bench", "accuracy", *options]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^ *numket complex64( +4\.0e-07 \(2\.00\)){5}$", out, re.M)
    assert re.search(r"^ *qsim( +-){4} +4\.0e-07 \(2\.00\)$", out, re.M)
    assert re.search(r"^ *complex64 +2\.00 +2\.00 +random-3-1000$", out, re.M)
    assert out.count("missing: qsim at ") == 4
    if accuracy.exact.ENOUGH:
        assert re.search(r"^ *numket( +1\.5e-15 \(1\.50\)){5}$", out, re.M)
        assert re.search(r"^ *complex128 +1\.50 +1\.50 +random-3-1000$", out, re.M)
    row = json.loads(path.read_text())["rows"][0]
    assert row["norms"]["numket complex64"] == 0
    monkeypatch.setattr(accuracy.exact, "ENOUGH", False)
    assert main(["bench", "accuracy", *options]) == 0
    out = capsys.readouterr().out
    assert "long double is no wider" in out
    assert "e-15" not in out


def test_accuracy_measures_in_a_process(tmp_path):
    path = tmp_path / "exact.npy"
    np.save(path, accuracy.exact.run(accuracy.WORKLOADS["tfim"](3, 50)))
    found = accuracies.in_a_process("gate by gate complex64", "tfim", 3, 50, str(path))
    assert 0 < found["error"] < 1e-5
    assert accuracies.in_a_process("nobody", "tfim", 3, 50, str(path)) == {
        "missing": "KeyError: 'nobody'"
    }


def test_compare_measures_in_a_process():
    found = measure.in_a_process("gate by gate", "qv", 3, 0)
    assert found["|0...0>"]["ms"] > 0
    assert found["dense"]["ms"] > 0
    assert "MemoryError" in measure.in_a_process("numket", "ghz", 60, 0)["missing"]


def test_bench_observe_shows_its_peers(small_observe, monkeypatch, tmp_path, capsys):
    measured = {"numket": 2.0, "numpy": 6.0, "qulacs": 8.0}
    units = {"sweep": 1.0}

    def in_a_process(name, task, n, least):
        if name == "lightning":
            return {"missing": "ImportError: because"}
        ours = units if name == "numket" else {}
        return {"ms": measured[name], "setting": "", "units": ours, "MiB": 5.0}

    monkeypatch.setattr(observe, "in_a_process", in_a_process)
    monkeypatch.setattr(_contest, "version", lambda package: f"1.2 of {package}")
    path = tmp_path / "out.json"
    options = ["--peers", "qulacs,lightning,numpy", "--qubits", "7,23", "--output", str(path)]
    assert main(["bench", "observe", *options]) == 0
    out = capsys.readouterr().out
    assert "all in complex128" in out
    assert "lightning 1.2 of pennylane-lightning, numpy 1.2 of numpy" in out
    assert re.search(r"^ *qulacs +8\.000 +4\.00 +5 *$", out, re.M)
    assert "numket / sweep: 2.00" in out
    assert re.search(r"best peer / numket +6 +3\.15 +3\.00 +sample-7", out)
    assert "missing: lightning at gradient-7: ImportError: because" in out
    assert out.count("missing: ") == 5
    document = json.loads(path.read_text())
    assert document["precision"] == "complex128"
    assert set(document["peers"]) == {"qulacs", "lightning", "numpy"}
    rows = {row["case"]: row for row in document["rows"]}
    assert list(rows) == [f"{task}-{n}" for task in tasks.TASKS for n in (7, 23)]
    assert rows["energy-7"]["ms"] == measured
    assert rows["energy-7"]["over"] == {"sweep": 2.0}
    assert rows["energy-7"]["best peer"] == "numpy"
    assert rows["gradient-7"]["best peer"] == "qulacs"
    assert rows["energy-23"]["ms"] == {"numket": 2.0}  # too large for peers


@pytest.mark.parametrize("sizes", ["0", "4,,5", "4,x"])
def test_bench_observe_refuses_sizes(sizes, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["bench", "observe", "--qubits", sizes])
    assert "is not a positive integer" in capsys.readouterr().err


def test_bench_observe_does_without_gradients(small_observe, monkeypatch, capsys):
    monkeypatch.setattr(observe, "TASKS", {"gradient": tasks.TASKS["gradient"]})
    monkeypatch.setattr(observe, "nk", SimpleNamespace(Circuit=object))
    assert main(["bench", "observe", "--quick"]) == 0
    assert "gradient: skipped" in capsys.readouterr().out


def test_observe_measures_in_a_process():
    found = observing.in_a_process("numket", "energy", 3, 0)
    assert found["ms"] > 0
    assert found["units"]["sweep in place"] > 0
    assert "MemoryError" in observing.in_a_process("numket", "energy", 60, 0)["missing"]


@pytest.mark.parametrize("task", tasks.TASKS)
def test_observe_refuses_other_results(task, small_observe):
    problem, check = tasks.Problem(task, 3), tasks.TASKS[task].check
    (ready,) = observers.CONTESTANTS["numket"].kinds[tasks.TASKS[task].kind](problem).values()
    result = ready.result(ready.run())
    check(result, problem)
    wrong = 0 * result if tasks.TASKS[task].kind == "sample" else result * (1 + 1e-6)
    with pytest.raises(ValueError, match=r" is off by | are off by | is not "):
        check(wrong, problem)


@pytest.mark.parametrize("terms", [tasks.tfim(4), tasks.strings(4), {"IYZX": 0.5, "IIII": 2}])
def test_the_twin_of_observe(terms):
    state = oracle.random_state(np.random.default_rng(0), 4)
    wanted = 0
    for label, coefficient in terms.items():
        changed = state
        for q, letter in enumerate(label):
            if letter != "I":
                changed = oracle.apply(changed, oracle.gate(letter.lower()), (q,))
        wanted += coefficient * np.vdot(state, changed).real
    assert abs(tasks.expectation(state, terms) - wanted) < 1e-12


def test_compare_refuses_another_state():
    circuit = nk.Circuit(2).h(0).cx(0, 1)
    state = nk.zero_state(2)
    circuit.run(state)
    measure.check(1j * state, circuit, "complex128")  # the phase is nobody's
    for wrong in (state * [1, 1, 1, -1], 0 * state):
        with pytest.raises(ValueError, match=r"is off by .* is allowed"):
            measure.check(wrong, circuit, "complex128")
    start = measure.dense(2)
    state = start.copy()
    circuit.run(state)
    measure.check(state, circuit, "complex128", start)
    with pytest.raises(ValueError, match=r"is off by .* is allowed"):
        measure.check(state, circuit, "complex128")


def test_compare_leaves_out_who_cannot_start():
    circuit = nk.Circuit(2).h(0).cx(0, 1)
    state = nk.zero_state(2)
    zeros_only = ours.Contestant(
        lambda circuit: {"": ours.Ready(lambda: circuit.prepare(state), lambda: state)}, "numket"
    )
    assert measure.fastest(zeros_only, circuit, 0, measure.ZERO)["ms"] > 0
    assert measure.fastest(zeros_only, circuit, 0, measure.DENSE) == {}


def test_compare_takes_the_clock_of_others():
    assert measure.timed(lambda: 0.5, 3) == 0.5
    assert 0 < measure.timed(lambda: None, 3) < 0.5


def test_gates_are_spelled_for_others():
    """Who has rotations only gets the same states."""
    rng = np.random.default_rng(1)
    circuit = nk.Circuit(3)
    for name in ours.SPELLED:
        angles = rng.uniform(0.2, 1, {"p": 1, "u": 3}.get(name, 0))
        circuit.ry(0.7, 1).cx(1, 0).rx(0.4, 0)
        getattr(circuit, name)(*angles, 1)
    circuit.x(2, controls=[0, 1]).p(0.3, 0, controls=[1, 2])
    state = nk.zero_state(3)
    gates = {name: partial(getattr(nk, name), state) for name in ("rx", "ry", "rz", "cx")}
    with pytest.raises(NotImplementedError, match="no gate for 'mcx'"):
        list(ours.translated(circuit, gates, flip=False))
    gates["mcx"] = lambda controls, q: nk.x(state, q, controls=controls)
    gates["mcp"] = lambda lam, controls, q: nk.p(state, lam, q, controls=controls)
    state[:] = nk.zero_state(3)
    list(ours.translated(circuit, gates, flip=False))
    measure.check(state, circuit, "complex128")
    state[:] = nk.zero_state(3)
    list(ours.translated(circuit, gates, flip=True))
    flipped = state.reshape(2, 2, 2).transpose(2, 1, 0).reshape(-1)
    measure.check(flipped, circuit, "complex128")


def test_transforms_are_the_qft():
    pytest.importorskip("scipy")
    for start in measure.STARTS:
        circuit = WORKLOADS["qft"](5)
        assert measure.fastest(transforms.TRANSFORMS["scipy.fft"], circuit, 0, start)["ms"] > 0
    with pytest.raises(NotImplementedError, match="no circuits"):
        transforms.TRANSFORMS["scipy.fft"].prepare(WORKLOADS["ghz"](5))


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_workloads_of_compare(name):
    circuit, n = WORKLOADS[name](5), 5
    start = oracle.random_state(np.random.default_rng(0), n)
    wanted, state = start, start.copy()
    for operation in circuit:
        matrix = operation.params[0] if operation.name == "apply" else None
        if matrix is None:
            matrix = oracle.gate(operation.name, *operation.params)
        wanted = oracle.apply(wanted, matrix, operation.qubits)
    circuit.run(state)
    assert oracle.distance(state, wanted) < 1e-14
    counts = {"ghz": 5, "qft": 17, "brickwork": 20 * 17, "tfim": 90, "qcbm": 41 * 5, "qv": 10}
    assert len(circuit) == counts[name]


def test_the_fourier_transform_of_compare():
    for j in range(8):
        state = nk.basis_state(3, f"{j:03b}")
        WORKLOADS["qft"](3).run(state)
        assert np.allclose(state, np.exp(2j * np.pi * j * np.arange(8) / 8) / np.sqrt(8))


def test_bench_dropin_shows_its_engines(monkeypatch, tmp_path, capsys):
    def in_a_process(task, engine, n, least):
        if engine == "qsim":
            return {"missing": "ImportError: because"}
        return {"ms": 2.0 if engine in ("numket", "after") else 8.0, "states": 0.5}

    monkeypatch.setattr(dropin, "in_a_process", in_a_process)
    monkeypatch.setattr(_contest, "version", lambda package: f"1.2 of {package}")
    path = tmp_path / "out.json"
    options = ["--peers", "Cirq,qsim,Aer", "--qubits", "7,13", "--output", str(path)]
    assert main(["bench", "dropin", *options]) == 0
    out = capsys.readouterr().out
    assert "peers: Cirq 1.2 of cirq-core, qsim 1.2 of qsimcirq, Aer 1.2 of qiskit-aer" in out
    assert "cirq-circuit: a random circuit of depth 20, 7 qubits" in out
    assert re.search(r"^ *Cirq +8\.000 +4\.00 +0\.50$", out, re.M)
    assert "missing: qsim at cirq-circuit-13: ImportError: because" in out
    rows = {row["case"]: row for row in json.loads(path.read_text())["rows"]}
    assert {"tensordot-13", "kron-7", "kron-11", "cirq-7", "qiskit-ansatz-13"} <= set(rows)
    assert not {"kron-13", "pennylane-7", "pennylane-energy-7", "qibo-bricks-7"} & set(rows)
    assert rows["cirq-circuit-7"]["over"] == {"Cirq": 4.0}
    assert rows["qiskit-ansatz-7"]["ms"] == {"Aer": 8.0, "numket": 2.0}


def test_bench_dropin_does_not_repeat_slow_runs(monkeypatch, capsys):
    runs = []

    def in_a_process(task, engine, n, least):
        runs.append(engine)
        slow = engine == "Cirq"
        return {"ms": 20_000.0 if slow else 2.0, "states": None if slow else 0.5}

    monkeypatch.setattr(dropin, "in_a_process", in_a_process)
    row = dropin.cell("cirq-circuit", ["Cirq", "numket"], 20, 3, 1)
    assert (runs.count("Cirq"), runs.count("numket")) == (1, 3)
    assert row["states"] == {"numket": 0.5}
    dropin.show(row, "a random circuit")
    assert re.search(r"^ *Cirq +20000\.000 +10000\.00 +-$", capsys.readouterr().out, re.M)


def test_dropin_does_not_repeat_slow_runs(monkeypatch):
    monkeypatch.setattr(dropping, "SLOW", 0)
    found = dropping.measure("cirq-circuit", "numket", 4, 0)
    assert found["ms"] > 0
    assert found["states"] is None


@pytest.fixture
def qibo_as_it_was():
    yield
    import qibo

    qibo.set_backend("numpy")


@pytest.mark.parametrize(
    ("task", "engine"),
    [
        (task, engine)
        for task, found in hosts.TASKS.items()
        for engine in found.engines
        if engine in INSTALLED
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
def test_programs_give_the_same_with_numket(task, engine, qibo_as_it_was):
    found = dropping.measure(task, engine, 4, 0)
    assert found["ms"] > 0
    assert found["states"] > 0


def test_dropin_measures_in_a_process():
    assert dropping.in_a_process("tensordot", "after", 4, 0)["ms"] > 0
    assert "KeyError" in dropping.in_a_process("cirq-circuit", "nobody", 4, 0)["missing"]


def test_dropin_tells_wrong_results(monkeypatch):
    task = hosts.TASKS["cirq-circuit"]
    engines = {**task.engines, "wrong": lambda program, n: lambda: np.ones(2**n)}
    monkeypatch.setitem(hosts.TASKS, "cirq-circuit", task._replace(engines=engines))
    with pytest.raises(ValueError, match="wrong is wrong at cirq-circuit-5"):
        dropping.measure("cirq-circuit", "wrong", 4, 0)


def test_bench_once_shows_its_peers(monkeypatch, tmp_path, capsys):
    def in_a_process(family, sizes, rounds, peers):
        if family == "ae":
            return {"missing": "ImportError: because"}
        row = {"gates": 12, "parts": {"conversion": 1.0, "planning": 0.5, "running": 0.4}}
        fast = {"numket": 2.0, "qulacs": 8.0, "aer": 3.0}
        slow = {"numket": 2.0, "qulacs": 1.0}
        rows = [
            {**row, "case": f"{family}-4", "qubits": 4, "ms": fast, "missing": {}},
            {**row, "case": f"{family}-8", "qubits": 8, "ms": slow, "missing": {"aer": "Wrong"}},
        ]
        return {"rows": rows, "left out": [{"case": f"{family}-9", "missing": {"all": "none"}}]}

    monkeypatch.setattr(once, "in_a_process", in_a_process)
    monkeypatch.setattr(once, "FAMILIES", ("ae", "qft"))
    monkeypatch.setattr(_contest, "version", lambda package: f"1.2 of {package}")
    path = tmp_path / "out.json"
    assert main(["bench", "once", "--peers", "qulacs,aer", "--output", str(path)]) == 0
    out = capsys.readouterr().out
    assert "peers: qulacs 1.2 of qulacs, aer 1.2 of qiskit-aer" in out
    assert re.search(r"^ *qft-4 +12 +2\.000 +50% +25% +20% +8\.000 +3\.000 +1\.50$", out, re.M)
    assert re.search(r"^ *qft-8 +12 +2\.000 +50% +25% +20% +1\.000 +- +0\.50$", out, re.M)
    assert re.search(r"^ *all +2 +1 +0\.87 +0\.50 +qft-8$", out, re.M)
    assert "50% conversion, 25% planning, 20% running" in out
    for line in "numket at ae: ImportError: because", "aer at qft-8: Wrong", "all at qft-9: none":
        assert f"missing: {line}" in out
    document = json.loads(path.read_text())
    assert [row["best peer"] for row in document["rows"]] == ["aer", "qulacs"]


def test_bench_once_says_what_it_needs(monkeypatch, capsys):
    monkeypatch.setattr(once, "find_spec", lambda name: None if name == "mqt.bench" else name)
    assert main(["bench", "once"]) == 2
    assert "the circuits need mqt.bench: use pip install" in capsys.readouterr().err


@WARNS
def test_once_measures_in_a_process():
    found = running.in_a_process("ghz", [3, 1], 1, [])
    assert [row["case"] for row in found["rows"]][:1] == ["ghz-3"]
    assert found["rows"][0]["gates"] == 3
    assert found["rows"][0]["ms"]["numket"] > 0
    assert set(found["rows"][0]["parts"]) == {"conversion", "planning", "running"}
    assert "missing" in running.in_a_process("nothing of this name", [3], 1, ["nobody"])


def test_once_refuses_another_state():
    state = oracle.random_state(np.random.default_rng(0), 3)
    running.check(1j * state, state, 10)
    with pytest.raises(ValueError, match=r"is off by .* is allowed"):
        running.check(state[::-1], state, 10)


def test_bench_busy_shows_its_peers(monkeypatch, tmp_path, capsys):
    def in_a_process(workload, n, turns, seconds, peers):
        ms = {"numket": 3.0, "numket, one thread": 2.0, "qulacs": 20.0}
        return {
            "case": f"{workload}-{n}",
            "turns": turns,
            "ms": ms,
            "worst": {name: 2 * one for name, one in ms.items()},
            "late": dict.fromkeys(ms, 1),
            "missing": {"aer": "ImportError: because"},
        }

    monkeypatch.setattr(busy, "in_a_process", in_a_process)
    monkeypatch.setattr(busy, "cpus", lambda: 1)
    monkeypatch.setattr(_contest, "version", lambda package: f"1.2 of {package}")
    path = tmp_path / "out.json"
    assert main(["bench", "busy", "--qubits", "5", "--output", str(path)]) == 0
    out = capsys.readouterr().out
    assert "beside 2 busy loops" in out
    assert re.search(r"^ *ghz-5 +numket +3\.000 +1\.50 +6\.0 +1 of 50$", out, re.M)
    assert re.search(r"^ *ghz-5 +qulacs +20\.000 +10\.00 +40\.0 +1 of 50$", out, re.M)
    assert re.search(r"^ *ghz-5( +aer)( +-){4}$", out, re.M)
    assert "missing: aer at qft-5: ImportError: because" in out
    assert f"were late: {len(WORKLOADS)} of {50 * len(WORKLOADS)}" in out
    document = json.loads(path.read_text())
    assert document["loops"] == 2
    assert [row["case"] for row in document["rows"]] == [f"{name}-5" for name in WORKLOADS]


def test_the_loops_of_busy_end(monkeypatch):
    started = []
    popen = busy.subprocess.Popen

    def start(*args, **kwargs):
        started.append(popen(*args, **kwargs))
        return started[-1]

    def stopped():
        with busy.loops(2):
            assert [one.poll() for one in started] == [None, None]
            raise KeyError

    monkeypatch.setattr(busy.subprocess, "Popen", start)
    with pytest.raises(KeyError):
        stopped()
    assert all(one.poll() is not None for one in started)


def test_busy_measures_in_a_process():
    found = beside.in_a_process("qft", 3, 2, 0.0, ["nobody"])
    assert "KeyError" in found["missing"]
    found = beside.in_a_process("qft", 3, 2, 0.0, [])
    assert found["ms"].keys() == {"numket", "numket, one thread"}
    assert found["turns"] == 2
    assert 0 <= found["late"]["numket"] <= 2


def test_bench_circuits_shows_its_peers(monkeypatch, tmp_path, capsys):
    def in_a_process(name, path, least):
        if name == "scaluq":
            return {"missing": "ImportError: because"}
        times = {"numket": 2.0, "qulacs": 8.0, "qsim": 1.0}
        found = {"ms": times[name], "setting": ""}
        return {"ghz-3": found, "ghz-4": {"missing": "Wrong"} if name == "qulacs" else found}

    monkeypatch.setattr(circuits, "in_a_process", in_a_process)
    monkeypatch.setattr(circuits, "FAMILIES", ("ghz",))
    monkeypatch.setattr(made, "MOST", 100)
    monkeypatch.setattr(_contest, "version", lambda package: f"1.2 of {package}")
    path = tmp_path / "out.json"
    options = ["--peers", "qulacs,qsim,scaluq", "--qubits", "3,4,5", "--output", str(path)]
    assert main(["bench", "circuits", *options]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^ *ghz-3 +3 +2 +4\.00 +0\.50 +- +qulacs$", out, re.M)
    assert re.search(r"^ *ghz-4 +4 +2 +- +0\.50 +- +-$", out, re.M)  # qsim's is complex64
    assert re.search(r"^ *all +1 +0 +4\.00 +4\.00 +ghz-3$", out, re.M)
    assert "missing: scaluq at ghz-3: ImportError: because" in out
    assert "missing: qulacs at ghz-4: Wrong" in out
    assert "missing: all at ghz-5: it has 5 gates, which take too long" in out
    rows = json.loads(path.read_text())["rows"]
    assert [(row["case"], row["gates"]) for row in rows] == [("ghz-3", 3), ("ghz-4", 4)]


@WARNS
def test_circuits_are_the_same_in_simple_gates():
    (case,), left = made.circuits_of("grover", [5])
    assert left == []
    assert any(len(operation.controls) > 2 for operation in case.circuit)
    assert not any(operation.controls for operation in case.simple)
    state = nk.zero_state(5)
    case.simple.run(state)
    measure.check(state, case.circuit, "complex128")


@WARNS
def test_circuits_are_measured_in_a_process(tmp_path):
    path = tmp_path / "circuits"
    path.write_bytes(pickle.dumps(made.circuits_of("qft", [3, 4])[0]))
    found = made.in_a_process("numket", str(path), 0)
    assert list(found) == ["qft-3", "qft-4"]
    assert all(one["ms"] > 0 for one in found.values())
    assert "KeyError" in made.in_a_process("nobody", str(path), 0)["qft-3"]["missing"]


def test_circuits_are_simple_for_those_who_have_no_others(monkeypatch):
    def prepare(circuit):
        if any(operation.controls for operation in circuit):
            raise NotImplementedError
        return ours.numket(circuit)

    monkeypatch.setitem(made.CONTESTANTS, "simple", ours.Contestant(prepare, "numket"))
    circuit = nk.Circuit(3).h(0).h(1).x(2, controls=[0, 1])
    simple = nk.Circuit(3).h(0).h(1).ccx(0, 1, 2)
    assert made.one_of("simple", made.Case("a", "a", circuit, simple), 0)["ms"] > 0


def test_bench_noise_shows_its_peers(monkeypatch, tmp_path, capsys):
    def in_a_process(name, task, n, shots, least):
        if name == "cirq" and task == "trajectories":
            return {"missing": "ImportError: because"}
        return {"ms": {"numket": 2.0, "qulacs": 8.0, "cirq": 6.0}[name]}

    monkeypatch.setattr(noise, "in_a_process", in_a_process)
    monkeypatch.setattr(_contest, "version", lambda package: f"1.2 of {package}")
    path = tmp_path / "out.json"
    options = ["--peers", "qulacs,cirq", "--output", str(path)]
    assert main(["bench", "noise", *options]) == 0
    out = capsys.readouterr().out
    assert re.findall(r"^ *ms +(\S+)$", out, re.M) == [f"{task}-{n}" for task, n in noise.CASES]
    assert len(re.findall(r"^ *qulacs +8 \(4\.00\)$", out, re.M)) == 5
    assert len(re.findall(r"^ *cirq +6 \(3\.00\)$", out, re.M)) == 4
    assert len(re.findall(r"^ *cirq +-$", out, re.M)) == 1
    assert re.search(r"^ *best peer / numket +3\.18 +3\.00 +density-6$", out, re.M)
    assert "missing: cirq at trajectories-16: ImportError: because" in out
    rows = json.loads(path.read_text())["rows"]
    assert [row["best peer"] for row in rows] == ["cirq"] * 4 + ["qulacs"]
    assert main(["bench", "noise", "--qubits", "3", *options]) == 0
    cases = re.findall(r"^ *ms +(\S+)$", capsys.readouterr().out, re.M)
    assert cases == ["density-3", "trajectories-3"]


def test_the_circuit_of_noise():
    """Its density matrix is a textbook's."""
    n, p = 3, mixers.LOST
    wanted = np.zeros((2**n, 2**n), dtype=complex)
    wanted[0, 0] = 1
    paulis = [oracle.gate(name) for name in "xyz"]

    def both(rho, matrix, qubits):
        for _ in range(2):  # from the left, then from the right
            rho = np.array([oracle.apply(column, matrix, qubits) for column in rho.T])
            rho = rho.conj()
        return rho

    for operation in mixers.noisy(n):
        if operation.name == "apply_kraus":
            kicked = sum(both(wanted, pauli, operation.qubits) for pauli in paulis)
            wanted = (1 - 0.75 * p) * wanted + p / 4 * kicked
        else:
            matrix = oracle.gate(operation.name, *operation.params)
            wanted = both(wanted, matrix, operation.qubits)
    ready = mixers.numket_density(n)
    ready.run()
    assert np.linalg.norm(ready.result() - wanted) < 1e-14
    mixing.check_density(wanted, n)
    with pytest.raises(ValueError, match=r"density matrix is off by"):
        mixing.check_density(wanted.T, n)


def test_noise_refuses_other_means():
    ready = mixers.prepared("numket", "trajectories", 3, 50)
    ready.run()
    assert -1 <= ready.result() <= 1
    with pytest.raises(ValueError, match="its mean is off by"):
        mixing.check_mean(-1.0, 3, 100)


@pytest.mark.parametrize("name", ["cirq", "qibo", "default.mixed"])
def test_noise_knows_the_frameworks(name, qibo_as_it_was):
    assert mixing.measure(name, "density", 3, 1, 0)["ms"] > 0
    if mixers.PEERS[name].trajectories is None:
        with pytest.raises(NotImplementedError, match="no trajectories"):
            mixing.measure(name, "trajectories", 3, 1, 0)


def test_noise_is_measured_in_a_process():
    assert mixing.in_a_process("numket", "trajectories", 3, 10, 0)["ms"] > 0
    assert "KeyError" in mixing.in_a_process("nobody", "density", 3, 10, 0)["missing"]


def test_scale(tmp_path, capsys, monkeypatch):
    """Plans, ranks and files, on few qubits."""
    monkeypatch.chdir(tmp_path)
    assert main(["bench", "scale", "--quick", "--output", "scale.json"]) == 0
    shown = capsys.readouterr().out
    for words in ("qv, 64 ranks", "tfim, 12 qubits, 4 ranks x", "1/4 of it in memory"):
        assert words in shown
    document = json.loads((tmp_path / "scale.json").read_text())
    for row in document["planned"]:
        assert row["gate by gate / sent"] >= 1
    files = [row for row in document["rows"] if "passes" in row]
    assert len(files) == 2
    for row in files:  # journals are large beside so small a file
        assert row["bytes / (2 passes)"] == pytest.approx(1, abs=0.25)
        assert row["passes"] > 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scale.json"]


def test_scale_without_mpi(monkeypatch, capsys):
    monkeypatch.setattr(scale, "find_spec", lambda name: None)
    monkeypatch.setattr(scale, "measure_file", lambda *_: pytest.fail("not reached"))
    with pytest.raises(pytest.fail.Exception):
        main(["bench", "scale", "--quick"])
    assert "not installed: mpi4py" in capsys.readouterr().out
