"""Settings of the documentation. Build it with: sphinx-build -W -b html docs docs/_build/html

Sphinx, because the reference comes from docstrings and must follow the code: autodoc reads them, and with -W a name
that is gone or a broken link fails the build. It is well kept, as are its theme and MyST, which lets the pages be
Markdown, so that they also read well in the repository.
"""

from __future__ import annotations

import sys
from importlib.metadata import version as _version
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

project = "Mobile VLA Sim"
author = "The Mobile VLA Sim developers"
copyright = "2026, The Mobile VLA Sim developers"  # noqa: A001  Sphinx's name
release = version = _version("mobile-vla-sim")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "generated_pages",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "_generated"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nitpicky = False
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_title = f"Mobile VLA Sim {release}"

autodoc_inherit_docstrings = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True, "show-inheritance": False}
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
