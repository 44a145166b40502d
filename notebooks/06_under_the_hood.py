# %% [markdown]
# # Under the hood
#
# Why can numket work in an array that somebody else made, in any order of axes, and be fast? Each
# claim below is something that you can run.

# %%
import tempfile
import timeit
import tracemalloc
from functools import partial
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import numket as nk

plt.style.use("numket.plot.clear")
rng = np.random.default_rng(1)


def random_state(n):
    psi = rng.normal(size=2**n) + 1j * rng.normal(size=2**n)
    nk.normalize(psi)
    return psi


# %% [markdown]
# ## A gate is a walk with a stride
# A gate on qubit $q$ mixes pairs of amplitudes whose index differs in one bit. In memory they lie
# a *stride* apart, and that is all a gate needs to know. By hand, Hadamard's gate is

# %%
psi = random_state(4)
by_hand = psi.copy()

q = 1
stride = 2 ** (4 - 1 - q)  # in amplitudes
for i in range(16):
    if not i & stride:  # bit 0: its partner has bit 1
        a, b = by_hand[i], by_hand[i + stride]
        by_hand[i], by_hand[i + stride] = (a + b) / np.sqrt(2), (a - b) / np.sqrt(2)

nk.h(psi, q)
np.allclose(psi, by_hand)

# %% [markdown]
# ## Nothing is copied
# NumPy tells `tracemalloc` of each array that it makes. What do `tensordot` and `nk.apply` make on
# the way, in units of the state?

# %%
psi = random_state(18)
H = np.array([[1, 1], [1, -1]]) / np.sqrt(2)


def in_numpy():
    tensor = psi.reshape((2,) * 18)
    return np.moveaxis(np.tensordot(H, tensor, axes=([1], [9])), 0, 9)


for name, run in (("tensordot", in_numpy), ("nk.apply", lambda: nk.apply(psi, H, 9))):
    tracemalloc.start()
    run()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"{name}: {peak / psi.nbytes:.1f} states")

# %% [markdown]
# ## Any strides will do
# Reverse the axes, take a column of a table, walk backwards, or map a file: if NumPy can describe
# it by strides, it is a state. Here the same gates go to five arrays that hold the same state in
# five ways.

# %%
n = 6
start = random_state(n)
tensor = start.copy().reshape((2,) * n)

table = np.zeros((2**n, 3), dtype=complex)
table[:, 1] = start
backwards = start[::-1].copy()
folder = tempfile.TemporaryDirectory()
on_disk = np.memmap(Path(folder.name) / "psi", dtype=complex, mode="w+", shape=2**n)
on_disk[:] = start

states = {
    "flat": start.copy(),
    "axes reversed": tensor.transpose().copy(order="C").transpose(),
    "a column": table[:, 1],
    "backwards": backwards[::-1],
    "a file": on_disk,
}
for psi in states.values():
    nk.h(psi, 0)
    nk.crx(psi, 0.7, 1, 4)
    nk.rzz(psi, 0.3, 2, 5)

for name, psi in states.items():
    same = np.allclose(psi.reshape(-1), states["flat"])
    print(f"{name:>14}: strides {[s // 16 for s in psi.strides]}, same state: {same}")

# %% [markdown]
# A vector in the order of Qiskit, where qubit 0 is the last bit, is a view with its axes reversed:

# %%
psi = nk.zero_state(3)
view = nk.little_endian(psi)
nk.x(view, 0)
print(f"shares memory: {np.shares_memory(psi, view)}, index {psi.argmax():03b}")

# %% [markdown]
# What cannot be right is refused before a byte is written: here all amplitudes would share one
# place.

# %%
one_place = np.lib.stride_tricks.as_strided(np.ones(1, complex), shape=(8,), strides=(0,))
try:
    nk.h(one_place, 0)
except ValueError as error:
    print(error)

# %% [markdown]
# ## Threads do not change a bit
# Sums are added up in one fixed tree, whoever does which part of it. So results have the same bits
# on one thread and on many, and a seed gives the same shots.


# %%
def brickwork(n, ry, cz):
    for layer in range(10):
        for q in range(n):
            ry(0.1 + 0.3 * layer + q, q)
        for q in range(layer % 2, n - 1, 2):
            cz(q, q + 1)


n = 16
circuit = nk.Circuit(n)
brickwork(n, circuit.ry, circuit.cz)

found = []
for count in (1, 2, 3):
    with nk.threads(count):
        psi = nk.zero_state(n)
        circuit.run(psi)
        shots = nk.sample(psi, 1000, rng=1)
        found.append((psi.tobytes(), shots.tobytes(), nk.expectation(psi, "Z" * n)))
all(one == found[0] for one in found)

# %% [markdown]
# ## The plan of a circuit
# Large states do not fit into the caches of a processor, so each gate by itself has to wait for
# memory. A circuit makes a plan. It fuses gates, and takes as many as it can on one *sweep*: a
# tile of the state is brought into the cache, all gates of the sweep are done there, and it goes
# back.

# %% tags=["nbval-ignore-output"]
circuit.explain()

# %% [markdown]
# What is that worth? The same gates one by one and as a circuit, measured here and now for some
# sizes:


# %% tags=["nbval-ignore-output"]
def seconds(run):
    return min(timeit.repeat(run, number=1, repeat=5))


factors = {}
for n in (8, 12, 16, 20):
    psi = nk.zero_state(n)
    one_by_one = seconds(partial(brickwork, n, partial(nk.ry, psi), partial(nk.cz, psi)))
    circuit = nk.Circuit(n)
    brickwork(n, circuit.ry, circuit.cz)
    factors[n] = one_by_one / seconds(partial(circuit.run, psi))

figure, ax = plt.subplots(figsize=(5, 2.5))
bars = ax.bar([str(n) for n in factors], list(factors.values()))
ax.bar_label(bars, [f"{factor:.0f}×" for factor in factors.values()])
ax.set(xlabel="qubits", title="gates one by one / as a circuit")
plt.show()

# %% [markdown]
# ## Many states at once
# A batch is an array with one more axis. Angles broadcast as in NumPy: here 500 spins turn by 500
# angles.

# %%
spins = np.zeros((500, 2), dtype=complex)
spins[:, 0] = 1
angles = np.linspace(0, 4 * np.pi, 500)
nk.rx(spins, angles, 0, batch=1)

figure, ax = plt.subplots(figsize=(6.5, 2.2))
ax.plot(angles / np.pi, nk.expectation(spins, "Z", batch=1), label="⟨Z⟩")
ax.plot(angles / np.pi, spins[:, 0].real, label="amplitude of |0⟩")
ax.set(xlabel="angle / π")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown]
# A full turn gives the spin back with a minus sign; it takes two to come home.
#
# Next: [inside your framework](07_your_framework.ipynb).
