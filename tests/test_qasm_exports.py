"""OpenQASM that other frameworks write: read here, it prepares the state that they compute.

Each framework writes each gate it has, on qubits in a product state that tells columns apart. What
its text loses is a row in `LOSES`, and that it still does so is checked too. The frameworks that
the group `exporters` installs are left out where they are missing.
"""

import inspect
import warnings
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from mqt.bench import BenchmarkLevel, get_benchmark
from mqt.bench.benchmarks import get_available_benchmark_names
from qiskit import QuantumCircuit, qasm2, qasm3
from qiskit.circuit import ClassicalRegister, Clbit, Gate
from qiskit.circuit import library as lib
from qiskit.circuit.classical import expr
from qiskit.quantum_info import Operator, Statevector

import numket as nk
from numket import qasm
from numket.qasm import QasmError

pytestmark = pytest.mark.filterwarnings("ignore")  # those of the frameworks

ANGLES = [0.7, 0.3, 1.1, 0.4]
EPS = np.finfo(float).eps

EXACT = "exact"
PHASE = "another global phase"
NOT_READ = "not read"
NOT_WRITTEN = "not written"
OTHER = "another gate"


def prepared(k: int) -> list[tuple[int, float, float]]:
    """For each of k qubits the angles of an ry and an rz; no two amplitudes are alike."""
    return [(q, 0.6 + 0.4 * q, 0.9 - 0.7 * q) for q in range(max(k, 1))]


def random_unitary(k: int) -> np.ndarray:
    real, imaginary = np.random.default_rng(7).normal(size=(2, 2**k, 2**k))
    return np.linalg.qr(real + 1j * imaginary)[0]


def little_endian(state: np.ndarray) -> np.ndarray:
    """The state of a framework whose first qubit is the least significant, in our order."""
    return state.reshape((2,) * (state.size.bit_length() - 1)).T.reshape(-1)


class Cirq:
    module, dialect = "cirq", None

    def __init__(self, version: str):
        self.version = version

    def gates(self) -> dict[str, Any]:
        import cirq

        one = {name: getattr(cirq, name) for name in ("X", "Y", "Z", "H", "S", "T")}
        two = {
            name: getattr(cirq, name) for name in ("CX", "CZ", "SWAP", "ISWAP", "XX", "YY", "ZZ")
        }
        three = {name: getattr(cirq, name) for name in ("CCX", "CCZ", "CSWAP")}
        powers = {
            f"{name}^0.3": gate**0.3
            for name, gate in (one | two | three).items()
            if name not in ("S", "T", "CSWAP")
        }
        controlled = {name: gate.controlled() for name, gate in one.items() if name not in "XZ"}
        return {
            **one,
            **two,
            **three,
            **powers,
            **{f"C({name})": gate for name, gate in controlled.items()},
            **{f"{name}^-1": one[name] ** -1 for name in ("S", "T")},
            **{f"r{axis}": getattr(cirq, f"r{axis}")(0.7) for axis in "xyz"},
            "X^0.5": cirq.X**0.5,
            "X^-0.5": cirq.X**-0.5,
            "X^0.3, shifted": cirq.XPowGate(exponent=0.3, global_shift=0.4),
            "C(rx)": cirq.rx(0.7).controlled(),
            "C0(X)": cirq.X.controlled(control_values=[0]),
            "CCC(X)": cirq.X.controlled(3),
            "I": cirq.I,
            "I 2": cirq.IdentityGate(2),
            "cphase": cirq.cphase(0.7),
            "givens": cirq.givens(0.7),
            "ms": cirq.ms(0.7),
            "FSim": cirq.FSimGate(0.7, 0.3),
            "PhasedFSim": cirq.PhasedFSimGate(0.7, 0.3, 1.1, 0.4, 0.2),
            "PhasedISwap": cirq.PhasedISwapPowGate(phase_exponent=0.3, exponent=0.7),
            "PhasedX": cirq.PhasedXPowGate(phase_exponent=0.3, exponent=0.7),
            "PhasedXZ": cirq.PhasedXZGate(x_exponent=0.3, z_exponent=0.7, axis_phase_exponent=-0.4),
            "GlobalPhase": cirq.GlobalPhaseGate(np.exp(0.7j)),
            "Permutation": cirq.QubitPermutationGate([2, 0, 1]),
            **{f"Matrix {k}": cirq.MatrixGate(random_unitary(k)) for k in (1, 2, 3)},
            **{f"Diagonal {k}": cirq.DiagonalGate(np.arange(2**k) / 7) for k in (2, 3)},
        }

    def circuit(self, gate: Any) -> Any:
        import cirq

        k = cirq.num_qubits(gate)
        qubits = cirq.LineQubit.range(max(k, 1))
        rotations = [[cirq.ry(a)(qubits[q]), cirq.rz(b)(qubits[q])] for q, a, b in prepared(k)]
        return cirq.Circuit(rotations, gate(*qubits[:k]))

    def state(self, circuit: Any) -> np.ndarray:
        return circuit.final_state_vector(dtype=np.complex128)

    def text(self, circuit: Any) -> str:
        return circuit.to_qasm(precision=17, version=self.version)


