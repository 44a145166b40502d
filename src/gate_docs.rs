//! What differs between the docstrings of the gates: an example for each, and what its qubits are for. A gate
//! without an example does not compile.

/// Hands the example of a gate to one of the macros below: what is imported; calls of the function, and what
/// they print; a number of qubits, the label of their basis state 0, and calls of methods that are chained to
/// it; the probabilities after them, and the table that a ket shows.
macro_rules! gate_example {
    ($then:ident x) => {
        $then!(
            "numket as nk",
            r#">>> psi = nk.zero_state(2)
>>> nk.x(psi, 1)
>>> psi.real  # |01>
array([0., 1., 0., 0.])"#,
            2,
            "00",
            "x(1)",
            "array([0., 1., 0., 0.])",
            "Ket of 2 qubits: norm 1, 1 of 4 basis states occupied
  |01>  1  100 %  ████████████  → 0"
        )
    };
    ($then:ident y) => {
        $then!(
            "numket as nk",
            r#">>> psi = nk.zero_state(1)
>>> nk.y(psi, 0)
>>> psi
array([0.+0.j, 0.+1.j])"#,
            1,
            "0",
            "y(0)",
            "array([0., 1.])",
            "Ket of 1 qubit: norm 1, 1 of 2 basis states occupied
  |1>  i  100 %  ████████████  ↑ π/2"
        )
    };
    ($then:ident z) => {
        $then!(
            "numket as nk",
            r#">>> plus = nk.ket("0").h(0).state
>>> nk.z(plus, 0)
>>> plus.real.round(3)  # |->
array([ 0.707, -0.707])"#,
            1,
            "0",
            "x(0).z(0)",
            "array([0., 1.])",
            "Ket of 1 qubit: norm 1, 1 of 2 basis states occupied
  |1>  -1  100 %  ████████████  ← π"
        )
    };
    ($then:ident h) => {
        $then!(
            "numket as nk",
            r#">>> psi = nk.zero_state(2)
>>> nk.h(psi, range(2))  # on each qubit
>>> nk.probabilities(psi).round(3)  # all equally likely
array([0.25, 0.25, 0.25, 0.25])"#,
            1,
            "0",
            "h(0)",
            "array([0.5, 0.5])",
            "Ket of 1 qubit: norm 1, 2 of 2 basis states occupied
  |0>  1/√2  50 %  ████████████  → 0
  |1>  1/√2  50 %  ████████████  → 0"
        )
    };
    ($then:ident s) => {
        $then!(
            "numket as nk",
            r#">>> plus = nk.ket("0").h(0).state
>>> nk.s(plus, 0)
>>> plus.round(3) + 0  # |+i>
array([0.707+0.j   , 0.   +0.707j])"#,
            1,
            "0",
            "x(0).s(0)",
            "array([0., 1.])",
            "Ket of 1 qubit: norm 1, 1 of 2 basis states occupied
  |1>  i  100 %  ████████████  ↑ π/2"
        )
    };
    ($then:ident sdg) => {
        $then!(
            "numket as nk",
            r#">>> psi = nk.ket("0").h(0).s(0).state
>>> nk.sdg(psi, 0)
>>> psi.real.round(3)  # |+> again
array([0.707, 0.707])"#,
            1,
            "0",
            "x(0).sdg(0)",
            "array([0., 1.])",
            "Ket of 1 qubit: norm 1, 1 of 2 basis states occupied
  |1>  -i  100 %  ████████████  ↓ -π/2"
        )
    };
    ($then:ident t) => {
        $then!(
            "numket as nk",
            r#">>> plus = nk.ket("0").h(0).state
>>> nk.t(plus, 0)
>>> plus.round(3)
array([0.707+0.j , 0.5  +0.5j])"#,
            1,
            "0",
            "x(0).t(0)",
            "array([0., 1.])",
            "Ket of 1 qubit: norm 1, 1 of 2 basis states occupied
  |1>  (1+i)/√2  100 %  ████████████  ↗ π/4"
        )
    };
    ($then:ident tdg) => {
        $then!(
            "numket as nk",
            r#">>> psi = nk.ket("0").h(0).t(0).state
>>> nk.tdg(psi, 0)
>>> psi.real.round(3)  # |+> again
array([0.707, 0.707])"#,
            1,
            "0",
            "x(0).tdg(0)",
            "array([0., 1.])",
            "Ket of 1 qubit: norm 1, 1 of 2 basis states occupied
  |1>  (1-i)/√2  100 %  ████████████  ↘ -π/4"
        )
    };
    ($then:ident sx) => {
        $then!(
            "numket as nk",
            r#">>> psi = nk.zero_state(1)
>>> nk.sx(psi, 0)
>>> psi
array([0.5+0.5j, 0.5-0.5j])
>>> nk.sx(psi, 0)
>>> psi.real  # the same as x
array([0., 1.])"#,
            1,
            "0",
            "sx(0)",
            "array([0.5, 0.5])",
            "Ket of 1 qubit: norm 1, 2 of 2 basis states occupied
  |0>  (1+i)/2  50 %  ████████████  ↗ π/4
  |1>  (1-i)/2  50 %  ████████████  ↘ -π/4"
        )
    };
    ($then:ident sxdg) => {
        $then!(
            "numket as nk",
            r#">>> psi = nk.ket("0").sx(0).state
>>> nk.sxdg(psi, 0)
>>> psi.real
array([1., 0.])"#,
            1,
            "0",
            "sxdg(0)",
            "array([0.5, 0.5])",
            "Ket of 1 qubit: norm 1, 2 of 2 basis states occupied
  |0>  (1-i)/2  50 %  ████████████  ↘ -π/4
  |1>  (1+i)/2  50 %  ████████████  ↗ π/4"
        )
    };
    ($then:ident p) => {
        $then!(
            "numpy as np, numket as nk",
            r#">>> plus = nk.ket("0").h(0).state
>>> nk.p(plus, np.pi / 2, 0)
>>> plus.round(3)
array([0.707+0.j   , 0.   +0.707j])"#,
            1,
            "0",
            "x(0).p(np.pi / 4, 0)",
            "array([0., 1.])",
            "Ket of 1 qubit: norm 1, 1 of 2 basis states occupied
  |1>  (1+i)/√2  100 %  ████████████  ↗ π/4"
        )
    };
    ($then:ident rx) => {
        $then!(
            "numpy as np, numket as nk",
            r#">>> psi = nk.zero_state(1)
>>> nk.rx(psi, np.pi / 2, 0)
>>> psi.round(3)
array([0.707+0.j   , 0.   -0.707j])"#,
            1,
            "0",
            "rx(np.pi / 3, 0)",
            "array([0.75, 0.25])",
            "Ket of 1 qubit: norm 1, 2 of 2 basis states occupied
  |0>  √3/2  75 %  ████████████  → 0
  |1>  -i/2  25 %  ████          ↓ -π/2"
        )
    };
    ($then:ident ry) => {
        $then!(
            "numpy as np, numket as nk",
            r#">>> psi = nk.zero_state(1)
>>> nk.ry(psi, np.pi / 3, 0)
>>> nk.probabilities(psi).round(3)
array([0.75, 0.25])
>>> states = np.array([[1, 0], [1, 0], [1, 0]], complex)
>>> nk.ry(states, [0, np.pi / 3, np.pi], 0, batch=1)  # an angle for each state
>>> nk.probabilities(states, batch=1).round(3)
array([[1.  , 0.  ],
       [0.75, 0.25],
       [0.  , 1.  ]])"#,
            1,
            "0",
            "ry(np.pi / 3, 0)",
            "array([0.75, 0.25])",
            "Ket of 1 qubit: norm 1, 2 of 2 basis states occupied
  |0>  √3/2  75 %  ████████████  → 0
  |1>  1/2   25 %  ████          → 0"
        )
    };
    ($then:ident rz) => {
        $then!(
            "numpy as np, numket as nk",
            r#">>> plus = nk.ket("0").h(0).state
>>> nk.rz(plus, np.pi, 0)
>>> plus.round(3) + 0
array([0.-0.707j, 0.+0.707j])"#,
            1,
            "0",
            "x(0).rz(np.pi / 2, 0)",
            "array([0., 1.])",
            "Ket of 1 qubit: norm 1, 1 of 2 basis states occupied
  |1>  (1+i)/√2  100 %  ████████████  ↗ π/4"
        )
    };
    ($then:ident u) => {
        $then!(
            "numpy as np, numket as nk",
            r#">>> psi = nk.zero_state(1)
>>> nk.u(psi, np.pi / 2, 0, np.pi, 0)
>>> psi.real.round(3)  # as h
array([0.707, 0.707])"#,
            1,
            "0",
            "u(np.pi / 3, np.pi / 2, 0, 0)",
            "array([0.75, 0.25])",
            "Ket of 1 qubit: norm 1, 2 of 2 basis states occupied
  |0>  √3/2  75 %  ████████████  → 0
  |1>  i/2   25 %  ████          ↑ π/2"
        )
    };
    ($then:ident cx) => {
        $then!(
            "numket as nk",
            r#">>> psi = nk.zero_state(2)
>>> nk.h(psi, 0)
>>> nk.cx(psi, 0, 1)
>>> psi.real.round(3)  # a Bell state
array([0.707, 0.   , 0.   , 0.707])"#,
            2,
            "00",
            "h(0).cx(0, 1)",
            "array([0.5, 0. , 0. , 0.5])",
            "Ket of 2 qubits: norm 1, 2 of 4 basis states occupied
  |00>  1/√2  50 %  ████████████  → 0
  |11>  1/√2  50 %  ████████████  → 0"
        )
    };
    ($then:ident cy) => {
        $then!(
            "numket as nk",
            r#">>> psi = nk.basis_state(2, "10")
>>> nk.cy(psi, 0, 1)
>>> psi
array([0.+0.j, 0.+0.j, 0.+0.j, 0.+1.j])"#,
            2,
            "00",
            "x(0).cy(0, 1)",
            "array([0., 0., 0., 1.])",
            "Ket of 2 qubits: norm 1, 1 of 4 basis states occupied
  |11>  i  100 %  ████████████  ↑ π/2"
        )
    };
    ($then:ident cz) => {
        $then!(
            "numket as nk",
            r#">>> cluster = nk.ket("00").h(0).h(1).state
>>> nk.cz(cluster, 0, 1)
>>> cluster.real.round(3)
array([ 0.5,  0.5,  0.5, -0.5])"#,
            2,
            "00",
            "x(0).x(1).cz(0, 1)",
            "array([0., 0., 0., 1.])",
            "Ket of 2 qubits: norm 1, 1 of 4 basis states occupied
  |11>  -1  100 %  ████████████  ← π"
        )
    };
    ($then:ident ch) => {
        $then!(
            "numket as nk",
            r#">>> psi = nk.basis_state(2, "10")
>>> nk.ch(psi, 0, 1)
>>> psi.real.round(3)
array([0.   , 0.   , 0.707, 0.707])"#,
            2,
            "00",
            "x(0).ch(0, 1)",
            "array([0. , 0. , 0.5, 0.5])",
            "Ket of 2 qubits: norm 1, 2 of 4 basis states occupied
  |10>  1/√2  50 %  ████████████  → 0
  |11>  1/√2  50 %  ████████████  → 0"
        )
    };
    ($then:ident cp) => {
        $then!(
            "numpy as np, numket as nk",
            r#">>> psi = nk.basis_state(2, "01")
>>> nk.h(psi, 0)
>>> nk.cp(psi, np.pi / 2, 1, 0)
>>> nk.h(psi, 1)
>>> psi.round(3) + 0  # the Fourier transform, qubits in reverse
array([ 0.5+0.j , -0.5+0.j ,  0. +0.5j,  0. -0.5j])"#,
            2,
            "00",
            "x(0).x(1).cp(np.pi / 4, 0, 1)",
            "array([0., 0., 0., 1.])",
            "Ket of 2 qubits: norm 1, 1 of 4 basis states occupied
  |11>  (1+i)/√2  100 %  ████████████  ↗ π/4"
        )
    };
    ($then:ident crx) => {
        $then!(
            "numpy as np, numket as nk",
            r#">>> psi = nk.basis_state(2, "10")
>>> nk.crx(psi, np.pi / 2, 0, 1)
>>> psi.round(3)
array([0.   +0.j   , 0.   +0.j   , 0.707+0.j   , 0.   -0.707j])"#,
            2,
            "00",
            "x(0).crx(np.pi / 3, 0, 1)",
            "array([0.  , 0.  , 0.75, 0.25])",
            "Ket of 2 qubits: norm 1, 2 of 4 basis states occupied
  |10>  √3/2  75 %  ████████████  → 0
  |11>  -i/2  25 %  ████          ↓ -π/2"
        )
    };
    ($then:ident cry) => {
        $then!(
            "numpy as np, numket as nk",
            r#">>> psi = nk.basis_state(2, "10")
>>> nk.cry(psi, np.pi / 2, 0, 1)
>>> psi.round(3).real
array([0.   , 0.   , 0.707, 0.707])"#,
            2,
            "00",
            "x(0).cry(np.pi / 3, 0, 1)",
            "array([0.  , 0.  , 0.75, 0.25])",
            "Ket of 2 qubits: norm 1, 2 of 4 basis states occupied
  |10>  √3/2  75 %  ████████████  → 0
  |11>  1/2   25 %  ████          → 0"
        )
    };
    ($then:ident crz) => {
        $then!(
            "numpy as np, numket as nk",
            r#">>> psi = nk.ket("10").h(1).state
>>> nk.crz(psi, np.pi / 2, 0, 1)
>>> psi.round(3)
array([0. +0.j , 0. +0.j , 0.5-0.5j, 0.5+0.5j])"#,
            2,
            "00",
            "x(0).crz(np.pi / 2, 0, 1)",
            "array([0., 0., 1., 0.])",
            "Ket of 2 qubits: norm 1, 1 of 4 basis states occupied
  |10>  (1-i)/√2  100 %  ████████████  ↘ -π/4"
        )
    };
    ($then:ident cu) => {
        $then!(
            "numpy as np, numket as nk",
            r#">>> psi = nk.basis_state(2, "10")
>>> nk.cu(psi, np.pi / 2, 0, np.pi, 0, 0, 1)
>>> psi.real.round(3)  # as ch
array([0.   , 0.   , 0.707, 0.707])"#,
            2,
            "00",
            "x(0).cu(np.pi / 3, 0, 0, np.pi / 2, 0, 1)",
            "array([0.  , 0.  , 0.75, 0.25])",
            "Ket of 2 qubits: norm 1, 2 of 4 basis states occupied
  |10>  i√3/2  75 %  ████████████  ↑ π/2
  |11>  i/2    25 %  ████          ↑ π/2"
        )
    };
    ($then:ident swap) => {
        $then!(
            "numket as nk",
            r#">>> psi = nk.basis_state(3, "100")
>>> nk.swap(psi, 0, 2)
>>> psi[0b001]
np.complex128(1+0j)"#,
            3,
            "000",
            "x(0).swap(0, 2)",
            "array([0., 1., 0., 0., 0., 0., 0., 0.])",
            "Ket of 3 qubits: norm 1, 1 of 8 basis states occupied
  |001>  1  100 %  ████████████  → 0"
        )
    };
    ($then:ident iswap) => {
        $then!(
            "numket as nk",
            r#">>> psi = nk.basis_state(2, "10")
>>> nk.iswap(psi, 0, 1)
>>> psi
array([0.+0.j, 0.+1.j, 0.+0.j, 0.+0.j])"#,
            2,
            "00",
            "x(0).iswap(0, 1)",
            "array([0., 1., 0., 0.])",
            "Ket of 2 qubits: norm 1, 1 of 4 basis states occupied
  |01>  i  100 %  ████████████  ↑ π/2"
        )
    };
    ($then:ident rxx) => {
        $then!(
            "numpy as np, numket as nk",
            r#">>> psi = nk.zero_state(2)
>>> nk.rxx(psi, np.pi / 2, 0, 1)
>>> psi.round(3)  # entangled
array([0.707+0.j   , 0.   +0.j   , 0.   +0.j   , 0.   -0.707j])"#,
            2,
            "00",
            "rxx(np.pi / 3, 0, 1)",
            "array([0.75, 0.  , 0.  , 0.25])",
            "Ket of 2 qubits: norm 1, 2 of 4 basis states occupied
  |00>  √3/2  75 %  ████████████  → 0
  |11>  -i/2  25 %  ████          ↓ -π/2"
        )
    };
    ($then:ident ryy) => {
        $then!(
            "numpy as np, numket as nk",
            r#">>> psi = nk.zero_state(2)
>>> nk.ryy(psi, np.pi / 2, 0, 1)
>>> psi.round(3)  # entangled
array([0.707+0.j   , 0.   +0.j   , 0.   +0.j   , 0.   +0.707j])"#,
            2,
            "00",
            "ryy(np.pi / 3, 0, 1)",
            "array([0.75, 0.  , 0.  , 0.25])",
            "Ket of 2 qubits: norm 1, 2 of 4 basis states occupied
  |00>  √3/2  75 %  ████████████  → 0
  |11>  i/2   25 %  ████          ↑ π/2"
        )
    };
    ($then:ident rzz) => {
        $then!(
            "numpy as np, numket as nk",
            r#">>> psi = nk.ket("00").h(0).h(1).state
>>> nk.rzz(psi, np.pi / 2, 0, 1)
>>> psi.round(3)
array([0.354-0.354j, 0.354+0.354j, 0.354+0.354j, 0.354-0.354j])"#,
            2,
            "00",
            "x(0).rzz(np.pi / 2, 0, 1)",
            "array([0., 0., 1., 0.])",
            "Ket of 2 qubits: norm 1, 1 of 4 basis states occupied
  |10>  (1+i)/√2  100 %  ████████████  ↗ π/4"
        )
    };
    ($then:ident rzx) => {
        $then!(
            "numpy as np, numket as nk",
            r#">>> psi = nk.zero_state(2)
>>> nk.rzx(psi, np.pi / 2, 0, 1)
>>> psi.round(3)
array([0.707+0.j   , 0.   -0.707j, 0.   +0.j   , 0.   +0.j   ])"#,
            2,
            "00",
            "rzx(np.pi / 3, 0, 1)",
            "array([0.75, 0.25, 0.  , 0.  ])",
            "Ket of 2 qubits: norm 1, 2 of 4 basis states occupied
  |00>  √3/2  75 %  ████████████  → 0
  |01>  -i/2  25 %  ████          ↓ -π/2"
        )
    };
    ($then:ident ecr) => {
        $then!(
            "numket as nk",
            r#">>> psi = nk.zero_state(2)
>>> nk.ecr(psi, 0, 1)
>>> psi.round(3)
array([0.   +0.j   , 0.   +0.j   , 0.707+0.j   , 0.   -0.707j])"#,
            2,
            "00",
            "ecr(0, 1)",
            "array([0. , 0. , 0.5, 0.5])",
            "Ket of 2 qubits: norm 1, 2 of 4 basis states occupied
  |10>  1/√2   50 %  ████████████  → 0
  |11>  -i/√2  50 %  ████████████  ↓ -π/2"
        )
    };
    ($then:ident ccx) => {
        $then!(
            "numket as nk",
            r#">>> psi = nk.basis_state(3, "110")
>>> nk.ccx(psi, 0, 1, 2)  # the AND of 0 and 1, into 2
>>> psi[0b111]
np.complex128(1+0j)"#,
            3,
            "000",
            "x(0).x(1).ccx(0, 1, 2)",
            "array([0., 0., 0., 0., 0., 0., 0., 1.])",
            "Ket of 3 qubits: norm 1, 1 of 8 basis states occupied
  |111>  1  100 %  ████████████  → 0"
        )
    };
    ($then:ident ccz) => {
        $then!(
            "numket as nk",
            r#">>> psi = nk.ket("000").h(0).h(1).h(2).state
>>> nk.ccz(psi, 0, 1, 2)  # marks |111>, as in a search
>>> psi.real.round(3)
array([ 0.354,  0.354,  0.354,  0.354,  0.354,  0.354,  0.354, -0.354])"#,
            3,
            "000",
            "x(0).x(1).x(2).ccz(0, 1, 2)",
            "array([0., 0., 0., 0., 0., 0., 0., 1.])",
            "Ket of 3 qubits: norm 1, 1 of 8 basis states occupied
  |111>  -1  100 %  ████████████  ← π"
        )
    };
    ($then:ident cswap) => {
        $then!(
            "numket as nk",
            r#">>> psi = nk.basis_state(3, "110")
>>> nk.cswap(psi, 0, 1, 2)
>>> psi[0b101]
np.complex128(1+0j)"#,
            3,
            "000",
            "x(0).x(1).cswap(0, 1, 2)",
            "array([0., 0., 0., 0., 0., 1., 0., 0.])",
            "Ket of 3 qubits: norm 1, 1 of 8 basis states occupied
  |101>  1  100 %  ████████████  → 0"
        )
    };
}
pub(crate) use gate_example;

