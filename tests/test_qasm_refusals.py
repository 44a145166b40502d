"""What must be refused in OpenQASM, with the line on which it is found."""

import pytest

import numket as nk
from helpers_qasm import HEAD2, HEAD3
from numket.qasm import QasmError

REFUSED3 = {
    "one qubit twice": ("qubit[2] q;\ncx q[0], q[0];", 2),
    "a register with itself": ("qubit[2] q;\ncx q, q;", 2),
    "a register and a part of it": ("qubit[2] q;\ncx q[0], q;", 2),
    "a qubit by two names": ("qubit[2] q; let a = q[0:1];\ncx q[0], a[0];", 2),
    "a negative index that is the same": ("qubit[2] q;\ncx q[1], q[-1];", 2),
    "too few qubits": ("qubit[2] q;\ncx q;", 2),
    "too many qubits": ("qubit[2] q;\nx q[0], q[1];", 2),
    "registers of different length": ("qubit[2] q; qubit[3] r;\ncx q, r;", 2),
    "registers of length 1 and 2": ("qubit[1] q; qubit[2] r;\ncx q, r;", 2),
    "too few qubits for ctrl": ("qubit[2] q;\nctrl @ x q[0];", 2),
    "too few parameters": ("qubit q;\nrx q;", 2),
    "too many parameters": ("qubit q;\nrx(1, 2) q;", 2),
    "parameters of a gate without": ("qubit q;\nh(1) q;", 2),
    "an unknown gate": ("qubit q;\nfoo q;", 2),
    "an unknown qubit": ("qubit q;\nx r;", 2),
    "an unknown variable": ("qubit q;\nrx(t) q;", 2),
    "an unknown function": ("qubit q;\nrx(foo(1)) q;", 2),
    "an unknown bit": ("qubit q;\nc[0] = measure q;", 2),
    "a gate before its definition": ("qubit q;\nfoo q;\ngate foo a { x a; }", 2),
    "a qubit before its declaration": ("x q;\nqubit q;", 1),
    "a variable before its declaration": ("qubit q;\nrx(n) q;\nint n = 1;", 2),
    "a variable after its block": ("qubit q; { int n = 1; }\nrx(n) q;", 2),
    "a loop variable after the loop": ("qubit q; for int i in [0:1] { x q; }\nrx(i) q;", 2),
    "a variable that has no value": ("qubit q; int n;\nrx(n) q;", 2),
    "a qubit declared twice": ("qubit q;\nqubit q;", 2),
    "a variable declared twice": ("int n = 1;\nint n = 2; qubit q;", 2),
    "a variable named as a register": ("qubit q;\nint q = 1;", 2),
    "a gate defined twice": ("gate g a { x a; }\ngate g a { x a; } qubit q;", 2),
    "a name declared twice in a block": ("qubit q; {\nint n = 1;\nint n = 2; }", 3),
    "two qubits of a gate with one name": ("\ngate g a, a { x a; } qubit q;", 2),
    "a gate that uses itself": ("gate g a {\ng a; } qubit q; g q;", 2),
    "a gate that uses outer qubits": ("qubit q; gate g a {\nx q; } g q;", 2),
    "a gate that uses variables": ("int n = 1; qubit q; gate g a {\nrx(n) a; } g q;", 2),
    "a gate that indexes": ("qubit q; gate g a {\nx a[0]; } g q;", 2),
    "a gate that measures": ("qubit q; gate g a {\nmeasure a; } g q;", 2),
    "a gate that resets": ("qubit q; gate g a {\nreset a; } g q;", 2),
    "a gate in a block": ("qubit q; {\ngate g a { x a; } }", 2),
    "a subroutine that uses itself": (
        "def f(int n) -> int {\nreturn f(n); } qubit q; rx(f(1)) q;",
        2,
    ),
    "a subroutine that uses variables": (
        "int n = 1; def f() -> int {\nreturn n; } qubit q; rx(f()) q;",
        2,
    ),
    "a subroutine with a qubit twice": ("def f(qubit a, qubit b) { x a; } qubit q;\nf(q, q);", 2),
    "a subroutine with too few arguments": ("def f(qubit a, int n) { x a; } qubit q;\nf(q);", 2),
    "a subroutine with another size": ("def f(qubit[3] a) { x a; } qubit[2] q;\nf(q);", 2),
    "an index out of range": ("qubit[2] q;\nx q[2];", 2),
    "a negative index out of range": ("qubit[2] q;\nx q[-3];", 2),
    "a slice out of range": ("qubit[2] q;\nx q[0:2];", 2),
    "an empty slice": ("qubit[3] q;\nx q[2:1];", 2),
    "an index of a single qubit": ("qubit q;\nx q[0];", 2),
    "a bit out of range": ("qubit q; bit[2] c;\nc[2] = measure q;", 2),
    "a step of 0": ("qubit[3] q;\nx q[0:0:2];", 2),
    "a loop with a step of 0": ("qubit[3] q;\nfor int i in [0:0:2] { x q[0]; }", 2),
    "an alias with one qubit twice": ("qubit[3] q;\nlet a = q ++ q[0:1];", 2),
    "a register without a size that is known": ("int n = 2;\nqubit[n] q;", 2),
    "a constant that is no longer whole": ("qubit q;\nconst int n = 2.5;", 2),
    "a constant from a variable": ("qubit q; int m = 1;\nconst int n = m;", 2),
    "a variable named as an own gate": ("gate g a { x a; } qubit q;\nint g = 1;", 2),
    "a switch on a float": ("qubit q;\nswitch (2.0) { case 2 { x q; } }", 2),
    "a negative size": ("\nqubit[-2] q;", 2),
    "a size that is no integer": ("\nqubit[2.5] q;", 2),
    "division by zero": ("qubit q;\nrx(1 / 0) q;", 2),
    "modulo zero": ("qubit q;\nrx(1 % 0) q;", 2),
    "arccos of 2": ("qubit q;\nrx(arccos(2)) q;", 2),
    "an angle that is infinite": ("qubit q;\nrx(exp(1000)) q;", 2),
    "a constant assigned to": ("const int n = 1;\nn = 2; qubit q;", 2),
    "break outside of loops": ("qubit q;\nbreak;", 2),
    "continue outside of loops": ("qubit q;\ncontinue;", 2),
    "break in a subroutine in a loop": (
        "def f() {\nbreak; } qubit q; for int i in [0:1] { f(); }",
        2,
    ),
    "return outside of subroutines": ("qubit q;\nreturn;", 2),
    "qubits in a block": ("qubit q; {\nqubit r; }", 2),
    "a while loop on outcomes": ("qubit q; bit c = measure q;\nwhile (c) { c = measure q; }", 2),
    "break on an outcome": (
        "qubit q; bit c = measure q; for int i in [0:1] {\nif (c) break; x q; }",
        2,
    ),
    "an index by outcomes": ("qubit[2] q; bit c = measure q[0];\nx q[int(c)];", 2),
    "a switch with a label twice": ("qubit q; switch (1) {\ncase 1 { x q; }\ncase 1 { y q; } }", 3),
    "a switch without a case": ("qubit q;\nswitch (1) { }", 2),
    "a qubit measured into a register": ("qubit[2] q; bit[2] c;\nc = measure q[0];", 2),
    "more qubits measured than bits": ("qubit[3] q; bit[2] c;\nc = measure q;", 2),
    "a string of another length": ('qubit q;\nbit[3] c = "01";', 2),
    "a file that is not known": ('qubit q;\ninclude "other.inc";', 2),
    "no semicolon": ("qubit q;\nx q", 2),
    "no closing brace": ("qubit q;\n{ x q;\n", 2),
    "no closing parenthesis": ("qubit q;\nrx(1 q;", 2),
    "a comment without end": ("qubit q;\n/* x q;", 2),
    "a string without end": ('qubit q;\nbit[2] c = "01;', 2),
    "a strange character": ("qubit q;\nx ? q;", 2),
    "a keyword as a name": ("qubit q;\nint for = 1;", 2),
    "a version in the middle": ("qubit q;\nOPENQASM 3.0;", 2),
    "a root of a gate of several qubits": (
        "gate g a, b { h a; cx a, b; } qubit[2] q;\npow(0.5) @ g q[0], q[1];",
        2,
    ),
    "ctrl of a negative number": ("qubit[3] q;\nctrl(-1) @ x q[0], q[1];", 2),
    "ctrl(0)": ("qubit[3] q;\nctrl(0) @ x q[0];", 2),
    "calibrations": ("qubit q;\ndefcal x $0 { }", 2),
}

