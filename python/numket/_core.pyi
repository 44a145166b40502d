from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from os import PathLike
from typing import Any, SupportsFloat, SupportsIndex, TypeAlias, TypedDict, final, overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from numket.circuit import Operation, Plan
from numket.parameter import Expression, Parameter
from numket.trajectories import Estimate, Observable

_State: TypeAlias = NDArray[np.complexfloating[Any, Any]]
_Angle: TypeAlias = SupportsFloat | SupportsIndex | ArrayLike
_CircuitAngle: TypeAlias = SupportsFloat | SupportsIndex | Expression
_Params: TypeAlias = Mapping[str, ArrayLike] | Mapping[Parameter, ArrayLike] | ArrayLike | None
_Qubit: TypeAlias = SupportsIndex
_Qubits: TypeAlias = SupportsIndex | Iterable[SupportsIndex]
_Rng: TypeAlias = int | Sequence[int] | np.random.Generator | np.random.SeedSequence | None
_Outcome: TypeAlias = SupportsIndex | str | Iterable[SupportsIndex]
_Condition: TypeAlias = SupportsIndex | Mapping[int, int]

class _Config(TypedDict):
    version: str
    lanes: str
    lanes_available: list[str]
    threads: int
    cpu_features: list[str]

__all__ = [
    "GATES",
    "BufferInUseError",
    "Circuit",
    "Ket",
    "PauliSum",
    "Sampler",
    "apply",
    "apply_diagonal",
    "apply_kraus",
    "apply_pauli",
    "apply_permutation",
    "basis_state",
    "ccx",
    "ccz",
    "ch",
    "config",
    "counts",
    "cp",
    "crx",
    "cry",
    "crz",
    "cswap",
    "cu",
    "cx",
    "cy",
    "cz",
    "echo_u64",
    "ecr",
    "empty_state",
    "expectation",
    "expectation_in_density",
    "fidelity",
    "force_threads",
    "get_num_threads",
    "h",
    "inner",
    "iswap",
    "ket",
    "little_endian",
    "measure",
    "most_probable",
    "native_ghz",
    "noop",
    "norm",
    "normalize",
    "p",
    "parameter_values",
    "pauli_rotation",
    "probabilities",
    "project",
    "read_qasm",
    "reduced_density_matrix",
    "reset",
    "rx",
    "rxx",
    "ry",
    "ryy",
    "rz",
    "rzx",
    "rzz",
    "s",
    "sample",
    "sdg",
    "set_num_threads",
    "swap",
    "sweep_probe",
    "sx",
    "sxdg",
    "t",
    "tdg",
    "threads",
    "u",
    "variance",
    "write_qasm",
    "x",
    "y",
    "z",
    "zero_state",
]

GATES: tuple[dict[str, Any], ...]

class BufferInUseError(RuntimeError): ...

@final
class threads:
    def __new__(cls, count: int, /) -> threads: ...
    def __enter__(self) -> None: ...
    def __exit__(self, *_exception: object) -> None: ...

