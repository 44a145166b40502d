"""Cirq circuits on numket: `Simulator` in place of ``cirq.Simulator``, `from_cirq` and `to_cirq`.

>>> import cirq
>>> import numket.cirq
>>> a, b = cirq.LineQubit.range(2)
>>> bell = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
>>> print(numket.cirq.Simulator().simulate(bell).dirac_notation())
0.71|00⟩ + 0.71|11⟩
"""

from numket import _hosts
from numket._names import public as _public

with _hosts.required("cirq"):
    from numket.cirq.convert import from_cirq
    from numket.cirq.export import to_cirq
    from numket.cirq.simulator import Simulator

__all__ = ["Simulator", "from_cirq", "to_cirq"]

__dir__ = _public(globals())
