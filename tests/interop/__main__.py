"""Print the row of a library that is installed here: python -m interop NAME."""

import json
import sys

import interop

print("\n" + json.dumps(interop.measure(interop.libraries()[sys.argv[1]]())))