/// Hands the gates that the original ket notation names otherwise to a macro: method and name, the gate, its
/// parameters and qubits, and an example.
macro_rules! with_originals {
    ($then:ident) => {
        $then! {
            original_x "X" x () (q) r#">>> import numket as nk
>>> nk.ket("00").X(1)
Ket of 2 qubits: norm 1, 1 of 4 basis states occupied
  |01>  1  100 %  ████████████  → 0"#;
            original_y "Y" y () (q) r#">>> import numket as nk
>>> nk.ket("0").Y(0)
Ket of 1 qubit: norm 1, 1 of 2 basis states occupied
  |1>  i  100 %  ████████████  ↑ π/2"#;
            original_z "Z" z () (q) r#">>> import numket as nk
>>> nk.ket("1").Z(0)
Ket of 1 qubit: norm 1, 1 of 2 basis states occupied
  |1>  -1  100 %  ████████████  ← π"#;
            original_h "H" h () (q) r#">>> import numket as nk
>>> nk.ket("0").H(0)
Ket of 1 qubit: norm 1, 2 of 2 basis states occupied
  |0>  1/√2  50 %  ████████████  → 0
  |1>  1/√2  50 %  ████████████  → 0"#;
            original_s "S" s () (q) r#">>> import numket as nk
>>> nk.ket("1").S(0)
Ket of 1 qubit: norm 1, 1 of 2 basis states occupied
  |1>  i  100 %  ████████████  ↑ π/2"#;
            original_cnot "CNOT" cx () (control, target) r#">>> import numket as nk
>>> nk.ket("00").H(0).CNOT(0, 1)
Ket of 2 qubits: norm 1, 2 of 4 basis states occupied
  |00>  1/√2  50 %  ████████████  → 0
  |11>  1/√2  50 %  ████████████  → 0"#;
            original_cphase "CPHASE" cp (theta) (control, target) r#">>> import numpy as np, numket as nk
>>> nk.ket("11").CPHASE(np.pi / 2, 0, 1)
Ket of 2 qubits: norm 1, 1 of 4 basis states occupied
  |11>  i  100 %  ████████████  ↑ π/2"#;
        }
    };
}
pub(crate) use with_originals;

