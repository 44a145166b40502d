"""Every picture: what it shows, what it says of states that are not right, and what it refuses."""

import subprocess
import sys

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot
from matplotlib.colors import to_rgb

import numket as nk
import oracle
from numket import plot
from numket.plot import _canvas

HUGE = 2**20
"""Of basis states: 20 qubits."""


def ghz(n):
    state = nk.zero_state(n)
    nk.h(state, 0)
    for q in range(1, n):
        nk.cx(state, 0, q)
    return state


def with_nan(n):
    state = ghz(n)
    state[1] = np.nan
    return state


PICTURES = {
    "histogram": lambda ax=None: plot.histogram(ghz(3), ax=ax),
    "histogram of counts": lambda ax=None: plot.histogram({"00": 3, "11": 5}, ax=ax),
    "phases": lambda ax=None: plot.phases(ghz(3), ax=ax),
    "pauli_map": lambda ax=None: plot.pauli_map(ghz(3), ax=ax),
    "circles": lambda ax=None: plot.pauli_map(ghz(3), circles=True, ax=ax),
    "entropy": lambda ax=None: plot.entropy(ghz(3), ax=ax),
    "entropy of qubits": lambda ax=None: plot.entropy(ghz(3), of="qubits", ax=ax),
    "correlations": lambda ax=None: plot.correlations(ghz(3), ax=ax),
    "density": lambda ax=None: plot.density(ghz(3), ax=ax),
    "evolution": lambda ax=None: plot.evolution(np.eye(3), ax=ax),
    "convergence": lambda ax=None: plot.convergence({"a": [1, 2], "b": [2, 1]}, exact=0, ax=ax),
    "timings": lambda ax=None: plot.timings({"NumPy": 2, "numket": 0.1}, ax=ax),
    "timings over sizes": lambda ax=None: plot.timings({"numket": {4: 0.1, 6: 0.2}}, ax=ax),
}
OF_STATES = {
    "histogram": plot.histogram,
    "phases": plot.phases,
    "pauli_map": plot.pauli_map,
    "circles": lambda state: plot.pauli_map(state, circles=True),
    "correlations": plot.correlations,
    "density": plot.density,
}


def drawn(ax):
    """The pixels of a picture, red, green, blue and opacity, from 0 to 255."""
    canvas = ax.figure.canvas
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())


def title(ax):
    return ax.get_title(loc="right")


def texts(ax):
    return [text.get_text().strip() for text in ax.texts]


def contrast(one, other):
    """That of two colours as the Web Content Accessibility Guidelines define it."""

    def luminance(colour):
        parts = np.array(to_rgb(colour))
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


# Of all pictures.


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_transparent_and_grey(name):
    ax = PICTURES[name]()
    assert isinstance(ax, matplotlib.axes.Axes)
    pixels = drawn(ax)
    assert pixels[0, 0, 3] == 0
    assert (pixels[..., 3] == 0).mean() > 0.3
    assert (pixels[..., 3] == 255).any()
    labels = [*ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label, ax.yaxis.label]
    assert {text.get_color() for text in labels} <= {_canvas.GREY, _canvas.GREY_Y}
    for text in ax.texts:
        assert text.get_color() in (_canvas.GREY, _canvas.VERMILION)


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_go_where_they_are_asked_to(name):
    figure, (left, right) = pyplot.subplots(1, 2)
    assert PICTURES[name](left) is left
    assert not right.has_data()
    assert left.figure is figure
    drawn(left)
    with pytest.raises(TypeError, match="'ax' is a str; use axes of matplotlib"):
        PICTURES[name]("left")


@pytest.mark.parametrize("name", [*PICTURES, "circuit", "style", "style of ours"])
def test_notebooks_put_no_ground_under_pictures(name):
    """Jupyter does under figures whose background is said to be transparent."""
    from matplotlib_inline.backend_inline import _fetch_figure_metadata

    if name == "circuit":
        figure = nk.Circuit(2).h(0).draw("mpl").figure
    elif name == "style":
        with pyplot.style.context("numket.plot.clear"):
            figure, ax = pyplot.subplots()
            ax.plot([1, 2], label="line")
            ax.legend()
            cycle = pyplot.rcParams["axes.prop_cycle"].by_key()["color"]
        labels = [ax.yaxis.label, ax.title, *ax.get_xticklabels(), *ax.get_legend().get_texts()]
        assert {to_rgb(text.get_color()) for text in labels} == {to_rgb(_canvas.GREY)}
        assert cycle == list(_canvas.SERIES)
    elif name == "style of ours":
        with pyplot.style.context("numket.plot.clear"):
            figure, axes = pyplot.subplots(1, 2)
            plot.evolution(np.eye(3), ax=axes[0])
            plot.histogram(ghz(3), ax=axes[1])
    else:
        figure = PICTURES[name]().figure
    assert _fetch_figure_metadata(figure) is None
    assert drawn(figure.axes[0])[0, 0, 3] == 0


