"""The frameworks that numket plugs into: which versions, and what to say without them."""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import NamedTuple


class UntestedVersionWarning(UserWarning):
    """The installed version of a framework is not one that numket has been tested with."""


class Host(NamedTuple):
    """A framework, its distribution, and the versions that the tests have been run with."""

    name: str
    package: str
    oldest: str
    newest: str


HOSTS = {
    "cirq": Host("Cirq", "cirq-core", "1.5", "1.7"),
    "jax": Host("JAX", "jax", "0.7", "0.12"),
    "pennylane": Host("PennyLane", "pennylane", "0.45", "0.45"),
    "qibo": Host("Qibo", "qibo", "0.3.5", "0.3"),
    "qiskit": Host("Qiskit", "qiskit", "2.0", "2.6"),
    "torch": Host("PyTorch", "torch", "2.4", "2.15"),
}
"""By the name of the package, which is also that of the module here and of the extra."""


def _release(text: str) -> tuple[int, ...]:
    """The numbers of a version.

    >>> _release("0.45.1")
    (0, 45, 1)
    """
    return tuple(map(int, re.findall(r"\d+", text)))


def _is_tested(host: Host, found: str) -> bool:
    """Whether a version is one of those, or a patch of the newest."""
    oldest, newest, release = map(_release, (host.oldest, host.newest, found))
    return oldest <= release and release[: len(newest)] <= newest


@contextmanager
def required(module: str) -> Iterator[None]:
    """Around the import of a framework: names the extra if it is missing, warns if it is untested.

    >>> with required("cirq"):
    ...     import cirq
    """
    host = HOSTS[module]
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != module:
            raise
        raise ImportError(
            f"numket.{module} needs {host.name}: use pip install 'numket[{module}]'",
            name=module,
        ) from error
    found = version(host.package)
    if not _is_tested(host, found):
        warnings.warn(
            f"numket.{module} has been tested with {host.name} {host.oldest} to {host.newest}, "
            f"not with {found}",
            UntestedVersionWarning,
            stacklevel=4,
        )
