"""Files as people upload them, made in memory."""

from __future__ import annotations

import io
import zipfile

from PIL import Image


def make_picture(kind: str = "PNG", size: tuple[int, int] = (60, 40), color: str = "navy") -> io.BytesIO:
    """A picture of one colour."""
    made = io.BytesIO()
    Image.new("RGB", size, color).save(made, kind)
    made.seek(0)
    return made


def make_pdf() -> io.BytesIO:
    """The smallest PDF that readers accept."""
    return io.BytesIO(
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF"
    )


def make_zip(*names: str) -> io.BytesIO:
    """A zip archive with these members."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    made.seek(0)
    return made
