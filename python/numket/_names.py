"""What `dir` lists of a module."""

from collections.abc import Callable, Mapping
from typing import Any


def public(namespace: Mapping[str, Any]) -> Callable[[], list[str]]:
    """A module's ``__dir__``: its public names, and those that Python gives every module.

    >>> public({"__all__": ["h"], "__name__": "gates", "h": None, "np": None})()
    ['__all__', '__name__', 'h']
    """

    def names() -> list[str]:
        return sorted({*namespace["__all__"], *(name for name in namespace if name[:2] == "__")})

    return names
