"""Pages and their fragments: the same address gives either, and what happened is told in a toast.

return render("expenses/index.html", block="list", expenses=page)
toast("Expense deleted", undo=url_for("expenses.restore", expense_id=id))
return redirect_to(url_for("expenses.show", expense_id=id))
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask import Flask, Response, flash, g, get_flashed_messages, make_response, redirect, render_template, request
from jinja2_fragments.flask import render_block

FLASH_CATEGORY = "toast"


@dataclass(frozen=True, slots=True)
class Toast:
    """A short message in the corner. `tone` is success, info, warning or danger; `undo` is an address to POST to."""

    message: str
    tone: str = "success"
    undo: str = ""
    href: str = ""
    action: str = ""


def wants_fragment() -> bool:
    """Whether htmx asked for a part of a page (and not for the whole, to rebuild its history)."""
    headers = request.headers
    return "HX-Request" in headers and "HX-History-Restore-Request" not in headers and "HX-Boosted" not in headers


def htmx_target() -> str:
    """The id of the element that htmx will fill; empty outside htmx or when it has none."""
    return request.headers.get("HX-Target", "")


def render(template: str, block: str | Mapping[str, str] | None = None, status: int = 200, **values: Any) -> Response:
    """The page, or the named block of it when htmx asks.

    `block` may also be a mapping from the id of htmx's target to a block's name, for pages of which several parts can
    be fetched: `{"expenses-list": "list", "expenses-more": "rows", "peek-body": "peek"}`; a target that is not in it
    gets the block under "*", or the full page.
    """
    name = block if isinstance(block, str) or block is None else block.get(htmx_target(), block.get("*"))
    body = render_block(template, name, **values) if name and wants_fragment() else render_template(template, **values)
    response = make_response(body, status)
    response.vary.update(("HX-Request", "HX-Target"))
    return response


def toast(message: str, tone: str = "success", *, undo: str = "", href: str = "", action: str = "") -> None:
    """Tell the person what happened: with this answer, or on the next page when this answer is a redirect.

    `undo` is an address that takes a POST; the toast then offers "Undo" for 10 seconds. `href` and `action` add a link.
    """
    g.setdefault("toasts", []).append(Toast(message, tone, undo, href, action))


def redirect_to(address: str, *, status: int = 303) -> Response:
    """Go to another page: an HTTP redirect, or `HX-Redirect` when htmx asked. Toasts are shown there."""
    if "HX-Request" in request.headers:
        response = make_response("", 200)
        response.headers["HX-Redirect"] = address
        return response
    return redirect(address, code=status)  # type: ignore[return-value]


def trigger(response: Response, event: str, detail: Any = None) -> Response:
    """Add an event that the page hears when htmx has the answer (`HX-Trigger`)."""
    events = json.loads(response.headers.get("HX-Trigger", "{}"))
    events[event] = detail if detail is not None else {}
    response.headers["HX-Trigger"] = json.dumps(events)
    return response


def waiting_toasts() -> list[dict[str, str]]:
    """The toasts that a full page shows: those of the request before it, and of this one."""
    kept = [json.loads(str(text)) for text in get_flashed_messages(category_filter=[FLASH_CATEGORY])]
    return [*kept, *(asdict(item) for item in g.pop("toasts", []))]


def _send_toasts(response: Response) -> Response:
    toasts: list[Toast] = g.pop("toasts", [])
    if not toasts:
        return response
    if "HX-Redirect" in response.headers or 300 <= response.status_code < 400:
        for item in toasts:
            flash(json.dumps(asdict(item)), FLASH_CATEGORY)
        return response
    return trigger(response, "toasts", [asdict(item) for item in toasts])


def init_app(app: Flask) -> None:
    """Send toasts with each answer of the application."""
    app.after_request(_send_toasts)