/// The example of a function.
macro_rules! in_function {
    ($imports:literal, $calls:literal, $n:literal, $label:literal, $chain:literal, $shown:literal, $table:literal) => {
        concat!(">>> import ", $imports, "\n", $calls)
    };
}
pub(crate) use in_function;

/// The example of a method of `Circuit`.
macro_rules! in_circuit {
    ($imports:literal, $calls:literal, $n:literal, $label:literal, $chain:literal, $shown:literal, $table:literal) => {
        concat!(
            ">>> import ",
            $imports,
            "\n>>> circuit = nk.Circuit(",
            $n,
            ").",
            $chain,
            "\n>>> psi = nk.zero_state(",
            $n,
            ")\n>>> circuit.run(psi)\n>>> nk.probabilities(psi).round(6)\n",
            $shown
        )
    };
}
pub(crate) use in_circuit;

/// The example of a method of `Ket`.
macro_rules! in_ket {
    ($imports:literal, $calls:literal, $n:literal, $label:literal, $chain:literal, $shown:literal, $table:literal) => {
        concat!(">>> import ", $imports, "\n>>> nk.ket(\"", $label, "\").", $chain, "\n", $table)
    };
}
pub(crate) use in_ket;

/// The entry of a qubit among the parameters of a gate.
macro_rules! about_qubit {
    (q) => {
        "q : int or sequence of int\n    The qubit, counted from 0, or several: the gate is applied to each."
    };
    (control) => {
        "control : int\n    The qubit that must be 1, counted from 0."
    };
    (target) => {
        "target : int\n    The qubit that the gate acts on."
    };
    (first) => {
        "first : int\n    A qubit that must be 1, counted from 0."
    };
    (second) => {
        "second : int\n    The other qubit that must be 1."
    };
    (a) => {
        "a : int\n    The first qubit, counted from 0."
    };
    (b) => {
        "b : int\n    The second qubit."
    };
}
pub(crate) use about_qubit;

/// One text for gates that have angles, another for those that have none.
macro_rules! if_angled {
    (; $with:literal, $without:literal) => {
        $without
    };
    ($($param:ident)+; $with:literal, $without:literal) => {
        $with
    };
}
pub(crate) use if_angled;