def test_text_is_readable_on_light_and_on_dark():
    for colour in (_canvas.GREY, _canvas.VERMILION, _canvas.NEGATIVE):
        for ground in ("white", "black", "#111111"):
            assert contrast(colour, ground) > 3.7
    phases = [_canvas.PHASE(x) for x in np.linspace(0, 1, 100)]
    for colour in (*_canvas.SERIES, *phases):
        for ground in ("white", "#111111"):
            assert contrast(colour[:3] if len(colour) == 4 else colour, ground) > 2.2


def test_equal_phases_have_equal_colours():
    assert _canvas.PHASE(0.0) == _canvas.PHASE(1.0)
    at = {0.5: _canvas.BLUE, 0.75: _canvas.PINK, 0.0: _canvas.VERMILION, 0.25: _canvas.GREEN}
    for place, colour in at.items():
        assert np.allclose(_canvas.PHASE(place)[:3], to_rgb(colour), atol=0.01)


def test_importing_numket_loads_no_matplotlib():
    code = "import sys, numket; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_without_matplotlib():
    code = "import sys; sys.modules['matplotlib'] = None; import numket.plot"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.endswith(
        "ImportError: a plot needs matplotlib: use pip install 'numket[plot]'\n"
    )


@pytest.mark.parametrize("name", OF_STATES)
def test_norms_other_than_1_are_named(name):
    ax = OF_STATES[name](2 * ghz(3))
    assert "4, not 1" in title(ax) if name == "density" else "norm 2, not 1" in title(ax)
    assert "not 1" not in title(OF_STATES[name](ghz(3).astype(np.complex64)))
    drawn(ax)


@pytest.mark.parametrize("name", OF_STATES)
def test_nan_is_shown(name):
    ax = OF_STATES[name](with_nan(3))
    assert "NaN" in title(ax)
    assert drawn(ax)[..., 3].any()


@pytest.mark.parametrize("name", OF_STATES)
def test_what_is_no_state_is_refused(name):
    for wrong in ([1, 0], None, "00", np.zeros(8, int), np.zeros(3, complex)):
        with pytest.raises((TypeError, ValueError), match=r"use|needs|is"):
            OF_STATES[name](wrong)
    assert not pyplot.get_fignums()


@pytest.mark.parametrize("name", OF_STATES)
def test_kets_and_tensors(name):
    state = oracle.random_state(np.random.default_rng(1), 3)
    expected = drawn(OF_STATES[name](state))
    tensor = state.reshape(2, 2, 2).transpose(2, 1, 0).copy().transpose(2, 1, 0)
    assert np.array_equal(drawn(OF_STATES[name](nk.Ket(state))), expected)
    assert np.array_equal(drawn(OF_STATES[name](tensor)), expected)


# Each picture.


@pytest.mark.parametrize("name", OF_STATES)
def test_real_states(name):
    drawn_as = []
    for dtype in (np.float64, np.complex128):
        state = nk.zero_state(3, dtype)
        nk.h(state, 0)
        nk.cx(state, 0, 2)
        nk.z(state, 0)
        drawn_as.append(drawn(OF_STATES[name](state)))
    assert np.array_equal(*drawn_as)


def test_real_density_matrices():
    ax = plot.density(np.diag([0.5, 0, 0, 0.5]))
    assert len(ax.patches) == 2


def test_histogram_of_a_state(rng):
    state = oracle.random_state(rng, 3)
    ax = plot.histogram(state)
    assert [label.get_text() for label in ax.get_yticklabels()] == [f"|{i:03b}⟩" for i in range(8)]
    assert np.allclose([bar.get_width() for bar in ax.patches], abs(state) ** 2)
    assert title(ax) == ""


