"""Circuits from OpenQASM 2 and 3, and to OpenQASM 3.

A text is read right or refused; ``docs/qasm.md`` lists every construct of both languages. They are
defined by A. W. Cross et al., arXiv:1707.03429 (OpenQASM 2), and by the specification at
https://openqasm.com (OpenQASM 3).
"""

from collections.abc import Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import NamedTuple

import numket as nk
from numket import _core
from numket._names import public as _public

__all__ = ["Program", "QasmError", "dumps", "load", "loads", "read", "read_file"]

__dir__ = _public(globals())

DIALECTS = {None: 0, "braket": 1, "qibo": 2}
"""Whose gates and pragmas are known besides those of the standard."""


class QasmError(ValueError):
    """A text that is not OpenQASM, or that asks for what a circuit cannot do.

    Parameters
    ----------
    reason : str
        What is wrong, and what to write instead.
    line, column : int, optional
        Where in the text, counted from 1.
    file : str, optional
        The name of the file.

    Attributes
    ----------
    reason, line, column, file
        The same; None where it is not known.

    Examples
    --------
    >>> from numket.qasm import QasmError, loads
    >>> try:
    ...     loads("qreg q[2];\\nh q[2];")
    ... except QasmError as error:
    ...     print(error.line, error.column)
    2 5
    """

    def __init__(
        self,
        reason: str,
        line: int | None = None,
        column: int | None = None,
        file: str | None = None,
    ) -> None:
        where = [file] if file else []
        if line is not None:
            where.append(f"line {line}, column {column}")
        super().__init__(f"{', '.join(where)}: {reason}" if where else reason)
        self.reason = reason
        self.line = line
        self.column = column
        self.file = file

    def __reduce__(self) -> tuple[type["QasmError"], tuple[object, ...]]:
        return QasmError, (self.reason, self.line, self.column, self.file)


class Program(NamedTuple):
    """What a text says, as `read` gives it.

    Parameters
    ----------
    circuit : Circuit
        All statements, as operations.
    qubits : mapping of str to range
        The registers of qubits in the order of their declaration, and their qubits.
    bits : mapping of str to range
        The same of classical bits. Bits of the circuit after these hold values in between.

    Examples
    --------
    >>> from numket.qasm import read
    >>> program = read("qreg q[2]; creg c[1]; h q[1]; measure q[1] -> c[0];")
    >>> program.qubits, program.bits
    ({'q': range(0, 2)}, {'c': range(0, 1)})
    """

    circuit: nk.Circuit
    qubits: Mapping[str, range]
    bits: Mapping[str, range]


def read(
    text: str | bytes,
    *,
    dialect: str | None = None,
    final_measurements: bool = True,
    max_rounds: int = 1_000_000,
    file: str | None = None,
) -> Program:
    """Read OpenQASM 2 or 3: a circuit with the names of its registers.

    Parameters
    ----------
    text : str, or bytes in UTF-8
        The program. Without a version line it is OpenQASM 2 that includes qelib1.inc.
    dialect : {"braket", "qibo"}, optional
        Whose gates and pragmas are known besides those of the standard.
    final_measurements : bool
        False leaves out measurements that nothing depends on.
    max_rounds : int
        How many rounds all loops may have together.
    file : str, optional
        What messages call the text.

    Returns
    -------
    Program
        Qubits and bits count through the registers. ``input float`` and ``input angle`` become
        parameters, in order.

    Raises
    ------
    QasmError
        Where the text is not OpenQASM, or asks for what a circuit cannot do: with line, column, the
        reason, and what to write instead.
    TypeError, ValueError
        For other arguments than these.

    Examples
    --------
    >>> from numket.qasm import read
    >>> text = 'OPENQASM 3.0; include "stdgates.inc"; input float a; qubit[2] q; rx(a/2) q;'
    >>> list(read(text).circuit)[1].params
    (0.5*a,)
    """
    if isinstance(text, bytes):
        text = _decoded(text, file)
    if not isinstance(text, str):
        raise TypeError(
            f"'text' is a {type(text).__name__:.80}; it must be a str: for files, use "
            "from_qasm_file"
        )
    if not (dialect is None or isinstance(dialect, str)) or dialect not in DIALECTS:
        known = ", ".join(repr(name) for name in DIALECTS if name)
        raise ValueError(
            f"'dialect' is {_core.shown(dialect)}; known are {known}: leave it out for others"
        )
    if not isinstance(max_rounds, int) or not 0 <= max_rounds < 2**63:
        raise ValueError(
            f"'max_rounds' is {_core.shown(max_rounds)}; it must be from 0 to 2**63 - 1: use an int"
        )
    if not isinstance(final_measurements, bool):
        raise TypeError(
            f"'final_measurements' is a {type(final_measurements).__name__:.80}; it must be a "
            "bool: use True or False"
        )
    if file is None and "\n" not in text and ";" not in text and text.strip().endswith(".qasm"):
        raise QasmError(
            f"{_core.shown(text)} is the name of a file, not OpenQASM: use from_qasm_file or "
            "read_file"
        )
    if not text.strip():
        raise QasmError("the text is empty: give it a program", file=file)
    try:
        found = _core.read_qasm(text, DIALECTS[dialect], bool(final_measurements), max_rounds)
    except UnicodeEncodeError as error:
        raise QasmError("the text holds half a character: read it as UTF-8", file=file) from error
    if len(found) == 2:
        (line, column), reason = found
        raise QasmError(reason, line, column, file)
    return Program(*found)


