# %% [markdown]
# # Your simulator, one line changed
#
# Many of us have a small simulator in NumPy somewhere. Here is one. We change the line that
# applies a gate and keep all the rest.

# %%
import timeit
from functools import partial

import numpy as np
from matplotlib import pyplot as plt

import numket as nk
from numket import plot

plt.style.use("numket.plot.clear")

# %% [markdown]
# ## The simulator
# A gate is a matrix. `tensordot` contracts it with its axes of the state, and `moveaxis` brings
# the new axes to where the old ones were.

# %%
H = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
CX = np.eye(4)[[0, 1, 3, 2]]


def ry(theta):
    c, s = np.cos(theta / 2), np.sin(theta / 2)
    return np.array([[c, -s], [s, c]])


def apply_numpy(psi, gate, qubits):
    k = len(qubits)
    tensor = gate.reshape((2,) * 2 * k)
    psi = np.tensordot(tensor, psi, axes=(range(k, 2 * k), qubits))
    return np.moveaxis(psi, range(k), qubits)


def simulate(n, apply, layers=2):
    rng = np.random.default_rng(1)
    psi = np.zeros((2,) * n, dtype=complex)
    psi[(0,) * n] = 1
    for q in range(n):
        psi = apply(psi, H, [q])
    for _ in range(layers):
        for q in range(n):
            psi = apply(psi, ry(rng.uniform(0, np.pi)), [q])
        for q in range(n - 1):
            psi = apply(psi, CX, [q, q + 1])
    return psi


# %% [markdown]
# ## The line
# `nk.apply` takes the same matrix and the same qubits. It works in the array itself, whatever the
# order of its axes, and copies nothing.


# %%
def apply_numket(psi, gate, qubits):
    nk.apply(psi, gate, qubits)  # instead of tensordot and moveaxis
    return psi


# %% [markdown]
# ## The same result

# %%
before, after = simulate(10, apply_numpy), simulate(10, apply_numket)
print("largest difference below 1e-14:", abs(before - after).max() < 1e-14)
nk.show(after, top=5)

# %% [markdown]
# The old line leaves views with permuted axes behind. These are states, too, so both lines can be
# mixed while you change one after the other:

# %%
turned = apply_numpy(before, H, [3])
print("strides, in amplitudes:", [stride // 16 for stride in turned.strides])
nk.apply(turned, H, [3])  # and back
np.allclose(turned, before)

# %% [markdown]
# ## How much faster?
# Measured here and now, the best of five runs for each size; the numbers are how many times
# faster. Where states are small, the calls cost most; where they are large, the way through memory
# does.

# %% tags=["nbval-ignore-output"]
sizes = [6, 8, 10, 12, 14, 16, 18]


def seconds(run, n):
    return min(timeit.repeat(partial(run, n), number=1, repeat=5))


contestants = {
    "tensordot + moveaxis": partial(simulate, apply=apply_numpy),
    "nk.apply": partial(simulate, apply=apply_numket),
}
times = {name: {n: seconds(run, n) for n in sizes} for name, run in contestants.items()}
ax = plot.timings(times)
ax.margins(y=0.15)
for n, fast in times["nk.apply"].items():
    factor = times["tensordot + moveaxis"][n] / fast
    ax.annotate(f"{factor:.0f}×", (n, fast), (-6, -13), textcoords="offset points")
plt.show()

# %% [markdown]
# ## Two steps further
# Named gates need no matrix: `cx` moves amplitudes, `cz` changes signs. And a circuit knows all
# gates beforehand, fuses them, and goes through memory a few times instead of once for each gate.


# %%
def simulate_named(n, layers=2):
    rng = np.random.default_rng(1)
    psi = nk.zero_state(n)
    nk.h(psi, range(n))
    for _ in range(layers):
        for q in range(n):
            nk.ry(psi, rng.uniform(0, np.pi), q)
        for q in range(n - 1):
            nk.cx(psi, q, q + 1)
    return psi


def circuit(n, layers=2):
    rng = np.random.default_rng(1)
    made = nk.Circuit(n).h(range(n))
    for _ in range(layers):
        for q in range(n):
            made.ry(rng.uniform(0, np.pi), q)
        for q in range(n - 1):
            made.cx(q, q + 1)
    return made


def simulate_circuit(n):
    psi = nk.zero_state(n)
    circuit(n).run(psi)
    return psi


print(np.allclose(simulate_named(10), before.reshape(-1)))
print(np.allclose(simulate_circuit(10), before.reshape(-1)))
circuit(4)

# %% [markdown]
# All four on 18 qubits:

# %% tags=["nbval-ignore-output"]
contestants |= {"named gates": simulate_named, "a circuit": simulate_circuit}
ax = plot.timings({name: seconds(run, 18) for name, run in contestants.items()})

# %% [markdown]
# More such pairs of lines, before and after, are in [idioms](../docs/idioms.md). `numket bench
# dropin` measures them with care.
#
# Next: [physics with it](03_quench.ipynb).
