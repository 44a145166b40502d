"""Operations of Cirq as operations of a numket circuit, with Cirq's global phases."""

from cmath import exp, phase
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from math import cos, pi, sin
from typing import Any, NamedTuple

import cirq
import numpy as np

from numket._core import Circuit, shown
from numket.parameter import Expression, Parameter

MATRIX_QUBITS = 4
"""Gates that numket has no name for are matrices on up to so many qubits, and decomposed beyond."""


class Step(NamedTuple):
    """A unitary gate under controls."""

    emit: "_Emit"
    gate: Any
    """The gate of Cirq, for `_matrix` the matrix, for `_pauli` letters and a factor."""
    qubits: tuple[Any, ...]
    """What it acts on, of Cirq; after them the controls."""
    values: tuple[int, ...] = ()
    """What the controls must be."""


_Emit = Callable[[Circuit, Any, Sequence[int], dict[str, Any]], Any]
"""Adds a gate on some qubits, and gives the half turns of phase that it leaves to be added."""


def steps_of(operation: Any) -> list[Step] | None:
    """What an operation of Cirq comes to, or None if it is not known to be unitary."""
    kind = type(operation)
    if kind is cirq.TaggedOperation:
        return steps_of(operation.untagged)
    known: list[Step] | None = None
    if kind in _PLAIN:
        known = _steps(operation.gate, operation.qubits)
    elif kind is cirq.ControlledOperation:  # whose gate would be made anew
        inner = steps_of(operation.sub_operation)
        known = inner and _under(inner, operation.controls, operation.control_values)
    elif kind is cirq.PauliString:
        letters = "".join([_LETTERS[type(pauli)] for pauli in operation.values()])
        known = _string(letters, operation.coefficient, operation.qubits)
    return _general(operation) if known is None else known


def knows(operation: Any) -> bool:
    """Whether numket has operations of its own for what an operation does."""
    operation = operation.untagged
    if type(operation) in _PLAIN:
        return _emitter(operation.gate) is not None
    return type(operation) in (cirq.ControlledOperation, cirq.PauliString)


def is_swap(step: Step) -> bool:
    """Whether a step does nothing but exchange two qubits."""
    gate = step.gate
    if step.emit is not _swap or step.values:
        return False
    return bool(gate.exponent % 2 == 1 and gate.global_shift == 0)


def circuit_of(steps: Iterable[Step], wires: Mapping[Any, int]) -> Circuit:
    """The circuit of these steps, where `wires` tells the places of qubits."""
    circuit = Circuit(len(wires))
    turns: Any = 0.0
    for emit, gate, qubits, values in steps:
        places = [wires[qubit] for qubit in qubits]
        try:
            if values:
                targets, controls = places[: -len(values)], places[-len(values) :]
                options = {"controls": controls, "control_values": values}
                _add_phase(circuit, emit(circuit, gate, targets, options), **options)
            else:
                turns += emit(circuit, gate, places, {})
        except (TypeError, ValueError) as error:
            what = "the matrix of a gate" if emit is _matrix else shown(gate)
            raise type(error)(f"{what}: {error}") from error
    if not isinstance(turns, Expression):
        turns %= 2.0
    _add_phase(circuit, turns)
    return circuit


