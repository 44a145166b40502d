"""The process of a circuit: prints what `measure` finds, after what others print."""

import json
import sys

from numket.bench.busy.measure import measure

workload, n, turns, seconds, peers = sys.argv[1:]
found = measure(workload, int(n), int(turns), float(seconds), json.loads(peers))
print(f"\n{json.dumps(found)}")
