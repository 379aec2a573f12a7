"""What a file is, is told from its bytes."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.documents import make_pdf, make_picture, make_zip
from tracktok.documents import rules


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (make_picture("PNG"), rules.PNG),
        (make_picture("JPEG"), rules.JPEG),
        (make_picture("WEBP"), rules.WEBP),
        (make_picture("GIF"), rules.GIF),
        (make_pdf(), rules.PDF),
        (make_zip("[Content_Types].xml", "xl/workbook.xml"), rules.XLSX),
        (make_zip("word/document.xml"), None),
        (io.BytesIO(b"PK\x03\x04 and then nothing"), None),
        (io.BytesIO(b"date,amount\n2026-01-01,5\n"), rules.CSV),
        (io.BytesIO("\ufeffdate;amount\n".encode()), rules.CSV),
        (io.BytesIO("date\tamount\n".encode("utf-16")), rules.CSV),
        (io.BytesIO(b""), None),
        (io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"), None),
        (io.BytesIO(b"\xef\xbb\xbf  <!doctype html><script>"), None),
        (io.BytesIO(b"\x89PNG\r\n\x1a\n then rubbish"), None),
        (io.BytesIO(b"\x7fELF\x00\x01"), None),
        (io.BytesIO(b"#!/bin/sh\nrm -rf /"), None),
    ],
)
def test_a_file_is_what_its_bytes_are(stream, expected):
    assert rules.detect(stream) == expected
    assert stream.tell() == 0


def test_a_picture_of_too_many_pixels_is_refused(monkeypatch):
    monkeypatch.setattr(rules, "MOST_PIXELS", 1000)
    assert rules.detect(make_picture("PNG", (100, 100))) is None


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("receipt.png", "receipt.png"),
        ("../../etc/passwd", "passwd.png"),
        ("C:\\Users\\me\\taxi.JPEG", "taxi.png"),
        ("page.html", "page.png"),
        ("a\r\nSet-Cookie: x.png", "aSet-Cookie x.png"),
        ("", "file.png"),
        ("....", "file.png"),
        ("रसीद.pdf", "रसीद.png"),
        ("x" * 500 + ".png", "x" * 120 + ".png"),
    ],
)
def test_names_are_made_harmless_and_say_what_it_is(given_name, kept):
    assert rules.safe_name(given_name, rules.PNG) == kept


@given(st.binary(max_size=4000))
def test_no_bytes_break_the_detection(data):
    assert rules.detect(io.BytesIO(data)) in {None, *rules.SUFFIXES}


@given(st.text(max_size=300))
def test_no_name_climbs_or_breaks_a_header(name):
    kept = rules.safe_name(name, rules.PDF)
    assert kept.endswith(".pdf")
    assert not set(kept) & set('/\\\r\n"')