class Qiskit:
    module, dialect = "qiskit", None

    def __init__(self, version: str):
        self.dumps = {"2.0": qasm2.dumps, "3.0": qasm3.dumps}[version]

    def gates(self) -> dict[str, Any]:
        gates = {}
        for name, gate in lib.get_standard_gate_name_mapping().items():
            if isinstance(gate, Gate):
                gates[name] = gate.to_mutable()
                gates[name].params = ANGLES[: len(gate.params)]
        return gates | {
            "x, control 0": lib.XGate().control(1, ctrl_state=0),
            "ry, controls 10": lib.RYGate(0.7).control(2, ctrl_state=2),
            "sx, 2 controls": lib.SXGate().control(2),
            "ryy, control": lib.RYYGate(0.7).control(),
            "unitary, control": lib.UnitaryGate(random_unitary(1)).control(),
            "annotated": lib.RYYGate(0.7).control(annotated=True),
            "c3sx": lib.C3SXGate(),
            "c4x": lib.C4XGate(),
            "mcx 5": lib.MCXGate(5),
            "mcp 3": lib.MCPhaseGate(0.7, 3),
            "unitary 1": lib.UnitaryGate(random_unitary(1)),
            "unitary 2": lib.UnitaryGate(random_unitary(2)),
            "pauli": lib.PauliGate("XYZ"),
            "diagonal": lib.DiagonalGate(list(np.exp(1j * np.arange(8)))),
            "permutation": lib.PermutationGate([2, 0, 1]),
            "qft": lib.QFTGate(3),
            "power": lib.XGate().power(0.3),
            **{f"u{k}": getattr(lib, f"U{k}Gate")(*ANGLES[:k]) for k in (1, 2, 3)},
        }

    def circuit(self, gate: Any) -> QuantumCircuit:
        circuit = QuantumCircuit(max(gate.num_qubits, 1))
        for q, a, b in prepared(gate.num_qubits):
            circuit.ry(a, q)
            circuit.rz(b, q)
        circuit.append(gate, range(gate.num_qubits))
        return circuit

    def state(self, circuit: QuantumCircuit) -> np.ndarray:
        return little_endian(Statevector(circuit).data)

    def text(self, circuit: QuantumCircuit) -> str:
        return self.dumps(circuit)