def test_histogram_of_a_large_state():
    state = np.full(HUGE, 2.0**-10, complex)
    state[[5, 77]] = 0.125
    state /= np.linalg.norm(state)
    ax = plot.histogram(state, top=4)
    labels = [label.get_text().replace(" ", "") for label in ax.get_yticklabels()]
    assert labels == [f"|{i:020b}⟩" for i in (0, 1, 5, 77)]
    assert ax.get_yticklabels()[3].get_text() == "|0000 0000 0000 0100 1101⟩"
    share = np.sort(abs(state) ** 2)[-4:].sum()
    assert title(ax) == f"4 of 1,048,576 basis states, {100 * share:.3g} %"


def test_histogram_of_counts():
    counts = {"00": 600, "01": 100, "10": 0, "11": 300}
    ax = plot.histogram(counts)
    assert [bar.get_width() for bar in ax.patches] == [0.6, 0.1, 0.0, 0.3]
    assert ax.get_xlabel() == "share of 1,000 shots"
    lines = ax.collections[0].get_segments()
    errors = np.sqrt(np.array([0.6 * 0.4, 0.1 * 0.9, 0, 0.3 * 0.7]) / 1000)
    for segment, share, error in zip(lines, (0.6, 0.1, 0.0, 0.3), errors, strict=True):
        assert np.allclose(segment[:, 0], [share - error, share + error])
    assert ax.get_xlim()[1] > 0.6 + errors[0]
    few = plot.histogram(counts, top=2)
    assert [label.get_text() for label in few.get_yticklabels()] == ["00", "11"]
    assert title(few) == "2 of 4 outcomes, 90 %"


def test_histogram_of_draws():
    widths = []
    for data in (nk.Sampler(ghz(2)), ghz(2), nk.Ket(ghz(2))):
        ax = plot.histogram(data, shots=500, rng=7)
        assert ax.get_xlabel() == "share of 500 shots"
        widths.append([bar.get_width() for bar in ax.patches])
    assert widths[0] == widths[1] == widths[2]
    assert plot.histogram(nk.Sampler(ghz(2))).get_xlabel() == "share of 1,024 shots"


@pytest.mark.parametrize("top", [0, 65, -1])
def test_bars_that_cannot_be_told_apart(top):
    for function in (plot.histogram, plot.phases):
        with pytest.raises(ValueError, match=f"'top' is {top}; a picture shows 1 to 64 bars"):
            function(ghz(2), top=top)
        with pytest.raises(TypeError, match="'top'"):
            function(ghz(2), top=1.5)


@pytest.mark.parametrize("counts", [{}, {"0": 0}, {"0": 3, "1": -1}])
def test_counts_that_are_none(counts):
    with pytest.raises(ValueError, match=r"'data' holds no counts.*use those of numket\.counts"):
        plot.histogram(counts)


def test_phases(rng):
    state = oracle.random_state(rng, 3)
    state[2] = 0
    state[5] = abs(state[5]) * 1j
    ax = plot.phases(state / np.linalg.norm(state))
    colours = np.array([bar.get_facecolor() for bar in ax.patches])
    expected = _canvas.PHASE(np.angle(state) / (2 * np.pi) + 0.5)
    kept = np.arange(8) != 2
    assert np.allclose(colours[kept], expected[kept])
    assert texts(ax)[4] == "π/2"
    assert len(ax.texts) == 7
    wheel = ax.child_axes[0]
    assert texts(wheel) == ["0", "π/2", "π", "-π/2"]


@pytest.mark.parametrize(
    ("angle", "text"),
    [
        (0, "0"),
        (np.pi, "π"),
        (-np.pi / 2, "-π/2"),
        (2 * np.pi / 3, "2π/3"),
        (-3 * np.pi / 4, "-3π/4"),
        (np.pi / 8, "π/8"),
        (1.0, "0.318π"),
    ],
)
def test_names_of_phases(angle, text):
    assert texts(plot.phases(np.array([np.exp(1j * angle), 0])))[0] == text


def test_pauli_map(rng):
    state = oracle.random_state(rng, 4)
    ax = plot.pauli_map(state)
    image = ax.images[0]
    assert np.array_equal(image.get_array(), nk.bloch_vectors(state).T)
    assert image.get_clim() == (-1, 1)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["⟨X⟩", "⟨Y⟩", "⟨Z⟩"]
    assert plot.pauli_map(nk.zero_state(20)).images[0].get_array().shape == (3, 20)


