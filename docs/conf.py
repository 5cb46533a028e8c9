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
nitpick_ignore_regex = [
    ("py:.*", r"(npt?|numpy|os|collections|typing)\..*"),  # no network here to look them up
    ("py:.*", r"(str|int|float|bool|bytes|dict|list|tuple|object|None|optional|ndarray.*|sequence|path-like|callable)"),
    ("py:.*", r".*[ ,{'].*"),  # numpydoc's prose in the place of a type: "int, 0..7", "{'duplicates', 'similar'}"
]

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say it, with units
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_preprocess_types = False

html_theme = "furo"
html_title = f"difPy {release}"
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