REFUSED2 = {
    "one qubit twice": ("qreg q[2];\ncx q[0],q[0];", 2),
    "a register with itself": ("qreg q[2];\ncx q,q;", 2),
    "too few qubits": ("qreg q[2];\ncx q;", 2),
    "registers of different length": ("qreg q[2]; qreg r[3];\ncx q,r;", 2),
    "an index out of range": ("qreg q[2];\nx q[2];", 2),
    "a negative index": ("qreg q[2];\nx q[-1];", 2),
    "a register without a size": ("qreg q[1];\nqreg r;", 2),
    "a register of size 0": ("qreg q[1];\nqreg r[0];", 2),
    "an unknown gate": ("qreg q[2];\nfoo q[0];", 2),
    "a gate before its definition": ("qreg q[1];\nfoo q[0];\ngate foo a { x a; }", 2),
    "a gate that uses itself": ("gate g a {\ng a; } qreg q[1];", 2),
    "a register declared twice": ("qreg q[1];\nqreg q[2];", 2),
    "a register named as another of bits": ("qreg q[1];\ncreg q[2];", 2),
    "measure of different length": ("qreg q[2]; creg c[3];\nmeasure q -> c;", 2),
    "an opaque gate that is used": ("opaque magic a; qreg q[1];\nmagic q[0];", 2),
    "if on a bit": ("qreg q[1]; creg c[1];\nif (c[0] == 1) x q[0];", 2),
    "if with &&": ("qreg q[1]; creg c[1];\nif (c == 1 && c == 1) x q[0];", 2),
    "if on an unknown register": ("qreg q[1];\nif (c == 1) x q[0];", 2),
    "statements of OpenQASM 3": ("qreg q[1];\nqubit r;", 2),
    "loops of OpenQASM 3": ("qreg q[1];\nfor int i in [0:1] { x q[0]; }", 2),
    "modifiers of OpenQASM 3": ("qreg q[2];\nctrl @ x q[0], q[1];", 2),
    "a gate defined in place of an expression": ("qreg q[1];\nrx(gate) q[0];", 2),
    "no semicolon": ("qreg q[1];\nx q[0]", 2),
    "ln of 0": ("qreg q[1];\nrx(ln(0)) q[0];", 2),
    "division by zero": ("qreg q[1];\nrx(1/0) q[0];", 2),
}


