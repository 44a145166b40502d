"""Circuits in PyTorch, against NumPy alone and PyTorch's own checks."""

import pickle

import numpy as np
import pytest

import numket as nk
import oracle
from helpers_gradient import Counted, differences, mean, random_circuit, random_sum

torch = pytest.importorskip("torch")

from numket.torch import Expectation, _array  # noqa: E402

func = torch.func
N = 3
SECOND = "second derivatives of expectation values are not available"
FORWARD = "forward-mode derivatives of expectation values are not available"

OF_JVP = pytest.mark.filterwarnings("ignore:.*torch.jit.script:FutureWarning")  # PyTorch's own


@pytest.fixture
def circuit(rng):
    """Of five parameters."""
    return random_circuit(rng, N, 8, ["ry", "crx", "rzz", "u"])


@pytest.fixture
def sums(rng):
    return [nk.PauliSum(random_sum(rng, N)) for _ in range(2)]


def tensor(rng, *shape, **options):
    return torch.tensor(rng.normal(size=shape), **options)


def jacobian(circuit, observables, params, state=None):
    """What `Circuit.gradient` gives for each row of parameters and each observable."""
    return np.array(
        [
            [circuit.gradient(each, row.detach().numpy(), state=state)[1] for each in observables]
            for row in params.reshape(-1, 5)
        ]
    ).reshape(*params.shape[:-1], -1, 5)


def near(found, expected, limit=1e-12):
    np.testing.assert_allclose(found.detach().numpy(), expected, rtol=0, atol=limit)


def test_against_differences(circuit, rng):
    terms, at = random_sum(rng, N), rng.normal(size=5)
    matrix = oracle.pauli_sum(terms.items(), N)
    params = torch.tensor(at, requires_grad=True)
    value = Expectation(circuit, nk.PauliSum(terms))(params)
    value.backward()
    start = nk.zero_state(N)
    near(value, mean(circuit, start, at, matrix))
    near(params.grad, differences(lambda point: mean(circuit, start, point, matrix), at), 1e-6)


def test_the_checks_of_pytorch(circuit, sums, rng):
    state = torch.tensor(np.stack([oracle.random_state(rng, N) for _ in range(2)]))
    for observable in (sums[0], sums):
        function = Expectation(circuit, observable)
        for shape, start in (((5,), None), ((2, 5), None), ((5,), state), ((2, 5), state[0])):
            params = tensor(rng, *shape, requires_grad=True)
            assert torch.autograd.gradcheck(lambda at, f=function, s=start: f(at, s), (params,))


def test_a_loss_of_several_values(circuit, sums, rng):
    """Weights that differ from row to row, and one backward pass."""
    function = Expectation(circuit, sums)
    params, wanted = tensor(rng, 4, 5, requires_grad=True), tensor(rng, 4, 2)
    values = function(params)
    ((values - wanted) ** 2).sum().backward()
    weights = 2 * (values - wanted).detach().numpy()
    near(params.grad, np.einsum("bo,bop->bp", weights, jacobian(circuit, sums, params)))


def test_transforms(circuit, sums, rng):
    one, several = Expectation(circuit, sums[0]), Expectation(circuit, sums)
    params = tensor(rng, 4, 5)
    expected = jacobian(circuit, sums, params)
    near(func.grad(one)(params[0]), expected[0, 0])
    near(func.vmap(one)(params), one(params))
    near(func.vmap(several, 1)(params.T), several(params))
    near(func.vmap(func.grad(one))(params), expected[:, 0])
    near(func.grad(lambda at: func.vmap(one)(at).sum())(params), expected[:, 0])
    near(func.vmap(func.vmap(func.grad(one)))(params[None]), expected[None, :, 0])
    near(func.vmap(func.jacrev(several))(params), expected)
    near(torch.autograd.functional.jacobian(several, params[0]), expected[0])
    both = torch.ones(2, dtype=torch.float64)
    found = func.vmap(lambda at: func.vjp(several, at)[1](both)[0])(params)
    near(found, expected.sum(1))


