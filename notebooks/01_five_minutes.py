# %% [markdown]
# # Five minutes with numket
#
# numket applies quantum gates to a NumPy array that is yours. Three qubits and five minutes are
# enough to see how it goes, and that the world is stranger than it looks.

# %%
import numpy as np

import numket as nk
from numket import plot

# %% [markdown]
# ## A state is an array
# Three qubits are $2^3$ complex numbers. Make the array as you like; gates change it in place.

# %%
psi = np.zeros(8, dtype=complex)
psi[0] = 1  # |000>

nk.h(psi, 0)
nk.cx(psi, 0, 1)
nk.cx(psi, 1, 2)
psi.round(3)

# %% [markdown]
# Long arrays are hard to read. `nk.show` tells what matters:

# %%
nk.show(psi)

# %% [markdown]
# This is the state of D. M. Greenberger, M. A. Horne and A. Zeilinger (GHZ). If you measure, all
# qubits agree, and half of the time on 0. Here are a thousand shots;
# $10^{12}$ would take no longer:

# %%
counts = nk.counts(psi, 1000, rng=1)
ax = plot.histogram(counts)

# %% [markdown]
# ## Circuits
# A circuit has the same gates as methods, draws itself, and does them all in one call.

# %%
ghz = nk.Circuit(3).h(0).cx(0, 1).cx(1, 2)
ghz

# %%
again = nk.zero_state(3)
ghz.run(again)
np.allclose(again, psi)

# %% [markdown]
# ## Which qubit is which
# Qubit 0 is the first letter of a label, and the first axis of `psi.reshape(2, 2, 2)`. Any view of
# the array is a state too, also one with its axes in another order.

# %%
one = nk.basis_state(3, "100")
nk.x(one, 2)
nk.x(one.reshape(2, 2, 2).transpose(1, 2, 0), 0)  # axis 0 of this view is qubit 1
nk.show(one)

# %% [markdown]
# ## Something strange
# Ask each of three friends, far apart, for $X$ or $Y$ of their qubit; each answer is $+1$ or $-1$.
# `nk.expectation` reads the mean of the product of all three:

# %%
for question in ("XYY", "YXY", "YYX", "XXX"):
    print(question, round(nk.expectation(psi, question), 12))

# %% [markdown]
# The means are 1 or $-1$, so the products are certain. Now suppose that the answers were there
# before anyone asked: $x_0, y_0, x_1, \ldots$ Multiply the first three products. Each $y$ occurs
# twice and drops out, and what is left is $x_0 x_1 x_2 = (-1)^3 = -1$. But the last line says
# $+1$. There were no such answers (N. D. Mermin, *Physics Today* **43** (6), 9, 1990).
#
# Nor does any of the friends know anything alone. Their Bloch vectors are zero:

# %%
nk.bloch_vectors(psi).round(12) + 0

# %% [markdown]
# ## Angles, controls, and gates of your own
# Angles come before qubits, controls are named, and any matrix is a gate. The picture shows
# amplitudes with the colours of their phases.

# %%
nk.rz(psi, np.pi / 3, 1)
nk.x(psi, 2, controls=[0, 1], control_values=[1, 1])
nk.apply(psi, np.array([[0.6, -0.8], [0.8, 0.6]]), 2)
ax = plot.phases(psi)

# %% [markdown]
# ## Mistakes
# What makes no sense is refused before anything is written, with what to do instead.

# %%
before = psi.copy()
for mistake in (
    lambda: nk.h(psi, 3),
    lambda: nk.cx(psi, 1, 1),
    lambda: nk.rx(psi, float("nan"), 0),
    lambda: nk.h([1, 0], 0),
):
    try:
        mistake()
    except (TypeError, ValueError) as error:
        print(f"{type(error).__name__}: {error}")
np.array_equal(psi, before)

# %% [markdown]
# ## Where to go
# - You have a simulator already: [change one line](02_your_simulator.ipynb).
# - You like physics: [twenty spins](03_quench.ipynb), [a ground state](04_ground_state.ipynb),
#   [noise](05_noise.ipynb), [teleportation](08_teleportation.ipynb).
# - You want to know how it works: [under the hood](06_under_the_hood.ipynb).
# - You use Cirq, Qiskit, PennyLane or Qibo: [inside your framework](07_your_framework.ipynb).
