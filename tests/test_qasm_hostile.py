"""Texts that would take for ever, or all memory, to read step by step."""

import re

import pytest

import numket as nk
from helpers_qasm import HEAD2, HEAD3
from numket.qasm import QasmError

MANY = 100_000
DEEP = {
    "parentheses": f"qubit q; rx({'(' * MANY}1{')' * MANY}) q;",
    "open parentheses": f"qubit q; rx({'(' * MANY}",
    "minus signs": f"qubit q; rx({'-' * MANY}1) q;",
    "nots": f"qubit q; if ({'!' * MANY}true) x q;",
    "a long sum": f"qubit q; rx(1{' + 1' * MANY}) q;",
    "a long product": f"qubit q; rx(1{' * 1' * MANY}) q;",
    "a long power": f"qubit q; rx(1{' ** 1' * MANY}) q;",
    "a long conjunction": f"qubit q; if (true{' && true' * MANY}) x q;",
    "calls": f"qubit q; rx({'sin(' * MANY}1{')' * MANY}) q;",
    "casts": f"qubit q; rx({'float(' * MANY}1{')' * MANY}) q;",
    "indices": f"qubit q; int n = 0; rx(n{'[0' * MANY}{']' * MANY}) q;",
    "blocks": f"qubit q; {'{' * MANY}{'}' * MANY}",
    "open blocks": f"qubit q; {'{' * MANY}",
    "ifs": f"qubit q; {'if (true) ' * MANY} x q;",
    "elses": f"qubit q; {'if (false) x q; else ' * MANY} x q;",
    "loops": f"qubit q; {'for int i in [0:1] ' * 1000} x q;",
    "boxes": f"qubit q; {'box {' * MANY}{'}' * MANY}",
    "controls": f"qubit q; {'ctrl @ ' * MANY} x q;",
    "inverses": f"qubit q; {'inv @ ' * MANY} x q;",
    "powers": f"qubit q; {'pow(2) @ ' * 10_000} t q;",
    "powers of an own gate": f"gate g a {{ h a; t a; }} qubit q; {'pow(1000) @ ' * 100} g q;",
    "a large power": "gate g a, b { h a; cx a, b; } qubit[2] q; pow(10 ** 15) @ g q[0], q[1];",
    "gates that use gates": "gate g0 a { h a; } "
    + " ".join(f"gate g{k + 1} a {{ g{k} a; g{k} a; }}" for k in range(60))
    + " qubit q; g60 q;",
    "empty gates that use gates": "gate g0 a { } "
    + " ".join(f"gate g{k + 1} a {{ g{k} a; g{k} a; }}" for k in range(60))
    + " qubit q; g60 q;",
    "a chain of gates": "gate g0 a { h a; } "
    + " ".join(f"gate g{k + 1} a {{ g{k} a; }}" for k in range(20_000))
    + " qubit q; g20000 q;",
    "loops in gates": "gate g0 a { h a; } "
    + " ".join(f"gate g{k + 1} a {{ for int i in [1:100] {{ g{k} a; }} }}" for k in range(20))
    + " qubit q; g20 q;",
    "subroutines that call subroutines": "def f0(qubit a) { h a; } "
    + " ".join(f"def f{k + 1}(qubit a) {{ f{k}(a); f{k}(a); }}" for k in range(60))
    + " qubit q; f60(q);",
    "subroutines that compute": "def f0(int n) -> int { return n; } "
    + " ".join(f"def f{k + 1}(int n) -> int {{ return f{k}(n) + f{k}(n); }}" for k in range(60))
    + " qubit q; rx(f60(0)) q;",
    "a huge register": "qubit[1000000000] q; h q;",
    "a register of 2^64": "qubit[18446744073709551616] q;",
    "a register of 2^63": "qubit[9223372036854775807] q; qubit[2] r;",
    "many registers": "".join(f"qubit[1000] q{k};" for k in range(10_000)),
    "huge bits": "qubit q; bit[10000000000] c; c[1] = measure q;",
    "a huge variable": "qubit q; uint[1000000000] n = 1; rx(n) q;",
    "a huge angle": "qubit q; angle[1000000000] a = 1.0; rx(a) q;",
    "a huge array": "array[int, 100000, 100000, 100000] a; qubit q;",
    "a huge loop": "qubit q; for int i in [0:1000000000000] { x q; }",
    "a huge empty loop": "qubit q; for int i in [0:1000000000000] { }",
    "a huge slice": "qubit[2] q; x q[0:1000000000000];",
    "loops in loops": "qubit q; " + "for int i in [0:1000] { " * 8 + "}" * 8,
    "a loop that doubles": "qubit q; int n = 1; while (n > 0) { n += n; }",
    "a loop over bits that grow": "qubit q; float f = 1.0; while (f > 0) { f *= 2.0; }",
    "large shifts": "qubit q; rx(1 << 1000000000000) q;",
    "large powers of integers": "qubit q; rx(10 ** 10 ** 10) q;",
    "a long number": f"qubit q; rx({'9' * 1_000_000}) q;",
    "a long fraction": f"qubit q; rx(0.{'3' * 1_000_000}) q;",
    "a large exponent": "qubit q; rx(1e999999999999999999) q;",
    "a long string": f'qubit q; {{ bit[1000000] c = "{"01" * 500_000}"; }}',
    "a long name": f"qubit {'q' * 1_000_000}; x {'q' * 1_000_000};",
    "a long comment": f"qubit q; /* {'*' * 5_000_000} */ x q;",
    "many lines": f"qubit q; {chr(10) * 1_000_000} x q;",
    "many statements": f"qubit q; {'x q; ' * 200_000}",
    "many names": "qubit q; " + "".join(f"int n{k} = {k}; " for k in range(MANY)),
    "many parameters": f"gate g({', '.join(f'p{k}' for k in range(MANY))}) a {{ }} qubit q;",
    "many labels": f"qubit q; switch (5) {{ case {', '.join(map(str, range(MANY)))} {{ x q; }} }}",
    "a large set": f"qubit q; for int i in {{{', '.join(['1'] * MANY)}}} {{ x q; }}",
    "aliases of aliases": "qubit[2] q; let a0 = q; "
    + " ".join(f"let a{k + 1} = a{k};" for k in range(MANY)),
    "a condition of many cases": "qubit[30] q; bit[30] c; c = measure q; if ("
    + " && ".join(f"(c[{2 * k}] || c[{2 * k + 1}])" for k in range(15))
    + ") x q[0];",
    "a parity": "qubit[40] q; bit[40] c; c = measure q; if ("
    + " ^ ".join(f"c[{k}]" for k in range(40))
    + ") x q[0];",
    "a comparison of many bits": "qubit[60] q; bit[60] c; c = measure q; "
    "if (c < 12345678901) x q[0];",
    "conditions in conditions": "qubit[40] q; bit[40] c; c = measure q; "
    + "".join(f"if (c[{k}] || c[{k + 1}]) {{ " for k in range(0, 40, 2))
    + "x q[0];"
    + "}" * 20,
    "types in types": f"qubit q; rx({'array[int, ' * MANY}1) q;",
    "braces in braces": f"qubit q; array[int, 1] a = {'{' * MANY}1{'}' * MANY};",
    "many large registers": "qubit q; " + "".join(f"bit[1048576] c{k}; " for k in range(1000)),
    "many large arrays": "qubit q; " + "".join(f"array[int, 1000000] a{k}; " for k in range(1000)),
    "many controls on many qubits": "qubit[1000] c; qubit[1000000] q; ctrl(1000) @ x "
    + "".join(f"c[{k}], " for k in range(1000))
    + "q;",
    "many inputs in many angles": "".join(f"input float a{k}; " for k in range(1000))
    + "qubit[1000000] q; rx("
    + " + ".join(f"a{k}" for k in range(1000))
    + ") q;",
    "comparisons of 2000 bits": "qubit[2000] q; bit[2000] c; c = measure q; if (c < "
    + f'"{"01" * 1000}") x q[0];',
    "many comparisons of 64 bits": "qubit[64] q; bit[64] c; c = measure q; "
    + "if (c < 1234567890123456789) x q[0]; " * 20_000,
    "a long comparison for many qubits": "qubit[64] q; qubit[1000000] r; bit[64] c; c = measure q; "
    "if (c < 1234567890123456789) x r;",
    "assignments to a large array": "qubit q; array[int, 1000000] a; "
    "for int i in [0:999999] { a[i] = i; }",
    "assignments to a large register": "qubit q; { bit[1000000] a; "
    "for int i in [0:999998] { a[i] = 1; } }",
    "operators on large registers": "qubit q; bit[1000000] a; for int i in [0:99999] { a ^= a; }",
    "large aliases": "qubit[1000000] q; for int i in [0:99999] { let a = q[0:1] ++ q[2:999999]; }",
    "bits of a large alias": "qubit q; bit[1048576] a; let b = a; "
    "for int i in [0:99999] { if (b[0]) x q; }",
    "bits of a large register": "qubit q; { bit[1048576] c; " + "c[1] = measure q; " * 40_000 + "}",
    "strings in a loop": "qubit q; for int i in [0:99999] "
    f'{{ bit[400000] a = "{"01" * 200_000}"; }}',
    "assignments under a parity": "qubit[12] q; bit[12] c; c = measure q; if ("
    + " ^ ".join(f"c[{k}]" for k in range(12))
    + ") { for int i in [0:1000] { int j = i; j += 1; } }",
    "a large array under conditions": "qubit[12] q; bit[12] c; c = measure q; "
    "array[int, 1000000] a; " + "".join(f"if (c[{k % 12}]) a[{k}] = 1; " for k in range(100)),
    "an empty gate, often": "gate g a { } qubit q; pow(1e15) @ g q;",
    "a chain of conditions": "qubit q; if (false) x q; " + "else if (false) x q; " * MANY,
    "nothing but zeros": "\0" * 100_000,
    "nothing but quotes": '"' * 100_001,
    "nothing but semicolons": "qubit q; " + ";" * 100_000,
}