def test_transforms_with_states(circuit, sums, rng):
    one, several = Expectation(circuit, sums[0]), Expectation(circuit, sums)
    states = torch.tensor(np.stack([oracle.random_state(rng, N) for _ in range(4)]))
    params = tensor(rng, 4, 5)
    near(func.vmap(one)(params, states), one(params, states))
    near(func.vmap(several, (None, 0))(params[0], states), several(params[0], states))
    near(func.vmap(one, (0, None))(params, states[0]), one(params, states[0]))
    # An axis that is mapped for the state alone, and one that only the parameters have.
    near(func.vmap(one, (None, 0))(params, states), one(params, states[:, None]))
    found = func.vmap(func.grad(one), (None, 0))(params[0], states)
    for row, state in zip(found, states, strict=True):
        near(row, jacobian(circuit, sums[:1], params[0], state.numpy())[0])


@OF_JVP
@pytest.mark.parametrize("is_single", [True, False])
def test_second_derivatives_are_refused(is_single, circuit, sums, rng):
    function = Expectation(circuit, sums[0] if is_single else sums)
    params = tensor(rng, 5, requires_grad=True)

    def loss(at):
        return function(at).sum()

    (first,) = torch.autograd.grad(loss(params), params, create_graph=True)
    near(first, jacobian(circuit, sums[: 1 if is_single else 2], params).sum(0))
    at = params.detach()
    for call in (
        lambda: first.sum().backward(),
        lambda: torch.autograd.functional.hessian(loss, at),
        lambda: func.grad(lambda x: func.grad(loss)(x).sum())(at),
        lambda: func.jacrev(func.jacrev(loss))(at),
        lambda: func.jvp(func.grad(loss), (at,), (at,)),
    ):
        with pytest.raises(NotImplementedError, match=f"{SECOND}|{FORWARD}"):
            call()


@OF_JVP
def test_forward_mode_is_refused(circuit, sums, rng):
    function, at = Expectation(circuit, sums[0]), tensor(rng, 5)
    for call in (lambda: func.jacfwd(function)(at), lambda: func.jvp(function, (at,), (at,))):
        with pytest.raises(NotImplementedError, match=FORWARD):
            call()
    with (
        torch.autograd.forward_ad.dual_level(),
        pytest.raises(NotImplementedError, match=FORWARD),
    ):
        function(torch.autograd.forward_ad.make_dual(at, at))


def test_derivatives_by_the_state_are_refused(circuit, sums, rng):
    function, at = Expectation(circuit, sums[0]), tensor(rng, 5)
    state = torch.tensor(oracle.random_state(rng, N), requires_grad=True)
    with pytest.raises(ValueError, match=r"'state' requires a gradient.*state\.detach\(\)"):
        function(at, state)
    with pytest.raises(ValueError, match="'state' requires a gradient"):
        func.grad(lambda factor: function(at, factor * state.detach()))(torch.ones(()))
    with torch.no_grad():
        near(function(at, state), function(at, state.detach()))


@pytest.mark.parametrize("name", ["float64", "float32", "float16", "bfloat16"])
def test_results_have_the_dtype_of_the_parameters(name, circuit, sums, rng):
    kind, at = getattr(torch, name), rng.normal(size=5)
    for observable in (sums[0], sums):
        function = Expectation(circuit, observable)
        params = torch.tensor(at, dtype=kind, requires_grad=True)
        values = function(params)
        values.sum().backward()
        assert (values.dtype, params.grad.dtype) == (kind, kind)
        exact = params.detach().double().requires_grad_()
        function(exact).sum().backward()
        limit = 20 * torch.finfo(kind).eps
        near(values.double(), function(exact).detach(), limit)
        near(params.grad.double(), exact.grad, limit)


def test_states_in_single_precision(circuit, sums, rng):
    at, state = tensor(rng, 5), oracle.random_state(rng, N, np.complex64)
    function = Expectation(circuit, sums[0])
    found = function(at, torch.tensor(state))
    assert found.dtype == torch.float64
    near(found, function(at, torch.tensor(state.astype(complex))), 1e-5)
    near(found, circuit.expectation(sums[0], at.numpy(), state=state))


def test_no_copies():
    for kind in (torch.float64, torch.float32, torch.complex128, torch.complex64):
        given = torch.zeros(8, dtype=kind, requires_grad=True)
        assert _array(given).ctypes.data == given.data_ptr()
    conjugated = torch.tensor([1, 2j]).conj()
    assert _array(conjugated).tolist() == [1, -2j]


