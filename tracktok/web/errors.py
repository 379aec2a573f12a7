"""Error pages: what happened, why, and what to do; as a page, or as a toast when htmx asked."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, g, make_response, render_template, url_for

from tracktok.core import context
from tracktok.core.errors import DomainError

from .filters import plural
from .frame import Frame, frame
from .render import redirect_to, toast, wants_fragment

PLANS = "tenants.subscription"
# status: (title, what to do, icon)
WORDS: dict[int, tuple[str, str, str]] = {
    400: ("The request could not be read", "Go back, reload the page and try again.", "file-alert"),
    401: ("Sign in to go on", "Your session has ended, or you are not signed in.", "lock"),
    402: ("This is over the limit of your plan", "See what your plan includes, or move to a larger one.", "rocket"),
    403: ("You may not open this", "Your role does not allow it. Ask an owner or admin of your company.", "lock"),
    404: ("There is nothing here", "The address is wrong, or what was here is gone or not yours to see.", "map-off"),
    405: ("This address does not take that", "Go back and use the page's own buttons.", "file-alert"),
    409: ("This cannot be done now", "Something has changed meanwhile. Reload the page and try again.", "versions"),
    410: ("This is gone", "It was deleted, or the link has been used or has run out.", "trash-x"),
    412: ("Somebody else has changed this", "Reload the page to see it, then make your change again.", "versions"),
    413: ("The file is too large", "Choose a smaller file, or split it.", "file-alert"),
    415: ("This type of file is not accepted", "Choose a file of one of the types that the page names.", "file-alert"),
    422: ("Some of this cannot be accepted", "Go back and check what you entered.", "file-alert"),
    429: ("Too many requests", "Wait a little, then try again.", "hourglass"),
    500: ("Something went wrong on our side", "It has been noted. Try again; if it stays, tell your admin.", "plug-x"),
    503: ("Not available at the moment", "A part of the service is being restarted. Try again in a minute.", "plug-x"),
}  # fmt: skip


def error_page(status: int, detail: str = "", *, title: str = "", headers: dict[str, str] | None = None) -> Response:
    """The answer that a person sees for an error.

    A page of its own on a full request. For htmx: 401 goes to the sign-in page; everything else becomes a toast and
    leaves the page as it is.
    """
    known = WORDS.get(status, WORDS[500 if status >= 500 else 400])
    title, advice, headers = title or known[0], known[1], headers or {}
    if seconds := headers.get("Retry-After", ""):
        advice = f"Try again in {plural(int(seconds), 'second')}." if seconds.isdigit() else advice
    way_out = _way_out(status)
    sign_in = _sign_in_address() if status == 401 else ""
    if sign_in:
        response = redirect_to(sign_in)
    elif wants_fragment():
        said = detail if detail and detail != title else advice
        toast(f"{title}. {said}", "danger", action=way_out[0], href=way_out[1])
        response = make_response("", status)
        response.headers["HX-Reswap"] = "none"
    else:
        told = {"status": status, "title": title, "detail": detail, "advice": advice, "icon_name": known[2]}
        response = make_response(_draw({**told, "way_out": way_out}), status)
    response.headers.extend(headers)
    return response


def _way_out(status: int) -> tuple[str, str]:
    """A link that leads on, as (words, address): to the plans where a plan is too small."""
    if status == 402 and PLANS in current_app.view_functions:
        return "See the plans", url_for(PLANS)
    return "", ""


def _sign_in_address() -> str:
    try:
        return frame().sign_in_url
    except DomainError:
        return ""


def _draw(told: dict[str, Any]) -> str:
    try:
        return render_template("errors/error.html", **told)
    except Exception:
        # What failed may be what the frame is made of (the database is away): draw the page without it.
        current_app.logger.exception("The frame of an error page could not be drawn")
        g.frame = Frame()
        with context.entered(None):
            return render_template("errors/error.html", **told)


def refusal_page(refusal: DomainError) -> Response:
    """The answer to a refusal: `problems` asks for it when a person is asking and not a program."""
    return error_page(refusal.status, refusal.detail, title=refusal.title, headers=refusal.headers)
