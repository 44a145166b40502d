"""Gates and comparisons for the tests of Cirq."""

import cirq
import numpy as np

A, B, C, D = cirq.LineQubit.range(4)


GATES = {
    "x": cirq.X,
    "y": cirq.Y,
    "z": cirq.Z,
    "h": cirq.H,
    "x shifted": cirq.XPowGate(exponent=0.7, global_shift=0.3),
    "h shifted": cirq.HPowGate(exponent=0.7, global_shift=-0.2),
    "rx": cirq.rx(0.4),
    "ry": cirq.ry(0.4),
    "rz": cirq.rz(0.4),
    "cx": cirq.CX,
    "cz": cirq.CZ,
    "cx shifted": cirq.CXPowGate(exponent=1, global_shift=0.3),
    "ccx": cirq.CCX,
    "ccz": cirq.CCZ,
    "cy": cirq.Y.controlled(),
    "ccy": cirq.Y.controlled(2),
    "xx": cirq.XX,
    "yy": cirq.YY,
    "zz": cirq.ZZ,
    "zz shifted": cirq.ZZPowGate(exponent=1, global_shift=0.4),
    "ms": cirq.ms(0.3),
    "swap": cirq.SWAP,
    "swap shifted": cirq.SwapPowGate(exponent=0.4, global_shift=0.1),
    "iswap": cirq.ISWAP,
    "iswap shifted": cirq.ISwapPowGate(exponent=0.4, global_shift=0.1),
    "phased x": cirq.PhasedXPowGate(phase_exponent=0.2, exponent=0.6, global_shift=0.1),
    "phased flip": cirq.PhasedXPowGate(phase_exponent=0.2, exponent=3, global_shift=0.1),
    "identity": cirq.IdentityGate(2),
    "phased iswap": cirq.PhasedISwapPowGate(phase_exponent=0.3, exponent=0.7),
}
OTHERS = {
    "phased xz": cirq.PhasedXZGate(x_exponent=0.3, z_exponent=0.7, axis_phase_exponent=0.2),
    "phased xz flip": cirq.PhasedXZGate(x_exponent=-1, z_exponent=0.7, axis_phase_exponent=0.2),
    "fsim": cirq.FSimGate(0.4, 0.7),
    "phased fsim": cirq.PhasedFSimGate(0.4, 0.7, 0.1, 0.2, 0.3),
    "cswap": cirq.CSWAP,
    "wait": cirq.WaitGate(cirq.Duration(nanos=1)),
    "diagonal": cirq.DiagonalGate(np.linspace(0, 2, 8)),
    "diagonal on 2": cirq.TwoQubitDiagonalGate([0.1, 0.2, 0.3, 0.4]),
    "diagonal on 3": cirq.ThreeQubitDiagonalGate(np.linspace(0, 2, 8)),
    "matrix": cirq.MatrixGate(cirq.testing.random_unitary(4, random_state=1)),
    "permutation": cirq.QubitPermutationGate([2, 0, 1]),
    "controlled by 0": cirq.ControlledGate(cirq.X**0.3, control_values=[0]),
    "controlled by 0 and 1": cirq.ControlledGate(cirq.rz(0.3), control_values=[0, 1]),
    "controlled by any": cirq.ControlledGate(cirq.H, control_values=[(0, 1), 1]),
    "controlled by a sum": cirq.ControlledGate(
        cirq.ISWAP**0.5, control_values=cirq.SumOfProducts([[0, 1], [1, 0]])
    ),
    "controlled matrix": cirq.ControlledGate(
        cirq.MatrixGate(cirq.testing.random_unitary(2, random_state=1))
    ),
    "controlled phase": cirq.ControlledGate(cirq.GlobalPhaseGate(1j**0.3), control_values=[1, 0]),
    "controlled diagonal": cirq.ControlledGate(cirq.TwoQubitDiagonalGate([0.1, 0.2, 0.3, 0.4])),
    "controlled parity": cirq.ControlledGate(cirq.XX**0.3),
    "controlled swap": cirq.ControlledGate(cirq.SWAP**0.5, num_controls=2),
    "controlled phased x": cirq.ControlledGate(cirq.PhasedXPowGate(phase_exponent=0.3)),
    "pauli phasor": cirq.PauliStringPhasorGate(
        -cirq.DensePauliString("XIYZ"), exponent_neg=0.3, exponent_pos=-0.4
    ),
    "pauli phasor on all": cirq.PauliStringPhasorGate(
        -cirq.DensePauliString("XYZ"), exponent_neg=0.3, exponent_pos=-0.4
    ),
    "dense pauli": cirq.DensePauliString("XIYZ", coefficient=1j),
    "clifford": cirq.SingleQubitCliffordGate.X_sqrt,
    "qft": cirq.QuantumFourierTransformGate(4),
    "parallel": cirq.ParallelGate(cirq.X**0.3, 4),
    "boolean": cirq.BooleanHamiltonianGate(["a", "b", "c"], ["a ^ b & c"], 0.3),
}


def near(got, expected, dtype, steps=1):
    """Amplitudes that have been through some gates."""
    limit = 8 * np.finfo(dtype).eps * (1 + steps)
    assert np.sqrt(np.sum(abs(np.ravel(got) - np.ravel(expected)) ** 2)) <= limit


class Unknown(cirq.Gate):
    """A gate of which nothing is known."""

    def _num_qubits_(self):
        return 1
