# %% [markdown]
# # Where a chain cannot decide
#
# Spins in a row would like to be like their neighbours; a field across tells each to lie down. Who
# wins? On paper the answer is exact, so this is a good place to see whether a computer is right.
#
# $$H = -\sum_q Z_q Z_{q+1} - g \sum_q X_q$$

# %%
import numpy as np
from matplotlib import pyplot as plt
from scipy.optimize import minimize

import numket as nk
from numket import plot

plt.style.use("numket.plot.clear")


def chain(n, g):
    bonds = [("ZZ", (q, q + 1), -1) for q in range(n - 1)]
    fields = [("X", q, -g) for q in range(n)]
    return nk.PauliSum(bonds + fields, num_qubits=n)


def plus(n):
    return np.full(2**n, 2 ** (-n / 2), dtype=complex)


chain(4, 0.5)

# %% [markdown]
# ## The ground state
# `nk.ground_state` finds the lowest energy and its state without ever writing down a matrix, which
# for twelve spins would have 16 million entries. It works in an array of ours, and starts from
# what is there: $|{+}{+}\cdots{+}\rangle$, which does not prefer up or down.

# %%
psi = plus(12)
energy, _ = nk.ground_state(chain(12, 0.5), state=psi)
print(f"energy {energy:.6f}")
nk.show(psi, top=6)

# %% [markdown]
# All up or all down, both at once, with some spins flipped here and there.
#
# ## What the exact solution says
# The chain is a gas of free fermions in disguise (E. Lieb, T. Schultz and D. Mattis, *Annals of
# Physics* **16**, 407, 1961; P. Pfeuty, *Annals of Physics* **57**, 79, 1970). Their energies are
# twice the singular values $\sigma_k$ of a matrix with $g$ on the diagonal and 1 beside it; the
# ground state has the energy $-\sum_k \sigma_k$, and the first excitation costs $2 \sigma_{\min}$.


# %%
def exact(n, g):
    sigma = np.linalg.svd(g * np.eye(n) + np.eye(n, k=1), compute_uv=False)
    return -sigma.sum(), 2 * sigma.min()


print("  g   energy     gap        both within 1e-10 of the formula")
for g in (0.2, 0.6, 1.0, 1.4):
    energies, _ = nk.ground_state(chain(12, g), k=2)
    found = energies[0], energies[1] - energies[0]
    right = np.allclose(found, exact(12, g), rtol=0, atol=1e-10)
    print(f"{g:>5} {found[0]:.6f} {found[1]:.2e}   {right}")

# %% [markdown]
# ## The transition
# We turn $g$ up and look at three things: what it costs to excite the chain, whether spins far
# apart agree, and how entangled one half is with the other. The start $|{+}{+}\cdots{+}\rangle$
# keeps to states that do not prefer up or down.