def from_cirq(circuit: Any, qubit_order: Any = cirq.QubitOrder.DEFAULT) -> Circuit:
    """The numket circuit that does what a circuit of Cirq does, its global phase included.

    Parameters
    ----------
    circuit : cirq.Circuit
        Only unitary operations on qubits, with or without symbols. These must come in exponents and
        angles, and there as sums of numbers and multiples of symbols.
    qubit_order : cirq.QubitOrder or sequence of cirq.Qid
        Its first qubit becomes qubit 0, the next qubit 1, and so on.

    Returns
    -------
    numket.Circuit
        Symbols have become parameters of the same names. An exponent is in half turns, as in Cirq,
        so that the parameters have the unit of the symbols.

    Raises
    ------
    TypeError
        For what is not unitary.
    ValueError
        For qudits, and for symbols elsewhere.

    Examples
    --------
    >>> import cirq
    >>> import numpy as np, numket as nk, sympy
    >>> from numket.cirq import from_cirq
    >>> a, b = cirq.LineQubit.range(2)
    >>> turned = cirq.Circuit(cirq.X(a) ** sympy.Symbol("t"), cirq.CNOT(a, b))
    >>> circuit = from_cirq(turned)
    >>> circuit.parameters
    (Parameter('t'),)
    >>> psi = nk.zero_state(2)
    >>> circuit.run(psi, {"t": 0.5})
    >>> np.round(psi, 3)
    array([0.5+0.5j, 0. +0.j , 0. +0.j , 0.5-0.5j])
    """
    order = cirq.QubitOrder.as_qubit_order(qubit_order).order_for(circuit.all_qubits())
    for qubit in order:
        if qubit.dimension != 2:
            raise ValueError(
                f"the circuit acts on {shown(qubit)} of dimension {qubit.dimension}; numket has "
                "qubits: use cirq.Simulator"
            )
    steps: list[Step] = []
    for operation in circuit.all_operations():
        known = _symbolic(operation)
        if known is None:
            raise TypeError(
                f"{shown(operation)} is not unitary; a numket circuit takes unitary operations: "
                "use numket.cirq.Simulator, or cirq.drop_terminal_measurements"
            )
        steps += known
    return circuit_of(steps, {qubit: place for place, qubit in enumerate(order)})


def _symbolic(operation: Any) -> list[Step] | None:
    """What an operation comes to where it may have symbols, which are refused where they must."""
    known = steps_of(operation)
    if known is not None:
        return known
    parts = cirq.decompose_once(operation, None)
    if parts is None and cirq.is_parameterized(operation):
        raise ValueError(
            f"{shown(operation)}: symbols are supported only in exponents and angles: resolve it "
            "first"
        )
    every = [_symbolic(part) for part in parts or ()] or [None]
    return None if None in every else [step for steps in every for step in steps or ()]


def _emitter(gate: Any) -> _Emit | None:
    emit = _EMITTERS.get(type(gate))
    if emit is _rotated and 0 in gate.dense_pauli_string.pauli_mask.tolist():
        return None  # to Cirq, which takes an I for a Z here
    return emit


def _steps(gate: Any, qubits: tuple[Any, ...]) -> list[Step] | None:
    """What a gate comes to that numket knows, or that is made of such."""
    emit = _emitter(gate)
    if emit is not None:
        return [Step(emit, gate, qubits)]
    kind = type(gate)
    if kind is cirq.DensePauliString:
        return _string(_letters(gate), gate.coefficient, qubits)
    if kind is cirq.ParallelGate:
        each = [_steps(gate.sub_gate, (qubit,)) for qubit in qubits]
        return None if None in each else [step for steps in each for step in steps or ()]
    if kind is cirq.ControlledGate:
        count, inner = gate.num_controls(), gate.sub_gate
        known = _steps(inner, qubits[count:])
        if known is None and (matrix := _unitary(inner)) is not None:
            known = [Step(_matrix, matrix, qubits[count:])]
        return known and _under(known, qubits[:count], gate.control_values)
    return None


def _letters(string: Any) -> str:
    """Those of a dense Pauli string."""
    return "".join(["IXYZ"[letter] for letter in string.pauli_mask.tolist()])


def _under(steps: list[Step], controls: tuple[Any, ...], allowed: Any) -> list[Step]:
    """The steps for each of the values of the controls under which they are done."""
    every: Iterable[tuple[int, ...]]
    try:
        if type(allowed) is not cirq.ProductOfSums:
            raise ValueError
        every = [tuple([value for (value,) in allowed])]  # most have one value each
    except ValueError:
        every = dict.fromkeys(tuple(values) for values in allowed.expand())
    return [
        Step(emit, gate, qubits + controls, before + values)
        for values in every
        for emit, gate, qubits, before in steps
    ]


