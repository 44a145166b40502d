"""Frameworks in Python, and libraries of arrays: how each runs gates and shows its state."""

from typing import Any

import numpy as np

import interop
import numket as nk
from interop import PROGRAM, QUBITS, SHOTS, TURN, UNIFORM, Library, N, Operation


class Aer(Library):
    name, packages = "Aer", ("qiskit-aer", "qiskit")
    read = look = "result.get_statevector().data"
    view = "nk.little_endian(psi)"
    other = 'AerSimulator(precision="single")'
    gives = "circuit.set_statevector(psi)"
    seeds = "AerSimulator(seed_simulator=seed)"

    def run(self, operations, before=None, **options):
        from qiskit_aer import AerSimulator

        circuit = qiskit_circuit(operations, before)
        circuit.save_statevector()
        return {"result": AerSimulator(**options).run(circuit).result()}

    def run_other(self, operations):
        return self.run(operations, precision="single")

    def give(self, psi):
        names = self.run(TURN, lambda circuit: circuit.set_statevector(psi))
        return interop.evaluate(self.read, names)

    def draw(self, seed):
        from qiskit_aer import AerSimulator

        circuit = qiskit_circuit(UNIFORM)
        circuit.measure_all()
        run = AerSimulator(seed_simulator=seed).run(circuit, shots=SHOTS, memory=True)
        return run.result().get_memory()


def qiskit_circuit(operations: list[Operation], before: Any = None) -> Any:
    from qiskit import QuantumCircuit

    circuit = QuantumCircuit(N)
    if before is not None:
        before(circuit)
    for name, angles, qubits in operations:
        getattr(circuit, {"u3": "u"}.get(name, name))(*angles, *qubits)
    return circuit


class Cirq(Library):
    name, packages = "Cirq", ("cirq-core",)
    read = look = "result.final_state_vector"
    other = "Simulator(dtype=np.complex128)"
    gives = "simulator.simulate(circuit, initial_state=psi)"
    seeds = "Simulator(seed=seed)"
    gates = Library.gates[:-1]

    def circuit(self, operations):
        import cirq

        line = cirq.LineQubit.range(N)
        circuit = cirq.Circuit()
        for name, angles, qubits in operations:
            gate = getattr(cirq, name)(*angles) if angles else getattr(cirq, name.upper())
            circuit.append(gate(*(line[q] for q in qubits)))
        return circuit, line

    def run(self, operations, options=None, **more):
        import cirq

        circuit, line = self.circuit(operations)
        simulator = cirq.Simulator(**options or {})
        return {"result": simulator.simulate(circuit, qubit_order=line, **more)}

    def run_other(self, operations):
        return self.run(operations, {"dtype": np.complex128})

    def give(self, psi):
        return self.run(TURN, initial_state=psi)["result"].final_state_vector

    def draw(self, seed):
        import cirq

        circuit, line = self.circuit(UNIFORM)
        circuit.append(cirq.measure(*line, key="m"))
        return cirq.Simulator(seed=seed).run(circuit, repetitions=SHOTS).measurements["m"]


class Dynamiqs(Library):
    name, packages = "dynamiqs", ("dynamiqs", "jax")
    read = look = "state.to_numpy()"
    view = "psi[:, 0].copy()"
    other = 'dq.set_precision("double")'
    gives = "dq.asqarray(psi[:, None], dims=(2, 2, 2))"
    gates = (*interop.TURNS, *interop.FIXED)

    def state(self, operations, psi):
        import dynamiqs as dq

        names = {"h": dq.hadamard, "t": dq.tgate, "s": dq.sgate, "x": dq.sigmax, "cx": dq.cnot}
        for name, angles, qubits in operations:
            factors = [dq.eye(2)] * qubits[0]
            factors.append(names[name]() if name in names else getattr(dq, name)(*angles))
            factors += [dq.eye(2)] * (N - 1 - qubits[-1])
            psi = dq.tensor(*factors) @ psi
        return psi

    def run(self, operations):
        import dynamiqs as dq

        dq.set_precision("single")
        return {"state": self.state(operations, dq.fock((2,) * N, (0,) * N))}

    def run_other(self, operations):
        import dynamiqs as dq

        dq.set_precision("double")
        return {"state": self.state(operations, dq.fock((2,) * N, (0,) * N))}

    def give(self, psi):
        import dynamiqs as dq

        return self.state(TURN, dq.asqarray(psi[:, None], dims=(2,) * N)).to_numpy()


