"""Other simulators: how each runs gates and shows its state."""

import numpy as np

import interop
import numket as nk
from interop import PROGRAM, QUBITS, SHOTS, TURN, UNIFORM, Library, N


class Bloqade(Library):
    """Kernels are functions, whose source it reads."""

    name, packages = "Bloqade", ("bloqade-circuit[pyqrack-cpu,qasm2]", "pyqrack-cpu")
    read = look = "simulator.state_vector(kernel)"  # runs the kernel anew
    view = "nk.little_endian(np.array(psi))"
    seeds = "StackMemorySimulator(rng_state=generator)"
    note = "It asks for an old Qrack, and has its phases."

    def kernel(self, operations, result):
        lines = [
            "from bloqade import squin",
            "@squin.kernel",
            "def kernel():",
            " q = squin.qalloc(3)",
        ]
        for name, angles, qubits in operations:
            values = ", ".join([*map(repr, angles), *(f"q[{q}]" for q in qubits)])
            lines.append(f" squin.{name}({values})")
        return interop.module_of("\n".join([*lines, f" return {result}"])).kernel

    def run(self, operations):
        from bloqade.pyqrack import StackMemorySimulator

        return {
            "simulator": StackMemorySimulator(min_qubits=N),
            "kernel": self.kernel(operations, "q"),
        }

    def draw(self, seed):
        from bloqade.pyqrack import StackMemorySimulator

        kernel = self.kernel(UNIFORM, "[squin.measure(q[0]), squin.measure(q[1])]")
        generator = np.random.default_rng(seed)
        simulator = StackMemorySimulator(min_qubits=N, rng_state=generator)
        return [str(simulator.run(kernel)) for _ in range(SHOTS)]


class Braket(Library):
    name, packages = "Braket", ("amazon-braket-sdk",)
    read = "result.values[0]"
    look = "task.result().values[0]"

    def circuit(self, operations):
        from braket.circuits import Circuit

        circuit = Circuit().i(QUBITS)
        for name, angles, qubits in operations:
            getattr(circuit, {"cx": "cnot", "u3": "u"}.get(name, name))(*qubits, *angles)
        return circuit

    def run(self, operations):
        from braket.devices import LocalSimulator

        task = LocalSimulator().run(self.circuit(operations).state_vector(), shots=0)
        return {"task": task, "result": task.result()}

    seeds = "np.random.seed(seed), random.seed(seed)"

    def draw(self, seed):
        from braket.devices import LocalSimulator

        interop.seed_everything(seed)
        return LocalSimulator().run(self.circuit(UNIFORM), shots=SHOTS).result().measurements


class Graphix(Library):
    name, packages = "Graphix", ("graphix",)
    read = look = "state.psi"
    gives = "circuit.simulate(input_state=psi)"
    seeds = "pattern.simulate(rng=generator)"
    note = (
        "A circuit starts from the state in which all qubits are +, so that "
        "`input_state=BasicStates.ZERO` is needed. A pattern gives the state of its circuit "
        "with a phase that depends on the outcomes drawn."
    )

    def circuit(self, operations):
        from graphix import Circuit

        circuit = Circuit(N)
        for name, angles, qubits in operations:
            getattr(circuit, {"cx": "cnot", "u3": "u"}.get(name, name))(*qubits, *angles)
        return circuit

    def run(self, operations):
        from graphix.states import BasicStates

        return {"state": self.circuit(operations).simulate(input_state=BasicStates.ZERO).state}

    def give(self, psi):
        return self.circuit(TURN).simulate(input_state=psi).state.psi

    def draw(self, seed):
        pattern = self.circuit(PROGRAM).transpile().pattern
        return pattern.simulate(rng=np.random.default_rng(seed)).psi

    def check(self):
        assert np.allclose(self.circuit([]).simulate().state.psi, 8**-0.5)
        one, two = self.draw(1), self.draw(2)
        assert interop.parallel(one, two)
        assert not interop.close(one, two)


class MindQuantum(Library):
    name, packages = "MindQuantum", ("mindquantum",)
    python = "3.11"
    read = look = "simulator.get_qs()"
    view = "nk.little_endian(psi)"
    other = 'Simulator("mqvector", n, dtype=mq.complex64)'
    gives = "simulator.set_qs(psi)"
    seeds = "simulator.sampling(circuit, shots=shots, seed=seed)"

    def circuit(self, operations):
        from mindquantum.core import gates
        from mindquantum.core.circuit import Circuit

        circuit = Circuit()
        for name, angles, qubits in operations:
            gate = getattr(gates, {"cx": "X"}.get(name, name.upper()))
            circuit += (gate(*angles) if angles else gate).on(qubits[-1], list(qubits[:-1]) or None)
        return circuit

    def run(self, operations, **options):
        from mindquantum.simulator import Simulator

        simulator = Simulator("mqvector", N, **options)
        simulator.apply_circuit(self.circuit(operations))
        return {"simulator": simulator}

    def run_other(self, operations):
        import mindquantum

        return self.run(operations, dtype=mindquantum.complex64)

    def give(self, psi):
        simulator = self.run([])["simulator"]
        simulator.set_qs(psi)
        simulator.apply_circuit(self.circuit(TURN))
        return simulator.get_qs()

    def draw(self, seed):
        simulator = self.run([])["simulator"]
        circuit = self.circuit(UNIFORM).measure_all()
        return simulator.sampling(circuit, shots=SHOTS, seed=seed).data


