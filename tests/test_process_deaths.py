"""No process dies of a call in flight: at exit, in forks, in other processes, of signals.

Every kind of call runs in daemon threads of one process, over and over, while the process does what
it does. Exits with each kind by itself are in `test_interrupts.py`.
"""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from helpers import PATIENCE
from test_interrupts import DAEMONS, SLOW

CALLS = DAEMONS | {
    "a gate that takes long": "nk.h(wide, 0, threads=2)",
    "an operator that takes long": "nk.apply(wide, long, range(6))",
    "a circuit that takes long": "layers.run(wide, threads=2)",
    "a reading that takes long": "nk.reduced_density_matrix(wide, range(6))",
    "an expectation that takes long": "strings.expectation(wide)",
    "project": "nk.project(nk.zero_state(4), 0, 0)",
    "density": "density.run(density.zero_density(4), noisy)",
    "qasm": "nk.Circuit.from_qasm(text)",
}

HEAD = f"""
    import contextlib, os, signal, sys, threading, time, warnings
    from numket import density
    from helpers import PATIENCE
    warnings.simplefilter("ignore")
    sys.setswitchinterval(1e-4)
    calls = {CALLS!r}
    channel = [0.8 * np.eye(2), 0.6 * np.eye(2)[::-1]]
    theta = nk.Parameter("theta")
    circuit = nk.Circuit(4).h(0).rx(2 * theta, 1)
    noisy = nk.Circuit(4).h(0).apply_kraus(channel, 0).measure(0, 0).reset(1)
    single = np.ones(2**14, np.float32)
    long = oracle.random_unitary(np.random.default_rng(1), 6)
    layers = nk.Circuit(14)
    for qubit in range(64):
        layers.rx(0.1, qubit % 14).cx(qubit % 14, (qubit + 1) % 14)
    text = layers.to_qasm()
    strings = nk.PauliSum([("XYZ", (q, q + 1, q + 2), 1.0) for q in range(12)], num_qubits=14)
    begun = dict.fromkeys(calls, 0)
    failed = []

{textwrap.indent(SLOW, " " * 4)}
    def refused(call):
        with contextlib.suppress(TypeError, ValueError):
            call()

    def work(name, code):
        psi, wide, rng = nk.zero_state(4), nk.zero_state(14), np.random.default_rng(1)
        names = globals() | locals()
        try:
            while True:
                exec(code, names)
                begun[name] += 1
        except BaseException as error:
            failed.append((name, error))
            raise

    def in_flight():
        for name, code in calls.items():
            code = compile(code, name, "exec")
            threading.Thread(target=work, args=(name, code), daemon=True).start()
        wait()

    def wait():
        '''Until each kind of call has been done once more.'''
        before = dict(begun)
        while not all(begun[name] > before[name] for name in calls):
            assert not failed, failed
            time.sleep(0.001)

    def compute():
        psi = nk.zero_state(14)
        layers.run(psi, threads=2)
        nk.h(psi, 0, threads=2)
        assert abs(nk.norm(psi) - 1) < 1e-12
        assert nk.sample(psi, 10, rng=1).shape == (10,)
        assert nk.Circuit.from_qasm(text) == layers
    """


def test_exit(snippet):
    snippet(HEAD + "    in_flight()\n")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system does not fork")
def test_fork(snippet):
    """Each child computes, and exits as Python does; threads of the parent go on."""
    snippet(
        HEAD
        + """
    in_flight()
    for _ in range(2):
        child = os.fork()
        if child == 0:
            signal.alarm(PATIENCE)
            compute()
            sys.exit(0)
        assert os.waitpid(child, 0)[1] == 0
    wait()
    """
    )


def test_spawn(snippet, tmp_path):
    """A process that is started anew computes."""
    program = tmp_path / "program.py"
    head = "import numpy as np, oracle, numket as nk\n"
    program.write_text(
        head
        + "\n".join(line[4:] for line in HEAD.splitlines())
        + """
if __name__ == "__main__":
    import multiprocessing
    in_flight()
    process = multiprocessing.get_context("spawn").Process(target=compute)
    process.start()
    process.join()
    assert process.exitcode == 0
    wait()
"""
    )
    snippet(f"import runpy; runpy.run_path({str(program)!r}, run_name='__main__')")


@pytest.mark.skipif(sys.version_info < (3, 12), reason="one GIL for all interpreters")
def test_subinterpreter(snippet):
    """It is told that numket is not for it, and the main one goes on."""
    snippet(
        HEAD
        + """
    try:
        import _interpreters
    except ImportError:
        import _xxsubinterpreters as _interpreters
    in_flight()
    code = '\\n'.join(["try: import numket", "except ImportError: pass", "else: raise SystemExit"])
    number = _interpreters.create()
    assert _interpreters.run_string(number, code) is None
    _interpreters.destroy(number)
    wait()
    """
    )


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="the system has no such signals")
def test_signals_with_handlers(snippet):
    """Handlers run while the main thread calls too, and Ctrl-C reaches it."""
    snippet(
        HEAD
        + """
    heard = []
    signal.signal(signal.SIGALRM, lambda *_: heard.append(nk.norm(nk.zero_state(3))))
    in_flight()
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    while len(heard) < 10:
        compute()
    signal.setitimer(signal.ITIMER_REAL, 0)
    wait()
    for _ in range(3):
        timer = threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGINT))
        try:
            timer.start()
            while True:
                compute()
        except KeyboardInterrupt:
            pass
        wait()
    """
    )


@pytest.mark.skipif(sys.platform == "win32", reason="the system has no such signals")
def test_a_signal_that_ends_the_process():
    """It dies of that signal, and of no other."""

    head = "import numpy as np, oracle, numket as nk\n"
    tail = "in_flight()\nprint('ready', flush=True)\nwhile True:\n    compute()\n"
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    with subprocess.Popen(
        [sys.executable, "-c", head + textwrap.dedent(HEAD) + tail],
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGTERM, said