MEASURED = """
    import resource, time
    from numket.qasm import QasmError
    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
    text = open({path!r}, encoding="utf-8").read()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    try:
        nk.Circuit.from_qasm(text)
        answer = "read"
    except QasmError as error:
        assert error.line is not None, error
        answer = "refused"
    seconds = time.process_time() - start
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(answer, seconds, used // 1024)
"""


@pytest.mark.parametrize("name", DEEP)
def test_every_text_is_answered(name, snippet, tmp_path):
    path = tmp_path / "deep.qasm"
    path.write_text(HEAD3 + DEEP[name], encoding="utf-8")
    answer, seconds, megabytes = snippet(MEASURED.format(path=str(path))).split()
    assert answer in ("read", "refused")
    assert float(seconds) < 10
    assert int(megabytes) < 1024


def test_openqasm2_is_answered(snippet, tmp_path):
    texts = {
        "parentheses": f"qreg q[1]; rx({'(' * MANY}1{')' * MANY}) q[0];",
        "sum": f"qreg q[1]; rx(1{'+1' * MANY}) q[0];",
        "powers": f"qreg q[1]; rx(1{'^1' * MANY}) q[0];",
        "gates": "gate g0 a { h a; } "
        + " ".join(f"gate g{k + 1} a {{ g{k} a; g{k} a; }}" for k in range(60))
        + " qreg q[1]; g60 q[0];",
        "register": "qreg q[1000000000]; h q;",
        "condition": "qreg q[1]; creg c[200]; if (c == 1" + "0" * 1000 + ") x q[0];",
    }
    for name, text in texts.items():
        path = tmp_path / f"{name}.qasm"
        path.write_text(HEAD2 + text, encoding="utf-8")
        answer, seconds, megabytes = snippet(MEASURED.format(path=str(path))).split()
        assert answer in ("read", "refused"), name
        assert float(seconds) < 10, name
        assert int(megabytes) < 1024, name


def test_messages_have_no_trace_of_the_inside():
    """A message is one line of plain text, even where the text is not."""
    with pytest.raises(QasmError) as caught:
        nk.Circuit.from_qasm(HEAD3 + "qubit q;\nx q\x00\x1b[31m" + "y" * 10_000 + ";")
    assert len(str(caught.value)) < 500
    assert not re.search(r"[\x00-\x1f]", str(caught.value))