class PennyLane:
    module, dialect = "pennylane", None

    def gates(self) -> dict[str, Any]:
        import pennylane as qml

        gates = {}
        for name, kind in vars(qml.ops).items():
            room = getattr(kind, "__module__", "").startswith(
                ("pennylane.ops.qubit", "pennylane.ops.op_math")
            )
            if inspect.isclass(kind) and issubclass(kind, qml.operation.Operation) and room:
                sizes = kind.num_params, kind.num_wires
                if all(isinstance(size, int) for size in sizes):
                    gates[name] = kind(*ANGLES[: sizes[0]], wires=range(sizes[1]))
        return gates | {
            "I": qml.I(0),
            "GlobalPhase": qml.GlobalPhase(0.7),
            "MultiRZ": qml.MultiRZ(0.7, range(3)),
            "PauliRot": qml.PauliRot(0.7, "XYZ", range(3)),
            "MultiControlledX": qml.MultiControlledX(range(4), control_values=[1, 0, 1]),
            "QubitUnitary 1": qml.QubitUnitary(random_unitary(1), 0),
            "QubitUnitary 2": qml.QubitUnitary(random_unitary(2), range(2)),
            "DiagonalQubitUnitary": qml.DiagonalQubitUnitary(np.exp(1j * np.arange(8)), range(3)),
            **{f"Adjoint({name})": qml.adjoint(getattr(qml, name)(0)) for name in ("S", "T", "SX")},
            **{f"C({name})": qml.ctrl(getattr(qml, name)(1), 0) for name in ("S", "T", "SX")},
            "C(RX)": qml.ctrl(qml.RX(0.7, 1), 0),
            "CC(Z)": qml.ctrl(qml.Z(2), [0, 1]),
            "Pow(X)": qml.pow(qml.X(0), 0.3),
            "QFT": qml.QFT(range(3)),
        }

    def circuit(self, gate: Any) -> Any:
        import pennylane as qml

        k = len(gate.wires)
        rotations = [op for q, a, b in prepared(k) for op in (qml.RY(a, q), qml.RZ(b, q))]
        return qml.tape.QuantumScript([*rotations, gate])

    def state(self, circuit: Any) -> np.ndarray:
        import pennylane as qml

        return qml.matrix(circuit, wire_order=sorted(circuit.wires))[:, 0]

    def text(self, circuit: Any) -> str:
        import pennylane as qml

        wires = qml.wires.Wires(sorted(circuit.wires))
        return qml.to_openqasm(circuit, wires=wires, rotations=False, measure_all=False)


class Qibo:
    module, dialect = "qibo", "qibo"

    def __init__(self, extended: bool):
        self.extended = extended

    def gates(self) -> dict[str, Any]:
        from qibo import gates as kinds

        made = {}
        for name, kind in vars(kinds).items():
            if inspect.isclass(kind) and issubclass(kind, kinds.Gate):
                names = [*inspect.signature(kind.__init__).parameters][1:]
                qubits = [n for n in names if n in ("q", "q0", "q1", "q2")]
                angles = [n for n in names if n in ("theta", "phi", "lam", "phi0", "phi1")]
                if qubits and set(names) <= {*qubits, *angles, "trainable"}:
                    places = range(3 if name in ("I", "FanOut") else len(qubits))
                    made[name] = kind(*places, *ANGLES[: len(angles)])
        del made["FusedGate"]
        return made | {
            "I 1": kinds.I(0),
            "GeneralizedRBS": kinds.GeneralizedRBS([0], [1, 2], 0.7, 0.3),
            "GeneralizedfSim": kinds.GeneralizedfSim(0, 1, random_unitary(1), 0.7),
            "Unitary": kinds.Unitary(random_unitary(1), 0),
            "RX, 2 controls": kinds.RX(2, 0.7).controlled_by(0, 1),
        }

    def circuit(self, gate: Any) -> Any:
        from qibo import Circuit
        from qibo import gates as kinds

        circuit = Circuit(len(gate.qubits))
        for q, a, b in prepared(len(gate.qubits)):
            circuit.add([kinds.RY(q, a), kinds.RZ(q, b)])
        circuit.add(gate)
        return circuit

    def state(self, circuit: Any) -> np.ndarray:
        from qibo.backends import NumpyBackend

        return NumpyBackend().execute_circuit(circuit).state()

    def text(self, circuit: Any) -> str:
        return circuit.to_qasm(extended_compatibility=self.extended)