# %%
fields = np.linspace(0.1, 2, 39)
sizes = (6, 9, 12)
gaps, agree, entropies = (np.empty((3, len(fields))) for _ in range(3))
for row, n in enumerate(sizes):
    for column, g in enumerate(fields):
        energies, _ = nk.ground_state(chain(n, g), k=2)
        gaps[row, column] = energies[1] - energies[0]
        psi = plus(n)
        nk.ground_state(chain(n, g), state=psi)
        agree[row, column] = nk.correlations(psi, "Z")[1, n - 2]
        entropies[row, column] = nk.entanglement_entropy(psi, range(n // 2))

figure, panels = plt.subplots(1, 3, figsize=(9.5, 3))
names = ("energy gap", "⟨ZZ⟩ of spins near the ends", "entropy of one half, bits")
for ax, rows, name in zip(panels, (gaps, agree, entropies), names, strict=True):
    for n, row in zip(sizes, rows, strict=True):
        ax.plot(fields, row, ".", label=f"{n} spins")
    ax.axvline(1, linestyle=":", color="gray")
    ax.set(xlabel="g", title=name)
for n in sizes:
    panels[0].plot(fields, [exact(n, g)[1] for g in fields], "-", color="gray", linewidth=0.8)
panels[0].plot(fields, np.maximum(2 * (fields - 1), 0), "--", color="gray", linewidth=0.8)
panels[1].legend()
plt.show()

# %% [markdown]
# The lines are the formula for each size; the dashed one is an endless chain, whose gap closes at
# $g = 1$. Below it, spins agree however far apart; above it, they know nothing of each other; one
# whole bit of entanglement on the left is that of "all up and all down".

# %%
figure, panels = plt.subplots(1, 3, figsize=(9.5, 2.8))
for ax, g in zip(panels, (0.5, 1.0, 1.5), strict=True):
    psi = plus(12)
    nk.ground_state(chain(12, g), state=psi)
    plot.correlations(psi, "Z", ax=ax)
    ax.set_title(f"g = {g}")
plt.show()

# %% [markdown]
# ## At the critical point
# There the entropy of a half never settles. It grows like $\frac{c}{6} \log_2 n$ with the "central
# charge" $c$, which tells in which class the transition is: 1/2 for this chain (P. Calabrese and
# J. Cardy, *Journal of Statistical Mechanics* P06002, 2004).

# %%
sizes = np.arange(4, 17, 2)
halves = []
for n in sizes:
    psi = plus(n)
    nk.ground_state(chain(n, 1.0), state=psi)
    halves.append(nk.entanglement_entropy(psi, range(n // 2)))
slopes = 6 * np.diff(halves) / np.diff(np.log2(sizes))
limit = np.polynomial.Polynomial.fit(1 / (sizes[1:] - 1), slopes, 2)(0)
print("c between neighbouring sizes:", slopes.round(3))
print(f"c of an endless chain, extrapolated: {limit:.2f}")

figure, ax = plt.subplots()
ax.semilogx(sizes, halves, "o-", base=2)
ax.set(xlabel="spins", ylabel="entropy of one half, bits")
ax.set_xticks(sizes, map(str, sizes))
plt.show()

# %% [markdown]
# ## By a circuit
# A quantum computer would have to prepare this state. Take turns with the two parts of $H$, and
# let SciPy choose the angles (E. Farhi, J. Goldstone and S. Gutmann, arXiv:1411.4028). `gradient`
# gives it the energy and all derivatives at once. Either all bonds of a layer share an angle, and
# all fields, or each gate has its own.

# %%
n = 8
critical = chain(n, 1.0)
lowest, _ = exact(n, 1.0)


def ansatz(layers, shared):
    circuit = nk.Circuit(n).h(range(n))
    for layer in range(layers):
        for q in range(n - 1):
            circuit.rzz(nk.Parameter(f"b{layer}" if shared else f"b{layer},{q}"), q, q + 1)
        for q in range(n):
            circuit.rx(nk.Parameter(f"f{layer}" if shared else f"f{layer},{q}"), q)
    return circuit


def optimized(layers, shared=True):
    circuit, course = ansatz(layers, shared), []
    bonds, fields = (1, 1) if shared else (n - 1, n)
    grown = (np.arange(layers) + 0.5) / layers  # the bonds grow, the fields fade
    start = np.concatenate([[-g] * bonds + [g - 1] * fields for g in grown])

    def energy(angles):
        value, gradient = circuit.gradient(critical, angles)
        course.append(value)
        return value, gradient

    minimize(energy, start, jac=True, options={"maxiter": 100})
    return course


courses = {f"{2 * layers} angles": optimized(layers) for layers in (1, 2, 4)}
courses["60 angles"] = optimized(4, shared=False)
ax = plot.convergence(courses, exact=lowest)
for name, course in courses.items():
    print(f"{name}: {100 * (1 - min(course) / lowest):.1f} % above the ground state")

# %% [markdown]
# Eight angles come within a third of a per cent. With an angle for each gate the error is still
# falling when we stop.
#
# Next: [what noise does to entangled states](05_noise.ipynb).
