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
