"""Qiskit's circuits on numket: in place on a `Statevector`, as primitives, and as a backend.

Qubit q of Qiskit is qubit q of numket. Qiskit counts basis states with qubit 0 as the least
significant bit, numket with qubit 0 as the most significant one, so that a vector in Qiskit's
order is the view ``nk.little_endian(vector)`` for numket. `evolve` takes Qiskit's vectors as they
are.

>>> from qiskit import QuantumCircuit
>>> from qiskit.quantum_info import Statevector
>>> from numket.qiskit import evolve
>>> bell = QuantumCircuit(2)
>>> _ = bell.h(0)
>>> _ = bell.cx(0, 1)
>>> psi = Statevector.from_label("00")
>>> evolve(psi, bell)
>>> psi.data.real.round(3)
array([0.707, 0.   , 0.   , 0.707])
"""

from numket import _hosts
from numket._names import public as _public

with _hosts.required("qiskit"):
    from numket.qiskit.backend import Backend
    from numket.qiskit.convert import evolve, from_qiskit
    from numket.qiskit.export import to_qiskit
    from numket.qiskit.primitives import Estimator, Sampler

__all__ = ["Backend", "Estimator", "Sampler", "evolve", "from_qiskit", "to_qiskit"]

__dir__ = _public(globals())