class Braket:
    module, dialect = "braket", "braket"

    def gates(self) -> dict[str, Any]:
        from braket.circuits import gates as kinds

        made = {}
        for name, kind in vars(kinds).items():
            if inspect.isclass(kind) and kind.__module__ == kinds.__name__:
                angles = [n for n in inspect.signature(kind).parameters if n.startswith("angle")]
                if name not in ("PulseGate", "Unitary"):
                    made[name] = (kind(*ANGLES[: len(angles)]), {})
        return made | {
            "Unitary": (kinds.Unitary(random_unitary(2)), {}),
            "Ry, control": (kinds.Ry(0.7), {"control": [1]}),
            "Rx, controls 10": (kinds.Rx(0.7), {"control": [2, 1], "control_state": "10"}),
            "GPhase, control": (kinds.GPhase(0.7), {"control": [0]}),
            "ECR, power 3": (kinds.ECR(), {"power": 3}),
            "S, power -2": (kinds.S(), {"power": -2}),
            "X, power 0.3": (kinds.X(), {"power": 0.3}),
        }

    def circuit(self, made: Any) -> Any:
        from braket.circuits import Circuit, Instruction

        gate, options = made
        circuit = Circuit()
        for q, a, b in prepared(gate.qubit_count + len(options.get("control", ()))):
            circuit.ry(q, a).rz(q, b)
        return circuit.add_instruction(Instruction(gate, range(gate.qubit_count), **options))

    def state(self, circuit: Any) -> np.ndarray:
        from braket.devices import LocalSimulator

        # `to_unitary` takes control states such as 10 for 01 (1.127).
        return LocalSimulator().run(circuit.copy().state_vector(), shots=0).result().values[0]

    def text(self, circuit: Any) -> str:
        return circuit.to_ir("OPENQASM").source


class Pytket:
    module, dialect = "pytket", None

    def gates(self) -> dict[str, Any]:
        from pytket import Circuit, OpType

        gates = {}
        for name, kind in OpType.__members__.items():
            for k in range(1, 6):
                for count in range(4):
                    try:
                        Circuit(k).add_gate(kind, ANGLES[:count], range(k)).get_unitary()
                    except Exception:  # not a gate, or not of so many angles or qubits
                        continue
                    gates[name if k == 1 else f"{name} {k}"] = kind, ANGLES[:count], k
        return gates

    def circuit(self, made: Any) -> Any:
        from pytket import Circuit

        kind, angles, k = made
        circuit = Circuit(k)
        for q, a, b in prepared(k):
            circuit.Ry(a, q).Rz(b, q)
        return circuit.add_gate(kind, angles, range(k))

    def state(self, circuit: Any) -> np.ndarray:
        return circuit.get_statevector()

    def text(self, circuit: Any) -> str:
        from pytket.qasm import circuit_to_qasm_str

        return circuit_to_qasm_str(circuit)


