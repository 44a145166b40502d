"""Qibo on numket: ``qibo.set_backend("numket.qibo")``, and ``from_qibo`` for a circuit alone.

Qibo's engine stays in charge: circuits, noise, measurements, callbacks and results are its own. It
is handed a queue in which all gates in a row, and the channels of density matrices, have become one
run of numket, in place.

>>> from qibo import Circuit, gates
>>> from numket.qibo import NumketBackend
>>> circuit = Circuit(2)
>>> circuit.add([gates.H(0), gates.CNOT(0, 1)])
>>> NumketBackend().execute_circuit(circuit).probabilities().round(12)
array([0.5, 0. , 0. , 0.5])
"""

from numket import _hosts
from numket._names import public as _public

with _hosts.required("qibo"):
    from numket.qibo.backend import MetaBackend, NumketBackend
    from numket.qibo.convert import from_qibo

__all__ = ["MetaBackend", "NumketBackend", "from_qibo"]

__dir__ = _public(globals())