class Ffsim(Library):
    """States of a fixed number of fermions; those of qubits are made by a function."""

    name, packages = "ffsim", ("ffsim", "qiskit")
    read = "vector"
    view = "nk.little_endian(ffsim_vec_to_qiskit_vec(psi, 2, (1, 1)))"
    gives = "ffsim.apply_num_interaction(psi, angle, 0, 2, (1, 1))"
    gates = ()
    note = (
        "Its states have one amplitude for each way to place the fermions. In the array of "
        "`ffsim_vec_to_qiskit_vec`, which is a copy, qubits are the orbitals, those of spin alpha "
        "first. Angles count whole: `apply_num_interaction` is `nk.p` on both spins."
    )

    def run(self, operations):
        import ffsim
        from ffsim.qiskit import ffsim_vec_to_qiskit_vec

        vector = ffsim.hartree_fock_state(2, (1, 1))
        vector = ffsim.apply_givens_rotation(vector, 0.3, (0, 1), 2, (1, 1))
        return {"vector": vector, "ffsim_vec_to_qiskit_vec": ffsim_vec_to_qiskit_vec}

    def give(self, psi):
        import ffsim

        return ffsim.apply_num_interaction(psi, 0.0, 0, 2, (1, 1))

    seeds = "ffsim.sample_state_vector(..., seed=seed)"

    def draw(self, seed):
        import ffsim

        vector = self.run([])["vector"]
        return ffsim.sample_state_vector(vector, norb=2, nelec=(1, 1), shots=SHOTS, seed=seed)

    def check(self):
        import ffsim

        vector = self.run([])["vector"]
        names = self.run([])
        psi = interop.evaluate(self.view, names, psi=ffsim.hartree_fock_state(2, (1, 1)))
        assert psi[1, 0, 1, 0] == 1
        after = ffsim.apply_num_interaction(vector, 0.3, 0, 2, (1, 1))
        ours = interop.evaluate(self.view, names, psi=vector)
        nk.p(ours, 0.3, 0)
        nk.p(ours, 0.3, 2)
        assert interop.close(ours, interop.evaluate(self.view, names, psi=after))
        ffsim.apply_num_interaction(vector, 0.3, 0, 2, (1, 1), copy=False)
        assert np.array_equal(vector, after)


class Jax(Library):
    name, packages = "JAX", ("jax",)
    read = look = "x"
    view = "np.array(psi)"
    other = 'jax.config.update("jax_enable_x64", True)'
    gives = "jnp.array(psi)"
    gates = ()
    note = (
        "Arrays are immutable, and all views of them read-only. Numket's own arrays are aligned "
        "as JAX wants them: `jnp.from_dlpack(psi)` shares their memory, and changes when numket "
        "works in it."
    )

    def run(self, operations):
        import jax.numpy as jnp

        return {"x": jnp.asarray(interop.expected(operations).astype(np.complex64))}

    def run_other(self, operations):
        import jax
        import jax.numpy as jnp

        with jax.enable_x64(True):
            return {"x": jnp.asarray(interop.expected(operations).astype(np.complex128))}

    def give(self, psi):
        import jax.numpy as jnp

        return jnp.array(psi)

    def check(self):
        import jax.numpy as jnp

        x = self.run(PROGRAM)["x"]
        assert not np.asarray(x).flags.writeable
        assert not np.from_dlpack(x).flags.writeable
        psi = nk.zero_state(N, np.complex64)
        shared = jnp.from_dlpack(psi)
        psi[3] = 5
        assert shared[3] == 5


