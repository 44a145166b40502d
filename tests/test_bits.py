"""Every bit of some hundreds of results is as recorded in `bits.json`, for each kind of lanes.

Where a change is meant to change results, `python tests/test_bits.py --write` records them anew,
for the kinds of lanes that this CPU has.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import numket as nk
from bit_cases import cases, filled
from numket import _core

FILE = Path(__file__).with_name("bits.json")
LANES = ("scalar", "neon", "avx2", "avx512")


def digest(results):
    """Of the types, shapes and bytes of some results; no number is a NaN, or infinite."""
    total = hashlib.sha256()
    for result in results:
        array = np.asarray(result)
        assert array.dtype.kind == "U" or np.isfinite(array).all()
        total.update(f"{array.dtype.str}{array.shape}".encode())
        total.update(array.tobytes())
    return total.hexdigest()[:16]


def digests():
    """Those of all cases on one thread, and of some on three: of larger states, where each call is
    shared among threads, and of batches that they share."""
    one, three = {}, {}
    for name, results in cases():
        with nk.threads(1):
            one[name] = digest(results())
        if "middle" in name or "large" in name:
            _core.force_threads(0 if "batch, large" in name else 3)
            with nk.threads(3):
                three[name] = digest(results())
            _core.force_threads(0)
    return one, three


def computed(lanes):
    """The digests of a process of its own, which has these lanes."""
    output = subprocess.run(
        [sys.executable, "-W", "error", __file__],
        env=os.environ | {"NUMKET_SIMD": lanes},
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    return json.loads(output)


def read():
    """What is recorded: for each kind of lanes the digests of all cases."""
    recorded = json.loads(FILE.read_text())
    return {
        lanes: {
            name: found[lanes] if isinstance(found, dict) else found
            for name, found in recorded["digests"].items()
        }
        for lanes in recorded["lanes"]
    }


def write():
    """Records the digests of all lanes that this CPU has, and keeps those of others."""
    recorded = read() if FILE.exists() else {}
    recorded |= {lanes: computed(lanes)[0] for lanes in available()}
    kinds = [lanes for lanes in LANES if lanes in recorded]
    lines = []
    for name in recorded[available()[0]]:
        found = {lanes: recorded[lanes].get(name, "") for lanes in kinds}
        same = len(set(found.values())) == 1
        lines.append(f"{json.dumps(name)}: {json.dumps(found[kinds[0]] if same else found)}")
    text = ",\n".join(lines)
    FILE.write_text(f'{{"lanes": {json.dumps(kinds)}, "digests": {{\n{text}\n}}}}\n')


def available():
    return _core.config()["lanes_available"]


def differing(expected, found):
    """The names of the cases that differ, or that only one of the two has, one a line."""
    names = [name for name in expected | found if expected.get(name) != found.get(name)]
    return "\n".join(names)


@pytest.mark.parametrize("lanes", LANES)
def test_every_bit_is_as_recorded(lanes):
    if lanes not in available():
        pytest.skip(f"this CPU has no {lanes}")
    recorded = read()
    if lanes not in recorded:
        pytest.skip(
            f"bits.json has no digests of {lanes}: run this file with --write where it is there"
        )
    one, three = computed(lanes)
    names = differing(recorded[lanes], one)
    assert not names, f"results with other bits than recorded:\n{names}"
    names = differing({name: one[name] for name in three}, three)
    assert not names, f"results with other bits on three threads than on one:\n{names}"


def test_one_bit_makes_another_digest():
    state = filled(np.zeros(8, np.complex64), 3, 1)
    before = digest([1.5, state])
    for bit in range(8 * state.nbytes):
        state.view(np.uint8)[bit // 8] ^= np.uint8(1 << bit % 8)
        if np.isfinite(state).all():
            assert digest([1.5, state]) != before
        state.view(np.uint8)[bit // 8] ^= np.uint8(1 << bit % 8)
    assert digest([1.5, state]) == before != digest([1.5, state.reshape(2, 4)])
    assert digest([0.0]) != digest([-0.0])


def test_what_differs_is_named():
    expected = {"a": "1", "b": "2", "c": "3"}
    assert differing(expected, {"a": "1", "c": "4", "d": "5"}) == "b\nc\nd"


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write()
    else:
        print(json.dumps(digests()))