def test_no_gradient_where_none_is_wanted(circuit, sums, rng, monkeypatch):
    function, params = Expectation(circuit, sums[0]), tensor(rng, 5, requires_grad=True)
    near(function(params), function(params.detach()))
    monkeypatch.setattr(function, "values_and_gradient", None)
    with torch.no_grad():
        assert not function(params).requires_grad
    assert not function(params.detach()).requires_grad


def test_a_step_is_one_gradient(circuit, sums, rng):
    function, params = Expectation(circuit, sums[0]), tensor(rng, 5, requires_grad=True)
    function.circuit = counted = Counted(function.circuit)
    function(params).backward()
    assert counted.calls == ["gradient"]
    near(params.grad, jacobian(circuit, sums[:1], params)[0])


def test_parameters_by_name(rng):
    a, b = nk.Parameter("a"), nk.Parameter("b")
    function = Expectation(nk.Circuit(1).ry(a, 0).rx(b, 0), "Z")
    data, weight = tensor(rng, 4), tensor(rng, requires_grad=True)
    values = function({a: data, "b": weight})
    near(values, np.cos(data.numpy()) * np.cos(weight.item()))
    values.sum().backward()
    near(weight.grad, -(np.cos(data.numpy()) * np.sin(weight.item())).sum())
    near(function({"a": 0.5, "b": 0}), np.float32(np.cos(0.5)))
    with pytest.raises(nk.ParameterError, match='"b"'):
        function({"a": data})
    near(Expectation(nk.Circuit(1).h(0), "X")({}), 1.0)


def test_numbers_become_tensors(circuit, sums, rng):
    function, at = Expectation(circuit, sums[0]), rng.normal(size=5)
    near(function(at), circuit.expectation(sums[0], at))
    near(function(at.tolist()), function(torch.tensor(at, dtype=torch.float32)))
    whole = function(torch.arange(5))
    assert whole.dtype == torch.float32
    near(whole, circuit.expectation(sums[0], np.arange(5)), 1e-6)


def test_in_a_module(rng):
    """Weights are trained, pickled and loaded as those of any layer."""

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            circuit = nk.Circuit(2).ry(nk.Parameter("x"), 0).ry(nk.Parameter("w"), 0).cx(0, 1)
            self.mean = Expectation(circuit, "IZ")
            self.weight = torch.nn.Parameter(torch.tensor(0.3, dtype=torch.float64))

        def forward(self, x):
            return self.mean({"x": x, "w": self.weight})

    model, data = Model(), tensor(rng, 8)
    optimizer = torch.optim.Adam(model.parameters(), 0.1)
    for _ in range(100):
        optimizer.zero_grad()
        loss = ((model(data) - torch.cos(data + 0.7)) ** 2).mean()
        loss.backward()
        optimizer.step()
    assert loss < 1e-4
    other = pickle.loads(pickle.dumps(model.mean))
    near(other({"x": data, "w": model.weight}), model(data).detach())


@pytest.mark.filterwarnings("ignore")  # those of PyTorch's compiler
def test_compiled_programs(circuit, sums, rng):
    """`torch.compile` breaks the graph at a call, and computes the same."""
    function, params = Expectation(circuit, sums[0]), tensor(rng, 5, requires_grad=True)
    expected = torch.autograd.grad(function(params) ** 2, params)[0]
    compiled = torch.compile(lambda at: function(at) ** 2, backend="eager")
    near(torch.autograd.grad(compiled(params), params)[0], expected)


def test_refusals(circuit, sums, rng):
    function, at = Expectation(circuit, sums[0]), tensor(rng, 5)
    state = torch.zeros(2**N, dtype=torch.float64)
    for arguments, error, message in (
        ((at * 1j,), TypeError, r"'params' has dtype torch\.complex128"),
        ((at, state), TypeError, r"'state' has dtype torch\.float64"),
        ((at[:2],), ValueError, r"'params' has shape \(2,\) for 5 parameters"),
        ((at, state[:2] * 1j), ValueError, r"'state' has shape \(2,\) for 3 qubits"),
        ((at * torch.nan,), ValueError, "NaN or an infinity"),
    ):
        with pytest.raises(error, match=message):
            function(*arguments)
