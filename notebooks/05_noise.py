# %% [markdown]
# # Why Schrödinger's cat is so hard to keep
#
# A cat state of $n$ qubits is $(|0\cdots0\rangle + |1\cdots1\rangle)/\sqrt{2}$: all qubits agree,
# and nobody knows on what. We let noise get at it, and look at the same thing in two ways:
# exactly, by the density matrix, and by chance, one story at a time.

# %%
import numpy as np
from matplotlib import pyplot as plt

import numket as nk
from numket import density, plot

plt.style.use("numket.plot.clear")


def cat(n):
    circuit = nk.Circuit(n).h(0)
    for q in range(n - 1):
        circuit.cx(q, q + 1)
    return circuit


def noise(n, p, rounds=1):
    circuit = nk.Circuit(n)
    for _ in range(rounds):
        for q in range(n):
            circuit.apply_kraus(nk.channels.phase_flip(p), q)
    return circuit


cat(3) + noise(3, 0.05)

# %% [markdown]
# ## Exactly: the density matrix
# `numket.density` changes a $2^n \times 2^n$ array in place. Each square below is an entry; its
# colour is the phase. What makes it a cat is in the corners, far from the diagonal.

# %%
figure, panels = plt.subplots(1, 3, figsize=(9.5, 3))
for ax, rounds in zip(panels, (0, 5, 20), strict=True):
    rho = density.zero_density(2)
    density.run(rho, cat(2) + noise(2, 0.05, rounds))
    plot.density(rho, ax=ax)
    ax.set_title(f"{rounds} rounds, purity {density.purity(rho):.2f}")
plt.show()

# %% [markdown]
# In the end there is either a dead cat or a living one, as when you toss a coin.
#
# ## By chance: trajectories
# A density matrix of $n$ qubits is as large as a state of $2n$. Instead, one can run the circuit
# on a state and draw at each channel what the noise does this time. The mean over many runs is the
# value in the density matrix (J. Dalibard, Y. Castin and K. Mølmer, *Physical Review Letters*
# **68**, 580, 1992).

# %%
n, p = 4, 0.02
cat_with_noise = cat(n) + noise(n, p, rounds=3)

rho = density.zero_density(n)
density.run(rho, cat_with_noise)
exact = density.expectation(rho, "X" * n)
print(f"density matrix: {exact:.4f}")

estimate = cat_with_noise.trajectories(nk.zero_state(n), "X" * n, shots=2000, rng=1)
print(f"trajectories:   {estimate.mean:.4f} ± {estimate.standard_error:.4f}")

# %% [markdown]
# $\langle X \cdots X\rangle$ is 1 in a cat and 0 in the toss of a coin.
#
# ## Large cats die young
# A phase flip of any one qubit turns the cat into its opposite. So each round multiplies $\langle
# X\cdots X\rangle$ by $(1 - 2p)^n$: a cat of twice the size lives half as long. Lines are this
# formula, crosses the density matrix, and points the trajectories with their standard errors.

# %%
rounds = np.arange(0, 21, 2)
figure, ax = plt.subplots(figsize=(7, 3.8))
pulls = []
for n, colour in zip((1, 2, 4, 6), plt.rcParams["axes.prop_cycle"].by_key()["color"], strict=False):
    exact, means, errors = [], [], []
    for r in rounds:
        circuit = cat(n) + noise(n, p, r)
        rho = density.zero_density(n)
        density.run(rho, circuit)
        exact.append(density.expectation(rho, "X" * n))
        estimate = circuit.trajectories(nk.zero_state(n), "X" * n, shots=400, rng=10 * n + r)
        means.append(estimate.mean)
        errors.append(estimate.standard_error)
    assert np.allclose(exact, (1 - 2 * p) ** (n * rounds))
    pulls += [(m - x) / e for m, x, e in zip(means, exact, errors, strict=True) if e > 1e-9]
    ax.plot(rounds, (1 - 2 * p) ** (n * rounds), color=colour, linewidth=0.8)
    ax.plot(rounds, exact, "x", color=colour)
    ax.errorbar(rounds + 0.15, means, errors, fmt="o", markersize=3, color=colour, label=f"n = {n}")
ax.set(xlabel="rounds of noise", ylabel="⟨X…X⟩", xticks=rounds)
ax.legend()
plt.show()

# %% [markdown]
# ## Are the error bars honest?
# If they are, about 68 % of the means lie within one standard error of the exact value, and about
# 95 % within two.

# %%
pulls = np.abs(pulls)
for k in (1, 2, 3):
    print(f"within {k} standard errors: {(pulls < k).sum()} of {len(pulls)}")

# %% [markdown]
# And they shrink with the root of the number of shots: a hundred times as many, a tenth of the
# error.

# %%
n = 4
shots = 10 ** np.arange(1, 5)
found = [cat_with_noise.trajectories(nk.zero_state(n), "X" * n, int(k), rng=3) for k in shots]

figure, ax = plt.subplots()
ax.errorbar(shots, [e.mean for e in found], [e.standard_error for e in found], fmt="o")
ax.axhline((1 - 2 * p) ** (3 * n), color="gray", linestyle="--", label="exact")
ax.set(xscale="log", xlabel="shots", ylabel="⟨XXXX⟩")
ax.legend()
plt.show()

# %% [markdown]
# Ten shots that the noise happened to spare claim to be exact: an error bar is an estimate, too.
#
# ## Where density matrices end
# Sixteen qubits have a density matrix of $4^{16}$ entries, 64 GiB. A trajectory needs the 1 MiB of
# a state. Here is a cat of sixteen with all that can go wrong at once: qubits that lose their
# energy, phases that drift, and measurements that are read wrongly.

# %%
n = 16
circuit = cat(n)
for q in range(n):
    circuit.apply_kraus(nk.channels.amplitude_damping(0.01), q)
    circuit.apply_kraus(nk.channels.phase_damping(0.01), q)
circuit.measure(0, readout_error=(0.02, 0.05))

agree = nk.PauliSum([("ZZ", (q, q + 1), 1 / (n - 1)) for q in range(n - 1)], num_qubits=n)
mean, error, shots = circuit.trajectories(nk.zero_state(n), agree, shots=300, rng=5)
print(f"neighbours agree: <ZZ> = {mean:.3f} ± {error:.3f} after {shots} shots")

# %% [markdown]
# Only damping spoils it: a pair of ones agrees with $\langle ZZ\rangle = (1 - 2\gamma)^2$, a pair
# of zeros always, which makes

# %%
gamma = 0.01
print(f"{(1 + (1 - 2 * gamma) ** 2) / 2:.3f}")

# %% [markdown]
# With the same seed `rng` the runs are the same, however many threads share them.
#
# Next: [what happens under the hood](06_under_the_hood.ipynb).