def test_the_map_of_nothing_is_transparent():
    middle = plot.pauli_map(ghz(3)).images[0].to_rgba(np.zeros(1))
    assert middle[0, 3] < 0.02
    colours = plot.pauli_map(ghz(3)).images[0].to_rgba(np.array([-1.0, -0.3, 0.3, 1.0]))
    assert np.allclose(colours[[0, 1], :3], to_rgb(_canvas.NEGATIVE))
    assert np.allclose(colours[[2, 3], :3], to_rgb(_canvas.VERMILION))
    assert np.allclose(colours[:, 3], [1, 0.3, 0.3, 1], atol=0.01)


def test_circles():
    ax = plot.pauli_map(nk.ket("01").h(0).s(0).state, circles=True)
    tips = ax.collections[0]
    assert np.allclose(tips.get_offsets(), [[0, 0], [2.6, -1]])
    assert np.allclose(tips.get_array(), [1, 0])
    plot.pauli_map(nk.zero_state(8), circles=True)
    with pytest.raises(ValueError, match=r"'state' has 9 qubits; circles are drawn up to 8: leave"):
        plot.pauli_map(nk.zero_state(9), circles=True)


def test_states_without_qubits_are_refused():
    for function in (plot.pauli_map, plot.correlations):
        with pytest.raises(ValueError, match="has 0 qubits"):
            function(nk.zero_state(0))


def test_entropy(rng):
    state = oracle.random_state(rng, 5)
    line, bound = plot.entropy(state).lines
    assert np.array_equal(line.get_ydata(), nk.cut_entropies(state))
    assert np.array_equal(line.get_xdata(), [0.5, 1.5, 2.5, 3.5])
    assert np.array_equal(bound.get_ydata(), [1, 2, 2, 1])
    line, bound = plot.entropy(state, of="qubits").lines
    assert np.array_equal(line.get_ydata(), nk.qubit_entropies(state))
    assert np.array_equal(bound.get_ydata(), [1] * 5)
    assert "norm 2, not 1" in title(plot.entropy(2 * ghz(2)))


def test_entropies_that_are_refused():
    large = nk.zero_state(21)
    with pytest.raises(ValueError, match="'state' has 21 qubits; all cuts are drawn up to 20: use"):
        plot.entropy(large)
    assert len(plot.entropy(large, of="qubits").lines[0].get_ydata()) == 21
    for state, words in (
        (nk.zero_state(1), "1 qubit; it takes 2"),
        (nk.zero_state(0), "0 qubits; it takes 2"),
        (with_nan(3), "norm nan; there is no entropy"),
    ):
        with pytest.raises(ValueError, match=words):
            plot.entropy(state)
    with pytest.raises(ValueError, match="'of' is 'halves'; use 'cuts' or 'qubits'"):
        plot.entropy(ghz(2), of="halves")


@pytest.mark.parametrize("pauli", "XYZ")
def test_correlations(pauli, rng):
    state = oracle.random_state(rng, 4)
    for connected in (True, False):
        expected = nk.correlations(state, pauli, connected=connected)
        ax = plot.correlations(state, pauli, connected=connected)
        assert np.array_equal(ax.images[0].get_array(), expected)
        assert np.array_equal(plot.correlations(expected).images[0].get_array(), expected)


def test_correlations_that_are_none():
    for wrong in (np.zeros((2, 3)), np.zeros(4, int), np.zeros((0, 0))):
        with pytest.raises(ValueError, match="'data' has"):
            plot.correlations(wrong)
    holes = np.eye(3)
    holes[0, 1] = np.nan
    ax = plot.correlations(holes)
    assert title(ax) == "x: NaN or infinite"
    assert np.array_equal(ax.collections[0].get_offsets(), [[1, 0]])


def test_density(rng):
    state = oracle.random_state(rng, 2)
    rho = np.outer(state, state.conj())
    for data in (rho, state):
        squares = plot.density(data).patches
        areas = np.array([square.get_width() ** 2 for square in squares]).reshape(4, 4)
        assert np.allclose(areas, 0.94**2 * abs(rho) / abs(rho).max())
        colours = np.array([square.get_facecolor() for square in squares])
        assert np.allclose(colours, _canvas.PHASE(np.angle(rho) / (2 * np.pi) + 0.5).reshape(-1, 4))
        corners = np.array([square.get_center() for square in squares]).reshape(4, 4, 2)
        assert np.allclose(corners[1, 2], [2, 1])  # row 1, column 2
    ax = plot.density(np.zeros((2, 2), complex))
    assert not ax.patches
    assert texts(ax.child_axes[0]) == ["0", "π/2", "π", "-π/2"]


