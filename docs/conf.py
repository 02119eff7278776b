"""The documentation site: ``make docs`` builds it into ``build/docs``, without a network."""

from __future__ import annotations

import re
import sys
from os.path import normpath, relpath
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx import addnodes
from sphinx.domains.python import PyObject

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS / "extensions"), str(DOCS.parent)]

from napari_iris import __version__  # noqa: E402

project = "napari-iris"
author = copyright = "The napari-iris developers"  # noqa: A001 (Sphinx's name for it)
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
    "command",
    "config_fields",
]
exclude_patterns = ["extensions", "images"]
source_suffix = {".md": "markdown"}

default_role = "py:obj"
smartquotes_action = "D"  # dashes alone: quotes stay as they are typed
nitpicky = True
nitpick_ignore_regex = [
    ("py:(class|obj|exc|func|meth|attr)", r"(?!napari_iris\.).*"),  # of other libraries, and words
]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4  # links between pages are those that also work on GitHub

autosummary_generate = False
toc_object_entries_show_parents = "hide"
autodoc_default_options = {
    "members": True,
    "member-order": "bysource",
    "exclude-members": "model_config",
}
autodoc_typehints = "none"  # the docstrings state types, with shapes and units
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
copybutton_exclude = ".linenos, .gp, .go"

highlight_language = "text"  # of blocks that name none

html_theme = "pydata_sphinx_theme"
html_title = "napari-iris"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_logo = html_favicon = "_static/logo.svg"
html_sidebars = {"index": [], "quick_start": []}
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "napari-iris"},
    "header_links_before_dropdown": 6,
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
}

BESIDE = {
    "CHANGELOG.md": "docs/changelog.md",
    "CONTRIBUTING.md": "docs/contributing.md",
    "README.md": "docs/quick_start.md",
    "models/README.md": "docs/models.md",
    "sample_data/README.md": "docs/sample_night.md",
}
"""Documents beside this folder, and the page that stands for each."""

LINK = re.compile(r"(?<=\]\()(?!https?:|#)([^)#\s]+)")


def relink(text: str, document: str, page: str) -> str:
    """Make the links of a document those of the page that shows it; pages stand for documents."""

    def link(found: re.Match[str]) -> str:
        target = normpath(Path(document).parent / found[1])
        return relpath(BESIDE.get(target, target), Path(page).parent)

    return LINK.sub(link, text)


def read_page(_app: Sphinx, page: str, source: list[str]) -> None:
    """Relink a page."""
    source[0] = relink(source[0], f"docs/{page}.md", f"docs/{page}.md")


def read_included(_app: Sphinx, path: Path, page: str, source: list[str]) -> None:
    """Relink a document that a page includes."""
    document = relpath(DOCS / path, DOCS.parent)
    source[0] = relink(source[0], document, f"docs/{page}.md")


def unlink_words(_app: Sphinx, doctree: nodes.document) -> None:
    """Words of a type, such as ``shape``, are not the attributes of the same name."""
    for reference in doctree.findall(addnodes.pending_xref):
        reference.attributes.pop("refspecific", None)  # the domain asks whether it is there


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    for field in PyObject.doc_field_types:
        if field.name == "variable":
            field.label = "Attributes"
    app.connect("doctree-read", unlink_words)
    app.connect("source-read", read_page)
    app.connect("include-read", read_included)