def _decoded(content: bytes, file: str | None) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start]
        what = "a binary file" if b"\0" in content else "not encoded in UTF-8"
        raise QasmError(
            f"this is {what}, by byte {error.start}; OpenQASM is text: save it as UTF-8",
            before.count(b"\n") + 1,
            error.start - before.rfind(b"\n"),
            file,
        ) from error


def read_file(
    path: str | PathLike[str],
    *,
    dialect: str | None = None,
    final_measurements: bool = True,
    max_rounds: int = 1_000_000,
) -> Program:
    """Read a file in UTF-8, as `read` reads a text.

    Parameters
    ----------
    path : str or os.PathLike
        Where the file is.
    dialect : {"braket", "qibo"}, optional
        Whose gates and pragmas are known besides those of the standard.
    final_measurements : bool
        False leaves out measurements that nothing depends on.
    max_rounds : int
        How many rounds all loops may have together.

    Returns
    -------
    Program

    Raises
    ------
    OSError
        Where the file cannot be read.
    QasmError
        As `read` does, with the name of the file.
    TypeError, ValueError
        For other arguments than these.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from numket.qasm import read_file
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "bell.qasm")
    ...     _ = path.write_text("OPENQASM 3.0; qubit[2] pair; U(pi/2, 0, pi) pair[0];")
    ...     read_file(path).qubits
    {'pair': range(0, 2)}
    """
    if not isinstance(path, str | PathLike):
        raise TypeError(
            f"'path' is a {type(path).__name__:.80}; it must be the name of a file: use a str"
        )
    if isinstance(path, str) and "\n" in path:
        raise QasmError("this is a text, not the name of a file: use from_qasm or read")
    return read(
        Path(path).read_bytes(),
        dialect=dialect,
        final_measurements=final_measurements,
        max_rounds=max_rounds,
        file=fspath(path),
    )


def loads(
    text: str | bytes,
    *,
    dialect: str | None = None,
    final_measurements: bool = True,
    max_rounds: int = 1_000_000,
) -> nk.Circuit:
    """The circuit of a text in OpenQASM 2 or 3.

    Parameters
    ----------
    text : str, or bytes in UTF-8
        The program. Without a version line it is OpenQASM 2 that includes qelib1.inc.
    dialect : {"braket", "qibo"}, optional
        Whose gates and pragmas are known besides those of the standard.
    final_measurements : bool
        False leaves out measurements that nothing depends on.
    max_rounds : int
        How many rounds all loops may have together.

    Returns
    -------
    Circuit
        That of `read`, whose result also names the registers.

    Raises
    ------
    QasmError
        Where the text is not OpenQASM, or asks for what a circuit cannot do.
    TypeError, ValueError
        For other arguments than these.

    Examples
    --------
    >>> from numket.qasm import loads
    >>> loads("OPENQASM 2.0; include 'qelib1.inc'; qreg q[2]; h q[0]; cx q[0],q[1];").num_qubits
    2
    >>> circuit = loads("qreg q[1]; creg c[1]; h q[0]; measure q[0] -> c[0]; if (c == 1) x q[0];")
    >>> list(circuit)[-1].condition
    ((0, 1),)
    """
    return read(
        text, dialect=dialect, final_measurements=final_measurements, max_rounds=max_rounds
    ).circuit


def load(
    path: str | PathLike[str],
    *,
    dialect: str | None = None,
    final_measurements: bool = True,
    max_rounds: int = 1_000_000,
) -> nk.Circuit:
    """The circuit of a file in OpenQASM 2 or 3.

    Parameters
    ----------
    path : str or os.PathLike
        Where the file is, in UTF-8.
    dialect : {"braket", "qibo"}, optional
        Whose gates and pragmas are known besides those of the standard.
    final_measurements : bool
        False leaves out measurements that nothing depends on.
    max_rounds : int
        How many rounds all loops may have together.

    Returns
    -------
    Circuit
        That of `read_file`, whose result also names the registers.

    Raises
    ------
    OSError
        Where the file cannot be read.
    QasmError
        Where it is not OpenQASM, or asks for what a circuit cannot do.
    TypeError, ValueError
        For other arguments than these.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numket as nk
    >>> from numket.qasm import dumps, load
    >>> bell = nk.Circuit(2).h(0).cx(0, 1)
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "bell.qasm")
    ...     _ = path.write_text(dumps(bell))
    ...     load(path) == bell
    True
    """
    return read_file(
        path, dialect=dialect, final_measurements=final_measurements, max_rounds=max_rounds
    ).circuit


def dumps(circuit: nk.Circuit) -> str:
    """Write a circuit as OpenQASM 3, so that `loads` gives the same circuit back.

    Parameters
    ----------
    circuit : Circuit
        Of gates, Pauli strings, measurements and resets.

    Returns
    -------
    str
        Parameters are inputs, and conditions nested ifs.

    Raises
    ------
    TypeError
        Where this is no Circuit.
    ValueError
        For matrices, diagonals, permutations and noise, which OpenQASM has no way to write, and for
        parameters whose names it does not allow.

    Examples
    --------
    >>> import numket as nk
    >>> from numket.qasm import dumps
    >>> print(dumps(nk.Circuit(2).h(0).rx(2 * nk.Parameter("a"), 1, controls=[0])))
    OPENQASM 3.0;
    include "stdgates.inc";
    input float a;
    qubit[2] q;
    h q[0];
    ctrl @ rx(2.0*a) q[0], q[1];
    <BLANKLINE>
    """
    return _core.write_qasm(circuit)
