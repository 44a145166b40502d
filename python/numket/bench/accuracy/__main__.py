"""The process of a contestant: prints what `measure` finds, after what others print."""

import json
import sys

from numket.bench.accuracy.measure import measure

contestant, workload, n, gates, exact = sys.argv[1:]
print(f"\n{json.dumps(measure(contestant, workload, int(n), int(gates), exact))}")