class MindQuantum:
    module, dialect = "mindquantum", None

    def gates(self) -> dict[str, Any]:
        from mindquantum.core import gates as kinds

        plain = {name: getattr(kinds, name) for name in ("X", "Y", "Z", "H", "S", "T", "SX")}
        turns = {n: getattr(kinds, n)(0.7) for n in ("RX", "RY", "RZ", "PhaseShift", "GlobalPhase")}
        pairs = {n: getattr(kinds, n)(0.7) for n in ("Rxx", "Ryy", "Rzz", "Rxy", "Rxz", "Ryz")}
        return {
            **{name: gate.on(0) for name, gate in (plain | turns).items()},
            **{f"{name}, control": gate.on(0, 1) for name, gate in (plain | turns).items()},
            **{f"{name}, 2 controls": plain[name].on(0, [1, 2]) for name in "XYZ"},
            **{f"{name}^-1": plain[name].hermitian().on(0) for name in ("S", "T", "SX")},
            **{name: gate.on([0, 1]) for name, gate in pairs.items()},
            "I": kinds.I.on(0),
            "CNOT": kinds.CNOT.on(0, 1),
            "SWAP": kinds.SWAP.on([0, 1]),
            "SWAP, control": kinds.SWAP.on([0, 1], 2),
            "ISWAP": kinds.ISWAP.on([0, 1]),
            "SWAPalpha": kinds.SWAPalpha(0.7).on([0, 1]),
            "Givens": kinds.Givens(0.7).on([0, 1]),
            "FSim": kinds.FSim(0.7, 0.3).on([0, 1]),
            "Rn": kinds.Rn(0.7, 0.3, 1.1).on(0),
            "U3": kinds.U3(0.7, 0.3, 1.1).on(0),
            "U3, control": kinds.U3(0.7, 0.3, 1.1).on(0, 1),
            "Power": kinds.Power(kinds.X, 0.3).on(0),
            "RotPauliString": kinds.RotPauliString("XYZ", 0.7).on([0, 1, 2]),
            "UnivMathGate": kinds.UnivMathGate("m", random_unitary(1)).on(0),
        }

    def circuit(self, gate: Any) -> Any:
        from mindquantum.core.circuit import Circuit

        circuit = Circuit()
        for q, a, b in prepared(1 + max(gate.obj_qubits + gate.ctrl_qubits)):
            circuit.ry(a, q).rz(b, q)
        return circuit + gate

    def state(self, circuit: Any) -> np.ndarray:
        return little_endian(np.asarray(circuit.get_qs()))

    def text(self, circuit: Any) -> str:
        return circuit.to_openqasm()


class Tequila:
    module, dialect = "tequila", None

    def __init__(self, version: str):
        self.version = version

    def gates(self) -> dict[str, Any]:
        from tequila import gates as kinds

        if self.version != "2.0":
            return {"CX": kinds.X(1, 0)}
        plain = {name: getattr(kinds, name) for name in ("X", "Y", "Z", "H", "S", "T")}
        turns = {name: getattr(kinds, name) for name in ("Rx", "Ry", "Rz", "Phase")}
        return {
            **{name: kind(0) for name, kind in plain.items()},
            **{f"C{name}": kind(1, 0) for name, kind in plain.items()},
            **{f"CC{name}": plain[name](2, [0, 1]) for name in "XYZH"},
            **{f"{name}^0.3": plain[name](0, power=0.3) for name in "XYZH"},
            **{name: kind(angle=0.7, target=0) for name, kind in turns.items()},
            **{f"C{name}": kind(angle=0.7, target=1, control=0) for name, kind in turns.items()},
            "SWAP": kinds.SWAP(0, 1),
            "SWAP^0.3": kinds.SWAP(0, 1, power=0.3),
            "CSWAP": kinds.SWAP(1, 2, control=0),
            "iSWAP": kinds.iSWAP(0, 1),
            "Givens": kinds.Givens(0, 1, angle=0.7),
            "U": kinds.U(theta=0.7, phi=0.3, lambd=1.1, target=0),
            "CU": kinds.U(theta=0.7, phi=0.3, lambd=1.1, target=1, control=0),
            "ExpPauli": kinds.ExpPauli(paulistring="X(0)Y(1)Z(2)", angle=0.7),
        }

    def circuit(self, gate: Any) -> Any:
        from tequila import gates as kinds

        circuit = gate
        for q, a, b in prepared(1 + max(gate.qubits)):
            circuit = kinds.Ry(angle=a, target=q) + kinds.Rz(angle=b, target=q) + circuit
        return circuit

    def state(self, circuit: Any) -> np.ndarray:
        import tequila

        return tequila.simulate(circuit, backend="symbolic").to_array()

    def text(self, circuit: Any) -> str:
        import tequila

        return tequila.export_open_qasm(circuit, version=self.version)


EXPORTERS = {
    "cirq 2.0": Cirq("2.0"),
    "cirq 3.0": Cirq("3.0"),
    "qiskit 2.0": Qiskit("2.0"),
    "qiskit 3.0": Qiskit("3.0"),
    "pennylane": PennyLane(),
    "qibo": Qibo(extended=False),
    "qibo extended": Qibo(extended=True),
    "braket": Braket(),
    "pytket": Pytket(),
    "mindquantum": MindQuantum(),
    "tequila 2.0": Tequila("2.0"),
    "tequila 3.0": Tequila("3.0"),
}


