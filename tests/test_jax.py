"""Circuits in JAX, with and without jit, against NumPy alone."""

import pickle
from contextlib import contextmanager

import numpy as np
import pytest

import numket as nk
import oracle
from helpers_gradient import Counted, differences, mean, random_circuit, random_sum

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402

import numket.jax  # noqa: E402
from numket.jax import Expectation  # noqa: E402

N = 3
SECOND = "second derivatives of expectation values are not available"


@contextmanager
def x64(is_enabled):
    """Whether JAX's numbers may have double precision."""
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", is_enabled)
    try:
        yield
    finally:
        jax.config.update("jax_enable_x64", before)


@pytest.fixture(params=["eager", "jit", "jit without buffers"])
def jit(request, monkeypatch):
    """How functions are run: as they are, or compiled, by either of JAX's callbacks."""
    if request.param == "eager":
        return lambda function, **_: function
    if request.param == "jit without buffers":
        monkeypatch.setattr(numket.jax, "buffer_callback", None)
    return jax.jit


@pytest.fixture(autouse=True)
def double():
    """Numbers are in double precision, where nothing else is said."""
    with x64(True):
        yield


@pytest.fixture
def circuit(rng):
    """Of five parameters."""
    return random_circuit(rng, N, 8, ["ry", "crx", "rzz", "u"])


@pytest.fixture
def sums(rng):
    return [nk.PauliSum(random_sum(rng, N)) for _ in range(2)]


def jacobian(circuit, observables, params, state=None):
    """What `Circuit.gradient` gives for each row of parameters and each observable."""
    return np.array(
        [
            [circuit.gradient(each, row, state=state)[1] for each in observables]
            for row in params.reshape(-1, 5)
        ]
    ).reshape(*params.shape[:-1], -1, 5)


def near(found, expected, limit=1e-12):
    np.testing.assert_allclose(np.asarray(found), expected, rtol=0, atol=limit)


def test_against_differences(jit, circuit, rng):
    terms, at = random_sum(rng, N), rng.normal(size=5)
    matrix, start = oracle.pauli_sum(terms.items(), N), nk.zero_state(N)
    function = Expectation(circuit, nk.PauliSum(terms))
    value, gradient = jit(jax.value_and_grad(function))(jnp.array(at))
    near(value, mean(circuit, start, at, matrix))
    near(jit(function)(jnp.array(at)), value)
    near(gradient, differences(lambda point: mean(circuit, start, point, matrix), at), 1e-6)


def test_batches_and_transforms(jit, circuit, sums, rng):
    one, several = Expectation(circuit, sums[0]), Expectation(circuit, sums)
    at = rng.normal(size=(4, 5))
    params, expected = jnp.array(at), jacobian(circuit, sums, at)
    values = [[circuit.expectation(each, row) for each in sums] for row in at]
    near(jit(several)(params), values)
    near(jit(jax.vmap(several, 1))(params.T), values)
    near(jit(jax.vmap(one))(params), np.array(values)[:, 0])
    near(jit(jax.grad(lambda x: one(x).sum()))(params), expected[:, 0])
    near(jit(jax.grad(lambda x: jax.vmap(one)(x).sum()))(params), expected[:, 0])
    near(jit(jax.vmap(jax.vmap(jax.grad(one))))(params[None]), expected[None, :, 0])
    near(jit(jax.vmap(jax.jacrev(several)))(params), expected)
    near(jit(jax.jacrev(several))(params[0]), expected[0])
    weights = rng.normal(size=(4, 2))
    for mapped in (several, jax.vmap(several)):
        found = jit(jax.grad(lambda x, f=mapped: (weights * f(x)).sum()))(params)
        near(found, np.einsum("bo,bop->bp", weights, expected))


def test_states(jit, circuit, sums, rng):
    one, several = Expectation(circuit, sums[0]), Expectation(circuit, sums)
    starts, at = np.stack([oracle.random_state(rng, N) for _ in range(4)]), rng.normal(size=(4, 5))
    states, params = jnp.array(starts), jnp.array(at)
    table = np.array(  # [row of parameters, state, observable]
        [[[circuit.expectation(o, row, state=s) for o in sums] for s in starts] for row in at]
    )
    near(jit(several)(params, states), table[range(4), range(4)])
    near(jit(several)(params[0], states), table[0])
    near(jit(jax.vmap(several, (0, None)))(params, states[0]), table[:, 0])
    # An axis that is mapped for the state alone, and one that only the parameters have.
    near(jit(jax.vmap(several, (None, 0)))(params, states), table.swapaxes(0, 1))
    near(jit(jax.vmap(one))(params, states), table[range(4), range(4), 0])
    slopes = np.array([jacobian(circuit, sums, at[0], state) for state in starts])
    near(jit(jax.vmap(jax.grad(one), (None, 0)))(params[0], states), slopes[:, 0])
    near(jit(jax.vmap(jax.jacrev(several), (None, 0)))(params[0], states), slopes)
    near(jit(jax.grad(lambda x: one(x, states).sum()))(params[0]), slopes[:, 0].sum(0))


