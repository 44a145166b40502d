"""``numket bench autodiff``: gradients through PyTorch and JAX against `Circuit.gradient`."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from timeit import Timer
from typing import Any

import numpy as np
from numpy.typing import NDArray

import numket as nk
from numket.bench import _report

BATCH = 32
"""Sets of parameters that are done together."""

Values = NDArray[np.float64]


def problem(qubits: int) -> tuple[nk.Circuit, nk.PauliSum, Values]:
    """RY and RZ on all qubits, five times, CX between them; a TFIM chain; angles."""
    circuit, count = nk.Circuit(qubits), 0
    for layer in range(5):
        for name in ("ry", "rz"):
            for q in range(qubits):
                getattr(circuit, name)(nk.Parameter(f"t{count}"), q)
                count += 1
        for q in range((qubits - 1) * (layer < 4)):
            circuit.cx(q, q + 1)
    pairs = nk.PauliSum([("ZZ", (q, q + 1), -1.0) for q in range(qubits - 1)], num_qubits=qubits)
    field = nk.PauliSum([("X", q, -0.5) for q in range(qubits)], num_qubits=qubits)
    return circuit, pairs + field, np.random.default_rng(qubits).normal(size=count)


def _by_numket(circuit: nk.Circuit, chain: nk.PauliSum, values: Values) -> Callable[[], Any]:
    return partial(circuit.gradient, chain, values, batch=values.ndim - 1)


def _by_torch(circuit: nk.Circuit, chain: nk.PauliSum, values: Values) -> Callable[[], Any]:
    torch, torch_face = import_module("torch"), import_module("numket.torch")
    energy = torch_face.Expectation(circuit, chain)
    params = torch.tensor(values, requires_grad=True)

    def step() -> Any:
        params.grad = None
        energy(params).sum().backward()
        return params.grad

    return step


def _by_jax(circuit: nk.Circuit, chain: nk.PauliSum, values: Values) -> Callable[[], Any]:
    jax, jax_face = import_module("jax"), import_module("numket.jax")
    jax.config.update("jax_enable_x64", True)
    energy = jax_face.Expectation(circuit, chain)
    step = jax.jit(jax.value_and_grad(lambda params: energy(params).sum()))
    params = jax.numpy.array(values)
    return lambda: jax.block_until_ready(step(params))


def _by_pennylane(circuit: nk.Circuit, chain: nk.PauliSum, values: Values) -> Callable[[], Any]:
    """The same circuit as a QNode on numket's device."""
    qml, torch = import_module("pennylane"), import_module("torch")
    gates = {"ry": qml.RY, "rz": qml.RZ}
    energy = qml.Hamiltonian(
        [factor.real for _, factor in chain],
        [qml.pauli.string_to_pauli_word(letters) for letters, _ in chain],
    )

    @qml.qnode(qml.device("numket.qubit"), interface="torch", diff_method="adjoint")  # type: ignore[untyped-decorator]
    def node(params: Any) -> Any:
        angles = iter(params)
        for operation in circuit:
            if operation.name == "cx":
                qml.CNOT(operation.qubits)
            else:
                gates[operation.name](next(angles), operation.qubits)
        return qml.expval(energy)

    params = torch.tensor(values, requires_grad=True)

    def step() -> Any:
        params.grad = None
        node(params).backward()
        return params.grad

    return step


WAYS = {
    "Circuit.gradient": (_by_numket, ()),
    "numket.torch": (_by_torch, ("torch",)),
    "numket.jax, jit": (_by_jax, ("jax",)),
    "PennyLane, PyTorch": (_by_pennylane, ("pennylane", "torch")),
}
"""Functions that make what is timed, and what must be installed."""


def _timer(step: Callable[[], Any], seconds: float) -> Callable[[], float]:
    """The mean time of some calls in a row, which take about so many seconds."""
    step()
    count = max(1, round(seconds / _report.elapsed(step)))
    return lambda: Timer(step).timeit(count) / count


def measure(qubits: int, sets: int, repeats: int, seconds: float) -> list[dict[str, Any]]:
    """A row for each way that is installed, for one set of parameters or a batch of them."""
    circuit, chain, values = problem(qubits)
    given = values if sets == 1 else np.tile(values, (sets, 1))
    timers = {
        name: _timer(make(circuit, chain, given), seconds)
        for name, (make, needed) in WAYS.items()
        if all(map(find_spec, needed)) and (sets == 1 or make is not _by_pennylane)
    }
    times = _report.interleaved(timers, repeats)
    base = median(times["Circuit.gradient"])
    return [
        {
            "case": f"{qubits} qubits, {sets} x {len(values)} parameters: {name}",
            "median us": 1e6 * median(found),
            "/gradient": median(found) / base,
        }
        for name, found in times.items()
    ]


def main(output: Path | None = None, baseline: Path | None = None, quick: bool = False) -> int:
    """Measure, print, write."""
    record = _report.Record("autodiff", "case", "median us", output, baseline)
    repeats, seconds = (3, 0.0) if quick else (25, 0.02)
    cases = [(4, 1), (4, BATCH)] if quick else [(10, 1), (10, BATCH), (16, 1)]
    print(_report.header("A value and its gradient, through frameworks and by Circuit.gradient"))
    missing = [name for name in ("torch", "jax", "pennylane") if find_spec(name) is None]
    if missing:
        print(f"not installed: {', '.join(missing)}")
    rows = [row for case in cases for row in measure(*case, repeats, seconds)]
    print(_report.table(rows, {"case": "<56", "median us": ".0f", "/gradient": ".2f"}))
    return record.finish(rows)
