# %% [markdown]
# # Twenty spins that will not let go
#
# Quarks cannot leave each other: the further apart they are, the more it costs. A chain of spins
# can do the same. We flip four of twenty spins and watch them for a while; then we turn on a weak
# field, which ties the two ends of the island together.
#
# $$H = -\sum_q Z_q Z_{q+1} - g \sum_q X_q - h \sum_q Z_q$$
#
# Where neighbours differ there is a *kink*, which costs the energy 2. The transverse field $g$
# lets kinks hop. With $h = 0$ that is all.

# %%
import numpy as np
from matplotlib import pyplot as plt

import numket as nk
from numket import plot

plt.style.use("numket.plot.clear")
n, g = 20, 0.3

# %% [markdown]
# ## A small step in time
# The terms of $H$ do not commute. But in a short time $\delta$ one may do half of the $X$
# rotations, all of $Z$, and the other half of $X$, with an error of the order $\delta^3$ (G.
# Strang, *SIAM Journal on Numerical Analysis* **5**, 506, 1968). That is a circuit. For four spins
# one step is


# %%
def steps(n, h, count, delta=0.1):
    circuit = nk.Circuit(n)
    for _ in range(count):
        circuit.rx(-g * delta, range(n))
        for q in range(n - 1):
            circuit.rzz(-2 * delta, q, q + 1)
        if h:
            circuit.rz(-2 * h * delta, range(n))
        circuit.rx(-g * delta, range(n))
    return circuit


steps(4, h=0.2, count=1)

# %% [markdown]
# ## A film of a million amplitudes
# Twenty spins are $2^{20}$ complex numbers: in single precision, an array of 8 MB. Each frame
# reads $\langle Z\rangle$ of all spins, and $\langle Z Z\rangle$ of all pairs, where we look at
# neighbours.


# %%
def film(h, frames=60, until=24):
    psi = nk.zero_state(n, np.complex64)
    nk.x(psi, range(8, 12))
    circuit = steps(n, h, count=round(10 * until / frames))
    spins, kinks = [], []
    for _ in range(frames + 1):
        spins.append(nk.bloch_vectors(psi)[:, 2])
        neighbours = np.diag(nk.correlations(psi, "Z", connected=False), 1)
        kinks.append((1 - neighbours) / 2)
        circuit.run(psi)
    return np.linspace(0, until, frames + 1), np.array(spins), np.array(kinks)


times, free_spins, free_kinks = film(h=0)

# %% [markdown]
# ## Free kinks: a light cone
# The island melts from its ends. A kink of momentum $k$ has the energy $2\sqrt{1 + g^2 - 2 g \cos
# k}$ (P. Pfeuty, *Annals of Physics* **57**, 79, 1970), so none is faster than $2g$: the dashed
# lines.

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.3))
plot.evolution(free_spins, times, label="⟨Z⟩", ax=left)
plot.evolution(free_kinks, times, label="kinks after qubit", ax=right)
for first, sign in ((7, -1), (11, 1)):
    right.plot(times, first + sign * 2 * g * times, "--", color="gray")
right.set(xlim=left.get_xlim(), ylim=(18.5, -0.5))
plt.show()

# %% [markdown]
# ## A weak field ties them together
# Now $h = 0.2$ prefers spins that are up. Each flipped spin costs $2h$ more, so two kinks at a
# distance $d$ cost $2 h d$: a string with a tension, as between quarks (B. M. McCoy and T. T. Wu,
# *Physical Review D* **18**, 1259, 1978; M. Kormos *et al.*, *Nature Physics* **13**, 246, 2017).

# %%
times, tied_spins, tied_kinks = film(h=0.2)
period = np.pi / 0.2

figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.3))
plot.evolution(tied_spins, times, label="⟨Z⟩", ax=left)
plot.evolution(tied_kinks, times, label="kinks after qubit", ax=right)
for ax in (left, right):
    ax.axvline(period, linestyle=":", color="gray")
plt.show()

# %% [markdown]
# The kinks do not fall towards each other. They go out, stop and return: on a lattice, a constant
# force $2h$ makes Bloch oscillations, of period $2\pi / 2h$, the dotted line. Then the island is
# back, nearly as it was:

# %%
frame = abs(times - period).argmin()
print(f"<Z> of the island: {free_spins[0, 8:12].mean():+.2f} at first")
for name, spins in (("free", free_spins), ("tied", tied_spins)):
    print(f"{name}: {spins[frame, 8:12].mean():+.2f} after t = {times[frame]:.1f}")

# %% [markdown]
# ## Who is entangled with the others?
# In the end, each spin that a free kink has passed is as entangled with the rest of the chain as a
# spin can be, by one bit. With the field, the ends of the chain never hear of what happened in the
# middle.

# %%
figure, axes = plt.subplots(1, 2, figsize=(9.5, 2.4), sharey=True)
for ax, h in zip(axes, (0, 0.2), strict=True):
    psi = nk.zero_state(n, np.complex64)
    nk.x(psi, range(8, 12))
    steps(n, h, count=240).run(psi)
    plot.entropy(psi, of="qubits", ax=ax)
    ax.set_title(f"h = {h}, t = 24")
plt.show()

# %% [markdown]
# ## Were the steps short enough?
# `nk.evolve` takes a state from one time to another without such steps: by a series of Chebyshev
# polynomials of $H$, whose error is bounded beforehand. Twelve spins will do to compare.

# %%
small = 12
terms = [("ZZ", (q, q + 1), -1) for q in range(small - 1)]
terms += [("X", q, -g) for q in range(small)] + [("Z", q, -0.2) for q in range(small)]
hamiltonian = nk.PauliSum(terms, num_qubits=small)

exact = nk.basis_state(small, "000011110000")
nk.evolve(exact, hamiltonian, 10)

for delta in (0.2, 0.1, 0.05):
    psi = nk.basis_state(small, "000011110000")
    steps(small, h=0.2, count=round(10 / delta), delta=delta).run(psi)
    error = abs(nk.bloch_vectors(psi)[:, 2] - nk.bloch_vectors(exact)[:, 2]).max()
    print(f"steps of {delta:<4}: no <Z> is off by more than {error:.1e}")

# %% [markdown]
# Half the step, a quarter of the error, as it should be; what the pictures show does not depend on
# it.
#
# Next: [where such chains are at rest](04_ground_state.ipynb).
