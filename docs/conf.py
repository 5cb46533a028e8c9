"""How the documentation is built: `make docs`. Warnings are errors there."""

import difPy

project = "difPy"
author = "the difPy authors"
copyright = "the difPy authors, MIT licence"
version = release = difPy.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nitpicky = True

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say it, with units
napoleon_google_docstring = False
napoleon_use_param = False  # types are prose there, not names to link
napoleon_use_rtype = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = f"difPy {release}"
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}


def setup(app):
    """Keep Napoleon from taking "In words: why it may go." for a type and its description."""
    kept = {}

    def take(app, what, name, obj, options, lines):
        if what in ("attribute", "property"):
            kept[name] = lines[:]
            lines.clear()

    def put_back(app, what, name, obj, options, lines):
        lines.extend(kept.pop(name, ()))

    app.connect("autodoc-process-docstring", take, priority=400)
    app.connect("autodoc-process-docstring", put_back, priority=600)