class ProjectQ(Library):
    name, packages = "ProjectQ", ("projectq",)
    build = "setuptools<75"
    read = look = "simulator.cheat()[1]"
    view = "nk.little_endian(np.array(psi))"
    gives = "simulator.set_wavefunction(psi, qureg)"
    seeds = "Simulator(rnd_seed=seed)"
    gates = Library.gates[:-1]

    def apply(self, operations, qureg):
        from projectq import ops

        for name, angles, qubits in operations:
            gate = getattr(ops, {"cx": "CNOT"}.get(name, name.title()))
            (gate(*angles) if angles else gate) | tuple(qureg[q] for q in qubits)

    def run(self, operations, **options):
        from projectq import MainEngine
        from projectq.backends import Simulator

        simulator = Simulator(**options)
        engine = MainEngine(backend=simulator, engine_list=[])
        qureg = engine.allocate_qureg(N)
        self.apply(operations, qureg)
        engine.flush()
        return {"simulator": simulator, "engine": engine, "qureg": qureg}

    def give(self, psi):
        names = self.run([])
        names["simulator"].set_wavefunction(psi, names["qureg"])
        self.apply(TURN, names["qureg"])
        names["engine"].flush()
        return names["simulator"].cheat()[1]

    def draw(self, seed):
        from projectq.ops import All, Measure

        names, outcomes = self.run([], rnd_seed=seed), []
        for _ in range(SHOTS):
            self.apply(UNIFORM, names["qureg"])
            All(Measure) | names["qureg"]
            names["engine"].flush()
            outcomes.append([int(qubit) for qubit in names["qureg"]])
        return outcomes


class PyQuil(Library):
    name, packages = "pyQuil", ("pyquil",)
    read = look = "simulator.wf"
    gives = "simulator.wf = psi.reshape((2,) * n)"
    seeds = "NumpyWavefunctionSimulator(n, rs=np.random.RandomState(seed))"
    gates = Library.gates[:-1]
    note = (
        "Each gate puts a new array in place of `wf`, of which the axes may be permuted: take "
        "`wf` anew after it."
    )

    def apply(self, operations, simulator):
        from pyquil import gates

        for name, angles, qubits in operations:
            simulator.do_gate(
                getattr(gates, {"cx": "CNOT"}.get(name, name.upper()))(*angles, *qubits)
            )
        return simulator

    def run(self, operations, **options):
        from pyquil.simulation import NumpyWavefunctionSimulator

        return {"simulator": self.apply(operations, NumpyWavefunctionSimulator(N, **options))}

    def give(self, psi):
        simulator = self.run([])["simulator"]
        simulator.wf = psi.reshape((2,) * N)
        return self.apply(TURN, simulator).wf

    def draw(self, seed):
        names = self.run(UNIFORM, rs=np.random.RandomState(seed))
        return names["simulator"].sample_bitstrings(SHOTS)

    def check(self):
        simulator = self.run(PROGRAM)["simulator"]
        before = simulator.wf
        assert not np.shares_memory(before, self.apply(TURN, simulator).wf)


class Pytket(Library):
    name, packages = "pytket", ("pytket",)
    read = look = "circuit.get_statevector()"
    gives = "circuit.get_unitary_times_other(psi[:, None])"

    def run(self, operations):
        from pytket import Circuit

        circuit = Circuit(N)
        for name, angles, qubits in operations:
            title = {"cx": "CX"}.get(name, name.title())
            getattr(circuit, title)(*angles, *qubits)
        return {"circuit": circuit}

    def give(self, psi):
        return self.run(TURN)["circuit"].get_unitary_times_other(psi[:, None])[:, 0]