class PennyLane(Library):
    name, packages = "PennyLane", ("pennylane",)
    read = "state"
    gives = "qml.StatePrep(psi, wires)"
    seeds = 'qml.device("default.qubit", seed=seed)'

    def operations(self, operations):
        import pennylane as qml

        for name, angles, qubits in operations:
            gates = {"h": qml.Hadamard, "x": qml.PauliX, "cx": qml.CNOT}
            gates.get(name, getattr(qml, name.upper(), None))(*angles, wires=qubits)

    def run(self, operations, psi=None):
        import pennylane as qml

        @qml.qnode(qml.device("default.qubit", wires=N))
        def circuit():
            if psi is not None:
                qml.StatePrep(psi, wires=range(N))
            self.operations(operations)
            return qml.state()

        return {"state": circuit()}

    def give(self, psi):
        return self.run(TURN, psi)["state"]

    def draw(self, seed):
        import pennylane as qml

        @qml.set_shots(SHOTS)
        @qml.qnode(qml.device("default.qubit", wires=N, seed=seed))
        def circuit():
            self.operations(UNIFORM)
            return qml.sample()

        return circuit()


class Qibo(Library):
    name, packages = "Qibo", ("qibo",)
    read = look = "result.state()"
    gives = "circuit(initial_state=psi)"
    seeds = "backend.set_seed(seed)"
    other = 'backend.set_dtype("complex64")'

    def backend(self):
        from qibo.backends import NumpyBackend

        return NumpyBackend()

    def circuit(self, operations):
        from qibo import Circuit, gates

        circuit = Circuit(N)
        for name, angles, qubits in operations:
            title = {"cx": "CNOT"}.get(name, name.upper())
            circuit.add(getattr(gates, title)(*qubits, *angles))
        return circuit

    def run(self, operations):
        return {"result": self.backend().execute_circuit(self.circuit(operations))}

    def run_other(self, operations):
        backend = self.backend()
        backend.set_dtype("complex64")
        return {"result": backend.execute_circuit(self.circuit(operations))}

    def give(self, psi):
        return self.backend().execute_circuit(self.circuit(TURN), initial_state=psi).state()

    def draw(self, seed):
        from qibo import gates

        backend, circuit = self.backend(), self.circuit(UNIFORM)
        circuit.add(gates.M(*QUBITS))
        backend.set_seed(seed)
        return backend.execute_circuit(circuit, nshots=SHOTS).samples()


class Qibojit(Qibo):
    name, packages = "qibojit", ("qibojit", "qibo")

    def backend(self):
        from qibojit.backends import NumbaBackend

        return NumbaBackend()


class Qiskit(Library):
    name, packages = "Qiskit", ("qiskit",)
    read = "state.data"
    look = "np.array([state.inner(Statevector.from_int(i, 8)).conjugate() for i in range(8)])"
    view = "nk.little_endian(psi)"
    gives = "Statevector(psi).evolve(circuit)"
    seeds = "state.seed(seed)"
    note = "`Statevector(psi)` copies nothing: numket changes both."

    def run(self, operations):
        from qiskit.quantum_info import Statevector

        return {"state": Statevector(qiskit_circuit(operations)), "Statevector": Statevector}

    def give(self, psi):
        from qiskit.quantum_info import Statevector

        return Statevector(psi).evolve(qiskit_circuit(TURN)).data

    def draw(self, seed):
        state = self.run(UNIFORM)["state"]
        state.seed(seed)
        return state.sample_memory(SHOTS)

    def check(self):
        from qiskit.quantum_info import Statevector

        psi = np.eye(1, 8, dtype=complex)[0]
        assert np.shares_memory(Statevector(psi).data, psi)


