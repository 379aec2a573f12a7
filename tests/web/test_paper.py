"""Words on paper: what has no markup is not parsed, and comes out as if it were."""

from __future__ import annotations

import io
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.enums import TA_RIGHT
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from tracktok.web.paper import INK, PLAIN, style, text

STYLES = (
    {"size": 8.5, "textColor": INK}, {"size": 14, "bold": True}, {"size": 7.5, "alignment": TA_RIGHT, "leading": 12},
)  # fmt: skip
WORDS = st.text(st.sampled_from("ab Wé₹·\u00a0\u00ad\u2003\t\n\r<>&;#\"'1,.-/"), max_size=60)


def drawn(paragraph: Paragraph, width: float) -> bytes:
    """A page with nothing else on it."""
    made = io.BytesIO()
    canvas = Canvas(made, invariant=1, initialFontName=PLAIN)
    _, height = paragraph.wrap(width, 1000)
    paragraph.wrap(width, 10)
    paragraph.drawOn(canvas, 50, 700 - height)
    canvas.save()
    return made.getvalue()


@given(WORDS, st.sampled_from(STYLES), st.sampled_from([30.0, 75.5, 200.0]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_it_is_drawn_as_what_the_parser_makes_of_it(words: str, kind: dict[str, float], width: float, breaks: bool):
    kept = escape(words)
    theirs = Paragraph(kept.replace("\r\n", "\n").replace("\n", "<br/>") if breaks else kept, style(**kind))
    ours = text(words, style(**kind), breaks=breaks)
    assert [vars(piece) for piece in ours.frags] == [vars(piece) for piece in theirs.frags]
    assert drawn(ours, width) == drawn(theirs, width)


def test_another_width_is_laid_out_anew():
    paragraph = text("one two three four five six", style(9))
    narrow, wide = paragraph.wrap(40, 500), paragraph.wrap(400, 500)
    assert narrow[1] > wide[1]
    assert (paragraph.wrap(400, 1), paragraph.wrap(40, 1)) == (wide, narrow)


@pytest.mark.parametrize("width", [60.0, 90.0])
def test_a_paragraph_over_two_pages_is_cut_as_ever(width: float):
    words = "a long story of many words " * 20
    ours, theirs = text(words, style(9)), Paragraph(escape(words), style(9))
    for one in (ours, theirs):
        one.wrap(width, 1000)
    cut, wanted = ours.split(width, 50), theirs.split(width, 50)
    assert len(cut) == len(wanted) == 2
    assert [one.wrap(width, 1000) for one in cut] == [one.wrap(width, 1000) for one in wanted]
    assert [one.getPlainText() for one in cut] == [one.getPlainText() for one in wanted]