def rows(found: str, why: str, names: str) -> dict[str, tuple[str, str]]:
    return {name: (found, why) for name in names.split("; ")}


CIRQ_PHASES = rows(
    PHASE,
    "global phases are left out",
    "X^0.3; Y^0.3; Z^0.3; H^0.3; CCX^0.3; CCZ^0.3; X^0.3, shifted; CCC(X); PhasedX; PhasedXZ; "
    "GlobalPhase; Matrix 1; Matrix 3; Diagonal 2; Diagonal 3",
)
CIRQ_PAIRS = (
    "XX; YY; ZZ; CX^0.3; CZ^0.3; SWAP^0.3; XX^0.3; YY^0.3; ZZ^0.3; C(S); C(T); C(rx); cphase; ms; "
    "FSim; PhasedFSim; Matrix 2"
)
QISKIT = {
    **rows(PHASE, "a definition leaves the phase out", "ecr; unitary 1; unitary 2"),
    **rows(NOT_READ, "its parameter is no number, but XYZ", "pauli"),
    **rows(NOT_WRITTEN, "TypeError in the exporter", "unitary, control"),
    **rows(NOT_WRITTEN, "it has no definition to write", "annotated"),
}
QIBO = {
    **rows(
        NOT_WRITTEN,
        "Qibo has no name for it",
        "U1q; CU2; SiSWAP; SiSWAPDG; fSim; SYC; RZX; RXXYY; GIVENS; RBS; ECR; DEUTSCH; FanOut; "
        "GeneralizedRBS; GeneralizedfSim; Unitary; RX, 2 controls",
    ),
    **rows(NOT_READ, "one 'id' of three qubits", "I"),
}
LOSES = {
    "cirq 2.0": CIRQ_PHASES | rows(PHASE, "global phases are left out", CIRQ_PAIRS),
    "cirq 3.0": CIRQ_PHASES
    | rows(NOT_READ, "sxdg is not in stdgates.inc", f"{CIRQ_PAIRS}; X^-0.5"),
    "qiskit 2.0": {
        **QISKIT,
        **rows(PHASE, "a definition leaves the phase out", "power"),
        **rows(NOT_WRITTEN, "OpenQASM 2 has no gphase", "global_phase"),
        **rows(NOT_READ, "its parameters are complex numbers", "diagonal"),
    },
    "qiskit 3.0": {
        **QISKIT,
        **rows(PHASE, "sxdg is defined without its phase", "sxdg; ryy; xx_minus_yy; xx_plus_yy"),
        **rows(PHASE, "U, u2 and u3 have other phases in OpenQASM 3", "u; r; u2; u3"),
        **rows(NOT_READ, "defined as a gate of no qubits", "global_phase"),
        **rows(NOT_WRITTEN, "a part of it is no gate for the exporter", "diagonal"),
    },
    "pennylane": {
        **rows(
            NOT_READ,
            "gphase, which OpenQASM 2 does not know",
            "FermionicSWAP; ECR; SX; SISWAP; SQISW; OrbitalRotation; SingleExcitationMinus; "
            "SingleExcitationPlus; GlobalPhase; QubitUnitary 1; QubitUnitary 2; "
            "DiagonalQubitUnitary; Adjoint(SX)",
        ),
        **rows(
            NOT_WRITTEN,
            "it has no decomposition that the exporter finds",
            "DoubleExcitationPlus; DoubleExcitationMinus; Pow(X)",
        ),
    },
    "qibo": QIBO,
    "qibo extended": QIBO | rows(PHASE, "its definition has determinant 1", "GPI"),
    "braket": {},
    "pytket": {
        **rows(
            PHASE,
            "global phases are left out",
            "TK1; TK2 2; ISWAP 2; PhasedISWAP 2; ZZMax 2; ESWAP 2; FSim 2; ISWAPMax 2",
        ),
        **rows(
            NOT_WRITTEN,
            "pytket has no name for it",
            "GPI; GPI2; AAMS 2; PhasedX; PhasedXX 2; TwinPhasedX 2; Sycamore 2; PhaseGadget; "
            "NPhasedX; "
            + "; ".join(
                f"{name} {k}"
                for name in ("PhaseGadget", "NPhasedX", "CnRx", "CnRy", "CnRz", "CnY", "CnZ")
                for k in (2, 3, 4, 5)
            ),
        ),
    },
    "mindquantum": {
        **rows(
            NOT_WRITTEN,
            "MindQuantum has no name for it",
            "GlobalPhase; S, control; T, control; SX, control; Y, 2 controls; Z, 2 controls; "
            "ISWAP; SWAPalpha; Givens; FSim; Rn; Power; RotPauliString",
        ),
        **rows(NOT_WRITTEN, "TypeError in the exporter", "Rxy; Rxz; Ryz"),
        **rows(NOT_READ, "'ccx <function join_qubit at 0x...>'", "X, 2 controls"),
        **rows(NOT_READ, "a bare number for the qubit", "GlobalPhase, control"),
        **rows(NOT_READ, "cu with three parameters", "U3, control"),
        **rows(PHASE, "a u without the phase", "UnivMathGate"),
    },
    "tequila 2.0": rows(
        PHASE,
        "rz for the phase gate, and rx for a power of x",
        "S; T; CS; CT; CCX; CCY; CCZ; CCH; X^0.3; Y^0.3; Z^0.3; H^0.3; Phase; CPhase; CSWAP",
    ),
    "tequila 3.0": rows(NOT_READ, "includes no file, and 'ctrl @ x' names one qubit", "CX"),
}