def test_densities_that_are_refused():
    plot.density(nk.zero_state(6))
    for data in (nk.zero_state(7), nk.density.zero_density(7)):
        with pytest.raises(ValueError, match=r"'data' has 7 qubits; squares .* to 6: use numket"):
            plot.density(data)
    for data in (np.zeros((3, 3), complex), np.zeros((2, 4), complex), np.zeros((0, 0), complex)):
        with pytest.raises(ValueError, match="'data' has shape"):
            plot.density(data)


def test_evolution():
    values = np.linspace(-1, 1, 15).reshape(5, 3)
    ax = plot.evolution(values, np.linspace(0, 2, 5))
    image = ax.images[0]
    assert np.array_equal(image.get_array(), values.T)
    assert image.get_clim() == (-1, 1)
    assert np.allclose(image.get_extent(), (-0.25, 2.25, 2.5, -0.5))
    assert ax.get_xlabel() == "time"
    positive = plot.evolution(abs(values)).images[0]
    assert positive.get_clim() == (0, 1)
    assert positive.get_cmap().name == "numket_positive"


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (([1, 2],), ValueError, r"'values' has shape \(2,\); use 2 dimensions"),
        (([[1], [1, 2]],), ValueError, "'values' is no array.*use rows of one length"),
        (([["a"]],), TypeError, "'values' has dtype"),
        ((np.zeros((0, 3)),), ValueError, "none of length 0"),
        ((np.zeros((3, 2)), [0, 1]), ValueError, "'times' has shape .*use a time for each row"),
        ((np.zeros((3, 2)), [0, 1, 3]), ValueError, "'times' are not at equal .*np.linspace"),
        ((np.zeros((3, 2)), [2, 1, 0]), ValueError, "'times' are not at equal .*np.linspace"),
    ],
)
def test_evolutions_that_are_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        plot.evolution(*arguments)


def test_convergence():
    (line,) = plot.convergence([3.0, 2.0, 1.5]).lines
    assert list(line.get_ydata()) == [3.0, 2.0, 1.5]
    ax = plot.convergence({"a": [3.0, 2.0], "b": [1.0, 1.5]}, exact=1)
    assert [list(line.get_ydata()) for line in ax.lines] == [[2, 1], [0, 0.5]]
    assert ax.get_yscale() == "log"
    assert ax.get_ylabel() == "distance of energy from 1"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]
    assert title(plot.convergence([1, np.nan])) == "gaps: NaN or infinite"
    for courses in ({}, {str(i): [1] for i in range(7)}):
        with pytest.raises(ValueError, match=f"holds {len(courses)} courses; 1 to 6 can be told"):
            plot.convergence(courses)


def test_timings():
    ax = plot.timings({"NumPy": 0.3, "numket": 0.012})
    assert texts(ax) == ["300 ms, 25 times", "12 ms"]
    ends = [bar.get_x() + bar.get_width() for bar in ax.patches]
    assert np.allclose(ends, [0.3, 0.012])
    assert ax.get_xscale() == "log"
    lines = plot.timings({"a": {6: 3, 4: 1}, "b": {4: 2}}, label="layers")
    assert [list(line.get_xdata()) for line in lines.lines] == [[4, 6], [4]]
    assert [list(line.get_ydata()) for line in lines.lines] == [[1, 3], [2]]
    assert lines.get_xlabel() == "layers"


@pytest.mark.parametrize(
    ("seconds", "error", "words"),
    [
        ([1, 2], TypeError, "'seconds' is a list; use a dict of times"),
        ({}, ValueError, "holds no times"),
        ({"a": 0}, ValueError, "not positive"),
        ({"a": np.nan}, ValueError, "not positive"),
        ({"a": {}}, ValueError, "none of length 0"),
        ({"a": "fast"}, TypeError, "use real numbers"),
        ({str(i): {1: 1} for i in range(7)}, ValueError, "7 lines; 6 can be told apart"),
    ],
)
def test_timings_that_are_refused(seconds, error, words):
    with pytest.raises(error, match=words):
        plot.timings(seconds)
