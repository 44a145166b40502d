"""The process of an engine: prints what `measure` finds, after what others print."""

import json
import sys

from numket.bench.dropin.measure import measure

task, engine, n, least = sys.argv[1:]
print(f"\n{json.dumps(measure(task, engine, int(n), float(least)))}")
