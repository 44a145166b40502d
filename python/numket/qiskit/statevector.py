"""``Statevector.evolve`` as a function."""

from typing import Any

from qiskit import QuantumCircuit
from qiskit.circuit import Instruction
from qiskit.exceptions import QiskitError
from qiskit.quantum_info import Operator, Statevector

import numket as nk
from numket.compat.arrays import MAX_SIZE
from numket.qiskit.convert import convert

ORIGINAL = Statevector.evolve
"""Kept, so that ours may be put in its place."""


def evolve(state: Statevector, other: Any, qargs: list[int] | None = None) -> Statevector:
    """``Statevector.evolve``: the state after a circuit, an instruction or an operator.

    What is not unitary on qubits, such as ``reset``, goes to Qiskit, and so do evolutions of which
    numket has product formulas only. For all of a program: ``Statevector.evolve = evolve``.

    Parameters
    ----------
    state : qiskit.quantum_info.Statevector
        Only read.
    other : QuantumCircuit, Instruction or Operator
        What acts on it.
    qargs : list of int, optional
        The qubits of the state that it acts on; all in order if not given.

    Returns
    -------
    qiskit.quantum_info.Statevector
        A new one, whose array is the only one that is made.

    Raises
    ------
    qiskit.exceptions.QiskitError
        Where ``Statevector.evolve`` does.

    Examples
    --------
    >>> from qiskit import QuantumCircuit
    >>> from qiskit.quantum_info import Statevector
    >>> from numket.compat import evolve
    >>> flip = QuantumCircuit(1)
    >>> _ = flip.x(0)
    >>> evolve(Statevector.from_label("00"), flip, [1]).probabilities_dict()
    {np.str_('10'): np.float64(1.0)}
    """
    qargs = getattr(other, "qargs", None) if qargs is None else qargs
    if isinstance(state, Statevector) and set(state.dims()) == {2}:
        circuit = _converted(other)
        if circuit is not None and _fits(circuit.num_qubits, state.num_qubits, qargs):
            if qargs is not None:
                circuit = nk.Circuit(state.num_qubits).compose(circuit, qargs)
            data = state.data.copy()
            circuit.run(nk.little_endian(data))
            return Statevector(data)
    return ORIGINAL(state, other, qargs)


def _converted(other: Any) -> nk.Circuit | None:
    """The same as a circuit of numket, if that is exact, without outcomes and parameters."""
    try:
        if isinstance(other, Instruction):
            single = QuantumCircuit(other.num_qubits, other.num_clbits)
            single.append(other, range(other.num_qubits), range(other.num_clbits))
            other = single
        if isinstance(other, QuantumCircuit):
            circuit, exact = convert(other)
            pure = (
                exact
                and not circuit.parameters
                and not any(step.name == "reset" for step in circuit)
            )
            return circuit if pure and not other.num_clbits else None
        operator = Operator(other)
        if {*operator.input_dims(), *operator.output_dims()} != {2} or len(
            operator.data
        ) > MAX_SIZE:
            return None
        count = operator.num_qubits
        return nk.Circuit(count).apply(operator.data, range(count)[::-1])
    except (QiskitError, TypeError, ValueError):
        return None


def _fits(count: int, n: int, qargs: Any) -> bool:
    """Whether ``count`` qubits of n are named, or all are."""
    if qargs is None:
        return count == n
    return len(qargs) == len({*qargs}) == count and all(0 <= q < n for q in qargs)