def test_loops_and_checkpoints(jit, circuit, sums, rng):
    function, at = Expectation(circuit, sums[0]), jnp.array(rng.normal(size=5))

    def step(params, _):
        value, gradient = jax.value_and_grad(function)(params)
        return params - 0.01 * gradient, value

    _, values = jit(lambda start: jax.lax.scan(step, start, None, length=4))(at)
    assert np.all(np.diff(values) < 0)
    near(jit(jax.grad(jax.checkpoint(function)))(at), jacobian(circuit, sums, np.array(at))[0])


@pytest.mark.parametrize("is_single", [True, False])
def test_second_derivatives_are_refused(is_single, jit, circuit, sums, rng):
    function = Expectation(circuit, sums[0] if is_single else sums)
    at = jnp.array(rng.normal(size=5))

    def loss(params):
        return function(params).sum()

    for second in (
        jax.hessian(loss),
        jax.grad(lambda x: jax.grad(loss)(x).sum()),
        jax.jacrev(jax.jacrev(loss)),
        lambda x: jax.jvp(jax.grad(loss), (x,), (x,)),
        jax.vmap(jax.hessian(loss), axis_size=2, in_axes=None),
    ):
        with pytest.raises(NotImplementedError, match=SECOND):
            jit(second)(at)


def test_a_gradient_that_is_only_multiplied(jit, circuit, sums, rng):
    """Nothing is differentiated twice."""
    function, at = Expectation(circuit, sums[0]), jnp.array(rng.normal(size=5))
    slope = jax.grad(lambda factor: jax.grad(lambda x: factor * function(x))(at).sum())
    near(jit(slope)(2.0), jacobian(circuit, sums, np.array(at))[0].sum())


def test_forward_mode_is_refused_by_jax(jit, circuit, sums, rng):
    function, at = Expectation(circuit, sums[0]), jnp.array(rng.normal(size=5))
    with pytest.raises(TypeError, match=r"can't apply forward-mode"):
        jit(jax.jacfwd(function))(at)


def test_derivatives_by_the_state_are_refused(jit, circuit, sums, rng):
    function, at = Expectation(circuit, sums[0]), jnp.array(rng.normal(size=5))
    state = jnp.array(oracle.random_state(rng, N))
    for refused in (
        jax.grad(lambda factor: function(at, factor * state)),
        jax.grad(lambda factor: function(factor * at, factor * state)),
    ):
        with pytest.raises(TypeError, match=r"derivative by 'state'.*jax\.lax\.stop_gradient"):
            jit(refused)(1.0)
    stopped = jax.grad(lambda x: function(x, jax.lax.stop_gradient(x[0] / x[0] * state)))
    near(jit(stopped)(at), jacobian(circuit, sums[:1], np.array(at), np.array(state))[0])


@pytest.mark.parametrize("name", ["float64", "float32", "float16", "bfloat16"])
def test_results_have_the_dtype_of_the_parameters(name, jit, circuit, sums, rng):
    kind, at = jnp.dtype(name), rng.normal(size=5)
    for observable in (sums[0], sums):
        function = Expectation(circuit, observable)
        params = jnp.array(at, kind)
        exact = np.asarray(params, np.float64)
        values, slope = (
            jit(function)(params),
            jit(jax.grad(lambda x, f=function: f(x).sum()))(params),
        )
        assert (values.dtype, slope.dtype) == (kind, kind)
        limit = 20 * float(jnp.finfo(kind).eps)
        near(np.asarray(values, np.float64), function(exact), limit)
        near(
            np.asarray(slope, np.float64), jax.jacrev(function)(exact).reshape(-1, 5).sum(0), limit
        )