def _string(letters: str, factor: Any, qubits: tuple[Any, ...]) -> list[Step] | None:
    """A Pauli string, if its factor is a phase."""
    if type(factor) is not complex or abs(abs(factor) - 1) > _ROUNDING:
        return None
    return [Step(_pauli, (letters, factor), qubits)]


def _general(operation: Any) -> list[Step] | None:
    """A step of the matrix if that is small, else those of the decomposition."""
    gate = operation.gate
    noisy = hasattr(gate, "_kraus_") or hasattr(gate, "_mixture_")
    # What Cirq would find as well, in a multiple of the time.
    if (noisy and not hasattr(gate, "_unitary_")) or not cirq.has_unitary(operation):
        return None
    matrix = _unitary(gate or operation)
    if matrix is not None:
        return [Step(_matrix, matrix, operation.qubits)]
    known = []
    for part in cirq.decompose_once(operation, None) or [None]:
        ours = part is not None and set(part.qubits) <= set(operation.qubits)
        steps = steps_of(part) if ours else None
        if steps is None:
            return None
        known += steps
    return known


def _unitary(action: Any) -> Any:
    """The matrix that a gate or an operation holds, or None.

    Large ones are taken only where there is nothing else. What `_apply_unitary_` alone defines has
    no matrix here, as it does not have to work on more axes than it is given.
    """
    if type(action) is not cirq.MatrixGate and cirq.num_qubits(action) > MATRIX_QUBITS:
        return None
    matrix = action._unitary_() if hasattr(action, "_unitary_") else None
    return None if matrix is NotImplemented else matrix


def _add_phase(circuit: Circuit, turns: Any, **options: Any) -> None:
    """A phase of some half turns, under controls if there are any."""
    if isinstance(turns, Expression) or turns != 0:
        circuit.gphase(pi * turns, **options)


def _number(value: Any) -> Any:
    """A number of Cirq's, or the expression of parameters for one with symbols."""
    if type(value) is float or type(value) is int:  # most are
        return float(value)
    if hasattr(value, "free_symbols"):
        return _affine(value)
    if value.imag != 0:
        raise TypeError(f"{value} is complex; exponents and angles must be real numbers")
    return float(value.real)


@lru_cache(maxsize=1024)  # SymPy takes milliseconds
def _affine(value: Any) -> Any:
    """A number of SymPy, or the expression of parameters for one with symbols."""
    symbols = sorted(value.free_symbols, key=str)
    if not symbols:
        return float(value)
    slopes = [value.diff(symbol) for symbol in symbols]
    if any(slope.free_symbols or not slope.is_real for slope in slopes):
        raise ValueError(
            f"'{value}' is not a sum of real numbers and multiples of symbols, as angles of numket "
            "are: resolve it first"
        )
    total: Any = float(value.subs(dict.fromkeys(symbols, 0)))
    for symbol, slope in zip(symbols, slopes, strict=True):
        total = total + float(slope) * Parameter(str(symbol))
    return total


def _odd(t: Any) -> bool:
    """Whether a power is odd, so that a gate of order 2 is done exactly.

    Zeros stay zeros then; where there are many, a run is much faster than it is among rounding
    errors, and those of complex64 soon become denormal.
    """
    return type(t) is float and t % 2 == 1


