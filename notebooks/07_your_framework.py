# %% [markdown]
# # Inside your framework
#
# The same program four times, as users of Cirq, Qiskit, PennyLane and Qibo write it: first on the
# framework's own engine, then on numket, with one line changed. The sections are independent; take
# yours.

# %%
import timeit
from itertools import pairwise

import numpy as np
from matplotlib import pyplot as plt

import numket as nk

plt.style.use("numket.plot.clear")
n, layers = 14, 6
angles = np.random.default_rng(1).uniform(-np.pi, np.pi, (layers, 2, n))
factors = {}


def seconds(run):
    return min(timeit.repeat(run, number=1, repeat=3))


def compare(name, own, ours, atol=1e-12):
    print(f"{name}: same result within {atol:g}: {np.allclose(own(), ours(), atol=atol)}")
    factors[name] = seconds(own) / seconds(ours)


# %% [markdown]
# ## Cirq
# `numket.cirq.Simulator` is a `cirq.Simulator`, with its methods, noise and results.

# %%
import cirq

import numket.cirq

qubits = cirq.LineQubit.range(n)
program = cirq.Circuit()
for ry, rz in angles:
    program.append([cirq.ry(a)(q), cirq.rz(b)(q)] for a, b, q in zip(ry, rz, qubits, strict=True))
    program.append(cirq.CZ(*pair) for pair in pairwise(qubits))

own = cirq.Simulator()
ours = numket.cirq.Simulator()  # the one line
compare(
    "Cirq",
    lambda: own.simulate(program).final_state_vector,
    lambda: ours.simulate(program).final_state_vector,
    atol=1e-5,  # complex64 is Cirq's default
)

noisy = program.with_noise(cirq.depolarize(0.01))
noisy.append(cirq.measure(*qubits[:4], key="m"))
shots = ours.run(noisy, repetitions=20)
print("noisy shots:", len(shots.measurements["m"]))

# %% [markdown]
# ## Qiskit
# `evolve` changes the array of a `Statevector` in place. `Sampler`, `Estimator` and `Backend` take
# the place of Qiskit's.

# %%
from qiskit import QuantumCircuit
from qiskit.quantum_info import SparsePauliOp, Statevector

from numket.qiskit import Estimator, Sampler, evolve

circuit = QuantumCircuit(n)
for ry, rz in angles:
    for q in range(n):
        circuit.ry(ry[q], q)
        circuit.rz(rz[q], q)
    for q in range(n - 1):
        circuit.cz(q, q + 1)


def evolved():
    state = Statevector.from_int(0, 2**n)
    evolve(state, circuit)  # the one line
    return state.data


compare("Qiskit", lambda: Statevector(circuit).data, evolved)

energy = SparsePauliOp.from_sparse_list([("ZZ", [q, q + 1], 1.0) for q in range(n - 1)], n)
value = Estimator().run([(circuit, energy)]).result()[0].data.evs
print("energy as Qiskit has it:", np.isclose(value, Statevector(circuit).expectation_value(energy)))

circuit.measure_all()
counts = Sampler(seed=7).run([circuit], shots=1000).result()[0].data.meas.get_counts()
print("shots:", sum(counts.values()))

# %% [markdown]
# ## PennyLane
# The device `numket.qubit` runs QNodes, with shots, broadcasting, and gradients by adjoint
# differentiation.

# %%
import pennylane as qml


def program(angles):
    for ry, rz in angles:
        for q in range(n):
            qml.RY(ry[q], q)
            qml.RZ(rz[q], q)
        for q in range(n - 1):
            qml.CZ([q, q + 1])
    return qml.expval(qml.sum(*[qml.Z(q) @ qml.Z(q + 1) for q in range(n - 1)]))


own = qml.QNode(program, qml.device("default.qubit", wires=n))
ours = qml.QNode(program, qml.device("numket.qubit", wires=n))  # the one line
compare("PennyLane", lambda: own(angles), lambda: ours(angles))

trainable = qml.numpy.array(angles, requires_grad=True)
own = qml.QNode(program, qml.device("lightning.qubit", wires=n), diff_method="adjoint")
ours = qml.QNode(program, qml.device("numket.qubit", wires=n), diff_method="adjoint")
compare("PennyLane, gradient", lambda: qml.grad(own)(trainable), lambda: qml.grad(ours)(trainable))

# %% [markdown]
# ## Qibo
# The backend `numket.qibo` keeps Qibo's channels, callbacks and measurements.

# %%
import qibo
from qibo import gates

qibo.config.log.setLevel("WARNING")
circuit = qibo.Circuit(n)
for ry, rz in angles:
    circuit.add(gates.RY(q, ry[q]) for q in range(n))
    circuit.add(gates.RZ(q, rz[q]) for q in range(n))
    circuit.add(gates.CZ(q, q + 1) for q in range(n - 1))


def on(backend):
    qibo.set_backend(backend)  # the one line
    return circuit().state()


compare("Qibo", lambda: on("numpy"), lambda: on("numket.qibo"))

# %% [markdown]
# ## How much faster?
# The best of three runs, here and now, with 14 qubits, conversions included. For PennyLane's
# gradient it is the adjoint method of `lightning.qubit`, for the others the engine that one gets
# if one asks for none. `numket bench dropin` measures with care, other engines, and 20 qubits.

# %% tags=["nbval-ignore-output"]
figure, ax = plt.subplots(figsize=(6, 2.4))
bars = ax.barh(list(factors), list(factors.values()))
ax.bar_label(bars, [f" {factor:.1f}×" for factor in factors.values()])
ax.set(xlabel="own engine / numket")
ax.invert_yaxis()
plt.show()

# %% [markdown]
# ## The way back
# A circuit of numket can be handed to Qiskit and Cirq, with their own pictures.

# %% tags=["nbval-ignore-output"]
bell = nk.Circuit(3).h(0).cx(0, 1).rzz(0.5, 1, 2).x(2, controls=[0, 1])
print(bell.to_qiskit().draw("text"))
print()
print(bell.to_cirq())

# %% [markdown]
# ## Chemistry and SciPy
# OpenFermion's operators become sums of Pauli strings: a Hubbard model of $2 \times 2$ sites is
# one of eight qubits.

# %%
import openfermion

hubbard = openfermion.jordan_wigner(openfermion.fermi_hubbard(2, 2, tunneling=1, coulomb=4))
hamiltonian = nk.PauliSum.from_openfermion(hubbard)
energy, _ = nk.ground_state(hamiltonian)
expected, _ = openfermion.get_ground_state(openfermion.get_sparse_operator(hubbard))
print(f"{len(hamiltonian)} strings, ground state {energy:.6f}")
print("as OpenFermion has it:", np.isclose(energy, expected))

# %% [markdown]
# Each of these frameworks has a page: [Cirq](../docs/cirq.md), [Qiskit](../docs/qiskit.md),
# [PennyLane](../docs/pennylane.md), [Qibo](../docs/qibo.md); other tools are in
# [interop](../docs/interop.md).
#
# Next: [teleportation, step by step](08_teleportation.ipynb).