def test_single_precision_is_what_jax_begins_with(jit, circuit, sums, rng):
    at, state = rng.normal(size=5), oracle.random_state(rng, N, np.complex64)
    function = Expectation(circuit, sums[0])
    with x64(False):
        value, gradient = jit(jax.value_and_grad(function))(jnp.array(at))
        assert (value.dtype, gradient.dtype) == (np.float32, np.float32)
        near(gradient, jacobian(circuit, sums[:1], at)[0], 1e-5)
        found = jit(function)(at, state)
        assert found.dtype == np.float32
        near(found, circuit.expectation(sums[0], at, state=state), 1e-5)


def test_a_step_is_one_gradient(circuit, sums, rng):
    function, at = Expectation(circuit, sums[0]), rng.normal(size=5)
    step = jax.jit(jax.value_and_grad(function))
    step(at)  # compiled
    function.circuit = counted = Counted(function.circuit)
    near(step(at)[1], jacobian(circuit, sums[:1], at)[0])
    assert counted.calls == ["gradient"]


def test_refusals_come_through_where_all_is_finite(rng):
    """Only where a parameter is not finite is the call made once more without it."""
    function = Expectation(nk.Circuit(1).ry(3 * nk.Parameter("a"), 0), "Z")
    with pytest.raises(ValueError, match="NaN or an infinity"):
        function(jnp.array([1e308]))


def test_what_is_not_finite_gives_nan(jit, circuit, sums, rng):
    """For its state alone, as elsewhere in JAX."""
    at = rng.normal(size=(3, 5))
    at[1, 2] = np.inf
    for observable in (sums[0], sums):
        function = Expectation(circuit, observable)
        values = jit(function)(jnp.array(at))
        slope = jit(jax.grad(lambda x, f=function: f(x).sum()))(jnp.array(at))
        for found in (values, slope):
            assert np.isnan(found[1]).all()
            assert np.isfinite(found[::2]).all()
        assert np.isnan(jit(function)(jnp.full(5, jnp.nan))).all()


def test_no_copies(circuit, sums, rng, monkeypatch):
    """Arrays in JAX's memory are read there, under jit too."""
    function, seen = Expectation(circuit, sums[0]), []
    work = function.values_and_gradient

    def watched(params, state):
        seen.append((params.ctypes.data, state.ctypes.data))
        return work(params, state)

    monkeypatch.setattr(function, "values_and_gradient", watched)
    params, state = jnp.array(rng.normal(size=5)), jnp.array(oracle.random_state(rng, N))
    for run in (jax.grad(function), jax.jit(jax.grad(function))):
        run(params, state)
        assert seen.pop() == (params.unsafe_buffer_pointer(), state.unsafe_buffer_pointer())


def test_parameters_by_name(jit, rng):
    a, b = nk.Parameter("a"), nk.Parameter("b")
    function = Expectation(nk.Circuit(1).ry(a, 0).rx(b, 0), "Z")
    data, weight = rng.normal(size=4), 0.3
    values, slope = jit(jax.value_and_grad(lambda w: function({a: data, "b": w}).sum()))(weight)
    near(values, (np.cos(data) * np.cos(weight)).sum())
    near(slope, -(np.cos(data) * np.sin(weight)).sum())
    near(jit(jax.grad(function))({"a": 0.5, "b": 0.0})["a"], -np.sin(0.5))
    with pytest.raises(nk.ParameterError, match='"b"'):
        jit(function)({"a": data})
    near(Expectation(nk.Circuit(1).h(0), "X")({}), 1.0)


def test_numbers_become_arrays(jit, circuit, sums, rng):
    function, at = Expectation(circuit, sums[0]), rng.normal(size=5)
    near(jit(function)(at), circuit.expectation(sums[0], at))
    near(function(at.tolist()), circuit.expectation(sums[0], at))
    near(jit(function)(jnp.arange(5)), circuit.expectation(sums[0], np.arange(5)))


def test_functions_pickle(circuit, sums, rng):
    function, at = Expectation(circuit, sums), rng.normal(size=5)
    near(pickle.loads(pickle.dumps(function))(at), function(at))


def test_refusals(jit, circuit, sums, rng):
    function, at = Expectation(circuit, sums[0]), jnp.array(rng.normal(size=5))
    state = jnp.zeros(2**N)
    for arguments, error, message in (
        ((at * 1j,), TypeError, "'params' has dtype complex128"),
        ((at, state), TypeError, "'state' has dtype float64"),
        ((at[:2],), ValueError, r"'params' has shape \(2,\) for 5 parameters"),
        ((at, state[:2] * 1j), ValueError, r"'state' has shape \(2,\) for 3 qubits"),
    ):
        with pytest.raises(error, match=message):
            jit(function)(*arguments)