def _power(circuit: Circuit, gate: Any, qubits: Sequence[int], options: dict[str, Any]) -> Any:
    """A power of a Pauli gate or of H, the last qubit's, under the control of those before it."""
    name = _POWERS[type(gate)]
    t, shift = _number(gate.exponent), gate.global_shift
    odd = _odd(t)
    if odd and (own := _OWN.get((name, len(qubits)))) is not None:
        getattr(circuit, own)(*qubits, **options)
        return t * shift
    if name == "z" and len(qubits) == 2:
        circuit.cp(pi * t, *qubits, **options)
        return t * shift
    *controls, target = qubits
    if controls:
        options = {
            "controls": (*options.get("controls", ()), *controls),
            "control_values": (*options.get("control_values", ()), *(1,) * len(controls)),
        }
    if odd:
        getattr(circuit, name)(target, **options)
    elif name == "z":
        circuit.p(pi * t, target, **options)
    elif options or name == "h":
        there, back = _BASES[name]
        there(circuit, target)
        circuit.p(pi * t, target, **options)
        back(circuit, target)
    else:
        getattr(circuit, f"r{name}")(pi * t, target)
        return t * (0.5 + shift)
    return t * shift


_BASES: dict[str, tuple[Callable[[Circuit, int], object], Callable[[Circuit, int], object]]] = {
    "x": (lambda circuit, q: circuit.h(q), lambda circuit, q: circuit.h(q)),
    "y": (lambda circuit, q: circuit.rx(pi / 2, q), lambda circuit, q: circuit.rx(-pi / 2, q)),
    "h": (lambda circuit, q: circuit.ry(-pi / 4, q), lambda circuit, q: circuit.ry(pi / 4, q)),
}
"""Into the basis in which a gate is Z, and back."""


def _parity(circuit: Circuit, gate: Any, qubits: Sequence[int], options: dict[str, Any]) -> Any:
    t, letters = _number(gate.exponent), _PARITIES[type(gate)]
    if _odd(t):
        circuit.apply_pauli(letters, qubits, **options)
        return t * gate.global_shift
    circuit.pauli_rotation(pi * t, letters, qubits, **options)
    return t * (0.5 + gate.global_shift)


def _swap(circuit: Circuit, gate: Any, qubits: Sequence[int], options: dict[str, Any]) -> Any:
    t = _number(gate.exponent)
    if _odd(t):
        circuit.swap(*qubits, **options)
    elif isinstance(t, float):
        turned = exp(1j * pi * t)
        circuit.apply(_exchange((1 + turned) / 2, (1 - turned) / 2, 1), qubits, **options)
    else:  # SWAP is (1 + XX + YY + ZZ) / 2
        for letters in "XX", "YY", "ZZ":
            circuit.pauli_rotation(pi / 2 * t, letters, qubits, **options)
        return t * (0.25 + gate.global_shift)
    return t * gate.global_shift


def _iswap(circuit: Circuit, gate: Any, qubits: Sequence[int], options: dict[str, Any]) -> Any:
    t = _number(gate.exponent)
    if t == 1:
        circuit.iswap(*qubits, **options)
    else:
        _hop(circuit, -pi / 2 * t, qubits, options)
    return t * gate.global_shift


def _fsim(circuit: Circuit, gate: Any, qubits: Sequence[int], options: dict[str, Any]) -> Any:
    _hop(circuit, _number(gate.theta), qubits, options, _number(gate.phi))
    return 0.0


def _phased_fsim(
    circuit: Circuit, gate: Any, qubits: Sequence[int], options: dict[str, Any]
) -> Any:
    before, after = gate.rz_angles_before, gate.rz_angles_after
    _add_phases(circuit, before, qubits, options)
    _hop(circuit, _number(gate.theta), qubits, options, _number(gate.phi))
    _add_phases(circuit, after, qubits, options)
    return 0.0


def _phased_iswap(
    circuit: Circuit, gate: Any, qubits: Sequence[int], options: dict[str, Any]
) -> Any:
    t, turn = _number(gate.exponent), pi * gate.phase_exponent
    if isinstance(t, float) and isinstance(turn, float):
        matrix = _exchange(cos(pi / 2 * t), 1j * sin(pi / 2 * t), 1)
        matrix[1, 2] *= exp(2j * turn)
        matrix[2, 1] *= exp(-2j * turn)
        circuit.apply(matrix, qubits, **options)
        return t * gate.global_shift
    _add_phases(circuit, (turn, -turn), qubits, options)
    _hop(circuit, -pi / 2 * t, qubits, options)
    _add_phases(circuit, (-turn, turn), qubits, options)
    return t * gate.global_shift


