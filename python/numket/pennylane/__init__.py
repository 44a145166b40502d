"""PennyLane on numket's kernels: the device ``numket.qubit``, and ``apply_operation``.

>>> import pennylane as qml
>>> qml.device("numket.qubit", wires=2).name
'numket.qubit'
"""

from numket import _hosts
from numket._names import public as _public

with _hosts.required("pennylane"):
    from numket.pennylane.apply import apply_operation
    from numket.pennylane.device import NumketQubit

__all__ = ["NumketQubit", "apply_operation"]

__dir__ = _public(globals())