def read(text: str, dialect: str | None = None) -> np.ndarray:
    """The state that a text prepares, before what it measures at its end."""
    circuit = nk.Circuit.from_qasm(text, dialect=dialect, final_measurements=False)
    state = nk.zero_state(circuit.num_qubits)
    circuit.run(state)
    return np.asarray(state).reshape(-1)


def compared(got: np.ndarray, expected: np.ndarray, gates: int = 1) -> str:
    """How two states of norm 1 compare, after a number of gates as the framework counts them."""
    assert got.shape == expected.shape
    tolerance = 128 * EPS * gates
    if np.abs(got - expected).max() < tolerance:
        return EXACT
    return PHASE if abs(abs(np.vdot(got, expected)) - 1) < tolerance else OTHER


def outcome(exporter: Any, gate: Any) -> str:
    circuit = exporter.circuit(gate)
    expected = np.asarray(exporter.state(circuit)).reshape(-1)
    try:
        text = exporter.text(circuit)
    except Exception:  # of many types, AttributeError among them
        return NOT_WRITTEN
    try:
        got = read(text, exporter.dialect)
    except QasmError:
        return NOT_READ
    return compared(got, expected)


def cases() -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, exporter in EXPORTERS.items():
            if find_spec(exporter.module) is None:
                skip = pytest.mark.skip(reason=f"{exporter.module}: see the group 'exporters'")
                yield pytest.param(name, None, None, marks=skip, id=name)
            else:
                for gate, made in exporter.gates().items():
                    yield pytest.param(name, gate, made, id=f"{name}-{gate}")


CASES = [*cases()]


@pytest.mark.parametrize(("name", "gate", "made"), CASES)
def test_every_gate(name, gate, made):
    expected, _ = LOSES[name].get(gate, (EXACT, ""))
    assert outcome(EXPORTERS[name], made) == expected


@pytest.mark.parametrize("name", EXPORTERS)
def test_rows_are_of_gates(name):
    gates = {gate for exporter, gate, _ in (case.values for case in CASES) if exporter == name}
    assert gates == {None} or LOSES[name].keys() <= gates