def _add_phases(
    circuit: Circuit, angles: Iterable[Any], qubits: Sequence[int], options: dict[str, Any]
) -> None:
    for angle, qubit in zip(angles, qubits, strict=True):
        circuit.p(_number(angle), qubit, **options)


def _hop(
    circuit: Circuit, theta: Any, qubits: Sequence[int], options: dict[str, Any], phi: Any = 0.0
) -> None:
    """What ``cirq.FSimGate`` does: exp(-i theta (XX + YY) / 2), and a phase of -phi on 11."""
    if isinstance(theta, float) and isinstance(phi, float):
        # As a matrix it keeps the number of ones exactly, which the two rotations do not.
        matrix = _exchange(cos(theta), -1j * sin(theta), exp(-1j * phi))
        circuit.apply(matrix, qubits, **options)
        return
    for letters in "XX", "YY":
        circuit.pauli_rotation(theta, letters, qubits, **options)
    circuit.cp(-1 * phi, *qubits, **options)


def _exchange(stay: complex, go: complex, both: complex) -> Any:
    """The matrix of a gate that mixes 01 and 10."""
    matrix = _IDENTITY.copy()  # which is faster than a list of lists
    matrix[1, 1] = matrix[2, 2] = stay
    matrix[1, 2] = matrix[2, 1] = go
    matrix[3, 3] = both
    return matrix


def _cswap(circuit: Circuit, gate: Any, qubits: Sequence[int], options: dict[str, Any]) -> Any:
    circuit.cswap(*qubits, **options)
    return 0.0


def _phased_x(circuit: Circuit, gate: Any, qubits: Sequence[int], options: dict[str, Any]) -> Any:
    t, phase = _number(gate.exponent), _number(gate.phase_exponent)
    if _odd(t):
        _phased_flip(circuit, phase, phase, qubits, options)
        return t * gate.global_shift
    turn = pi * (phase - 0.5)
    circuit.u(pi * t, turn, -1 * turn, *qubits, **options)
    return t * (0.5 + gate.global_shift)


def _phased_xz(circuit: Circuit, gate: Any, qubits: Sequence[int], options: dict[str, Any]) -> Any:
    x, z = _number(gate.x_exponent), _number(gate.z_exponent)
    phase = _number(gate.axis_phase_exponent)
    if _odd(x):
        _phased_flip(circuit, phase, phase + z, qubits, options)
        return 0.0
    turn = pi * (phase - 0.5)
    circuit.u(pi * x, turn + pi * z, -1 * turn, *qubits, **options)
    return 0.5 * x


def _phased_flip(
    circuit: Circuit, before: Any, after: Any, qubits: Sequence[int], options: dict[str, Any]
) -> None:
    """X between powers of Z. The same gate of ``u`` has cos(pi / 2) on its diagonal, 6e-17."""
    circuit.p(-pi * before, *qubits, **options)
    circuit.x(*qubits, **options)
    circuit.p(pi * after, *qubits, **options)


def _rotated(circuit: Circuit, gate: Any, qubits: Sequence[int], options: dict[str, Any]) -> Any:
    """Phases of the two eigenspaces of a Pauli string."""
    plus, minus = _number(gate.exponent_pos), _number(gate.exponent_neg)
    letters = _letters(gate.dense_pauli_string)
    sign = gate.dense_pauli_string.coefficient.real  # 1 or -1
    circuit.pauli_rotation(pi * sign * (minus - plus), letters, qubits, **options)
    return 0.5 * (plus + minus)


