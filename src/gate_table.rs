//! The gate table: each gate is one row, which says all there is to say about it.
//!
//! Where OpenQASM 3's `stdgates.inc` has a gate, it is the same here, global phase included. The
//! others are those of Qiskit's circuit library, qubit for qubit: its first qubit is ours. Qiskit
//! prints some of their matrices in another order because it counts basis states with qubit 0
//! last. `u` is Qiskit's too; the `U` that OpenQASM 3 builds in has another global phase.

/// Hands all rows to the macro `$then`. A row reads: name, parameters, qubits, how many of them
/// are controls, base operator, inverse, generator, what it does, the rows of its matrix, and whose
/// convention it follows.
///
/// A parameter called theta enters by the phase of its half, any other by its own. The matrix is
/// text for docstrings, controls included, in the syntax of Python; a test compares its numbers with
/// those of the base operator.
macro_rules! with_gates {
    ($then:ident) => {
        $then! {
            x () (q) 0, Base::Permutation(&[(0, 1)]), Inverse::Own, Generator::None,
                "Pauli X, the NOT gate: exchanges |0> and |1>.",
                ["[[0, 1],",
                 " [1, 0]]"],
                "OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2";
            y () (q) 0, Base::Dense(|_, out| all(out, PAULI_Y)), Inverse::Own, Generator::None,
                "Pauli Y: |0> becomes i|1>, |1> becomes -i|0>.",
                ["[[ 0, -1j],",
                 " [1j,   0]]"],
                "OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2";
            z () (q) 0, Base::Diagonal(|_, out| all(out, PAULI_Z)), Inverse::Own, Generator::None,
                "Pauli Z: the sign of |1> changes.",
                ["diag(1, -1)"],
                "OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2";
            h () (q) 0, Base::Dense(|_, out| all(out, HADAMARD)), Inverse::Own, Generator::None,
                "Hadamard: (X + Z) / sqrt(2).",
                ["[[1,  1],",
                 " [1, -1]] / sqrt(2)"],
                "OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2";
            s () (q) 0, Base::Diagonal(|_, out| all(out, [ONE, I])), Inverse::Gate("sdg"), Generator::None,
                "S, the square root of Z: multiplies |1> by i.",
                ["diag(1, 1j)"],
                "OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2";
            sdg () (q) 0, Base::Diagonal(|_, out| all(out, [ONE, -I])), Inverse::Gate("s"), Generator::None,
                "Inverse of S.",
                ["diag(1, -1j)"],
                "OpenQASM 3, stdgates.inc";
            t () (q) 0,
                Base::Diagonal(|_, out| all(out, [ONE, Complex64::new(FRAC_1_SQRT_2, FRAC_1_SQRT_2)])),
                Inverse::Gate("tdg"), Generator::None,
                "T, the square root of S: multiplies |1> by exp(i pi/4).",
                ["diag(1, exp(1j*pi/4))"],
                "OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2";
            tdg () (q) 0,
                Base::Diagonal(|_, out| all(out, [ONE, Complex64::new(FRAC_1_SQRT_2, -FRAC_1_SQRT_2)])),
                Inverse::Gate("t"), Generator::None,
                "Inverse of T.",
                ["diag(1, exp(-1j*pi/4))"],
                "OpenQASM 3, stdgates.inc";
            sx () (q) 0, Base::Dense(|_, out| all(out, sqrt_x(1.0))), Inverse::Gate("sxdg"), Generator::None,
                "Square root of X.",
                ["[[1+1j, 1-1j],",
                 " [1-1j, 1+1j]] / 2"],
                "OpenQASM 3, stdgates.inc";
            sxdg () (q) 0, Base::Dense(|_, out| all(out, sqrt_x(-1.0))), Inverse::Gate("sx"), Generator::None,
                "Inverse of the square root of X.",
                ["[[1-1j, 1+1j],",
                 " [1+1j, 1-1j]] / 2"],
                "Qiskit's SXdgGate";
            p (lam) (q) 0, Base::Diagonal(|of, out| each(of, out, phase_shift)), Inverse::Negated, Generator::Ones,
                "Phase shift: |1> is multiplied by exp(i lam).",
                ["diag(1, exp(1j*lam))"],
                "OpenQASM 3, stdgates.inc";
            rx (theta) (q) 0, Base::Dense(|of, out| each(of, out, rotate_x)), Inverse::Negated, Generator::Pauli("X"),
                "Rotation about X by theta: exp(-i theta/2 X).",
                ["[[cos(theta/2),     -1j*sin(theta/2)],",
                 " [-1j*sin(theta/2), cos(theta/2)    ]]"],
                "OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2";
            ry (theta) (q) 0, Base::Dense(|of, out| each(of, out, rotate_y)), Inverse::Negated, Generator::Pauli("Y"),
                "Rotation about Y by theta: exp(-i theta/2 Y).",
                ["[[cos(theta/2), -sin(theta/2)],",
                 " [sin(theta/2),  cos(theta/2)]]"],
                "OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2";
            rz (theta) (q) 0, Base::Diagonal(|of, out| each(of, out, rotate_z)), Inverse::Negated, Generator::Pauli("Z"),
                "Rotation about Z by theta: exp(-i theta/2 Z).",
                ["diag(exp(-1j*theta/2), exp(1j*theta/2))"],
                "OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.2";
            u (theta, phi, lam) (q) 0,
                Base::Dense(|of, out| each(of, out, |[half, phi, lam]| euler([half, phi, lam, ONE]))), Inverse::Euler, Generator::None,
                "General rotation of one qubit by Euler angles: rz(phi) ry(theta) rz(lam), up to a phase.",
                ["[[cos(theta/2),              -exp(1j*lam)*sin(theta/2)      ],",
                 " [exp(1j*phi)*sin(theta/2),  exp(1j*(phi+lam))*cos(theta/2)]]"],
                "Qiskit's UGate; exp(-i theta/2) times the built-in U of OpenQASM 3";
            cx () (control, target) 1, Base::Permutation(&[(0, 1)]), Inverse::Own, Generator::None,
                "Controlled X (CNOT): X on the target where the control is 1.",
                ["[[1, 0, 0, 0],",
                 " [0, 1, 0, 0],",
                 " [0, 0, 0, 1],",
                 " [0, 0, 1, 0]]"],
                "OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.3";
            cy () (control, target) 1, Base::Dense(|_, out| all(out, PAULI_Y)), Inverse::Own, Generator::None,
                "Controlled Y: Y on the target where the control is 1.",
                ["[[1, 0,  0,   0],",
                 " [0, 1,  0,   0],",
                 " [0, 0,  0, -1j],",
                 " [0, 0, 1j,   0]]"],
                "OpenQASM 3, stdgates.inc";
            cz () (control, target) 1, Base::Diagonal(|_, out| all(out, PAULI_Z)), Inverse::Own, Generator::None,
                "Controlled Z: the sign of |11> changes.",
                ["diag(1, 1, 1, -1)"],
                "OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.3";
            ch () (control, target) 1, Base::Dense(|_, out| all(out, HADAMARD)), Inverse::Own, Generator::None,
                "Controlled Hadamard: H on the target where the control is 1.",
                ["[[1, 0, 0,         0         ],",
                 " [0, 1, 0,         0         ],",
                 " [0, 0, 1/sqrt(2),  1/sqrt(2)],",
                 " [0, 0, 1/sqrt(2), -1/sqrt(2)]]"],
                "OpenQASM 3, stdgates.inc";
            cp (lam) (control, target) 1, Base::Diagonal(|of, out| each(of, out, phase_shift)), Inverse::Negated, Generator::Ones,
                "Controlled phase shift: |11> is multiplied by exp(i lam).",
                ["diag(1, 1, 1, exp(1j*lam))"],
                "OpenQASM 3, stdgates.inc";
            crx (theta) (control, target) 1, Base::Dense(|of, out| each(of, out, rotate_x)), Inverse::Negated, Generator::Pauli("X"),
                "Controlled rotation about X: exp(-i theta/2 X) on the target where the control is 1.",
                ["[[1, 0, 0,                0               ],",
                 " [0, 1, 0,                0               ],",
                 " [0, 0, cos(theta/2),     -1j*sin(theta/2)],",
                 " [0, 0, -1j*sin(theta/2), cos(theta/2)    ]]"],
                "OpenQASM 3, stdgates.inc";
            cry (theta) (control, target) 1, Base::Dense(|of, out| each(of, out, rotate_y)), Inverse::Negated, Generator::Pauli("Y"),
                "Controlled rotation about Y: exp(-i theta/2 Y) on the target where the control is 1.",
                ["[[1, 0, 0,             0           ],",
                 " [0, 1, 0,             0           ],",
                 " [0, 0, cos(theta/2), -sin(theta/2)],",
                 " [0, 0, sin(theta/2),  cos(theta/2)]]"],
                "OpenQASM 3, stdgates.inc";
            crz (theta) (control, target) 1, Base::Diagonal(|of, out| each(of, out, rotate_z)), Inverse::Negated, Generator::Pauli("Z"),
                "Controlled rotation about Z: exp(-i theta/2 Z) on the target where the control is 1.",
                ["diag(1, 1, exp(-1j*theta/2), exp(1j*theta/2))"],
                "OpenQASM 3, stdgates.inc";
            cu (theta, phi, lam, gamma) (control, target) 1,
                Base::Dense(|of, out| each(of, out, euler)), Inverse::Euler, Generator::None,
                "Controlled general rotation: exp(i gamma) u(theta, phi, lam) on the target where the control is 1.",
                ["[[1, 0, 0,                                0                                   ],",
                 " [0, 1, 0,                                0                                   ],",
                 " [0, 0, exp(1j*gamma)*cos(theta/2),       -exp(1j*(gamma+lam))*sin(theta/2)   ],",
                 " [0, 0, exp(1j*(gamma+phi))*sin(theta/2), exp(1j*(gamma+phi+lam))*cos(theta/2)]]"],
                "OpenQASM 3, stdgates.inc";
            swap () (a, b) 0, Base::Permutation(&[(1, 2)]), Inverse::Own, Generator::None,
                "Exchanges two qubits.",
                ["[[1, 0, 0, 0],",
                 " [0, 0, 1, 0],",
                 " [0, 1, 0, 0],",
                 " [0, 0, 0, 1]]"],
                "OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 1.3.4";
            iswap () (a, b) 0, Base::Dense(|_, out| all(out, IMAGINARY_SWAP)), Inverse::Adjoint, Generator::None,
                "Exchanges two qubits and multiplies |01> and |10> by i: exp(i pi/4 (XX + YY)).",
                ["[[1,  0,  0, 0],",
                 " [0,  0, 1j, 0],",
                 " [0, 1j,  0, 0],",
                 " [0,  0,  0, 1]]"],
                "Qiskit's iSwapGate";
            rxx (theta) (a, b) 0, Base::Dense(|of, out| each(of, out, |[half]| rotate_pair(half, 1.0))), Inverse::Negated, Generator::Pauli("XX"),
                "Rotation about XX: exp(-i theta/2 X X).",
                ["[[cos(theta/2),     0,                0,                -1j*sin(theta/2)],",
                 " [0,                cos(theta/2),     -1j*sin(theta/2), 0               ],",
                 " [0,                -1j*sin(theta/2), cos(theta/2),     0               ],",
                 " [-1j*sin(theta/2), 0,                0,                cos(theta/2)    ]]"],
                "Qiskit's RXXGate";
            ryy (theta) (a, b) 0, Base::Dense(|of, out| each(of, out, |[half]| rotate_pair(half, -1.0))), Inverse::Negated, Generator::Pauli("YY"),
                "Rotation about YY: exp(-i theta/2 Y Y).",
                ["[[cos(theta/2),    0,                0,                1j*sin(theta/2)],",
                 " [0,               cos(theta/2),     -1j*sin(theta/2), 0              ],",
                 " [0,               -1j*sin(theta/2), cos(theta/2),     0              ],",
                 " [1j*sin(theta/2), 0,                0,                cos(theta/2)   ]]"],
                "Qiskit's RYYGate";
            rzz (theta) (a, b) 0,
                Base::Diagonal(|of, out| each(of, out, |[half]| [half.conj(), half, half, half.conj()])),
                Inverse::Negated, Generator::Pauli("ZZ"),
                "Rotation about ZZ: exp(-i theta/2 Z Z).",
                ["diag(exp(-1j*theta/2), exp(1j*theta/2), exp(1j*theta/2), exp(-1j*theta/2))"],
                "Qiskit's RZZGate";
            rzx (theta) (a, b) 0, Base::Dense(|of, out| each(of, out, rotate_zx)), Inverse::Negated, Generator::Pauli("ZX"),
                "Rotation about ZX: exp(-i theta/2 Z X), Z on the first qubit.",
                ["[[cos(theta/2),     -1j*sin(theta/2), 0,               0              ],",
                 " [-1j*sin(theta/2), cos(theta/2),     0,               0              ],",
                 " [0,                0,                cos(theta/2),    1j*sin(theta/2)],",
                 " [0,                0,                1j*sin(theta/2), cos(theta/2)   ]]"],
                "Qiskit's RZXGate";
            ecr () (a, b) 0, Base::Dense(|_, out| all(out, ECHOED_CROSS_RESONANCE)), Inverse::Own, Generator::None,
                "Echoed cross-resonance: (X I - Y X) / sqrt(2), a gate of IBM's machines.",
                ["[[  0,   0,  1, 1j],",
                 " [  0,   0, 1j,  1],",
                 " [  1, -1j,  0,  0],",
                 " [-1j,   1,  0,  0]] / sqrt(2)"],
                "Qiskit's ECRGate";
            ccx () (first, second, target) 2, Base::Permutation(&[(0, 1)]), Inverse::Own, Generator::None,
                "Toffoli: X on the target where both controls are 1.",
                ["[[1, 0, 0, 0, 0, 0, 0, 0],",
                 " [0, 1, 0, 0, 0, 0, 0, 0],",
                 " [0, 0, 1, 0, 0, 0, 0, 0],",
                 " [0, 0, 0, 1, 0, 0, 0, 0],",
                 " [0, 0, 0, 0, 1, 0, 0, 0],",
                 " [0, 0, 0, 0, 0, 1, 0, 0],",
                 " [0, 0, 0, 0, 0, 0, 0, 1],",
                 " [0, 0, 0, 0, 0, 0, 1, 0]]"],
                "OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 4.3";
            ccz () (first, second, target) 2, Base::Diagonal(|_, out| all(out, PAULI_Z)), Inverse::Own, Generator::None,
                "Doubly controlled Z: the sign of |111> changes.",
                ["diag(1, 1, 1, 1, 1, 1, 1, -1)"],
                "Qiskit's CCZGate";
            cswap () (control, a, b) 1, Base::Permutation(&[(1, 2)]), Inverse::Own, Generator::None,
                "Fredkin: exchanges two qubits where the control is 1.",
                ["[[1, 0, 0, 0, 0, 0, 0, 0],",
                 " [0, 1, 0, 0, 0, 0, 0, 0],",
                 " [0, 0, 1, 0, 0, 0, 0, 0],",
                 " [0, 0, 0, 1, 0, 0, 0, 0],",
                 " [0, 0, 0, 0, 1, 0, 0, 0],",
                 " [0, 0, 0, 0, 0, 0, 1, 0],",
                 " [0, 0, 0, 0, 0, 1, 0, 0],",
                 " [0, 0, 0, 0, 0, 0, 0, 1]]"],
                "OpenQASM 3, stdgates.inc; Nielsen and Chuang, section 3.2.5";
        }
    };
}

pub(crate) use with_gates;
