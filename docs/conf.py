"""The site: uv run --group docs sphinx-build -W --keep-going -b html -c docs . build/site

Its sources are the pages in docs/, the notebooks with the outputs that they have, and the
docstrings. The root of the repository is the root of the sources, so that a link is the same here
and in the repository.
"""

import re
import warnings
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numket
from numket import _hosts

project = "numket"
version = release = numket.__version__
author = "the authors of numket"
copyright = "the authors of numket, Apache-2.0"

extensions = ["myst_nb", "sphinx.ext.autodoc", "numpydoc", "sphinx_copybutton"]
root_doc = "docs/index"
include_patterns = ["docs/**", "notebooks/*.ipynb", "CHANGELOG.md", "CONTRIBUTING.md"]
exclude_patterns = ["docs/_*", "**/.ipynb_checkpoints"]
smartquotes = False

# Links. What other libraries document is not looked up: the site is built without a network.
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!numket\b).*"), ("py:class", r"numket\..*\.(_\w+|Job|State)")]
suppress_warnings = ["ref.python"]  # the type bytes is no attribute of that name

# Pages and notebooks.
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]

# Docstrings.
warnings.filterwarnings("ignore", "(?s).*docstring of QuantumCircuit", module="numpydoc")
for name in _hosts.HOSTS:  # before Sphinx, who would take TYPE_CHECKING for true meanwhile
    with suppress(ImportError):
        import_module(name)
autodoc_mock_imports = [name for name in _hosts.HOSTS if not find_spec(name)]  # large ones
if autodoc_mock_imports:
    _hosts._is_tested = lambda host, found: True
    _hosts.version = lambda package: ""
autodoc_inherit_docstrings = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
autosummary_generate = False
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
numpydoc_xref_param_type = False

# What it looks like.
html_theme = "furo"
html_title = f"numket {version}"
html_static_path = ["_static"]
html_extra_path = ["_extra"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
pygments_style = "default"
pygments_dark_style = "github-dark"


def as_rst(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Docstrings are read in terminals and editors, too: some marks mean themselves there."""
    for i, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            lines[i] = re.sub(r"(?<![\\|`])\|(?=[\w.+-]+>)", r"\\|", line)


def setup(app: Any) -> None:
    """Of Sphinx."""
    app.connect("autodoc-process-docstring", as_rst, priority=900)
