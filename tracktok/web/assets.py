"""Static files under names that carry a hash of their content, compressed once, kept by browsers for a year.

Our own style sheets are served as one file, `app.css`, and our scripts as one file, `app.js`: fewer requests, no
build step. A page writes `asset_url("app.css")`; the address changes when the content does.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import mimetypes
from dataclasses import dataclass, field
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, request, url_for

from tracktok.core.permissions import public

from .brand import accent_sheet

log = logging.getLogger(__name__)
FOLDER = Path(__file__).parent / "static"
BUNDLES = {"app.css": ("css", "*.css"), "app.js": ("js", "*.js")}
COMPRESSED_TYPES = {"text/css", "text/javascript", "application/javascript", "image/svg+xml", "application/json"}
YEAR = 31_536_000
blueprint = Blueprint("assets", __name__)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent."""

    content: bytes
    mimetype: str
    version: str
    compressed: bytes | None


@dataclass(slots=True)
class Assets:
    """Every static file that pages may ask for, read when it is first wanted."""

    watch: bool = False
    _kept: dict[str, tuple[float, Asset]] = field(default_factory=dict)

    def sources(self, name: str) -> list[Path]:
        """The files that an asset is made of, in the order of their names; empty when there is none such."""
        if name in BUNDLES:
            folder, pattern = BUNDLES[name]
            return sorted((FOLDER / folder).glob(pattern))
        path = (FOLDER / name).resolve()
        inside = path.is_relative_to(FOLDER) and not path.is_relative_to(FOLDER / "vendor" / "icons")
        hidden = any(part.startswith(".") for part in path.parts[len(FOLDER.parts) :])
        return [path] if inside and not hidden and path.is_file() else []

    def get(self, name: str) -> Asset | None:
        """The asset; None when there is no such file. In development it is read again when it changed."""
        known = self._kept.get(name)
        if known and not self.watch:
            return known[1]
        paths = self.sources(name)
        if not paths:
            return None
        changed = max(path.stat().st_mtime for path in paths) + len(paths)
        if known and known[0] == changed:
            return known[1]
        content = b"\n".join(path.read_bytes() for path in paths)
        mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
        squeezed = gzip.compress(content, 9, mtime=0) if mimetype in COMPRESSED_TYPES else None
        asset = Asset(content, mimetype, hashlib.sha256(content).hexdigest()[:12], squeezed)
        self._kept[name] = (changed, asset)
        return asset


def asset_url(name: str) -> str:
    """The address of a static file, with its content's hash: `asset_url("vendor/htmx.min.js")`."""
    asset = current_app.extensions["tracktok_assets"].get(name)
    if asset is None:
        log.warning("There is no static file %s: run scripts/frontend.py", name)
    return url_for("assets.file", version=asset.version if asset else "none", name=name)


@blueprint.get("/assets/<version>/<path:name>")
@public("style sheets, scripts and images are the same for everybody")
def file(version: str, name: str) -> Response:
    """A static file; kept by browsers for good when the hash in its address is that of its content."""
    asset: Asset | None = current_app.extensions["tracktok_assets"].get(name)
    if asset is None:
        abort(404)
    squeezed = asset.compressed if "gzip" in request.headers.get("Accept-Encoding", "") else None
    response = Response(squeezed or asset.content, mimetype=asset.mimetype)
    if asset.compressed:
        response.headers["Vary"] = "Accept-Encoding"
    if squeezed:
        response.headers["Content-Encoding"] = "gzip"
    if version == asset.version:
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    else:
        # A page from before the last release: give it what there is now, but do not let anybody keep it.
        response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/assets/brand/<accent>.css")
@public("a colour is no secret")
def brand(accent: str) -> Response:
    """The variables of a tenant's own colour, checked for contrast in both themes. 404 for what is no colour."""
    sheet = accent_sheet(accent)
    if sheet is None:
        abort(404)
    response = Response(sheet, mimetype="text/css")
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response
