"""The command line: what it prints, and how it refuses."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from subprocess import PIPE

import numpy as np
import pytest

import numket as nk
from helpers import PATIENCE
from numket.__main__ import main

BELL = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\nh q[0];\ncx q[0],q[1];\n'


@pytest.fixture
def bell(tmp_path):
    path = tmp_path / "bell.qasm"
    path.write_text(BELL)
    return path


@pytest.fixture
def qasm(tmp_path):
    """Writes a file, and gives its name."""

    def write(text, name="file.qasm"):
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return write


def document(capsys, *arguments):
    """What `numket run --json` prints."""
    assert main(["run", *map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


BEGUN = """
import signal, sys
from numket import __main__ as command

def again(dropped):
    if dropped.exc_type is KeyboardInterrupt:
        signal.setitimer(signal.ITIMER_REAL, 0.01)
    else:
        sys.__unraisablehook__(dropped)

# Who starts the tests in the background has Ctrl-C ignored in all that they start. And where Python
# drops a KeyboardInterrupt, in the callback of a weak reference, another follows.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGALRM, signal.default_int_handler)
sys.unraisablehook = again
run = command._run
command._run = lambda argv: print("ready", file=sys.stderr, flush=True) or run(argv)
sys.exit(command.main(sys.argv[1:]))
"""


def process(*arguments, **options):
    """The command in a process of its own, which has begun."""
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    started = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", BEGUN, *arguments],
        env=buffered,
        **{"stdin": PIPE, "stdout": PIPE, "stderr": PIPE, "text": True} | options,
    )
    assert started.stderr.readline() == "ready\n"
    return started


def interrupt(running):
    """Sends Ctrl-C, and returns what was said."""
    running.send_signal(signal.SIGINT)
    with running:
        try:
            running.wait(PATIENCE)
        finally:
            running.kill()
        return running.stderr.read()


@pytest.mark.parametrize(
    "command", [[], ["run"], ["bench"], ["bench", "ghz"], ["demo"], ["info"], ["selftest"]]
)
def test_help(command, capsys):
    with pytest.raises(SystemExit, match="0"):
        main([*command, "--help"])
    assert "usage: numket" in capsys.readouterr().out


def test_nothing_is_a_request_for_help(capsys):
    assert main([]) == 0
    assert "usage: numket" in capsys.readouterr().out


def test_version(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"numket {nk.__version__}\n"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["nonsense"], "invalid choice: 'nonsense'"),
        (["bench"], "required: BENCHMARK"),
        (["run"], "required: FILE"),
        (["run", "a", "--shot"], "--shots: expected one argument"),
        (["run", "a", "--seed", "-1"], "--seed: '-1' is not an integer from 0"),
        (["run", "a", "--dtype", "float64"], "--dtype: invalid choice: 'float64'"),
        (["run", "a", "--dialect", "x"], "--dialect: invalid choice: 'x'"),
        (["run", "a", "--threads", "0"], "--threads: '0' is not a positive integer"),
        (["run", "a", "--max-rounds", "x"], "--max-rounds: 'x' is not a positive integer"),
        (["run", "a", "--param", "x"], "--param: 'x' is not of the form NAME=VALUE"),
        (["run", "a", "--param", "=1"], "--param: '=1' is not of the form NAME=VALUE"),
        (["run", "a", "--param", "x=qi"], "'qi', given for 'x', is not a finite number"),
        (["run", "a", "--param", "x=1/0"], "'1/0', given for 'x', is not a finite number"),
        (["run", "a", "--param", "x=1; x"], "'1; x', given for 'x', is not a finite number"),
        (["run", "a", "--param", "x=nan"], "'nan', given for 'x', is not a finite number"),
        (["run", "a", "--param", "x=1e999"], "'1e999', given for 'x', is not a finite number"),
    ],
)
def test_usage_errors(command, words, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(command)
    said = capsys.readouterr().err
    assert said.startswith("numket")
    assert said.count("\n") == 1
    assert words in said
    assert "--help" in said


def test_info(capsys):
    assert main(["info"]) == 0
    out = capsys.readouterr().out
    assert nk.__version__ in out
    assert "lanes" in out


def test_the_module_is_the_command(bell):
    command = [sys.executable, "-m", "numket", "run", str(bell)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "00  0.500000" in done.stdout
    assert "11  0.500000" in done.stdout


def test_run_with_a_seed_is_repeatable(bell, capsys):
    outputs = []
    for seed in ("7", "7", "8"):
        assert main(["run", str(bell), "--shots", "1000", "--seed", seed]) == 0
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1] != outputs[2]
    shown = outputs[0].partition("samples, qubit 0 leftmost:")[2]
    counts = [int(line.split()[1]) for line in shown.split("\n")[1:3]]
    assert sum(counts) == 1000
    assert min(counts) > 400


HEAD = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\ncreg c[2];\n'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # The second outcome repeats the first, and then q[1] is 0 again.
        ("h q[0]; cx q[0],q[1]; measure q -> c; if (c == 3) x q[1];", {"00": 1, "11": 1}),
        ("h q[0]; cx q[0],q[1]; reset q[0]; measure q -> c;", {"00": 1, "01": 1}),
        ("x q[0]; measure q[0] -> c[1]; x q[0];", {"01": 2}),
    ],
)
def test_a_file_that_measures_on_the_way_is_run_for_each_shot(
    body, expected, qasm, capsys, monkeypatch
):
    path, outputs = qasm(HEAD + body), []
    for at_once in (2**18, 2**18, 2**9, 1):  # all together, by the hundred, one by one
        monkeypatch.setattr("numket.run.RUN_AT_ONCE", at_once)
        assert main(["run", path, "--shots", "1000", "--seed", "5"]) == 0
        outputs.append(capsys.readouterr().out)
    assert len(set(outputs)) == 1
    head, _, counts = outputs[0].partition("\ncounts of 1000 runs, c[0] leftmost:\n")
    assert "operations, norm 1.0" in head
    assert "most probable basis states of one run" in head
    assert "classical bits of this run, c[0] leftmost" in head
    found = {label: int(count) for label, count in map(str.split, counts.splitlines())}
    assert found.keys() == expected.keys()
    for label, half in expected.items():
        assert abs(found[label] - 500 * half) <= (80 if half == 1 else 0)  # five deviations


QUBITS = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q; qubit[2] r;\n'


@pytest.mark.parametrize(
    ("body", "method", "label", "order", "turned"),
    [
        (
            "bit[2] c; bit[3] d; x q[0]; c = measure q; d[0] = measure r[0]; d[2] = measure q[0];",
            "samples",
            "10 001",
            "registers c d, c[0] leftmost",
            "registers d c, d[2] leftmost",
        ),
        (  # a qubit into several bits
            "bit[3] c; x r[1]; c[2] = measure r[1]; c[1] = measure r[1]; c[0] = measure r[0];",
            "samples",
            "011",
            "c[0] leftmost",
            "c[2] leftmost",
        ),
        (  # a bit that is overwritten
            "bit[2] c; x q[0]; c[0] = measure q[0]; c[0] = measure r[0]; c[1] = measure q[0];",
            "samples",
            "01",
            "c[0] leftmost",
            "c[1] leftmost",
        ),
        (  # bits that nothing is measured into
            "bit[2] a; bit[2] b; x q[1]; b[0] = measure q[1];",
            "samples",
            "00 10",
            "registers a b, a[0] leftmost",
            "registers b a, b[1] leftmost",
        ),
        ("bit[2] c; x q;", "samples", "00", "c[0] leftmost", "c[1] leftmost"),
        ("x q[0]; x r[1];", "samples", "1001", "qubit 0 leftmost", "qubit 3 leftmost"),
        ("x q[1]; measure q; x r[0];", "samples", "01", "bit 0 leftmost", "bit 1 leftmost"),
        (
            "bit a; bit[2] b; x q[1]; a = measure q[1]; x q[1]; b = measure q;",
            "runs",
            "1 00",
            "registers a b, a[0] leftmost",
            "registers b a, b[1] leftmost",
        ),
        (
            "bit[3] c; x q[0]; c[0] = measure q[0]; if (c[0]) { c[2] = measure q[0]; }",
            "runs",
            "101",
            "c[0] leftmost",
            "c[2] leftmost",
        ),
        ("bit[2] c; reset q; x q;", "runs", "00", "c[0] leftmost", "c[1] leftmost"),
        ("x q[0]; reset r; x r[1];", "runs", "1001", "qubit 0 leftmost", "qubit 3 leftmost"),
    ],
)
def test_counts_are_of_the_declared_bits(body, method, label, order, turned, qasm, capsys):
    path = qasm(QUBITS + body)
    for options, shown, states, counts in (
        ([], label, "qubit 0 leftmost", order),
        (
            ["--little-endian"],
            label[::-1],
            "qubit 3 leftmost, as in Qiskit",
            f"{turned}, as in Qiskit",
        ),
    ):
        found = document(capsys, path, "--shots", 10, *options)
        assert (found["method"], found["counts"]) == (method, {shown: 10})
        assert found["order"] == {"states": states, "counts": counts}
        assert main(["run", path, "--shots", "10", *options]) == 0
        assert f"\ncounts of 10 {method}, {counts}:\n  {shown}  10\n" in capsys.readouterr().out


def test_little_endian_is_what_qiskit_prints(qasm, capsys):
    qiskit = pytest.importorskip("qiskit")
    primitives = pytest.importorskip("qiskit.primitives")
    text = (
        'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2]; qreg r[1]; creg c[2]; creg d[2];\n'
        "x q[0]; x r[0]; measure q -> c; measure r[0] -> d[1];"
    )
    circuit = qiskit.QuantumCircuit.from_qasm_str(text)
    found = document(capsys, qasm(text), "--shots", 3, "--little-endian")
    state = qiskit.quantum_info.Statevector(circuit.remove_final_measurements(inplace=False))
    assert [row["state"] for row in found["most_probable"]] == [*state.probabilities_dict()]
    result = primitives.StatevectorSampler().run([circuit], shots=3).result()[0].data
    [c], [d] = result.c.get_counts(), result.d.get_counts()
    assert found["counts"] == {f"{d} {c}": 3}


def test_samples_and_runs_agree(qasm, capsys):
    """The same program, and with a reset that forbids to compute the state once."""
    body = "bit[2] c; bit d; ry(0.7) q[0]; ry(1.9) q[1]; cx q[0], r[0]; {} "
    body += "c[1] = measure q[0]; d = measure r[0]; c[0] = measure q[1];"
    shots, found = 20_000, []
    for between in "", "reset r[1];":
        path = qasm(QUBITS + body.format(between))
        found.append(document(capsys, path, "--shots", shots, "--seed", 3))
    assert [one["method"] for one in found] == ["samples", "runs"]
    one, two = (np.sin(angle / 2) ** 2 for angle in (0.7, 1.9))
    for counts in (one["counts"] for one in found):
        assert sum(counts.values()) == shots
        assert counts.keys() == {"00 0", "10 0", "01 1", "11 1"}
        for label, count in counts.items():
            chance = (one if label[1] == "1" else 1 - one) * (two if label[0] == "1" else 1 - two)
            assert abs(count - shots * chance) < 5 * np.sqrt(shots * chance)


def test_samples_cost_the_same_however_many(qasm, capsys):
    found = document(capsys, qasm(HEAD + "h q[0]; measure q -> c;"), "--shots", 10**12)
    assert sum(found["counts"].values()) == 10**12


def test_one_run_without_shots(qasm, capsys):
    path = qasm(HEAD + "x q[0]; measure q[0] -> c[1]; x q[0];")
    found = document(capsys, path)
    assert (found["outcome"], found["counts"], found["shots"]) == ("01", None, None)
    assert found["most_probable"] == [{"state": "00", "probability": 1}]
    assert main(["run", path]) == 0
    out = capsys.readouterr().out
    assert out.endswith("\n\nclassical bits of this run, c[0] leftmost:\n  01\n")


def test_the_document(bell, tmp_path, capsys):
    given = ["--shots", 100, "--seed", 3, "--dtype", "complex64", "--threads", 1]
    found = document(capsys, bell, *given)
    likely, counts = found.pop("most_probable"), found.pop("counts")
    assert found == {
        "file": str(bell),
        "version": nk.__version__,
        "dtype": "complex64",
        "threads": 1,
        "seed": 3,
        "parameters": {},
        "state": None,
        "qubits": {"number": 2, "registers": {"q": 2}},
        "bits": {"number": 0, "registers": {}},
        "operations": 2,
        "norm": pytest.approx(1, abs=1e-6),
        "order": {"states": "qubit 0 leftmost", "counts": "qubit 0 leftmost"},
        "method": "samples",
        "outcome": None,
        "shots": 100,
    }
    half = pytest.approx(0.5, abs=1e-6)
    assert likely == [{"state": "00", "probability": half}, {"state": "11", "probability": half}]
    assert sum(counts.values()) == 100
    again = document(capsys, bell, "--shots", 100)
    repeated = document(capsys, bell, "--shots", 100, "--seed", again["seed"])
    assert repeated["counts"] == again["counts"]


def test_the_terminal_shows_the_registers(qasm, capsys):
    body = "bit[2] c; bit d; h q[0]; cx q[0], r[1]; c = measure q; d = measure r[1];"
    assert main(["run", qasm(QUBITS + body), "--shots", "1000000", "--seed", "1"]) == 0
    out = capsys.readouterr().out.replace(str(qasm("")), "file.qasm")
    assert re.fullmatch(
        r"file.qasm: 4 qubits \(q\[2\] r\[2\]\), 3 bits \(c\[2\] d\[1\]\), \d operations, norm "
        r"1\.0+\n"
        r"\nmost probable basis states, qubit 0 leftmost:\n  0000  0\.500000\n  1001  0\.500000\n"
        r"\ncounts of 1000000 samples, registers c d, c\[0\] leftmost:\n"
        r"  (00 0|10 1)  \d{6}\n  (00 0|10 1)  \d{6}\n",
        out,
    )


def test_many_outcomes_are_cut_short(qasm, capsys):
    path = qasm("qreg q[6]; h q;")
    assert main(["run", path, "--shots", "100000"]) == 0
    out = capsys.readouterr().out
    assert out.endswith("\n  ... and 48 other outcomes\n")
    assert len(document(capsys, path, "--shots", 100_000)["counts"]) == 64


def test_standard_input(bell, capsys, monkeypatch):
    def given(text):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))

    given(BELL.encode())
    assert document(capsys, "-")["file"] == "<stdin>"
    for text, words in (
        (b"qreg q[1];\nfoo q[0];", "<stdin>.*line 2.*foo"),
        (b"qreg q[1];\xff", "<stdin>, line 1, column 11: this is not encoded in UTF-8"),
    ):
        given(text)
        assert main(["run", "-"]) == 2
        said = capsys.readouterr().err
        assert re.search(words, said)
        assert said.count("\n") == 1
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["run", "-"]) == 2
    assert "standard input is closed" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["complex128", "complex64"])
def test_the_state_in_a_file(name, bell, tmp_path, capsys, monkeypatch):
    """It is run in the file: no other state is made."""
    path = tmp_path / "state.npy"
    path.write_text("what was there before")
    monkeypatch.delattr(nk, "zero_state")
    given = ["run", str(bell), "--shots", "10", "--dtype", name, "--state", str(path)]
    assert main(given) == 0
    assert capsys.readouterr().out.endswith(f"\n\nthe state is in {path}\n")
    state = np.load(path, mmap_mode="r")
    assert (state.dtype, state.shape) == (name, (4,))
    assert np.allclose(state, [0.5**0.5, 0, 0, 0.5**0.5])
    assert {file.name for file in tmp_path.iterdir()} == {"bell.qasm", "state.npy"}


def test_the_state_in_a_file_is_that_of_one_run(qasm, tmp_path, capsys):
    path = qasm(HEAD + "h q[0]; measure q[0] -> c[0]; x q[0];")
    found = document(capsys, path, "--shots", 100, "--state", tmp_path / "state.npy")
    assert len(found["counts"]) == 2
    state = np.load(tmp_path / "state.npy")
    assert abs(state[0 if found["outcome"] == "10" else 2]) == 1


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("state.npy", "qreg q[60]; h q[0];", r"--state: 60 qubits .* GiB .* GiB free .* complex64"),
        ("missing/state.npy", BELL, "No such file or directory.*missing"),
        ("", BELL, "--state .* is not the name of a .npy file"),
        ("circuit.qasm", BELL, "--state .* is not the name of a .npy file"),
        ("/dev/null", BELL, "--state /dev/null is not the name of a .npy file"),
    ],
)
def test_states_that_cannot_be_written(name, text, words, qasm, tmp_path, capsys):
    assert main(["run", qasm(text), "--state", str(tmp_path / name)]) == 2
    said = capsys.readouterr().err
    assert re.search(words, said)
    assert said.count("\n") == 1
    assert [file.name for file in tmp_path.iterdir()] == ["file.qasm"]


def test_a_folder_is_no_file_for_a_state(qasm, tmp_path, capsys):
    folder = tmp_path / "folder.npy"
    folder.mkdir()
    assert main(["run", qasm(BELL), "--state", str(folder)]) == 2
    assert re.search("--state .* is no file", capsys.readouterr().err)


INPUTS = QUBITS + "input float a; input float b; rx(a) q[0]; rx(b) q[1];"


def test_inputs(qasm, capsys):
    path = qasm(INPUTS)
    found = document(capsys, path, "--param", "b=0", "--param", "a=3.141592653589793")
    assert found["parameters"] == {"a": np.pi, "b": 0}
    again = document(capsys, path, "--param", "b=0 * pi", "--param", "a=2*(pi/2)")
    assert again["parameters"] == found["parameters"]
    assert found["most_probable"][0] == {"state": "1000", "probability": 1}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], "inputs without a value, a, b: use --param a=VALUE --param b=VALUE"),
        (["a=1"], "inputs without a value, b: use --param b=VALUE"),
        (["a=1", "b=1", "c=1"], "--param c: the file has no such input, it has a, b"),
        (["a=1", "b=1", "a=2"], "--param a is given twice"),
    ],
)
def test_inputs_that_do_not_fit(given, words, qasm, capsys):
    options = [part for value in given for part in ("--param", value)]
    assert main(["run", qasm(INPUTS), *options]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


def test_a_value_for_a_file_without_inputs(bell, capsys):
    assert main(["run", str(bell), "--param", "a=1"]) == 2
    assert "--param a: the file has no such input, it has none" in capsys.readouterr().err


def test_options_of_the_reader(bell, monkeypatch, capsys):
    seen, read_file = [], nk.qasm.read_file
    monkeypatch.setattr(
        nk.qasm, "read_file", lambda path, **given: seen.append(given) or read_file(path)
    )
    assert main(["run", str(bell), "--dialect", "qibo", "--max-rounds", "7"]) == 0
    assert main(["run", str(bell)]) == 0
    assert seen == [{"dialect": "qibo", "max_rounds": 7}, {"dialect": None}]


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("body", ["h q[0];", "measure q -> c; h q[0];"])
def test_a_bar_on_a_terminal(body, qasm, monkeypatch, capsys):
    path, outputs = qasm(HEAD + body), []
    monkeypatch.setattr("numket.run.PATIENCE", 0)
    monkeypatch.setattr("numket.run.RUN_AT_ONCE", 40)
    for stream in (Terminal(), io.StringIO(), Terminal()):
        monkeypatch.setattr(sys, "stderr", stream)
        assert main(["run", path, "--shots", "25", "--seed", "1"]) == 0
        outputs.append(capsys.readouterr().out)
        assert ("op/s" in stream.getvalue()) == (len(outputs) == 1)
        monkeypatch.setitem(sys.modules, "tqdm", None)
    assert len(set(outputs)) == 1


def test_ctrl_c_while_reading():
    running = process("run", "-")
    running.stdin.write("qreg q[2];")
    running.stdin.flush()
    assert interrupt(running) == "numket: interrupted\n"
    assert running.returncode == 130


def test_ctrl_c_while_running(qasm, tmp_path):
    gates = "".join(f"u3(0.3,0.2,0.1) q[{q}];cx q[{q}],q[{(q + 1) % 22}];" for q in range(22))
    path = qasm(f'OPENQASM 2.0; include "qelib1.inc"; qreg q[22]; {300 * gates}')
    running = process("run", path, "--state", str(tmp_path / "state.npy"))

    def begun():
        """Whether the last amplitude is not 0 any more."""
        try:
            with open(tmp_path / "state.npy.part", "rb") as file:
                file.seek(128 + 16 * (2**22 - 1))  # the header of a .npy file has 128 bytes
                return any(file.read())
        except FileNotFoundError:
            return False

    while running.poll() is None and not begun():
        time.sleep(0.01)
    said = interrupt(running)
    assert re.fullmatch(r"numket: interrupted, stopped after about \d+ of 13200 operations\n", said)
    assert running.returncode == 130
    assert [file.name for file in tmp_path.iterdir()] == ["file.qasm"]


def test_how_far_a_run_was_is_told(bell, capsys, monkeypatch):
    def main_of_run(**options):
        interrupt = KeyboardInterrupt()
        interrupt.add_note("numket stopped after about 3 of 7 operations; the state holds this")
        raise interrupt

    monkeypatch.setattr("numket.run.main", main_of_run)
    assert main(["run", str(bell)]) == 130
    said = capsys.readouterr().err
    assert said == "numket: interrupted, stopped after about 3 of 7 operations\n"


@pytest.mark.skipif(os.name == "nt", reason="there are no such pipes")
@pytest.mark.parametrize("command", [["info"], ["run", "bell"], ["run", "--help"], ["--version"]])
def test_nobody_reads_on(command, bell):
    """As after `| head -1`."""
    ours, theirs = os.pipe()
    os.close(ours)
    running = process(*(str(bell) if part == "bell" else part for part in command), stdout=theirs)
    os.close(theirs)
    said = running.communicate(timeout=PATIENCE)[1]
    assert (running.returncode, said) == (141, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no disk is full here")
def test_a_full_disk(bell):
    with open("/dev/full", "w") as full:
        running = process("run", str(bell), stdout=full)
        said = running.communicate(timeout=PATIENCE)[1]
    assert (running.returncode, said) == (2, "numket: [Errno 28] No space left on device\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "No such file"),
        ("qreg q[1];\nfoo q[0];", "line 2.*foo"),
        ("what is this?", "line 1"),
        ("", "the text is empty"),
        ("OPENQASM 2.0;", "no qubits"),
        ("qreg q[50]; h q[0];", "GiB.* --dtype complex64, or --state"),
        ("qreg q[500]; h q[0];", "500"),
    ],
)
def test_user_errors_are_one_line(text, words, tmp_path, capsys):
    path = tmp_path / "bad.qasm"
    if text is not None:
        path.write_text(text)
    assert main(["run", str(path)]) == 2
    err = capsys.readouterr().err
    assert err.startswith("numket: ")
    assert err.count("\n") == 1
    assert re.search(words, err)


@pytest.mark.parametrize("shots", ["0", "-3", "many", "1.5"])
def test_shots_are_a_positive_integer(shots, bell, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["run", str(bell), "--shots", shots])
    assert f"'{shots}' is not a positive integer" in capsys.readouterr().err


def test_demo(capsys):
    from numket import demo

    assert demo.main(qubits=16) == 0
    out = capsys.readouterr().out
    assert "the same object:  True" in out
    assert "the same address: True" in out
