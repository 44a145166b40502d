"""One operation of PennyLane on one state, as `pennylane.devices.qubit.apply_operation` does it."""

from numbers import Number
from typing import Any

import numpy as np
import pennylane as qml

from numket.pennylane.circuits import Program, is_supported, is_unitary


def apply_operation(
    op: Any,
    state: Any,
    is_state_batched: bool = False,
    debugger: Any = None,
    **execution_kwargs: Any,
) -> Any:
    """The state after an operation, as ``pennylane.devices.qubit.apply_operation`` returns it.

    The state that is given stays as it is: it is copied once, and the copy is changed in place.
    Whatever is no unitary operation on a NumPy array of complex numbers, such as a snapshot, a
    measurement on the way, or a state of another library, is left to PennyLane.

    Parameters
    ----------
    op : pennylane.operation.Operator
        Its wires are axes of the state.
    state : ndarray of complex128 or complex64, shape (2,) * n, or (batch,) + (2,) * n
    is_state_batched : bool
        Whether the first axis counts states.
    debugger : optional
        For PennyLane.
    **execution_kwargs
        For PennyLane.

    Returns
    -------
    ndarray of the same dtype and shape; with a first axis for the batch of `op`, if it has one

    Raises
    ------
    pennylane.exceptions.DeviceError
        Where a wire is no axis of the state.

    Examples
    --------
    >>> import numpy as np
    >>> import pennylane as qml
    >>> apply_operation(qml.X(1), np.array([[1, 0], [0, 0]], complex)).real
    array([[0., 1.],
           [0., 0.]])
    """
    if not _is_ours(op, state, is_state_batched):
        return qml.devices.qubit.apply_operation(
            op, state, is_state_batched=is_state_batched, debugger=debugger, **execution_kwargs
        )
    program = Program(qml.tape.QuantumScript([op]), num_qubits=state.ndim - is_state_batched)
    shape = state.shape
    if program.batch_size is not None and not is_state_batched:
        shape = (program.batch_size, *shape)
    after = np.array(np.broadcast_to(state, shape))
    batched = is_state_batched or program.batch_size is not None
    program.run(after, slice(None), batch=int(batched))
    return after


def _is_ours(op: Any, state: Any, is_state_batched: bool) -> bool:
    if type(state) is not np.ndarray or state.dtype not in (np.complex128, np.complex64):
        return False
    if set(state.shape[int(is_state_batched) :]) - {2}:
        return False
    if not all(isinstance(value, Number | np.ndarray) for value in op.data):
        return False  # another library's, or followed by autograd
    return is_unitary(op) and is_supported(op)