def set_num_threads(count: int, /) -> None: ...
def get_num_threads() -> int: ...
def empty_state(n: int, dtype: DTypeLike | None = None) -> NDArray[Any]: ...
def zero_state(n: int, dtype: DTypeLike | None = None) -> NDArray[Any]: ...
def basis_state(
    n: int,
    index_or_bits: SupportsIndex | str | Iterable[SupportsIndex],
    dtype: DTypeLike | None = None,
) -> NDArray[Any]: ...
def little_endian(state: _State, /) -> NDArray[Any]: ...
@overload
def norm(state: _State, /, *, threads: int | None = None) -> float: ...
@overload
def norm(
    state: _State, /, *, batch: int, threads: int | None = None
) -> float | NDArray[np.float64]: ...
def normalize(state: _State, /, *, batch: int = 0, threads: int | None = None) -> None: ...
@overload
def inner(bra: _State, ket: _State, /, *, threads: int | None = None) -> complex: ...
@overload
def inner(
    bra: _State, ket: _State, /, *, batch: int, threads: int | None = None
) -> complex | NDArray[np.complex128]: ...
@overload
def fidelity(a: _State, b: _State, /, *, threads: int | None = None) -> float: ...
@overload
def fidelity(
    a: _State, b: _State, /, *, batch: int, threads: int | None = None
) -> float | NDArray[np.float64]: ...
def reduced_density_matrix(
    state: _State, qubits: _Qubits, /, *, batch: int = 0, threads: int | None = None
) -> NDArray[np.complex128]: ...
def expectation(
    state: _State,
    observable: PauliSum | str | ArrayLike,
    /,
    *,
    qubits: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> Any: ...
def variance(
    state: _State,
    observable: PauliSum | str | ArrayLike,
    /,
    *,
    qubits: _Qubits | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> Any: ...
def expectation_in_density(
    rho: _State, observable: PauliSum | str | ArrayLike, /, *, threads: int | None = None
) -> Any: ...
def probabilities(
    state: _State,
    /,
    qubits: _Qubits | None = None,
    *,
    out: NDArray[np.float64] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> NDArray[np.float64]: ...
@overload
def measure(
    state: _State,
    /,
    qubits: _Qubit,
    *,
    rng: _Rng = None,
    threads: int | None = None,
) -> int: ...
@overload
def measure(
    state: _State,
    /,
    qubits: Iterable[SupportsIndex] | None = None,
    *,
    rng: _Rng = None,
    threads: int | None = None,
) -> NDArray[np.int8]: ...
@overload
def measure(
    state: _State,
    /,
    qubits: _Qubits | None = None,
    *,
    rng: _Rng = None,
    batch: int,
    threads: int | None = None,
) -> int | NDArray[np.int8]: ...
@overload
def project(
    state: _State,
    qubits: _Qubits,
    outcome: _Outcome,
    /,
    *,
    threads: int | None = None,
) -> float: ...
@overload
def project(
    state: _State,
    qubits: _Qubits,
    outcome: _Outcome,
    /,
    *,
    batch: int,
    threads: int | None = None,
) -> float | NDArray[np.float64]: ...
def read_qasm(
    text: str, dialect: int, final_measurements: bool, max_rounds: int, /
) -> tuple[tuple[int, int], str] | tuple[Circuit, dict[str, range], dict[str, range]]: ...
def write_qasm(circuit: Circuit, /) -> str: ...
def reset(
    state: _State,
    qubits: _Qubits,
    /,
    *,
    rng: _Rng = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def sample(
    state: _State,
    shots: SupportsIndex,
    /,
    qubits: _Qubits | None = None,
    *,
    rng: _Rng = None,
    batch: int = 0,
    threads: int | None = None,
) -> NDArray[np.int64]: ...
@overload
def counts(
    state: _State,
    shots: SupportsIndex,
    /,
    qubits: _Qubits | None = None,
    *,
    rng: _Rng = None,
    threads: int | None = None,
) -> dict[str, int]: ...
@overload
def counts(
    state: _State,
    shots: SupportsIndex,
    /,
    qubits: _Qubits | None = None,
    *,
    rng: _Rng = None,
    batch: int,
    threads: int | None = None,
) -> dict[str, int] | NDArray[np.object_]: ...

@final
class Sampler:
    def __new__(
        cls, state: _State, /, qubits: _Qubits | None = None, *, threads: int | None = None
    ) -> Sampler: ...
    @property
    def state(self) -> NDArray[Any]: ...
    def sample(
        self, shots: SupportsIndex, /, *, rng: _Rng = None, threads: int | None = None
    ) -> NDArray[np.int64]: ...
    def counts(
        self, shots: SupportsIndex, /, *, rng: _Rng = None, threads: int | None = None
    ) -> dict[str, int]: ...

def parameter_values(circuit: Circuit, params: _Params, /) -> NDArray[np.float64]: ...
def most_probable(
    state: _State, count: int, /
) -> tuple[NDArray[np.int64], NDArray[np.float64]]: ...
def noop() -> None: ...
def echo_u64(value: int, /) -> int: ...
def force_threads(count: int, /) -> None: ...
def native_ghz(state: _State, /) -> float: ...
def sweep_probe(state: _State, repeats: int, /, threads: int | None = None) -> list[float]: ...
def config() -> _Config: ...
def apply(
    state: _State,
    matrix: ArrayLike,
    qubits: _Qubits,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def apply_diagonal(
    state: _State,
    diagonal: ArrayLike,
    qubits: _Qubits,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def apply_permutation(
    state: _State,
    permutation: ArrayLike,
    qubits: _Qubits,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
@overload
def apply_kraus(
    state: _State,
    operators: ArrayLike,
    qubits: _Qubits,
    /,
    *,
    rng: _Rng = None,
    threads: int | None = None,
) -> int: ...
@overload
def apply_kraus(
    state: _State,
    operators: ArrayLike,
    qubits: _Qubits,
    /,
    *,
    rng: _Rng = None,
    batch: int,
    threads: int | None = None,
) -> int | NDArray[np.int64]: ...
def apply_pauli(
    state: _State,
    pauli: str,
    /,
    qubits: _Qubits | None = None,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def pauli_rotation(
    state: _State,
    theta: _Angle,
    pauli: str,
    /,
    qubits: _Qubits | None = None,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def x(
    state: _State,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def y(
    state: _State,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def z(
    state: _State,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def h(
    state: _State,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def s(
    state: _State,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def sdg(
    state: _State,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def t(
    state: _State,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def tdg(
    state: _State,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def sx(
    state: _State,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def sxdg(
    state: _State,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def p(
    state: _State,
    lam: _Angle,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def rx(
    state: _State,
    theta: _Angle,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def ry(
    state: _State,
    theta: _Angle,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def rz(
    state: _State,
    theta: _Angle,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def u(
    state: _State,
    theta: _Angle,
    phi: _Angle,
    lam: _Angle,
    q: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def cx(
    state: _State,
    control: _Qubit,
    target: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def cy(
    state: _State,
    control: _Qubit,
    target: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def cz(
    state: _State,
    control: _Qubit,
    target: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def ch(
    state: _State,
    control: _Qubit,
    target: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def cp(
    state: _State,
    lam: _Angle,
    control: _Qubit,
    target: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def crx(
    state: _State,
    theta: _Angle,
    control: _Qubit,
    target: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def cry(
    state: _State,
    theta: _Angle,
    control: _Qubit,
    target: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def crz(
    state: _State,
    theta: _Angle,
    control: _Qubit,
    target: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def cu(
    state: _State,
    theta: _Angle,
    phi: _Angle,
    lam: _Angle,
    gamma: _Angle,
    control: _Qubit,
    target: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def swap(
    state: _State,
    a: _Qubit,
    b: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def iswap(
    state: _State,
    a: _Qubit,
    b: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def rxx(
    state: _State,
    theta: _Angle,
    a: _Qubit,
    b: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def ryy(
    state: _State,
    theta: _Angle,
    a: _Qubit,
    b: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def rzz(
    state: _State,
    theta: _Angle,
    a: _Qubit,
    b: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def rzx(
    state: _State,
    theta: _Angle,
    a: _Qubit,
    b: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def ecr(
    state: _State,
    a: _Qubit,
    b: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def ccx(
    state: _State,
    first: _Qubit,
    second: _Qubit,
    target: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def ccz(
    state: _State,
    first: _Qubit,
    second: _Qubit,
    target: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def cswap(
    state: _State,
    control: _Qubit,
    a: _Qubit,
    b: _Qubit,
    /,
    *,
    controls: Iterable[SupportsIndex] | None = None,
    control_values: Iterable[SupportsIndex] | None = None,
    batch: int = 0,
    threads: int | None = None,
) -> None: ...
def ket(label: str, /, dtype: DTypeLike | None = None) -> Ket: ...

@final
class Circuit:
    def __new__(
        cls,
        num_qubits: SupportsIndex,
        /,
        parameters: Iterable[Parameter] | None = None,
        *,
        num_bits: SupportsIndex = 0,
    ) -> Circuit: ...
    @property
    def num_qubits(self) -> int: ...
    @property
    def num_bits(self) -> int: ...
    @property
    def parameters(self) -> tuple[Parameter, ...]: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Operation]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __copy__(self) -> Circuit: ...
    def __deepcopy__(self, _memo: Any, /) -> Circuit: ...
    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]: ...
    def copy(self) -> Circuit: ...
    def inverse(self) -> Circuit: ...
    def compose(
        self, other: Circuit, qubits: _Qubits | None = None, bits: _Qubits | None = None
    ) -> Circuit: ...
    def explain(self) -> Plan: ...
    @staticmethod
    def from_qasm(
        text: str,
        /,
        *,
        dialect: str | None = None,
        final_measurements: bool = True,
        max_rounds: int = 1_000_000,
    ) -> Circuit: ...
    @staticmethod
    def from_qasm_file(
        path: str | PathLike[str],
        /,
        *,
        dialect: str | None = None,
        final_measurements: bool = True,
        max_rounds: int = 1_000_000,
    ) -> Circuit: ...
    def to_qasm(self) -> str: ...
    def run(
        self,
        state: _State,
        params: _Params = None,
        *,
        batch: int = 0,
        threads: int | None = None,
        progress: bool | Callable[[int, int], object] | None = None,
        rng: _Rng = None,
    ) -> NDArray[np.int8] | Any: ...
    def expectation(
        self,
        observable: PauliSum | str | ArrayLike,
        params: _Params = None,
        *,
        qubits: _Qubits | None = None,
        state: _State | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Any: ...
    def gradient(
        self,
        observable: PauliSum | str | ArrayLike,
        params: _Params = None,
        *,
        qubits: _Qubits | None = None,
        state: _State | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> tuple[Any, NDArray[np.float64]]: ...
    def vjp(
        self,
        observables: Sequence[PauliSum | str | ArrayLike],
        weights: ArrayLike,
        params: _Params = None,
        *,
        state: _State | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
    def measure(
        self,
        qubits: _Qubits,
        /,
        bits: _Qubits | None = None,
        *,
        readout_error: ArrayLike | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def reset(self, qubits: _Qubits, /, *, condition: _Condition | None = None) -> Circuit: ...
    def apply_kraus(
        self,
        operators: ArrayLike,
        qubits: _Qubits,
        /,
        *,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def trajectories(
        self,
        state: _State,
        observable: Observable,
        n: SupportsIndex,
        params: _Params = None,
        *,
        rng: _Rng = None,
        executor: Executor | None = None,
        threads: int | None = None,
        progress: bool | Callable[[int, int], object] | None = None,
    ) -> Estimate: ...
    def apply(
        self,
        matrix: ArrayLike,
        qubits: _Qubits,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def apply_diagonal(
        self,
        diagonal: ArrayLike,
        qubits: _Qubits,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def apply_permutation(
        self,
        permutation: ArrayLike,
        qubits: _Qubits,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def apply_pauli(
        self,
        pauli: str,
        /,
        qubits: _Qubits | None = None,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def gphase(
        self,
        gamma: _CircuitAngle,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def pauli_rotation(
        self,
        theta: _CircuitAngle,
        pauli: str,
        /,
        qubits: _Qubits | None = None,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def x(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def y(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def z(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def h(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def s(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def sdg(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def t(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def tdg(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def sx(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def sxdg(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def p(
        self,
        lam: _CircuitAngle,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def rx(
        self,
        theta: _CircuitAngle,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def ry(
        self,
        theta: _CircuitAngle,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def rz(
        self,
        theta: _CircuitAngle,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def u(
        self,
        theta: _CircuitAngle,
        phi: _CircuitAngle,
        lam: _CircuitAngle,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def cx(
        self,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def cy(
        self,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def cz(
        self,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def ch(
        self,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def cp(
        self,
        lam: _CircuitAngle,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def crx(
        self,
        theta: _CircuitAngle,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def cry(
        self,
        theta: _CircuitAngle,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def crz(
        self,
        theta: _CircuitAngle,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def cu(
        self,
        theta: _CircuitAngle,
        phi: _CircuitAngle,
        lam: _CircuitAngle,
        gamma: _CircuitAngle,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def swap(
        self,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def iswap(
        self,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def rxx(
        self,
        theta: _CircuitAngle,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def ryy(
        self,
        theta: _CircuitAngle,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def rzz(
        self,
        theta: _CircuitAngle,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def rzx(
        self,
        theta: _CircuitAngle,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def ecr(
        self,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def ccx(
        self,
        first: _Qubit,
        second: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def ccz(
        self,
        first: _Qubit,
        second: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...
    def cswap(
        self,
        control: _Qubit,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        condition: _Condition | None = None,
    ) -> Circuit: ...

@final
class Ket:
    def __new__(cls, state: _State, /) -> Ket: ...
    @property
    def state(self) -> NDArray[Any]: ...
    @property
    def num_qubits(self) -> int: ...
    def _repr_html_(self) -> str: ...
    def _repr_latex_(self) -> str: ...
    def apply(self, matrix: ArrayLike, qubits: _Qubits, /, **options: Any) -> Ket: ...
    def apply_diagonal(self, diagonal: ArrayLike, qubits: _Qubits, /, **options: Any) -> Ket: ...
    def apply_permutation(
        self, permutation: ArrayLike, qubits: _Qubits, /, **options: Any
    ) -> Ket: ...
    def normalize(self, **options: Any) -> Ket: ...
    def reset(self, qubits: _Qubits, /, **options: Any) -> Ket: ...
    @overload
    def measure(self, qubits: _Qubit, **options: Any) -> int: ...
    @overload
    def measure(
        self, qubits: Iterable[SupportsIndex] | None = None, **options: Any
    ) -> NDArray[np.int8]: ...
    def project(self, qubits: _Qubits, outcome: _Outcome, /, **options: Any) -> float: ...
    def sample(
        self, shots: SupportsIndex, /, qubits: _Qubits | None = None, **options: Any
    ) -> NDArray[np.int64]: ...
    def counts(
        self, shots: SupportsIndex, /, qubits: _Qubits | None = None, **options: Any
    ) -> dict[str, int]: ...
    def x(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def y(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def z(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def h(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def s(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def sdg(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def t(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def tdg(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def sx(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def sxdg(
        self,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def p(
        self,
        lam: _Angle,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def rx(
        self,
        theta: _Angle,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def ry(
        self,
        theta: _Angle,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def rz(
        self,
        theta: _Angle,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def u(
        self,
        theta: _Angle,
        phi: _Angle,
        lam: _Angle,
        q: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def cx(
        self,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def cy(
        self,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def cz(
        self,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def ch(
        self,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def cp(
        self,
        lam: _Angle,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def crx(
        self,
        theta: _Angle,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def cry(
        self,
        theta: _Angle,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def crz(
        self,
        theta: _Angle,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def cu(
        self,
        theta: _Angle,
        phi: _Angle,
        lam: _Angle,
        gamma: _Angle,
        control: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def swap(
        self,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def iswap(
        self,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def rxx(
        self,
        theta: _Angle,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def ryy(
        self,
        theta: _Angle,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def rzz(
        self,
        theta: _Angle,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def rzx(
        self,
        theta: _Angle,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def ecr(
        self,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def ccx(
        self,
        first: _Qubit,
        second: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def ccz(
        self,
        first: _Qubit,
        second: _Qubit,
        target: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def cswap(
        self,
        control: _Qubit,
        a: _Qubit,
        b: _Qubit,
        /,
        *,
        controls: Iterable[SupportsIndex] | None = None,
        control_values: Iterable[SupportsIndex] | None = None,
        batch: int = 0,
        threads: int | None = None,
    ) -> Ket: ...
    def X(self, q: _Qubit, /) -> Ket: ...
    def Y(self, q: _Qubit, /) -> Ket: ...
    def Z(self, q: _Qubit, /) -> Ket: ...
    def H(self, q: _Qubit, /) -> Ket: ...
    def S(self, q: _Qubit, /) -> Ket: ...
    def CNOT(self, control: _Qubit, target: _Qubit, /) -> Ket: ...
    def CPHASE(self, theta: _Angle, control: _Qubit, target: _Qubit, /) -> Ket: ...

@final
class PauliSum:
    __array_ufunc__: None
    def __new__(
        cls,
        terms: Mapping[str, complex] | Iterable[tuple[str, complex] | tuple[str, _Qubits, complex]],
        num_qubits: SupportsIndex | None = None,
    ) -> PauliSum: ...
    @classmethod
    def from_qiskit(cls, operator: Any) -> PauliSum: ...
    @classmethod
    def from_openfermion(
        cls, operator: Any, num_qubits: SupportsIndex | None = None
    ) -> PauliSum: ...
    @property
    def num_qubits(self) -> int: ...
    @property
    def hermitian(self) -> bool: ...
    def adjoint(self) -> PauliSum: ...
    def trace(self) -> complex: ...
    def expectation(
        self, state: _State, /, *, batch: int = 0, threads: int | None = None
    ) -> Any: ...
    def variance(self, state: _State, /, *, batch: int = 0, threads: int | None = None) -> Any: ...
    def apply(self, state: _State, out: _State, /, *, threads: int | None = None) -> None: ...
    def linear_operator(self, dtype: DTypeLike | None = None) -> Any: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[tuple[str, complex]]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __copy__(self) -> PauliSum: ...
    def __deepcopy__(self, _memo: Any, /) -> PauliSum: ...
    def __reduce__(self) -> tuple[Any, ...]: ...
    def __add__(self, other: PauliSum, /) -> PauliSum: ...
    def __radd__(self, other: PauliSum, /) -> PauliSum: ...
    def __sub__(self, other: PauliSum, /) -> PauliSum: ...
    def __rsub__(self, other: PauliSum, /) -> PauliSum: ...
    def __matmul__(self, other: PauliSum, /) -> PauliSum: ...
    def __rmatmul__(self, other: PauliSum, /) -> PauliSum: ...
    def __mul__(self, other: complex, /) -> PauliSum: ...
    def __rmul__(self, other: complex, /) -> PauliSum: ...
    def __truediv__(self, other: complex, /) -> PauliSum: ...
    def __rtruediv__(self, other: complex, /) -> PauliSum: ...
    def __neg__(self) -> PauliSum: ...
