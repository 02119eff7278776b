"""A message is one line of at most 300 characters, all of which can be shown."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_iris.errors import FileError, FrameError, IrisError, printable

texts = st.text() | st.text(max_size=40).map(lambda text: text * 100)


@given(text=texts)
def test_a_text_is_escaped_so_that_json_gives_it_back(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    if "\\" not in text and '"' not in text:
        back = json.loads(f'"{shown}"')
        assert back.encode("utf-16", "surrogatepass") == text.encode("utf-16", "surrogatepass")
    assert printable(shown) == shown


@given(path=texts, reason=texts, fix=texts)
def test_a_message_is_one_short_line(path: str, reason: str, fix: str) -> None:
    for error in (FileError(path.replace("\0", ""), reason, fix), IrisError(reason)):
        assert len(str(error)) <= 300
        assert str(error).isprintable()


@pytest.mark.parametrize("length", [10, 400])
def test_a_long_path_keeps_its_end_and_the_reason_stays(length: int) -> None:
    path = f"/data/{'n' * length}.fits"
    message = str(FrameError(path, "is damaged", "copy it again"))
    assert message.endswith(("n" * 10) + ".fits: is damaged; copy it again")
    assert message.startswith("/data/n" if length == 10 else "...n")


def test_an_error_of_a_worker_process_is_the_same_here() -> None:
    error = FrameError("a\nb.fits", "has\ntwo lines", "leave it out")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.path, type(again)) == (str(error), error.path, FrameError)
    assert str(error) == r"a\nb.fits: has two lines; leave it out"
