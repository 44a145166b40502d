"""The process of a contestant: prints what `measure` finds, after what others print."""

import json
import sys

from numket.bench.observe.measure import measure

contestant, task, n, least = sys.argv[1:]
print(f"\n{json.dumps(measure(contestant, task, int(n), float(least)))}")