class Qrack(Library):
    name, packages = "Qrack", ("pyqrack-cpu",)
    note = "Each gate may multiply the state by a random phase. Shots come sorted, not as drawn."
    read = look = "simulator.out_ket()"
    view = "nk.little_endian(np.array(psi))"
    gives = "simulator.in_ket(psi)"
    seeds = "simulator.seed(seed)"

    def apply(self, operations, simulator):
        from pyqrack import Pauli

        axes = {"rx": Pauli.PauliX, "ry": Pauli.PauliY, "rz": Pauli.PauliZ}
        for name, angles, qubits in operations:
            match name:
                case "rx" | "ry" | "rz":
                    simulator.r(axes[name], *angles, *qubits)
                case "cx":
                    simulator.mcx([qubits[0]], qubits[1])
                case "u3":
                    simulator.u(*qubits, *angles)
                case _:
                    getattr(simulator, name)(*qubits)
        return simulator

    def run(self, operations):
        from pyqrack import QrackSimulator

        return {"simulator": self.apply(operations, QrackSimulator(N))}

    def give(self, psi):
        simulator = self.run([])["simulator"]
        simulator.in_ket(psi)
        return self.apply(TURN, simulator).out_ket()

    def draw(self, seed):
        simulator = self.run([])["simulator"]
        simulator.seed(seed)
        return self.apply(UNIFORM, simulator).measure_shots(QUBITS, SHOTS)

    def check(self):
        shots = self.draw(1)
        assert shots == sorted(shots)


class Qrisp(Library):
    name, packages = "Qrisp", ("qrisp",)
    read = look = "circuit.statevector_array()"
    seeds = "np.random.seed(seed), random.seed(seed)"

    def run(self, operations):
        from qrisp import QuantumCircuit

        circuit = QuantumCircuit(N)
        for name, angles, qubits in operations:
            getattr(circuit, name)(*angles, *qubits)
        return {"circuit": circuit}

    def draw(self, seed):
        circuit = self.run(UNIFORM)["circuit"]
        circuit.measure(circuit.qubits)
        interop.seed_everything(seed)
        return dict(circuit.run(shots=SHOTS))


class Qulacs(Library):
    name, packages = "Qulacs", ("qulacs",)
    read = look = "state.get_vector()"
    view = "nk.little_endian(psi)"
    gives = "state.load(psi)"
    seeds = "state.sampling(shots, seed)"

    def circuit(self, operations):
        from qulacs import QuantumCircuit

        circuit = QuantumCircuit(N)
        for name, angles, qubits in operations:
            title = {"cx": "CNOT"}.get(name, name.upper())
            getattr(circuit, f"add_{title}_gate")(*qubits, *angles)
        return circuit

    def run(self, operations):
        from qulacs import QuantumState

        state = QuantumState(N)
        self.circuit(operations).update_quantum_state(state)
        return {"state": state}

    def give(self, psi):
        state = self.run([])["state"]
        state.load(psi)
        self.circuit(TURN).update_quantum_state(state)
        return state.get_vector()

    def draw(self, seed):
        return self.run(UNIFORM)["state"].sampling(SHOTS, seed)


class Scaluq(Library):
    name, packages = "scaluq", ("scaluq",)
    read = look = "state.get_amplitudes()"
    view = "nk.little_endian(np.array(psi))"
    other = "scaluq.default.f32.StateVector(n)"
    gives = "state.load(psi)"
    seeds = "state.sampling(shots, seed)"

    def circuit(self, operations, space):
        circuit = space.Circuit()
        for name, angles, qubits in operations:
            circuit.add_gate(getattr(space.gate, name.upper())(*qubits, *angles))
        return circuit

    def run(self, operations, precision="f64"):
        import scaluq

        space = getattr(scaluq.default, precision)
        state = space.StateVector(N)
        self.circuit(operations, space).update_quantum_state(state)
        return {"state": state}

    def run_other(self, operations):
        return self.run(operations, "f32")

    def give(self, psi):
        import scaluq

        state = self.run([])["state"]
        state.load(psi)
        self.circuit(TURN, scaluq.default.f64).update_quantum_state(state)
        return state.get_amplitudes()

    def draw(self, seed):
        return self.run(UNIFORM)["state"].sampling(SHOTS, seed)