DYNAMIC = {
    "dynamic_qft",
    "ghz_dynamic",
    "iqpe",
    "seven_qubit_steane_code",
    "shors_nine_qubit_code",
}
ON_BITS = {"dynamic_qft", "ghz_dynamic", "iqpe"}
LARGE = {"shor"}  # 30 000 gates on 18 qubits at least
STATIC = sorted({*get_available_benchmark_names()} - DYNAMIC - LARGE)

every_level = pytest.mark.parametrize("level", [BenchmarkLevel.ALG, BenchmarkLevel.INDEP])
every_dumps = pytest.mark.parametrize("dumps", [qasm2.dumps, qasm3.dumps], ids=["2.0", "3.0"])


@cache
def benchmark(name: str, level: BenchmarkLevel) -> QuantumCircuit:
    """A benchmark at the least size that it has."""
    for size in 3, 4, 5, 13, 17:
        try:
            return get_benchmark(name, level, size, random_parameters=True)
        except ValueError:  # not a size it has
            continue
    raise AssertionError(name)


@every_dumps
@every_level
@pytest.mark.parametrize("name", STATIC)
def test_every_benchmark(name, level, dumps):
    circuit = benchmark(name, level)
    if "c-unitary" in circuit.count_ops():
        with pytest.raises(TypeError):
            dumps(circuit)
        # Where Qiskit cannot write a controlled matrix, it can write what that is made of.
        circuit = circuit.decompose("c-unitary")
    expected = little_endian(Statevector(circuit.remove_final_measurements(inplace=False)).data)
    assert compared(read(dumps(circuit)), expected, len(circuit.data)) in (EXACT, PHASE)


def worth(node: Any, bits: dict[Clbit, int]) -> int:
    """The value of a condition of Qiskit's, or of a part of one."""
    match node:
        case Clbit():
            return bits[node]
        case ClassicalRegister():
            return sum(bits[bit] << place for place, bit in enumerate(node))
        case expr.Var():
            return worth(node.var, bits)
        case expr.Value():
            return node.value
        case expr.Binary(op=expr.Binary.Op.EQUAL):
            return worth(node.left, bits) == worth(node.right, bits)
        case (target, value):
            return worth(target, bits) == value
    raise NotImplementedError(node)


def replayed(circuit: QuantumCircuit, found: dict[Clbit, int]) -> np.ndarray:
    """The state after a run that measured each bit once, and found it as told."""
    state = Statevector.from_int(0, 2**circuit.num_qubits)
    known = dict.fromkeys(circuit.clbits, 0)
    for step in circuit.data:
        does = step.operation
        match does.name:
            case "barrier":
                continue
            case "measure":
                [bit] = step.clbits
                known[bit] = found[bit]
                does = Operator(np.diag([1 - found[bit], found[bit]]))
            case "if_else" if worth(does.condition, known):
                does = does.blocks[0]
            case "if_else":
                assert len(does.blocks) == 1
                continue
        state = state.evolve(does, [circuit.find_bit(qubit).index for qubit in step.qubits])
    return little_endian(state.data / np.linalg.norm(state.data))


@every_dumps
@every_level
@pytest.mark.parametrize("name", sorted(DYNAMIC))
def test_benchmarks_that_measure_on_the_way(name, level, dumps):
    circuit = benchmark(name, level)
    if name in ON_BITS and dumps is qasm2.dumps:
        with pytest.raises(qasm2.QASM2ExportError, match="condition"):
            dumps(circuit)
        return
    program = qasm.read(dumps(circuit))
    for seed in range(3):
        state = nk.zero_state(circuit.num_qubits)
        bits = program.circuit.run(state, rng=seed)
        found = {
            bit: int(bits[place])
            for register in circuit.cregs
            for bit, place in zip(register, program.bits[register.name], strict=True)
        }
        expected = replayed(circuit, found)
        got = np.asarray(state).reshape(-1)
        assert compared(got, expected, len(circuit.data)) in (EXACT, PHASE)