def _diagonal(circuit: Circuit, gate: Any, qubits: Sequence[int], options: dict[str, Any]) -> Any:
    try:
        angles = np.array(gate.diag_angles_radians, complex)  # complex ones make it not unitary
    except TypeError:
        message = "a diagonal of numket holds numbers, not symbols: resolve it first"
        raise ValueError(message) from None
    circuit.apply_diagonal(np.exp(1j * angles), qubits, **options)
    return 0.0


def _matrix(circuit: Circuit, matrix: Any, qubits: Sequence[int], options: dict[str, Any]) -> Any:
    circuit.apply(matrix, qubits, **options)
    return 0.0


def _pauli(circuit: Circuit, gate: Any, qubits: Sequence[int], options: dict[str, Any]) -> Any:
    letters, factor = gate
    circuit.apply_pauli(letters, qubits, **options)
    return phase(factor) / pi


def _identity(circuit: Circuit, gate: Any, qubits: Sequence[int], options: dict[str, Any]) -> Any:
    return 0.0


def _phase(circuit: Circuit, gate: Any, qubits: Sequence[int], options: dict[str, Any]) -> Any:
    if type(gate.coefficient) is not complex and cirq.is_parameterized(gate):
        raise ValueError("symbols in a global phase are not supported: resolve it first")
    return phase(gate.coefficient) / pi


# The gates that Cirq calls X, Y and Z have types of their own. Types are looked up exactly: what
# derives from them may do something else.
_POWERS = {
    **dict.fromkeys([cirq.XPowGate, cirq.Rx, type(cirq.X), cirq.CXPowGate, cirq.CCXPowGate], "x"),
    **dict.fromkeys([cirq.YPowGate, cirq.Ry, type(cirq.Y)], "y"),
    **dict.fromkeys([cirq.ZPowGate, cirq.Rz, type(cirq.Z), cirq.CZPowGate, cirq.CCZPowGate], "z"),
    cirq.HPowGate: "h",
    **{
        getattr(cirq, name): "y"
        for name in ("CYPowGate", "CCYPowGate")  # since Cirq 1.6
        if hasattr(cirq, name)
    },
}
_OWN = {
    **{(name, 1): name for name in "xyzh"},
    **{(name, 2): f"c{name}" for name in "xyz"},
    **{(name, 3): f"cc{name}" for name in "xz"},
}
"""The methods for a gate on so many qubits, of which the last is the target."""
_LETTERS = {type(cirq.X): "X", type(cirq.Y): "Y", type(cirq.Z): "Z"}
_ROUNDING = 4 * float(np.finfo(float).eps)
_IDENTITY = np.eye(4, dtype=complex)
_PARITIES = {
    cirq.XXPowGate: "XX",
    cirq.MSGate: "XX",
    cirq.YYPowGate: "YY",
    cirq.ZZPowGate: "ZZ",
}
_EMITTERS: dict[type, _Emit] = {
    **dict.fromkeys(_POWERS, _power),
    **dict.fromkeys(_PARITIES, _parity),
    cirq.SwapPowGate: _swap,
    cirq.ISwapPowGate: _iswap,
    cirq.FSimGate: _fsim,
    cirq.PhasedFSimGate: _phased_fsim,
    cirq.PhasedISwapPowGate: _phased_iswap,
    cirq.CSwapGate: _cswap,
    cirq.PhasedXPowGate: _phased_x,
    cirq.PhasedXZGate: _phased_xz,
    cirq.PauliStringPhasorGate: _rotated,
    cirq.DiagonalGate: _diagonal,
    cirq.TwoQubitDiagonalGate: _diagonal,
    cirq.ThreeQubitDiagonalGate: _diagonal,
    cirq.IdentityGate: _identity,
    cirq.WaitGate: _identity,
    cirq.GlobalPhaseGate: _phase,
}
_PLAIN = {
    cirq.GateOperation,
    cirq.PauliStringPhasor,
    cirq.SingleQubitPauliStringGateOperation,
}
"""Operations that do what their gates do."""
