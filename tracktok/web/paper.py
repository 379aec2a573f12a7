"""What everything on paper shares: embedded fonts for every script that is written, styles, "page x of y".

Noto Sans has the rupee sign and all Latin, Greek and Cyrillic letters; runs of Devanagari take Noto Sans Devanagari,
shaped by HarfBuzz. A font must be embedded: without one the rupee sign vanishes without a word.
"""

from __future__ import annotations

import re
from copy import copy
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph
from reportlab.platypus.paragraph import cleanBlockQuotedText

from .assets import FOLDER as STATIC

PLAIN, BOLD = "NotoSans", "NotoSans-Bold"
DEVANAGARI, DEVANAGARI_BOLD = "NotoSansDevanagari", "NotoSansDevanagari-Bold"
INK, GREY, LINE, ACCENT, SOFT = (
    colors.HexColor(code) for code in ("#1b2330", "#5b6676", "#dde2e9", "#3b4fcf", "#f3f5f9")
)
RED, GREEN = colors.HexColor("#b3261e"), colors.HexColor("#1b7a43")
MARGIN = 16 * mm
WIDTH = A4[0] - 2 * MARGIN
_DEVANAGARI = re.compile("[\u0900-\u097f\ua8e0-\ua8ff]")
_MARKUP = re.compile("[<>&\n\r]")
_PIECES: WeakKeyDictionary[ParagraphStyle, Any] = WeakKeyDictionary()
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@cache
def fonts() -> None:
    """Make the fonts known to ReportLab, once for each process."""
    folder = STATIC / "vendor" / "fonts"
    for name in (PLAIN, BOLD, DEVANAGARI, DEVANAGARI_BOLD):
        pdfmetrics.registerFont(
            TTFont(name, str(folder / f"{name}.ttf"), shapable=name in {DEVANAGARI, DEVANAGARI_BOLD})
        )
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)
    pdfmetrics.registerFontFamily(
        DEVANAGARI, normal=DEVANAGARI, bold=DEVANAGARI_BOLD, italic=DEVANAGARI, boldItalic=DEVANAGARI_BOLD
    )


@cache
def style(size: float, *, bold: bool = False, **over: Any) -> ParagraphStyle:
    """A style of so many points; `over` is whatever else a ParagraphStyle takes (`textColor`, `alignment`, ...)."""
    fonts()
    font = BOLD if bold else PLAIN
    over.setdefault("leading", size * 1.4)
    return ParagraphStyle(f"{font}-{size}-{sorted(over)}", fontName=font, fontSize=size, **over)


def _has_other_script(value: str) -> bool:
    return not value.isascii() and _DEVANAGARI.search(value) is not None


class Text(Paragraph):
    """A paragraph that is laid out once for a width: a table asks each of its cells three times for its height."""

    _laid_out: tuple[float, tuple[float, float]] | None = None

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """How much room it takes, as ReportLab finds it; the height at hand is nothing to it."""
        if self._laid_out is None or self._laid_out[0] != width:
            self._laid_out = width, super().wrap(width, height)
        return self._laid_out[1]


def _piece(kind: ParagraphStyle, words: str) -> Any:
    """What ReportLab's parser makes of words that have no markup: that of other words in this style, with these."""
    known = _PIECES.get(kind)
    if known is None:
        [known] = Paragraph("words", kind).frags
        _PIECES[kind] = known
    piece = copy(known)
    piece.text = words
    return piece


def text(value: str, kind: ParagraphStyle, *, breaks: bool = False) -> Paragraph:
    """A paragraph of what somebody typed: harmless, in fonts that have its letters. `breaks` keeps its lines apart."""
    value = _CONTROL.sub("", value)
    if not _has_other_script(value):
        if not _MARKUP.search(value) and (plain := cleanBlockQuotedText(value)):
            return Text(plain, kind, frags=[_piece(kind, plain)])  # nothing to parse, which takes an eighth of a page
        return Text(_lines(escape(value), breaks=breaks), kind)
    # That font has Latin letters too, so a mixed text stays one paragraph, shaped as a whole.
    other = DEVANAGARI_BOLD if kind.fontName == BOLD else DEVANAGARI
    shaped = ParagraphStyle(f"{kind.name}-{other}", parent=kind, fontName=other, shaping=1)
    return Paragraph(_lines(escape(value), breaks=breaks), shaped)


def _lines(escaped: str, *, breaks: bool) -> str:
    return escaped.replace("\r\n", "\n").replace("\n", "<br/>") if breaks else escaped


def numbered(footer: str, page_of: str = "Page {page} of {pages}", *, width: float = A4[0]) -> type[Canvas]:
    """A canvas that writes a footer and "page x of y", which is known only when all pages are there.

    `width` is that of the page: another one for paper on its side.
    """
    fonts()

    class Numbered(Canvas):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            # Without it every file names Helvetica, which is not embedded.
            kwargs["initialFontName"] = PLAIN
            super().__init__(*args, **kwargs)
            self.pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - ReportLab's name
            self.pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self.pages, 1):
                self.__dict__.update(page)
                self.setStrokeColor(LINE)
                self.setLineWidth(0.5)
                self.line(MARGIN, 14.5 * mm, width - MARGIN, 14.5 * mm)
                foot = text(footer, style(7.5, textColor=GREY))
                foot.wrapOn(self, width - 2 * MARGIN - 30 * mm, 10 * mm)
                foot.drawOn(self, MARGIN, 9.5 * mm)
                self.setFont(PLAIN, 7.5)
                self.setFillColor(GREY)
                told = page_of.format(page=number, pages=len(self.pages))
                self.drawRightString(width - MARGIN, 10.5 * mm, told)
                super().showPage()
            super().save()

    return Numbered
