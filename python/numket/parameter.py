"""Parameters of circuits, and affine expressions of them."""

from collections.abc import Mapping
from numbers import Real
from typing import SupportsFloat

from numket._core import shown
from numket._names import public as _public

__all__ = ["Expression", "Parameter"]

__dir__ = _public(globals())

_Number = SupportsFloat


class Expression:
    """A number plus multiples of parameters, in radians: what arithmetic with `Parameter` gives.

    Expressions are added to and subtracted from each other and real numbers, and multiplied with
    and divided by real numbers. A circuit takes them as angles.

    Parameters
    ----------
    offset : float
        The number.
    terms : mapping of str to float
        The factor of each parameter, by its name.

    Examples
    --------
    >>> import numket as nk
    >>> beta, gamma = nk.Parameter("beta"), nk.Parameter("gamma")
    >>> 2 * beta - gamma / 2 + 1
    2.0*beta - 0.5*gamma + 1.0
    """

    __slots__ = ("offset", "terms")

    __array_ufunc__ = None  # a NumPy number leaves the arithmetic to the expression

    offset: float
    terms: Mapping[str, float]

    def __init__(self, offset: float, terms: Mapping[str, float]) -> None:
        self.offset, self.terms = offset, dict(terms)

    def __add__(self, other: "Expression | _Number") -> "Expression":
        if isinstance(other, Expression):
            names = [*self.terms, *(name for name in other.terms if name not in self.terms)]
            terms = {name: self.terms.get(name, 0.0) + other.terms.get(name, 0.0) for name in names}
            return Expression(self.offset + other.offset, terms)
        if isinstance(other, Real):
            return Expression(self.offset + float(other), self.terms)
        return NotImplemented

    __radd__ = __add__

    def __neg__(self) -> "Expression":
        return self * -1.0

    def __sub__(self, other: "Expression | _Number") -> "Expression":
        if isinstance(other, Expression):
            return self + -other
        if isinstance(other, Real):
            return self + -float(other)
        return NotImplemented

    def __rsub__(self, other: _Number) -> "Expression":
        return -self + other

    def __mul__(self, other: _Number) -> "Expression":
        if isinstance(other, Expression) or not isinstance(other, Real):
            return NotImplemented
        factor = float(other)
        terms = {name: factor * value for name, value in self.terms.items()}
        return Expression(factor * self.offset, terms)

    __rmul__ = __mul__

    def __truediv__(self, other: _Number) -> "Expression":
        if isinstance(other, Expression) or not isinstance(other, Real):
            return NotImplemented
        return self * (1.0 / float(other))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Expression):
            return NotImplemented
        return self.offset == other.offset and self.terms == other.terms

    def __hash__(self) -> int:
        return hash((self.offset, frozenset(self.terms.items())))

    def __repr__(self) -> str:
        parts = [(f"{abs(value)}*{name}", value < 0) for name, value in self.terms.items()]
        if self.offset or not parts:
            parts.append((f"{abs(self.offset)}", self.offset < 0))
        text = "".join(f" {'-' if negative else '+'} {part}" for part, negative in parts)
        return ("-" if parts[0][1] else "") + text[3:]


class Parameter(Expression):
    """A named angle whose value is given when a circuit runs; equal names are the same parameter.

    Parameters
    ----------
    name : str
        Not empty.

    Raises
    ------
    TypeError
        Where `name` is no such str.

    Examples
    --------
    >>> import numket as nk
    >>> theta = nk.Parameter("theta")
    >>> circuit = nk.Circuit(2).ry(theta, 0).ry(2 * theta, 1)
    >>> psi = nk.zero_state(2)
    >>> circuit.run(psi, {"theta": 0.5})
    >>> psi.round(3).real
    array([0.85 , 0.465, 0.217, 0.119])
    """

    __slots__ = ("name",)

    name: str

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not name:
            raise TypeError(
                f"'name' is {shown(name)}; a parameter needs a name: use a str that is not empty"
            )
        super().__init__(0.0, {name: 1.0})
        self.name = name

    def __reduce__(self) -> tuple[type["Parameter"], tuple[str]]:
        return Parameter, (self.name,)

    def __repr__(self) -> str:
        return f"Parameter({self.name!r})"


def expression(offset: float, terms: Mapping[str, float]) -> Expression:
    """The expression of these terms: a parameter itself where it is no more than that.

    >>> expression(0.0, {"a": 1.0})
    Parameter('a')
    """
    if offset == 0.0 and list(terms.values()) == [1.0]:
        return Parameter(next(iter(terms)))
    return Expression(offset, terms)
