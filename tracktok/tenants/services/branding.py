"""A company's logo: taken in as a picture, drawn anew in a size that pages and documents can bear."""

from __future__ import annotations

import hashlib
import io
from typing import IO

import structlog
from PIL import Image, ImageOps, UnidentifiedImageError

from tracktok.core.db import db
from tracktok.core.effects import after_commit, after_rollback
from tracktok.core.errors import DomainError, FieldError, Invalid, TooLarge, UnsupportedMediaType
from tracktok.core.ids import new_id
from tracktok.core.storage import file_key, storage
from tracktok.tenants import queries
from tracktok.tenants.models import Tenant

from .limits import require_feature

log = structlog.get_logger(__name__)
LARGEST = 5 * 1024 * 1024
MOST_PIXELS = 40_000_000
"""A picture of more pixels is refused: its few bytes would unfold into gigabytes."""
SMALLEST = 16
BOX = (800, 320)
"""What a logo is drawn into, in pixels: twice what a page shows, and enough for the head of a printed document."""
PNG, JPEG = "image/png", "image/jpeg"


class LogoTooLarge(TooLarge):
    code, title = "logo_too_large", "The logo is too large"


class LogoRefused(UnsupportedMediaType):
    code, title = "logo_refused", "The logo must be a PNG or JPEG picture"


def set_logo(stream: IO[bytes]) -> Tenant:
    """Give the current tenant a logo, in place of the one it had.

    What it is is told from its bytes. Nothing of the file itself is kept: it is drawn anew, without its metadata.
    Raises NotInPlan (402), Invalid, LogoTooLarge (413), LogoRefused (415).
    """
    require_feature("custom_branding")
    picture, content_type = _draw(stream)
    tenant = queries.get_current(for_update=True)
    place, key = storage(), file_key("logo", new_id())
    place.put(key, io.BytesIO(picture[0]), content_type)
    after_rollback(lambda: place.delete(key))
    _forget(tenant.logo_key)
    tenant.logo_key, tenant.logo_type = key, content_type
    tenant.logo_hash = hashlib.sha256(picture[0]).hexdigest()
    tenant.logo_width, tenant.logo_height = picture[1]
    db.session.flush()
    return tenant


def remove_logo() -> Tenant:
    """Take the logo away; nothing happens without one."""
    tenant = queries.get_current(for_update=True)
    _forget(tenant.logo_key)
    tenant.logo_key = tenant.logo_type = tenant.logo_hash = ""
    tenant.logo_width = tenant.logo_height = 0
    db.session.flush()
    return tenant


def _forget(key: str) -> None:
    if key:
        place = storage()
        after_commit(lambda: place.delete(key))


def _draw(stream: IO[bytes]) -> tuple[tuple[bytes, tuple[int, int]], str]:
    """((bytes, (width, height)), content type) of the picture, drawn anew."""
    given = stream.read(LARGEST + 1)
    if not given:
        raise Invalid.at("logo", "The file is empty.", "empty")
    if len(given) > LARGEST:
        raise _at_logo(LogoTooLarge, "A logo may have up to 5 MB.")
    try:
        with Image.open(io.BytesIO(given), formats=("PNG", "JPEG")) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise _at_logo(LogoTooLarge, "This picture has too many pixels; make it smaller than 40 megapixels.")
            if min(width, height) < SMALLEST:
                raise Invalid.at(
                    "logo", f"This picture is too small: at least {SMALLEST} pixels each way.", "too_small"
                )
            kind = PNG if picture.format == "PNG" else JPEG
            upright = ImageOps.exif_transpose(picture).convert("RGBA" if kind == PNG else "RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        log.info("logo_refused", error=str(error))
        text = "This is no PNG or JPEG picture that can be read. Other types, SVG among them, are not taken."
        raise _at_logo(LogoRefused, text) from error
    upright.thumbnail(BOX, Image.Resampling.LANCZOS)
    made = io.BytesIO()
    if kind == PNG:
        upright.save(made, "PNG", optimize=True)
    else:
        upright.save(made, "JPEG", quality=90, optimize=True)
    return (made.getvalue(), upright.size), kind


def _at_logo(kind: type[DomainError], text: str) -> DomainError:
    return kind(text, errors=[FieldError("/logo", kind.code, text)])
