"""The process of a family: prints what `measure` finds, after what others print."""

import json
import sys
import warnings

from numket.bench.once.measure import measure

family, sizes, rounds, peers = sys.argv[1:]
warnings.simplefilter("ignore")  # of the frameworks among themselves
found = measure(family, json.loads(sizes), int(rounds), json.loads(peers))
print(f"\n{json.dumps(found)}")
