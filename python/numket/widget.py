"""A slider over a circuit in notebooks: what ``numket.stepper`` shows."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numket import _core
from numket._names import public as _public
from numket._numbers import plural
from numket.circuit import Operation, Steps
from numket.display import state_card
from numket.drawing import angle_text, condition_text, layout
from numket.parameter import Expression
from numket.pictures import boxes, svg

try:
    import anywidget
    import traitlets
except ImportError as error:
    raise ImportError("'stepper' needs anywidget: use pip install 'numket[notebook]'") from error

__all__ = ["Stepper"]

__dir__ = _public(globals())

MAX_QUBITS = 16
"""Going back computes all operations anew, while somebody waits."""
MAX_OPERATIONS = 500
"""All are in the picture."""
FOLD = 100

CSS = """
.numket-stepper .numket-bar { display: flex; gap: 4px; align-items: center; max-width: 600px; }
.numket-stepper input { flex: 1; }
.numket-stepper .numket-view { overflow: auto; max-height: 360px; }
.numket-stepper .numket-sheet { position: relative; width: max-content; }
.numket-stepper .numket-sheet img { display: block; max-width: none; }
.numket-stepper .numket-card table { margin-left: 0; }
.numket-stepper .numket-lit {
  position: absolute; box-sizing: border-box; border: 2px solid #d55e00; border-radius: 5px;
  background: #d55e0033;
}
"""


class Stepper(anywidget.AnyWidget):
    """A circuit, and a slider that goes through it.

    Parameters
    ----------
    circuit : Circuit
        What is done.
    state : ndarray or Ket, optional
        What it is done to, on a copy.
    params : dict or array_like, optional
        The values of the parameters.
    rng : None, int or numpy.random.Generator, optional
        For measurements, resets and channels.

    Raises
    ------
    ValueError
        Where the circuit has more than 16 qubits or 500 operations.
    TypeError, ValueError, KeyError
        Where `Circuit.run` raises them.

    Examples
    --------
    >>> import numket as nk
    >>> stepper = Stepper(nk.Circuit(2).h(0).cx(0, 1))
    >>> stepper.position = 2
    >>> stepper.caption
    '2 of 2 operations done, the last is cx on qubits 0 1'
    >>> stepper.state.real.round(3)
    array([0.707, 0.   , 0.   , 0.707])
    """

    _esm = Path(__file__).with_name("widget.js")
    _css = CSS
    position = traitlets.Int(0).tag(sync=True)
    count = traitlets.Int(0).tag(sync=True)
    picture = traitlets.Unicode("").tag(sync=True)
    boxes = traitlets.List([]).tag(sync=True)
    caption = traitlets.Unicode("").tag(sync=True)
    card = traitlets.Unicode("").tag(sync=True)
    shown = traitlets.Int(-1).tag(sync=True)

    def __init__(
        self,
        circuit: _core.Circuit,
        state: NDArray[Any] | _core.Ket | None = None,
        params: Any = None,
        *,
        rng: Any = None,
    ) -> None:
        n = circuit.num_qubits
        if n > MAX_QUBITS:
            raise ValueError(
                f"'circuit' has {n} qubits; a stepper takes up to {MAX_QUBITS}: use nk.steps, and "
                "nk.show at the steps that matter"
            )
        if len(circuit) > MAX_OPERATIONS:
            raise ValueError(
                f"'circuit' has {len(circuit)} operations; a stepper takes up to {MAX_OPERATIONS}: "
                f"run circuit[:-{MAX_OPERATIONS}] on the state before, and step through the rest"
            )
        given = state.state if isinstance(state, _core.Ket) else state
        self._circuit, self._params = circuit.copy(), params
        self._given = _core.zero_state(n) if given is None else given.copy()
        self._rng = np.random.default_rng(rng)
        self._begin()
        # Refuses what does not fit, once and here.
        self._circuit.run(self._given.copy(), params, rng=deepcopy(self._rng))
        made = layout(self._circuit, MAX_OPERATIONS + 1)
        places = boxes(made, FOLD)
        super().__init__(
            count=len(circuit),
            picture=svg(made, FOLD),
            boxes=[places.get(place, []) for place in range(len(circuit))],
        )
        self.observe(self._moved, "position")
        self._show()

    def _begin(self) -> None:
        """Goes to where no operation is done."""
        self._state = self._given.copy()
        rng = deepcopy(self._rng)
        self._walk = Steps(self._circuit, self._state, self._params, rng=rng)

    @property
    def state(self) -> NDArray[Any]:
        """The state after the operations that are done; a copy."""
        return self._state.copy()

    @property
    def bits(self) -> NDArray[np.int8]:
        """The classical bits."""
        return self._walk.bits.copy()

    def _moved(self, _change: Any) -> None:
        within = min(max(self.position, 0), self.count)
        if within != self.position:
            self.position = within  # and comes here again
            return
        # Going back computes anew: not every operation has an inverse, and so rounding errors do
        # not add up.
        if within < self._walk.position:
            self._begin()
        while self._walk.position < within:
            next(self._walk)
        self._show()

    def _show(self) -> None:
        at = self._walk.position
        caption = f"{at} of {plural(len(self._circuit), 'operation')} done"
        if at:
            caption += f", the last is {sentence(self._circuit[at - 1])}"
        if self._circuit.num_bits:
            bits = " ".join(f"c{bit}={value}" for bit, value in enumerate(self._walk.bits[:32]))
            caption += f"; bits {bits}{' ...' if self._circuit.num_bits > 32 else ''}"
        card = state_card(self._state)._repr_html_()
        with self.hold_sync():
            self.caption, self.card, self.shown = caption, card, at

    def __repr__(self) -> str:
        return f"<Stepper: {self.position} of {len(self._circuit)} operations done>"


def sentence(operation: Operation) -> str:
    """An operation in words.

    >>> import numket as nk
    >>> sentence(nk.Circuit(3).rx(0.5, 2, controls=[0])[0])
    'rx(0.5) on qubit 2, controlled by qubit 0'
    """
    angles = [p for p in operation.params if isinstance(p, (int, float, str, Expression))]
    texts = [angle if isinstance(angle, str) else angle_text(angle) for angle in angles]
    text = f"{operation.name}({', '.join(texts)})" if texts else operation.name
    if operation.qubits:
        text += f" on qubit{'s' * (len(operation.qubits) > 1)} "
        text += " ".join(map(str, operation.qubits))
    if operation.controls:
        text += f", controlled by qubit{'s' * (len(operation.controls) > 1)} "
        text += " ".join(map(str, operation.controls))
    return text + condition_text(operation)
