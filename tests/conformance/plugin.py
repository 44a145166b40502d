"""A plugin of pytest for the tests of a framework: `pytest -p conformance.plugin`.

If CONFORMANCE_ENGINE is numket, that is put in for the engine of CONFORMANCE_FRAMEWORK. What came
of each test, and whether numket had a hand in it, is written to CONFORMANCE_REPORT.
"""

import functools
import json
import os
import random
import sys
import zlib
from pathlib import Path
from types import FunctionType

import numpy as np
import pytest

outcomes = {}
reached = set()  # the tests that have called numket
running = [None]


def replace(package, old, new):
    """Put a new object in the place of an old one in all modules of a package."""
    for name, module in list(sys.modules.items()):
        if name == package or name.startswith(f"{package}."):
            for attribute, value in list(vars(module).items()):
                if value is old:
                    setattr(module, attribute, new)


def watch(kind, *, but=()):
    """Notice every call of a method that a class of numket's has of its own."""
    for name, method in list(vars(kind).items()):
        if isinstance(method, FunctionType) and name not in but:
            setattr(kind, name, noticed(method))


def noticed(method):
    @functools.wraps(method)
    def call(*args, **kwargs):
        reached.add(running[0])
        return method(*args, **kwargs)

    return call


def put_into_cirq():
    import cirq

    import numket.cirq

    watch(numket.cirq.Simulator)
    replace("cirq", cirq.Simulator, numket.cirq.Simulator)


def put_into_qiskit():
    from qiskit import primitives
    from qiskit.providers import basic_provider

    import numket.qiskit as ours

    for kind in (ours.Sampler, ours.Estimator, ours.Backend):
        watch(kind)
    replace("qiskit", primitives.StatevectorSampler, ours.Sampler)
    replace("qiskit", primitives.StatevectorEstimator, ours.Estimator)
    replace("qiskit", basic_provider.BasicSimulator, ours.Backend)


def put_into_qibo():
    from qibo import backends

    from numket.qibo import MetaBackend, NumketBackend

    # The fixture of Qibo's tests makes a backend whether or not the test does anything with it.
    watch(NumketBackend, but=("__init__", "__repr__"))
    original = backends.construct_backend

    @functools.wraps(original)
    def construct_backend(backend, **kwargs):
        if backend == "numpy":
            return MetaBackend.load(**kwargs)
        return original(backend, **kwargs)

    replace("qibo", original, construct_backend)


def prepare_qibo():
    """The tests know that qibojit is not installed by an ImportError, as older versions gave."""
    from qibo import backends

    original = backends.construct_backend

    @functools.wraps(original)
    def construct_backend(backend, **kwargs):
        try:
            return original(backend, **kwargs)
        except backends.MissingBackend as error:
            if backend == "qibojit":
                raise ImportError(str(error)) from error
            raise

    replace("qibo", original, construct_backend)


def put_into_pennylane():
    import pennylane as qml
    from pennylane import devices

    from numket.pennylane import NumketQubit

    watch(NumketQubit)
    original = qml.device

    @functools.wraps(original)
    def device(name, *args, **kwargs):
        name = "numket.qubit" if name == "default.qubit" else name
        return original(name, *args, **without(kwargs))

    @functools.wraps(NumketQubit, updated=())
    def ours(*args, **kwargs):
        return NumketQubit(*args, **without(kwargs))

    def without(options):
        """Where tests run once for each number of workers, None of them is no option."""
        none = ("max_workers", None)
        return {name: value for name, value in options.items() if (name, value) != none}

    replace("pennylane", original, device)
    devices.DefaultQubit = ours


def seed(name):
    """Numbers from the global generators are the same in every run."""
    number = zlib.crc32(name.encode())
    random.seed(number)
    np.random.seed(number)  # noqa: NPY002


framework = os.environ["CONFORMANCE_FRAMEWORK"]
if framework == "Qibo":
    prepare_qibo()
if os.environ["CONFORMANCE_ENGINE"] == "numket":
    globals()[f"put_into_{framework.lower()}"]()


def pytest_collectstart(collector):
    seed(collector.nodeid)  # some tests are of random numbers, which are in their names


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    running[0] = item.nodeid
    seed(item.nodeid)


def tell(name, outcome):
    ranks = ["passed", "skipped", "failed"]
    outcomes[name] = max(outcomes.get(name, "passed"), outcome, key=ranks.index)


def pytest_runtest_logreport(report):
    tell(report.nodeid, report.outcome)


def pytest_collectreport(report):
    if report.outcome != "passed":
        tell(report.nodeid, report.outcome)


def pytest_sessionfinish():
    told = {name: [outcome, name in reached] for name, outcome in outcomes.items()}
    Path(os.environ["CONFORMANCE_REPORT"]).write_text(json.dumps(told, indent=0))
