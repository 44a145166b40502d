"""Circuits of Qiskit as circuits of numket."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import (
    AnnotatedOperation,
    Barrier,
    BoxOp,
    ControlFlowOp,
    ControlledGate,
    ControlModifier,
    Delay,
    ForLoopOp,
    IfElseOp,
    Measure,
    ParameterExpression,
    QuantumCircuit,
    Reset,
    SwitchCaseOp,
)
from qiskit.circuit import Parameter as QiskitParameter
from qiskit.circuit.classical import expr
from qiskit.circuit.controlflow import CASE_DEFAULT
from qiskit.circuit.library import (
    DiagonalGate,
    MCXRecursive,
    MCXVChain,
    PauliEvolutionGate,
    PauliGate,
    PermutationGate,
    UGate,
    UnitaryGate,
)
from qiskit.exceptions import QiskitError
from qiskit.quantum_info import SparseObservable, SparsePauliOp, Statevector

import numket as nk
from numket import _core
from numket.parameter import Expression
from numket.qiskit.conditions import Values

NUM_QUBITS = {gate["name"]: len(gate["qubits"]) for gate in _core.GATES}

_Steps = list[tuple[str, tuple[Any, ...], tuple[int, ...]]]

MADE_OF: dict[str, Callable[..., _Steps]] = {
    "id": lambda: [],
    "u1": lambda lam: [("p", (lam,), (0,))],
    "u2": lambda phi, lam: [("u", (np.pi / 2, phi, lam), (0,))],
    "u3": lambda theta, phi, lam: [("u", (theta, phi, lam), (0,))],
    "r": lambda theta, phi: [("u", (theta, phi - np.pi / 2, np.pi / 2 - phi), (0,))],
    "cs": lambda: [("s", (), (0, 1))],
    "csdg": lambda: [("sdg", (), (0, 1))],
    "csx": lambda: [("sx", (), (0, 1))],
    "cu1": lambda lam: [("cp", (lam,), (0, 1))],
    "cu3": lambda theta, phi, lam: [("u", (theta, phi, lam), (0, 1))],
    "c3sx": lambda: [("sx", (), (0, 1, 2, 3))],
    "mcx": lambda: [("x", (), (0, 1, 2, 3))],
    "dcx": lambda: [("cx", (), (0, 1)), ("cx", (), (1, 0))],
    "xx_plus_yy": lambda theta, beta: [
        ("p", (beta,), (0,)),
        ("rxx", (theta / 2,), (0, 1)),
        ("ryy", (theta / 2,), (0, 1)),
        ("p", (-beta,), (0,)),
    ],
    "xx_minus_yy": lambda theta, beta: [
        ("p", (-beta,), (0,)),
        ("rxx", (theta / 2,), (0, 1)),
        ("ryy", (-theta / 2,), (0, 1)),
        ("p", (beta,), (0,)),
    ],
}
"""Qiskit's standard gates that numket has no name for, made of those that it has. Where there are
more qubits than the gate has, the first ones are controls."""

LARGEST_MATRIX = 5
"""Qubits of a gate that is taken by its matrix although it may have a definition. Larger ones are
built of 4**k numbers, which takes longer than a run."""


class NotAffine(QiskitError):
    """An angle that is no sum of multiples of parameters and a number."""


class _Scope(NamedTuple):
    """What all operations of a block stand under."""

    controls: tuple[int, ...] = ()
    control_values: tuple[int, ...] = ()
    condition: Mapping[int, int] = {}

    def controlled(self, controls: Sequence[int], values: Iterable[int]) -> "_Scope":
        return self._replace(
            controls=(*self.controls, *controls),
            control_values=(*self.control_values, *values),
        )


OUTERMOST = _Scope()


def from_qiskit(circuit: QuantumCircuit) -> nk.Circuit:
    """A circuit of Qiskit as a circuit of numket, with its global phase.

    Qubit q stays qubit q, classical bit b stays bit b, and parameters keep their names and the
    order of ``circuit.parameters``. As axis q of numket's state is qubit q, a vector in Qiskit's
    order is ``nk.little_endian(vector)``; `evolve` does that.

    Standard gates become gates of numket, controlled gates controls with their values, matrices,
    diagonals, permutations and Pauli gates operations of these kinds. All else is taken by its
    matrix, if small, or by its definition. A `PauliEvolutionGate` whose terms commute is exact; one
    whose terms do not commute is the product formula of its definition, as after `transpile`.
    Barriers, delays and identities are left out. Measurements, resets, `if_else`, `switch_case`,
    `for_loop` and `box` are kept; conditions may read measured bits in any way, but not variables.

    Parameters
    ----------
    circuit : qiskit.circuit.QuantumCircuit

    Returns
    -------
    numket.Circuit

    Raises
    ------
    TypeError
        Where this is no QuantumCircuit.
    qiskit.exceptions.QiskitError
        Where numket has no way to run an operation, which the message names: measurements under
        conditions, `while_loop`, variables, operations without matrix or definition, and angles
        that are not affine in parameters (bind these before).

    Examples
    --------
    >>> from qiskit import QuantumCircuit
    >>> from qiskit.circuit import Parameter
    >>> from numket.qiskit import from_qiskit
    >>> theta = Parameter("theta")
    >>> turned = QuantumCircuit(2)
    >>> _ = turned.rx(2 * theta, 0)
    >>> _ = turned.cx(0, 1)
    >>> circuit = from_qiskit(turned)
    >>> psi = nk.zero_state(2)
    >>> circuit.run(psi, {"theta": 0.5})
    >>> psi.round(3)  # qubit 0 first
    array([0.878+0.j   , 0.   +0.j   , 0.   +0.j   , 0.   -0.479j])
    """
    _check(circuit)
    converter = _Converter(circuit)
    converter.read(circuit, range(circuit.num_qubits), range(circuit.num_clbits), {}, OUTERMOST)
    return converter.out


def evolve(
    state: Statevector | NDArray[Any],
    circuit: QuantumCircuit,
    params: Any = None,
    *,
    rng: Any = None,
    threads: int | None = None,
) -> None:
    """Run a circuit on a vector in Qiskit's order, in place and without a copy.

    Parameters
    ----------
    state : qiskit.quantum_info.Statevector, or ndarray of complex128 or complex64, shape (2**n,)
        Changed in place: for a Statevector the array that its ``data`` is. Qubit 0 is the least
        significant bit of the index.
    circuit : qiskit.circuit.QuantumCircuit
        On n qubits, without measurements.
    params : mapping or sequence, optional
        Values of the parameters, as ``QuantumCircuit.assign_parameters`` takes them, in radians.
    rng : None, int or numpy.random.Generator, optional
        What np.random.default_rng takes, for circuits that reset qubits.
    threads : int, optional
        At most this many threads for this call.

    Raises
    ------
    TypeError, ValueError
        Where numket cannot work on the array.
    qiskit.exceptions.QiskitError
        Where the state has another number of qubits, the circuit measures, parameters have no
        value, or numket cannot run an operation; the state is then as it was.

    Examples
    --------
    >>> import numpy as np
    >>> from qiskit import QuantumCircuit
    >>> from numket.qiskit import evolve
    >>> flip = QuantumCircuit(2)
    >>> _ = flip.x(0)
    >>> psi = np.array([1, 0, 0, 0], dtype=complex)
    >>> evolve(psi, flip)
    >>> psi.real
    array([0., 1., 0., 0.])
    """
    _check(circuit)
    array = state.data if isinstance(state, Statevector) else state
    view = nk.little_endian(array)
    if array.size != 2**circuit.num_qubits:
        raise QiskitError(
            f"'state' has {array.size} amplitudes and the circuit {circuit.num_qubits} qubits, "
            f"which need {2**circuit.num_qubits}: use a circuit on all qubits of the state"
        )
    converted = from_qiskit(circuit if params is None else circuit.assign_parameters(params))
    refuse_unbound(converted)
    refuse_measured(converted)
    converted.run(view, rng=rng, threads=threads)


def refuse_unbound(circuit: nk.Circuit) -> None:
    """Raises QiskitError where parameters wait for values."""
    if circuit.parameters:
        names = ", ".join(parameter.name for parameter in circuit.parameters)
        raise QiskitError(f"the circuit has parameters without a value, {names}: bind them")


def refuse_measured(circuit: nk.Circuit) -> None:
    """Raises QiskitError where there are outcomes that nobody would see."""
    if circuit.num_bits:
        raise QiskitError(
            "the circuit holds the operation 'measure', which gives no single state: use "
            "remove_final_measurements(), numket.qiskit.Sampler, or from_qiskit(circuit).run"
        )


def _check(circuit: Any) -> None:
    if not isinstance(circuit, QuantumCircuit):
        raise TypeError(
            f"'circuit' is a {type(circuit).__name__}; it must be a QuantumCircuit: append other "
            "operations to one"
        )


class _Converter:
    """Reads circuits and their blocks, and adds what they hold to a circuit of numket."""

    def __init__(self, circuit: QuantumCircuit) -> None:
        parameters = [nk.Parameter(parameter.name) for parameter in circuit.parameters]
        self.out = nk.Circuit(circuit.num_qubits, parameters)
        self.add = {name: getattr(self.out, name) for name in NUM_QUBITS}
        self.angles: dict[Any, Expression | float] = dict(
            zip(circuit.parameters, parameters, strict=True)
        )
        self.measured: set[int] = set()

    def read(
        self,
        circuit: QuantumCircuit,
        qubits: Sequence[int],
        bits: Sequence[int],
        outer: Mapping[Any, int],
        scope: _Scope,
    ) -> None:
        """Adds a circuit, whose qubits and classical bits have these numbers."""
        self.phase(circuit.global_phase, scope)
        # Qiskit has gates whose definitions leave the last qubits out.
        places = dict(zip(circuit.qubits, qubits, strict=False))
        bit_of = {**outer, **dict(zip(circuit.clbits, bits, strict=True))}
        for instruction in circuit.data:
            where = [places[qubit] for qubit in instruction.qubits]
            name = instruction.name
            if instruction.is_standard_gate() and (name in NUM_QUBITS or name in MADE_OF):
                self.standard(name, instruction.params, where, scope)
                continue
            on = [bit_of[bit] for bit in instruction.clbits]
            self.operation(instruction.operation, where, on, bit_of, scope)

    def standard(self, name: str, given: Sequence[Any], where: list[int], scope: _Scope) -> None:
        params = [value if type(value) is float else self.angle(value) for value in given]
        if name in NUM_QUBITS:
            self.gate(name, params, where, scope)
            return
        for inner, values, on in MADE_OF[name](*params):
            self.gate(inner, values, [where[place] for place in on], scope)

    def gate(self, name: str, params: Iterable[Any], where: list[int], scope: _Scope) -> None:
        """A gate of numket; what qubits it has too many are controls."""
        more = len(where) - NUM_QUBITS[name]
        if more == 0 and scope is OUTERMOST:
            self.add[name](*params, *where)
            return
        scope = scope.controlled(where[:more], (1,) * more)
        self.add[name](*params, *where[more:], **scope._asdict())

    def phase(self, angle: Any, scope: _Scope) -> None:
        """The factor exp(i angle): a rotation about a Pauli string without letters."""
        if (angle := self.angle(angle)) != 0:
            self.out.pauli_rotation(-2 * angle, "", (), **scope._asdict())

    def angle(self, value: Any) -> Any:
        if not isinstance(value, ParameterExpression):
            return value
        if value not in self.angles:
            self.angles[value] = _affine(value)
        return self.angles[value]

    def operation(
        self,
        operation: Any,
        where: list[int],
        bits: list[int],
        bit_of: Mapping[Any, int],
        scope: _Scope,
    ) -> None:
        """An operation that is no standard gate, or one that only its definition tells."""
        options = scope._asdict()
        match operation:
            case Barrier() | Delay():
                pass
            case Measure():
                self.measure(where, bits, scope)
            case Reset():
                self.out.reset(where, condition=scope.condition)
            case ControlFlowOp():
                self.control_flow(operation, where, bits, bit_of, scope)
            case AnnotatedOperation():
                self.annotated(operation, where, scope)
            case UnitaryGate():
                self.matrix(operation.to_matrix(), where, scope)
            case DiagonalGate():
                self.out.apply_diagonal(operation.params, where[::-1], **options)
            case PermutationGate():
                self.permutation(operation.pattern, where, scope)
            case PauliGate():
                self.out.apply_pauli(operation.params[0][::-1], where, **options)
            case PauliEvolutionGate() if (terms := _commuting(operation)) is not None:
                for letters, factor in terms:
                    theta = self.angle(operation.time) * (2 * factor)
                    self.out.pauli_rotation(theta, letters[::-1], where, **options)
            case ControlledGate() if _is_its_base(operation):
                self.controlled(operation, where, scope)
            case _:
                self.other(operation, where, bits, bit_of, scope)

    def other(
        self,
        operation: Any,
        where: list[int],
        bits: list[int],
        bit_of: Mapping[Any, int],
        scope: _Scope,
    ) -> None:
        """By a small matrix, or the definition."""
        matrix = _matrix(operation)
        if matrix is not None:
            self.matrix(matrix, where, scope)
            return
        definition = getattr(operation, "definition", None)
        if definition is None and hasattr(operation, "to_circuit"):
            definition = operation.to_circuit()
        if definition is None:
            raise QiskitError(
                f"numket cannot run the operation '{operation.name}', which has neither a matrix "
                "nor a definition: decompose it, or leave it out"
            )
        self.read(definition, where, bits, bit_of, scope)

    def matrix(self, matrix: NDArray[Any], where: list[int], scope: _Scope) -> None:
        """A matrix, in which the first qubit is the least significant bit."""
        if where:
            self.out.apply(matrix, where[::-1], **scope._asdict())
        else:
            self.phase(float(np.angle(matrix.item())), scope)

    def measure(self, where: list[int], bits: list[int], scope: _Scope) -> None:
        if scope.condition:
            raise QiskitError(
                "numket cannot run the operation 'measure' under a condition: measure before it"
            )
        self.out.measure(where, bits)
        self.measured.update(bits)

    def permutation(self, pattern: Any, where: list[int], scope: _Scope) -> None:
        """Exchanges: what was in place ``pattern[k]`` comes to place k."""
        holds = list(range(len(where)))
        for place, wanted in enumerate(pattern):
            found = holds.index(wanted)
            if found != place:
                self.gate("swap", (), [where[place], where[found]], scope)
                holds[place], holds[found] = holds[found], holds[place]

    def controlled(self, operation: Any, where: list[int], scope: _Scope) -> None:
        count, base = operation.num_ctrl_qubits, operation.base_gate
        scope = scope.controlled(where[:count], _bits(operation.ctrl_state, count))
        if isinstance(base, UGate):  # with the phase of a CUGate, which UGate has no place for
            *angles, phase = (*operation.params, 0.0)[:4]
            self.phase(phase, scope)
            self.standard("u", angles, where[count:], scope)
            return
        self.base(base, where[count:], scope)

    def base(self, operation: Any, where: list[int], scope: _Scope) -> None:
        """An operation by itself, in or under a modifier."""
        alone = QuantumCircuit(operation.num_qubits)
        alone.append(operation, range(operation.num_qubits))
        self.read(alone, where, (), {}, scope)

    def annotated(self, operation: Any, where: list[int], scope: _Scope) -> None:
        """Controls, and a power of what is under them: the two commute."""
        powers = []
        for modifier in operation.modifiers:
            if not isinstance(modifier, ControlModifier):
                powers.append(modifier)
        for modifier in reversed(operation.modifiers):
            if isinstance(modifier, ControlModifier):
                count = modifier.num_ctrl_qubits
                values = _bits(modifier.ctrl_state, count)
                scope, where = scope.controlled(where[:count], values), where[count:]
        base, exponents = operation.base_op, [getattr(power, "power", -1) for power in powers]
        times = int(np.prod(exponents))
        matrix = None
        if not all(float(exponent).is_integer() for exponent in exponents):
            matrix = _matrix(AnnotatedOperation(base, powers), base.num_qubits)
            if matrix is None:
                raise _unsupported(operation, "a fractional power of a gate with parameters")
        elif abs(times) != 1:
            matrix = _matrix(AnnotatedOperation(base, powers))
        if matrix is not None:
            self.matrix(matrix, where, scope)
            return
        for _ in range(abs(times)):
            self.base(base if times > 0 else base.inverse(), where, scope)

    def control_flow(
        self,
        operation: Any,
        where: list[int],
        bits: list[int],
        bit_of: Mapping[Any, int],
        scope: _Scope,
    ) -> None:
        match operation:
            case BoxOp():
                self.read(operation.blocks[0], where, bits, bit_of, scope)
            case ForLoopOp():
                indices, parameter, body = operation.params
                if parameter is not None and not isinstance(parameter, QiskitParameter):
                    raise _unsupported(operation, "with a variable: use a Parameter")
                for i in indices:
                    block = body if parameter is None else body.assign_parameters({parameter: i})
                    self.read(block, where, bits, bit_of, scope)
            case IfElseOp():
                target = operation.condition
                if not isinstance(target, expr.Expr):
                    target = expr.lift_legacy_condition(target)
                held = self.values(operation, target, bit_of)
                true, false = operation.params
                self.branches(
                    held,
                    [(held.values == 1, true), (held.values == 0, false)],
                    where,
                    bits,
                    bit_of,
                    scope,
                )
            case SwitchCaseOp():
                held = self.values(operation, operation.target, bit_of)
                branches, left = [], np.ones(held.values.shape, bool)
                for labels, block in operation.cases_specifier():
                    chosen = left.copy()
                    if CASE_DEFAULT not in labels:
                        chosen &= np.isin(held.values.astype(object), [int(x) for x in labels])
                    branches.append((chosen, block))
                    left &= ~chosen
                self.branches(held, branches, where, bits, bit_of, scope)
            case _:
                raise _unsupported(operation, "which repeats or leaves a block by outcomes")

    def values(self, operation: Any, target: Any, bit_of: Mapping[Any, int]) -> Values:
        try:
            return Values(target, bit_of, self.measured)
        except QiskitError as error:
            raise _unsupported(operation, f"because {error.message}") from error

    def branches(
        self,
        held: Values,
        branches: Iterable[tuple[NDArray[np.bool_], QuantumCircuit | None]],
        where: list[int],
        bits: list[int],
        bit_of: Mapping[Any, int],
        scope: _Scope,
    ) -> None:
        """Blocks, and for which values each is done. None of them measures, so none changes which
        is done, and each set of values can be taken by itself."""
        for chosen, block in branches:
            for fixed in held.where(chosen) if block is not None else ():
                if all(scope.condition.get(bit, value) == value for bit, value in fixed.items()):
                    inner = scope._replace(condition={**scope.condition, **fixed})
                    self.read(block, where, bits, bit_of, inner)


def _unsupported(operation: Any, why: str) -> QiskitError:
    return QiskitError(f"numket cannot run the operation '{operation.name}', {why}")


def _affine(value: Any) -> Expression | float:
    """A parameter expression of Qiskit as one of numket: its slopes must be numbers."""
    terms = {}
    try:
        for parameter in value.parameters:
            slope = value.gradient(parameter)
            terms[parameter.name] = float(_number(slope))
        offset = float(_number(value.bind(dict.fromkeys(value.parameters, 0))))
    except (TypeError, ValueError, ZeroDivisionError, QiskitError) as error:
        raise NotAffine(
            f"numket cannot take the angle {value}; a circuit of numket holds sums of multiples of "
            "parameters: use assign_parameters before"
        ) from error
    return Expression(offset, terms) if terms else offset


def _number(value: Any) -> Any:
    """That of an expression without parameters; TypeError where it has some."""
    return value.numeric() if isinstance(value, ParameterExpression) else value


def _bits(number: int, count: int) -> list[int]:
    """The bits of a number, the least significant first.

    >>> _bits(6, 4)
    [0, 1, 1, 0]
    """
    return [number >> place & 1 for place in range(count)]


def _matrix(operation: Any, largest: int = LARGEST_MATRIX) -> NDArray[np.complex128] | None:
    """The matrix, where it is small, known and of numbers."""
    if operation.num_qubits > largest or not hasattr(operation, "to_matrix"):
        return None
    if isinstance(operation, PauliEvolutionGate):
        return None
    if any(isinstance(value, ParameterExpression) for value in getattr(operation, "params", ())):
        return None
    try:
        return np.asarray(operation.to_matrix(), dtype=np.complex128)
    except QiskitError:
        return None


def _is_its_base(operation: Any) -> bool:
    """Whether a controlled gate is its base gate under controls, and nothing else."""
    base, kind = operation.base_gate, type(operation)
    known = kind is ControlledGate or kind.__module__.startswith("qiskit.circuit.library.")
    return (
        known
        and kind not in (MCXRecursive, MCXVChain)  # these may add phases
        and base is not None
        and operation.num_qubits == operation.num_ctrl_qubits + base.num_qubits
    )


def _commuting(gate: Any) -> list[tuple[str, float]] | None:
    """The Pauli strings of an evolution and their factors, if all commute."""
    parts = gate.operator if isinstance(gate.operator, list) else [gate.operator]
    total = SparsePauliOp.sum([_sparse(part) for part in parts])
    if np.imag(total.coeffs).any():
        return None
    if not all(total.paulis.commutes(string).all() for string in total.paulis):
        return None
    return [(letters, float(np.real(factor))) for letters, factor in total.to_list()]


def _sparse(operator: Any) -> SparsePauliOp:
    if isinstance(operator, SparseObservable):
        return SparsePauliOp.from_sparse_observable(operator)
    return operator