class Selene(Library):
    """Programs are Guppy functions, whose source it reads, compiles and runs as a process."""

    name, packages = "Selene", ("selene-sim", "guppylang")
    read = look = "states['state'].get_single_state()"
    note = (
        "`get_single_state` is a column of a matrix, with the phase that makes the first amplitude "
        "positive. `.state` has the phase of the gates; it is of all qubits of the run, and "
        "`nk.little_endian` of it has their order."
    )
    seeds = "Quest(random_seed=seed)"
    gates = Library.gates[:-1]

    def program(self, operations, last):
        lines = [
            "from guppylang import guppy",
            "from guppylang.std.angles import angle",
            "from guppylang.std.builtins import result",
            "from guppylang.std.debug import state_result",
            "from guppylang.std.quantum import cx, discard, h, measure, qubit, rx, ry, rz, s, t, x",
            "@guppy",
            "def main() -> None:",
            *(f"    q{i} = qubit()" for i in QUBITS),
        ]
        for name, angles, qubits in operations:
            values = [*(f"q{q}" for q in qubits), *(f"angle({value})" for value in angles)]
            lines.append(f"    {name}({', '.join(values)})")
        return interop.module_of("\n".join([*lines, *(f"    {line}" for line in last)])).main

    def shots(self, program, count, **options):
        from selene_sim import Quest, build

        runner = build(program.compile())
        return [*map(list, runner.run_shots(Quest(**options), n_qubits=N, n_shots=count))]

    def run(self, operations):
        from selene_sim import Quest

        last = ['state_result("state", q0, q1, q2)', *(f"discard(q{i})" for i in QUBITS)]
        (shot,) = self.shots(self.program(operations, last), 1)
        return {"states": Quest.extract_states_dict(shot)}

    def check(self):
        names = self.run(PROGRAM)
        ours = nk.little_endian(names["states"]["state"].state)
        assert interop.parallel(ours, interop.evaluate(self.read, names))
        assert not interop.close(ours, interop.evaluate(self.read, names))

    def draw(self, seed):
        last = [f'result("{i}", measure(q{i}).read())' for i in QUBITS]
        return [
            str(shot) for shot in self.shots(self.program(UNIFORM, last), SHOTS, random_seed=seed)
        ]


class TensorCircuit(Library):
    name, packages = "TensorCircuit-NG", ("tensorcircuit-ng",)
    read = look = "circuit.state()"
    other = 'tc.set_dtype("complex128")'
    gives = "tc.Circuit(n, inputs=psi)"
    seeds = "circuit.sample(random_generator=tc.backend.get_random_state(seed))"
    note = "The array that is handed over is kept, and looked at when the circuit runs."

    def run(self, operations, **options):
        import tensorcircuit as tc

        circuit = tc.Circuit(N, **options)
        for name, angles, qubits in operations:
            values = dict(zip(("theta", "phi", "lbd"), angles, strict=False))
            getattr(circuit, {"u3": "u"}.get(name, name))(*qubits, **values)
        return {"circuit": circuit}

    def run_other(self, operations):
        import tensorcircuit as tc

        with tc.runtime_dtype("complex128"):
            circuit = self.run(operations)["circuit"]
            state = circuit.state()
        return {"circuit": type("_", (), {"state": lambda _: state})()}

    def give(self, psi):
        return self.run(TURN, inputs=psi)["circuit"].state()

    def draw(self, seed):
        import tensorcircuit as tc

        generator = tc.backend.get_random_state(seed)
        circuit = self.run(UNIFORM)["circuit"]
        return circuit.sample(
            batch=SHOTS, allow_state=True, format="sample_int", random_generator=generator
        )

    def check(self):
        import tensorcircuit as tc

        psi = np.eye(1, 8, dtype=np.complex64)[0]
        circuit = tc.Circuit(N, inputs=psi)
        nk.x(psi, 2)
        assert circuit.state()[1] == 1


class Tequila(Library):
    name, packages = "tequila", ("tequila-basic", "qulacs")
    read = look = "state.to_array(tq.BitNumbering.LSB, copy=False)"
    view = "nk.little_endian(psi)"
    note = "Run by its backend qulacs. `state.to_array()` is a copy, with qubit 0 most significant."
    gives = "QubitWaveFunction.from_array(psi, BitNumbering.LSB)"
    seeds = "np.random.seed(seed), random.seed(seed)"

    def circuit(self, operations):
        import tequila as tq

        circuit = tq.QCircuit()
        for name, angles, qubits in operations:
            match name:
                case "rx" | "ry" | "rz":
                    circuit += getattr(tq.gates, name.title())(angle=angles[0], target=qubits[0])
                case "u3":
                    circuit += tq.gates.u3(*angles, *qubits)
                case _:
                    circuit += getattr(tq.gates, name.upper())(*qubits)
        for qubit in QUBITS:  # one that no gate names is no part of the state
            circuit += tq.gates.Rz(angle=0.0, target=qubit)
        return circuit

    def run(self, operations, **options):
        import tequila as tq

        state = tq.simulate(self.circuit(operations), backend="qulacs", **options)
        return {"state": state, "tq": tq}

    def give(self, psi):
        import tequila as tq

        start = tq.QubitWaveFunction.from_array(psi, tq.BitNumbering.LSB)
        return self.run(TURN, initial_state=start)["state"].to_array(tq.BitNumbering.LSB)

    def check(self):
        state = self.run(PROGRAM)["state"]
        assert state.to_array().flags.owndata
        assert not np.shares_memory(state.to_array(), state.to_array())
        assert interop.close(interop.expected(PROGRAM), state.to_array())

    def draw(self, seed):
        interop.seed_everything(seed)
        return str(self.run(UNIFORM, samples=SHOTS)["state"])