def assert_refused(head, text, line, **options):
    with pytest.raises(QasmError) as caught:
        nk.Circuit.from_qasm(head + text, **options)
    error = caught.value
    assert error.line == head.count("\n") + line, error
    assert error.column >= 1
    assert str(error).startswith(f"line {error.line}, column {error.column}: ")


@pytest.mark.parametrize(("text", "line"), REFUSED3.values(), ids=REFUSED3)
def test_openqasm3_is_refused(text, line):
    assert_refused(HEAD3, text, line)


@pytest.mark.parametrize(("text", "line"), REFUSED2.values(), ids=REFUSED2)
def test_openqasm2_is_refused(text, line):
    assert_refused(HEAD2, text, line)


@pytest.mark.parametrize(
    "loop",
    [
        "while (true) { x q; }",
        "int i = 0; while (i < 200) { i += 1; x q; }",
        "for int i in [1:200] { x q; }",
        "for int i in [0:14] { for int j in [0:14] { x q; } }",
        "while (true) { }",
    ],
)
def test_loops_end(loop):
    assert_refused(HEAD3, f"qubit q;\n{loop}", 2, max_rounds=100)


def test_loops_within_the_limit():
    circuit = nk.Circuit.from_qasm(HEAD3 + "qubit q; for int i in [1:100] { x q; }", max_rounds=100)
    assert len(circuit) == 100


@pytest.mark.parametrize("version", ["1.0", "4.0", "2.1", "3.9", "x"])
def test_versions_that_are_not_known(version):
    assert_refused("", f"OPENQASM {version}; qreg q[1];", 1)
