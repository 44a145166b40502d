"""Classical conditions of Qiskit as what numket can hold: bits that must have certain values.

A condition is evaluated for all values of the measured bits that it reads. What this gives is cut
into disjoint sets, in each of which some bits are fixed and the others free; an operation is then
done once for each set, of which at most one applies.
"""

import operator
from collections.abc import Iterator, Mapping, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import ClassicalRegister, Clbit
from qiskit.circuit.classical import expr, types
from qiskit.exceptions import QiskitError

MOST_BITS = 16
"""Measured bits that one condition may read: the work doubles with each."""

BINARY = {
    expr.Binary.Op.BIT_AND: operator.and_,
    expr.Binary.Op.BIT_OR: operator.or_,
    expr.Binary.Op.BIT_XOR: operator.xor,
    expr.Binary.Op.LOGIC_AND: operator.and_,
    expr.Binary.Op.LOGIC_OR: operator.or_,
    expr.Binary.Op.EQUAL: operator.eq,
    expr.Binary.Op.NOT_EQUAL: operator.ne,
    expr.Binary.Op.LESS: operator.lt,
    expr.Binary.Op.LESS_EQUAL: operator.le,
    expr.Binary.Op.GREATER: operator.gt,
    expr.Binary.Op.GREATER_EQUAL: operator.ge,
}


class Values:
    """The value of an expression for all values of the measured bits that it reads.

    Parameters
    ----------
    target
        A bit, a register, or an expression of these.
    bits
        The number of each classical bit.
    measured
        The numbers of the bits that have been measured; all others are 0.
    """

    def __init__(self, target: Any, bits: Mapping[Any, int], measured: Set[int]) -> None:
        self.bits = bits
        expression = expr.lift(target)
        read = {n for var in expr.iter_vars(expression) for n in self.numbers(var)}
        self.free = sorted(read & measured)
        if len(self.free) > MOST_BITS:
            raise QiskitError(
                f"a condition reads {len(self.free)} measured bits; it may read {MOST_BITS}: use "
                "conditions on fewer bits"
            )
        every = np.arange(2 ** len(self.free), dtype=object)
        last = len(self.free) - 1
        self.columns = {bit: every >> (last - axis) & 1 for axis, bit in enumerate(self.free)}
        self.values = np.broadcast_to(self.value(expression), every.shape)

    def where(self, chosen: NDArray[np.bool_]) -> Iterator[dict[int, int]]:
        """The disjoint sets that the chosen values are made of: the values of the fixed bits."""
        table = np.asarray(chosen, dtype=bool).reshape((2,) * len(self.free))
        for fixed in _sets(table):
            yield {self.free[axis]: value for axis, value in fixed.items()}

    def numbers(self, var: Any) -> list[int]:
        """The bits of a variable, the least significant first."""
        if isinstance(var.var, Clbit):
            return [self.bits[var.var]]
        if isinstance(var.var, ClassicalRegister):
            return [self.bits[bit] for bit in var.var]
        raise QiskitError(
            f"a condition reads the variable '{var.name}'; numket keeps classical bits only: use a "
            "bit or a register"
        )

    def value(self, node: Any) -> Any:
        """That of a node: a Python int, or an array of them."""
        if node.type.kind not in (types.Bool, types.Uint):
            raise QiskitError(
                f"a condition holds a value of type {node.type}; numket evaluates Bool and Uint"
            )
        match node:
            case expr.Value():
                return int(node.value)
            case expr.Var():
                numbers = self.numbers(node)
                return sum(self.columns.get(bit, 0) << i for i, bit in enumerate(numbers))
            case expr.Cast():
                return _fit(self.value(node.operand), node.operand.type, node.type)
            case expr.Unary(op=expr.Unary.Op.LOGIC_NOT | expr.Unary.Op.BIT_NOT):
                return self.value(node.operand) ^ _ones(node.type)
            case expr.Index():
                return self.value(node.target) >> self.value(node.index) & 1
            case expr.Binary(op=op) if op in BINARY:
                return BINARY[op](self.value(node.left), self.value(node.right)) * 1
            case expr.Binary(op=expr.Binary.Op.SHIFT_LEFT):
                return self.value(node.left) << self.value(node.right) & _ones(node.type)
            case expr.Binary(op=expr.Binary.Op.SHIFT_RIGHT):
                return self.value(node.left) >> self.value(node.right)
        raise QiskitError(
            f"a condition holds {getattr(node, 'op', type(node).__name__)}; numket evaluates bits, "
            "registers, comparisons, shifts and logic: use these"
        )


def _ones(kind: Any) -> int:
    """The largest value of a type."""
    return 1 if kind.kind is types.Bool else 2**kind.width - 1


def _fit(value: Any, before: Any, after: Any) -> Any:
    """The value, cast to another type."""
    if after.kind is types.Bool and before.kind is types.Uint:
        return (value != 0) * 1
    return value & _ones(after)


def _sets(table: NDArray[np.bool_], axis: int = 0) -> Iterator[dict[int, int]]:
    """Disjoint boxes that hold what is true in a table.

    >>> list(_sets(np.array([[False, True], [True, True]])))
    [{0: 0, 1: 1}, {0: 1}]
    """
    if table.all():
        yield {}
    elif table.any():
        for value in 0, 1:
            for rest in _sets(table[value], axis + 1):
                yield {axis: value, **rest}
