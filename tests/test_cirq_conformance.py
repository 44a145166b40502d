"""Cirq's own tests of its state vector simulator, on numket's."""

import pytest

import numket.cirq

cirq = pytest.importorskip("cirq")
host = pytest.importorskip("cirq.sim.sparse_simulator_test")

globals().update({name: test for name, test in vars(host).items() if name.startswith("test_")})


@pytest.fixture(autouse=True)
def ours(monkeypatch):
    monkeypatch.setattr(cirq, "Simulator", numket.cirq.Simulator)
