# %% [markdown]
# # Teleportation, step by step
#
# A qubit cannot be copied, and whoever measures it spoils it. Still it can be sent: with a pair of
# entangled qubits and two classical bits (C. H. Bennett *et al.*, *Physical Review Letters*
# **70**, 1895, 1993). We go through it slowly and look at the state at each step.

# %%
import numpy as np

import numket as nk
from numket import density, plot

# %% [markdown]
# ## What a measurement does
# Qubits of an entangled pair agree, though neither has a value of its own. `measure` draws an
# outcome and leaves the state that belongs to it:

# %%
pair = nk.ket("00").h(0).cx(0, 1)
print("probabilities of qubit 1:", pair.probabilities(1).round(3))
outcome = pair.measure(0, rng=4)
print(f"qubit 0 was measured: {outcome}")
print("probabilities of qubit 1:", pair.probabilities(1).round(3))

# %% [markdown]
# A thousand pairs at once are an array with a row for each. Each row draws for itself, and the two
# ends of a pair never differ.

# %%
pairs = np.zeros((1000, 4), dtype=complex)
pairs[:, 0] = 1
nk.h(pairs, 0, batch=1)
nk.cx(pairs, 0, 1, batch=1)
left, right = nk.measure(pairs, [0, 1], rng=1, batch=1).T
print(f"ones: {left.sum()} on the left, {right.sum()} on the right")
print(f"pairs that differ: {(left != right).sum()}")

# %% [markdown]
# ## The circuit
# Alice has qubit 0, in a state that she does not know. Qubits 1 and 2 become an entangled pair, of
# which Bob gets qubit 2. Alice measures her two qubits and phones Bob, who turns his accordingly.

# %%
send = nk.Circuit(3)
send.h(1).cx(1, 2)  # the pair
send.cx(0, 1).h(0).measure([0, 1])  # Alice
send.x(2, condition=1).z(2, condition=0)  # Bob
send

# %% [markdown]
# ## One step at a time
# The message is $0.6\,|0\rangle + 0.8i\,|1\rangle$. `nk.steps` runs one operation, hands over the
# state for us to look at, and goes on when asked.

# %%
psi = nk.zero_state(3)
psi.reshape(2, 2, 2)[:, 0, 0] = 0.6, 0.8j
walk = nk.steps(send, psi, rng=3)
nk.show(psi)

# %% [markdown]
# The pair:

# %%
next(walk)
next(walk)
nk.show(psi)

# %% [markdown]
# Alice brings her qubit into play. Four outcomes are equally likely, and each has 0.6 and 0.8
# somewhere:

# %%
next(walk)
next(walk)
nk.show(psi)

# %% [markdown]
# She measures. Two bits are known, and the rest of the state is qubit 2 alone:

# %%
next(walk)
print("bits:", walk.bits)
nk.show(psi)

# %% [markdown]
# Bob hears the bits, and does what they say:

# %%
for operation, _ in walk:
    (bit,) = operation.condition
    print(f"{operation.name} if bit {bit[0]} is {bit[1]}")
nk.show(psi)

# %% [markdown]
# The message has moved to qubit 2. Alice has nothing of it left:

# %%
ax = plot.pauli_map(psi, circles=True)

# %% [markdown]
# ## Does it always work?
# A hundred runs at once, each with outcomes of its own. Fidelity 1 means that Bob has the message.

# %%
runs = np.zeros((100, 2, 2, 2), dtype=complex)
runs[:, :, 0, 0] = 0.6, 0.8j
bits = send.run(runs, rng=7, batch=1)
message = np.array([0.6, 0.8j])
received = nk.reduced_density_matrix(runs, 2, batch=1)
fidelities = np.einsum("i,bij,j->b", message.conj(), received, message).real
outcomes, times = np.unique(bits, axis=0, return_counts=True)
for outcome, k in zip(outcomes, times, strict=True):
    print(f"bits {outcome}: {k} runs")
print(f"lowest fidelity: {fidelities.min():.6f}")

# %% [markdown]
# ## What if nobody phones?
# Before he hears the bits, Bob has the mean over Alice's outcomes. A density matrix tells it
# exactly: the toss of a coin, whatever the message. Nothing has travelled faster than light.

# %%
prepare = nk.Circuit(3).ry(2 * np.arccos(0.6), 0).s(0)  # the message, from |0>
for moment, circuit in (("before the call", send[:5]), ("after it", send)):
    rho = density.zero_density(3)
    density.run(rho, prepare + circuit)
    print(f"Bob's qubit {moment}:")
    print(density.partial_trace(rho, 2).round(3) + 0)

# %% [markdown]
# Start again at [five minutes](01_five_minutes.ipynb), or look at [all
# displays](../docs/displays.md).
