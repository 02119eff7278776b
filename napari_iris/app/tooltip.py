"""Tooltips that show names of files, which may hold anything."""

from __future__ import annotations

from html import escape

from napari_iris.errors import printable


def tip_of(text: str) -> str:
    """Give the tooltip that shows a text as it is: Qt would take ``<b>`` in it for a tag.

    Parameters
    ----------
    text : str
        Any text; its lines stay.

    Examples
    --------
    >>> tip_of("night/sky_1.fits"), tip_of("<b>.fits")
    ('night/sky_1.fits', '<p>&lt;b&gt;.fits</p>')
    """
    lines = [printable(line) for line in text.split("\n")]
    return f"<p>{'<br>'.join(map(escape, lines))}</p>" if "<" in text else "\n".join(lines)
