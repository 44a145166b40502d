"""The process of a contestant: prints what `measure` finds, after what others print."""

import json
import sys
import warnings

from numket.bench.noise.measure import measure

contestant, task, n, shots, least = sys.argv[1:]
warnings.simplefilter("ignore")  # of the frameworks among themselves
print(f"\n{json.dumps(measure(contestant, task, int(n), int(shots), float(least)))}")
