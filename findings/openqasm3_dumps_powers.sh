#!/usr/bin/env bash
# openqasm3 1.0.1 (the Python package of the reference parser): dumps leaves out the parentheses that a power of a
# power needs, so that the text it writes means another number.
#
# Seen: "(2.0 ** 3) ** 2", which is 64, is written as "2.0 ** 3 ** 2", which is 512: by the specification's table of
# operators ** is evaluated from right to left, and the package's own parser reads it so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q 'openqasm3[parser]==1.0.1'
"$folder/env/bin/python" - <<'PYTHON'
from importlib.metadata import version

import openqasm3

print("openqasm3", version("openqasm3"))
tree = openqasm3.parse("float f = (2.0 ** 3) ** 2;")
text = openqasm3.dumps(tree).strip()
again = openqasm3.parse(text)
print(text)


def grouped(program):
    def show(node):
        return f"({show(node.lhs)} {node.op.name} {show(node.rhs)})" if hasattr(node, "op") else str(node.value)

    return show(program.statements[0].init_expression)


print("read:   ", grouped(tree))
print("written:", grouped(again))
assert text == "float f = 2.0 ** 3 ** 2;", "the behaviour has changed"
assert grouped(tree) == "((2.0 ** 3) ** 2)", "the behaviour has changed"
assert grouped(again) == "(2.0 ** (3 ** 2))", "the behaviour has changed"
PYTHON
