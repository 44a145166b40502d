#!/usr/bin/env bash
# jax 0.10.2: jnp.from_dlpack of a NumPy array that is aligned to 64 bytes shares its memory, so that the immutable
# JAX array changes when the NumPy array is written to. Of an array that is not so aligned it is a copy: the same line
# does one or the other by the address that NumPy happens to get.
#
# Seen: psi[1] = 5 makes the JAX array [1, 5] at an address that is a multiple of 64; 16 bytes further it stays [1, 0].
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q jax==0.10.2
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

import jax.numpy as jnp
import numpy as np

print("jax", version("jax"))
seen = {}
for offset in (0, 16):
    room = np.zeros(256, np.uint8)
    start = -room.ctypes.data % 64 + offset
    psi = room[start : start + 16].view(np.complex64)
    psi[:] = [1, 0]
    x = jnp.from_dlpack(psi)
    psi[1] = 5
    seen[offset] = np.asarray(x).real.tolist()
    print(f"address {offset} modulo 64: the JAX array is {x}")
assert seen == {0: [1, 5], 16: [1, 0]}, "the behaviour has changed"
PYTHON
