"""Circuits of Qiskit as circuits of numket."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import (
    AnnotatedOperation,
    Barrier,
    BoxOp,
    CircuitInstruction,
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
    PauliEvolutionGate,
    PauliGate,
    PermutationGate,
    UGate,
    UnitaryGate,
)
from qiskit.exceptions import QiskitError
from qiskit.quantum_info import Statevector

import numket as nk
from numket import _core
from numket.parameter import Expression
from numket.qiskit import gates
from numket.qiskit.conditions import Values


class _Scope(NamedTuple):
    """What all operations of a block stand under."""

    numbers: Mapping[Any, int] = {}
    """That of each classical bit."""
    controls: tuple[int, ...] = ()
    control_values: tuple[int, ...] = ()
    condition: Mapping[int, int] = {}
    read: frozenset[int] = frozenset()
    """The classical bits that tell whether the block is done."""

    @property
    def options(self) -> dict[str, Any]:
        """As numket takes them with an operation: none where there is nothing to be said."""
        options: dict[str, Any] = {}
        if self.controls:
            options = {"controls": self.controls, "control_values": self.control_values}
        if self.condition:
            options["condition"] = self.condition
        return options

    def controlled(self, controls: Sequence[int], values: Sequence[int]) -> "_Scope":
        every, wanted = (*self.controls, *controls), (*self.control_values, *values)
        return _Scope(self.numbers, every, wanted, self.condition, self.read)


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
    What a condition reads may be measured anew under it if nothing comes after that in its blocks.

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
        Where numket has no way to run an operation, which the message names: what comes under a
        condition after a measurement that changes it, `while_loop`, variables, operations without
        matrix or definition, and angles that are not affine in parameters (bind these before).

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
    converted, _ = convert(circuit)
    return converted


def convert(circuit: QuantumCircuit) -> tuple[nk.Circuit, bool]:
    """What `from_qiskit` gives, and whether it is exact: without product formulas."""
    _check(circuit)
    converter = _Converter(circuit)
    converter.read(circuit, range(circuit.num_qubits), range(circuit.num_clbits), _Scope())
    return converter.out, converter.exact


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
            f"which need 2**{circuit.num_qubits}: use a circuit on all qubits of the state"
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
        self.angles: dict[Any, Expression | float] = dict(
            zip(circuit.parameters, parameters, strict=True)
        )
        self.measured: set[int] = set()
        self.changed: set[int] = set()
        """The bits measured anew since the conditions around read them: so these are lost."""
        self.exact = True

    def read(
        self,
        circuit: QuantumCircuit,
        qubits: Sequence[int],
        bits: Sequence[int],
        scope: _Scope,
    ) -> None:
        """Adds a circuit, whose qubits and classical bits have these numbers."""
        self.phase(circuit.global_phase, scope)
        # Qiskit has gates whose definitions leave the last qubits out.
        places = dict(zip(circuit.qubits, qubits, strict=False))
        numbers = dict(zip(circuit.clbits, bits, strict=True))
        if numbers:
            scope = scope._replace(numbers={**scope.numbers, **numbers})
        data = _joined(circuit.data) if scope.condition else circuit.data
        if scope.options or scope.read:
            for instruction in data:
                self.instruction(instruction, places, numbers, scope)
            return

        def other(instruction: CircuitInstruction) -> None:
            self.instruction(instruction, places, numbers, scope)

        tables = gates.STANDARD, gates.CONTROLLED
        _core.read_qiskit(self.out, data, places, *tables, self.angle, other)

    def instruction(
        self,
        instruction: CircuitInstruction,
        places: Mapping[Any, int],
        numbers: Mapping[Any, int],
        scope: _Scope,
    ) -> None:
        """Adds an instruction, of whose qubits and bits these are the numbers."""
        name = instruction.name
        if self.changed and name not in ("barrier", "delay"):
            raise QiskitError(
                f"numket cannot run the operation '{name}' after one that measures into the "
                f"classical bit {min(self.changed)}, which the condition of both reads: "
                "measure into another bit"
            )
        where = [places[qubit] for qubit in instruction.qubits]
        if instruction.is_standard_gate():
            self.standard(name, [*map(self.angle, instruction.params)], where, scope)
            return
        on = [numbers[bit] for bit in instruction.clbits]
        self.operation(instruction.operation, where, on, scope)

    def standard(self, name: str, params: Sequence[Any], where: list[int], scope: _Scope) -> None:
        """A gate by the name of a standard gate, with the angles of numket."""
        made = gates.STANDARD[name]
        if made is None:
            self.phase(params[0], scope)
        elif isinstance(made, int):
            self.gate(gates.NAMES[made], params, where, scope)
        else:
            for number, angles, on in made.steps:
                values = [
                    start + by * params[which] if by else start for start, which, by in angles
                ]
                self.gate(gates.NAMES[number], values, [where[place] for place in on], scope)

    def gate(self, name: str, params: Iterable[Any], where: list[int], scope: _Scope) -> None:
        """A gate of numket; what qubits it has too many are controls."""
        more = len(where) - gates.NUM_QUBITS[name]
        if more:
            scope, where = scope.controlled(where[:more], (1,) * more), where[more:]
        getattr(self.out, name)(*params, *where, **scope.options)

    def phase(self, angle: Any, scope: _Scope) -> None:
        """The factor exp(i angle)."""
        if (angle := self.angle(angle)) != 0:
            self.out.gphase(angle, **scope.options)

    def angle(self, value: Any) -> Any:
        if not isinstance(value, ParameterExpression):
            return value
        found = self.angles.get(value)  # looked up once: Qiskit's keys are slow to compare
        if found is None:
            found = self.angles[value] = gates.affine(value)
        return found

    def operation(
        self,
        operation: Any,
        where: list[int],
        bits: list[int],
        scope: _Scope,
    ) -> None:
        """An operation that is no standard gate, or one that only its definition tells."""
        match operation:
            case ControlledGate() if gates.is_its_base(operation):
                self.controlled(operation, where, scope)
            case Barrier() | Delay():
                pass
            case Measure():
                self.measure(where, bits, scope)
            case Reset():
                self.out.reset(where, condition=scope.condition)
            case ControlFlowOp():
                self.control_flow(operation, where, bits, scope)
            case AnnotatedOperation():
                self.annotated(operation, where, scope)
            case UnitaryGate():
                self.matrix(operation.to_matrix(), where, scope)
            case DiagonalGate():
                self.out.apply_diagonal(operation.params, where[::-1], **scope.options)
            case PermutationGate():
                self.permutation(operation.pattern, where, scope)
            case PauliGate():
                self.out.apply_pauli(operation.params[0][::-1], where, **scope.options)
            case PauliEvolutionGate() if (terms := gates.commuting(operation)) is not None:
                for letters, factor in terms:
                    theta = self.angle(operation.time) * (2 * factor)
                    self.out.pauli_rotation(theta, letters[::-1], where, **scope.options)
            case _:
                self.other(operation, where, bits, scope)

    def other(
        self,
        operation: Any,
        where: list[int],
        bits: list[int],
        scope: _Scope,
    ) -> None:
        """By a small matrix, or the definition."""
        self.exact = self.exact and not isinstance(operation, PauliEvolutionGate)
        matrix = gates.matrix(operation)
        if matrix is not None:
            self.matrix(matrix, where, scope)
            return
        try:
            definition = getattr(operation, "definition", None)
        except TypeError as error:  # as a HamiltonianGate has it without a value of its time
            raise _unsupported(operation, f"which says: {error}") from error
        if definition is None and hasattr(operation, "to_circuit"):
            definition = operation.to_circuit()
        if definition is None:
            raise QiskitError(
                f"numket cannot run the operation '{operation.name}', which has neither a matrix "
                "nor a definition: decompose it, or leave it out"
            )
        self.read(definition, where, bits, scope)

    def matrix(self, matrix: NDArray[Any], where: list[int], scope: _Scope) -> None:
        """A matrix, in which the first qubit is the least significant bit."""
        if where:
            self.out.apply(matrix, where[::-1], **scope.options)
        else:
            self.phase(float(np.angle(matrix.item())), scope)

    def measure(self, where: list[int], bits: list[int], scope: _Scope) -> None:
        self.out.measure(where, bits, condition=scope.condition)
        self.measured.update(bits)
        self.changed.update(scope.read.intersection(bits))

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
        scope = scope.controlled(where[:count], gates.bits(operation.ctrl_state, count))
        if isinstance(base, UGate):  # with the phase of a CUGate, which UGate has no place for
            *angles, phase = (*operation.params, 0.0)[:4]
            self.phase(phase, scope)
            self.gate("u", map(self.angle, angles), where[count:], scope)
            return
        self.base(base, where[count:], scope)

    def base(self, operation: Any, where: list[int], scope: _Scope) -> None:
        """An operation by itself, in or under a modifier."""
        if CircuitInstruction(operation, ()).is_standard_gate():
            self.standard(operation.name, [*map(self.angle, operation.params)], where, scope)
        else:
            self.operation(operation, where, [], scope)

    def annotated(self, operation: Any, where: list[int], scope: _Scope) -> None:
        """Controls, and a power of what is under them: the two commute."""
        powers = [one for one in operation.modifiers if not isinstance(one, ControlModifier)]
        for modifier in reversed(operation.modifiers):
            if isinstance(modifier, ControlModifier):
                count = modifier.num_ctrl_qubits
                values = gates.bits(modifier.ctrl_state, count)
                scope, where = scope.controlled(where[:count], values), where[count:]
        base, exponents = operation.base_op, [getattr(power, "power", -1) for power in powers]
        times = int(prod(exponents))
        matrix = None
        if not all(float(exponent).is_integer() for exponent in exponents):
            matrix = gates.matrix(AnnotatedOperation(base, powers), base.num_qubits)
            if matrix is None:
                raise _unsupported(operation, "a fractional power of a gate with parameters")
        elif abs(times) != 1 and not isinstance(base, PauliEvolutionGate):
            matrix = gates.matrix(AnnotatedOperation(base, powers))
        if matrix is not None:
            self.matrix(matrix, where, scope)
            return
        for _ in range(abs(times)):
            self.base(base if times > 0 else gates.inverse(base), where, scope)

    def control_flow(
        self,
        operation: Any,
        where: list[int],
        bits: list[int],
        scope: _Scope,
    ) -> None:
        match operation:
            case BoxOp():
                self.read(operation.blocks[0], where, bits, scope)
            case ForLoopOp():
                indices, parameter, body = operation.params
                if parameter is not None and not isinstance(parameter, QiskitParameter):
                    raise _unsupported(operation, "with a variable: use a Parameter")
                for i in indices:
                    block = body if parameter is None else body.assign_parameters({parameter: i})
                    self.read(block, where, bits, scope)
            case IfElseOp():
                target = operation.condition
                if not isinstance(target, expr.Expr):
                    target = expr.lift_legacy_condition(target)
                held = self.values(operation, target, scope)
                true, false = operation.params
                self.branches(
                    held,
                    [(held.values == 1, true), (held.values == 0, false)],
                    where,
                    bits,
                    scope,
                )
            case SwitchCaseOp():
                held = self.values(operation, operation.target, scope)
                branches, left = [], np.ones(held.values.shape, bool)
                for labels, block in operation.cases_specifier():
                    chosen = left.copy()
                    if CASE_DEFAULT not in labels:
                        chosen &= np.isin(held.values.astype(object), [int(x) for x in labels])
                    branches.append((chosen, block))
                    left &= ~chosen
                self.branches(held, branches, where, bits, scope)
            case _:
                raise _unsupported(operation, "which repeats or leaves a block by outcomes")

    def values(self, operation: Any, target: Any, scope: _Scope) -> Values:
        try:
            return Values(target, scope.numbers, self.measured)
        except QiskitError as error:
            raise _unsupported(operation, f"because {error.message}") from error

    def branches(
        self,
        held: Values,
        branches: Iterable[tuple[NDArray[np.bool_], QuantumCircuit | None]],
        where: list[int],
        bits: list[int],
        scope: _Scope,
    ) -> None:
        """Blocks, and for which values each is done. Nothing is added once the values have changed,
        so each set of values can be taken by itself."""
        read = scope.read.union(held.free)
        for chosen, block in branches:
            for fixed in held.where(chosen) if block is not None else ():
                if all(scope.condition.get(bit, value) == value for bit, value in fixed.items()):
                    inner = scope._replace(condition={**scope.condition, **fixed}, read=read)
                    self.read(block, where, bits, inner)
        self.changed &= scope.read


def _joined(data: Iterable[CircuitInstruction]) -> Iterator[CircuitInstruction]:
    """Instructions, of which measurements side by side are one: under a condition that reads their
    bits, the first of them must not decide about the others."""
    waiting: CircuitInstruction | None = None
    for instruction in data:
        if not isinstance(instruction.operation, Measure):
            if waiting is not None:
                yield waiting
            waiting = None
            yield instruction
        elif waiting is None:
            waiting = instruction
        elif {*waiting.qubits, *waiting.clbits}.isdisjoint(instruction.qubits + instruction.clbits):
            qubits, bits = waiting.qubits + instruction.qubits, waiting.clbits + instruction.clbits
            waiting = CircuitInstruction(Measure(), qubits, bits)
        else:
            yield waiting
            waiting = instruction
    if waiting is not None:
        yield waiting


def _unsupported(operation: Any, why: str) -> QiskitError:
    return QiskitError(f"numket cannot run the operation '{operation.name}', {why}")
