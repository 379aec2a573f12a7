"""Headers that every answer carries. A view that needs another policy sets the header itself: it is kept."""

from __future__ import annotations

from functools import cache

from flask import Flask, Response, current_app, request

PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer",
        "microphone", "midi", "payment", "usb",
    )
)  # fmt: skip
TWO_YEARS = 63_072_000


def content_security_policy(form_action: str = "'self'") -> str:
    """The policy of our pages: everything from this host, nothing inline, no frames, no plug-ins."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            # `data:` is for the small pictures inside the style sheet, `blob:` for previews of files to upload.
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "base-uri 'none'",
            f"form-action {form_action}",
            "frame-ancestors 'none'",
            "object-src 'none'",
        )
    )


def _form_action(base: str | None) -> str:
    # Signing up and switching tenants answer a form with a redirect to another subdomain of ours.
    return f"'self' *.{base} {base}" if base else "'self'"


@cache
def _headers_for(base: str | None) -> tuple[tuple[str, str, str], ...]:
    """(name, name in lower case, value) of what every answer carries."""
    values = {
        "Content-Security-Policy": content_security_policy(_form_action(base)),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Permissions-Policy": PERMISSIONS,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return tuple((name, name.lower(), value) for name, value in values.items())


def add_headers(response: Response) -> Response:
    """Set the security headers that the view did not set itself."""
    headers = response.headers
    given = {name.lower() for name in headers.keys()}  # noqa: SIM118 - an iteration over Headers gives pairs
    for name, lower, value in _headers_for(current_app.config.get("BASE_DOMAIN")):
        if lower not in given:
            headers.add(name, value)
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", f"max-age={TWO_YEARS}; includeSubDomains")
    if response.mimetype == "text/html":
        # What a person sees of a company must not be shown again from a shared cache or after sign-out.
        headers.setdefault("Cache-Control", "private, no-store")
    return response


def init_app(app: Flask) -> None:
    """Put the headers on every answer of the application."""
    app.after_request(add_headers)