class Quimb(Library):
    name, packages = "quimb", ("quimb",)
    read = look = "circuit.to_dense()"
    view = "psi[:, 0]"
    other = 'circuit.to_dense(dtype="complex64")'
    gives = "Circuit(psi0=Dense1D(psi))"
    seeds = "circuit.sample(shots, seed=seed)"
    note = "States with a name, as `quimb.up()`, are read-only, as each call gives the same array."

    def run(self, operations, **options):
        from quimb.tensor import Circuit

        circuit = Circuit(N, **options)
        for name, angles, qubits in operations:
            circuit.apply_gate(name.upper(), *angles, *qubits)
        return {"circuit": circuit}

    def run_other(self, operations):
        circuit = self.run(operations)["circuit"]
        return {
            "circuit": type("_", (), {"to_dense": lambda _: circuit.to_dense(dtype="complex64")})()
        }

    def give(self, psi):
        from quimb.tensor import Dense1D

        return self.run(TURN, psi0=Dense1D(psi))["circuit"].to_dense()

    def draw(self, seed):
        return list(self.run(UNIFORM)["circuit"].sample(SHOTS, seed=seed))

    def check(self):
        import quimb

        assert not quimb.up().flags.writeable
        assert quimb.up() is quimb.up()


class Qutip(Library):
    name, packages = "QuTiP", ("qutip", "qutip-qip")
    read = look = 'state.data_as("ndarray", copy=False)'
    view = "psi[:, 0]"
    gives = "Qobj(psi[:, None], dims=[[2] * n, [1]])"
    gates = Library.gates[:-1]
    note = "`state.full()` is a copy."

    def state(self, operations, psi):
        from qutip_qip.circuit import QubitCircuit

        circuit = QubitCircuit(N)
        names = {"h": "SNOT", "cx": "CNOT"}
        for name, angles, qubits in operations:
            options: dict[str, Any] = {"arg_value": angles[0]} if angles else {}
            if len(qubits) == 2:
                options["controls"] = qubits[0]
            circuit.add_gate(names.get(name, name.upper()), targets=qubits[-1], **options)
        return circuit.run(psi)

    def run(self, operations):
        from qutip import basis

        return {"state": self.state(operations, basis([2] * N, [0] * N))}

    def give(self, psi):
        from qutip import Qobj

        start = Qobj(psi[:, None], dims=[[2] * N, [1]])
        return self.state(TURN, start).full()

    def check(self):
        state = self.run(PROGRAM)["state"]
        assert not np.shares_memory(state.full(), interop.evaluate(self.read, {"state": state}))


class Scipy(Library):
    name, packages = "SciPy", ("scipy",)
    read = "vectors"
    view = "psi[:, 0]"
    gives = "expm_multiply(matrix, psi)"
    gates = ()

    def run(self, operations):
        from scipy.sparse.linalg import eigsh

        matrix = np.diag(np.arange(8.0)).astype(complex)
        matrix[0, 1], matrix[1, 0] = 1j, -1j
        return {"vectors": eigsh(matrix, k=2, which="SA", v0=np.ones(8, complex))[1]}

    def give(self, psi):
        from scipy.sparse.linalg import expm_multiply

        psi = psi.reshape(8, 2)
        return expm_multiply(np.zeros((8, 8), complex), psi)


class Torch(Library):
    name, packages = "torch", ("torch",)
    read = look = "x"
    view = "psi.numpy()"
    gives = "torch.from_numpy(psi)"
    gates = ()
    note = (
        "`numpy()` refuses tensors that want a gradient, and those that are conjugated lazily: "
        "use `detach()` and `resolve_conj()`."
    )

    def run(self, operations):
        import torch

        return {"x": torch.tensor(interop.expected(operations).astype(complex))}

    def give(self, psi):
        import torch

        return torch.from_numpy(psi)

    def check(self):
        x = self.run(PROGRAM)["x"]
        for tensor in (x.conj(), x.clone().requires_grad_()):
            try:
                tensor.numpy()
            except RuntimeError:
                continue
            raise AssertionError("numpy() of this tensor is no longer refused")
