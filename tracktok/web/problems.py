"""One place where refusals and defects become answers: problem+json under /api, pages and fragments elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from flask import Response, redirect, request, url_for
from pydantic import ValidationError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from tracktok.core import context
from tracktok.core.db import db
from tracktok.core.errors import (
    BadRequest,
    Conflict,
    DomainError,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    Stale,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    UnsupportedMediaType,
)

from .api import PROBLEM, to_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

log = structlog.get_logger(__name__)
_BY_STATUS: dict[int, type[DomainError]] = {
    kind.status: kind
    for kind in (
        BadRequest, Unauthorized, Forbidden, NotFound, Conflict, TooLarge, UnsupportedMediaType, Invalid,
        TooManyRequests, Unavailable,
    )
}  # fmt: skip
PageRenderer = "Callable[[DomainError], Response]"
_render_page: Callable[[DomainError], Response] | None = None


def provide_page_renderer(renderer: Callable[[DomainError], Response]) -> None:
    """The pages say here how a refusal is drawn for a person."""
    global _render_page  # noqa: PLW0603 - set once, by the factory
    _render_page = renderer


def wants_json() -> bool:
    """Whether the caller is a program."""
    if request.path.startswith(("/api/", "/healthz", "/readyz")):
        return True
    return request.accept_mimetypes.best == "application/json"


def problem(error: DomainError) -> Response:
    """The problem document (RFC 9457) of a refusal."""
    body: dict[str, Any] = {
        "type": f"urn:tracktok:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "errors": [{"pointer": e.pointer, "code": e.code, "detail": e.detail} for e in error.errors],
        "request_id": context.request_info().request_id,
        **error.extra,
    }
    response = Response(to_json(body), status=error.status, content_type=PROBLEM)
    response.headers.update(error.headers)
    if error.status == Unauthorized.status:
        response.headers.setdefault("WWW-Authenticate", "Bearer")
    return response


def from_validation(error: ValidationError) -> Invalid:
    """Pydantic's complaints, each at its field, in words for a person."""
    errors = []
    for item in error.errors(include_url=False, include_context=True):
        pointer = "".join(f"/{part}" for part in item["loc"]) or "/"
        errors.append(FieldError(pointer, item["type"], _words(item)))
    first = errors[0].detail if errors else None
    return Invalid(first if len(errors) == 1 else None, errors=errors)


def _words(item: Any) -> str:
    kind, ctx = item["type"], item.get("ctx") or {}
    if kind == "missing":
        return "This is required."
    if kind == "extra_forbidden":
        return "This is not known here."
    if kind.startswith("decimal") or kind in {"int_parsing", "float_parsing"}:
        return "Enter a number such as 125.50." if "max" not in kind else "This number has too many digits."
    if kind.startswith("date_"):
        return "Enter a date such as 2026-11-20."
    if kind.startswith("uuid"):
        return "This is not a valid id."
    if kind == "string_too_long":
        return f"Use at most {ctx.get('max_length')} characters."
    if kind == "string_too_short":
        least = ctx.get("min_length")
        return "This is required." if least == 1 else f"Use at least {least} characters."
    if kind in {"enum", "literal_error"}:
        return f"Use one of: {str(ctx.get('expected', '')).replace(' or ', ', ')}."
    if kind == "value_error":
        return str(ctx.get("error", item["msg"]))
    message = str(item["msg"])
    return message if message.endswith(".") else f"{message}."


def to_domain_error(error: Exception) -> DomainError:
    """The refusal that any exception stands for; a defect becomes "something went wrong", and is logged."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, ValidationError):
        return from_validation(error)
    if isinstance(error, HTTPException):
        kind = _BY_STATUS.get(error.code or 500)
        if kind is None:
            return _Other(error)
        headers = {"Retry-After": "60"} if error.code == TooManyRequests.status else {}
        if isinstance(retry := getattr(error, "retry_after", None), int):
            headers["Retry-After"] = str(retry)
        return kind(headers=headers)
    if isinstance(error, StaleDataError):
        return Stale()
    if isinstance(error, IntegrityError):
        return _from_integrity(error)
    if isinstance(error, DataError):
        log.warning("data_error", error=str(error.orig))
        return Invalid("A value is out of the range that can be kept.")
    if isinstance(error, OperationalError):
        log.error("database_unavailable", error=str(error.orig))
        return Unavailable("The database does not answer. Nothing was changed; try again shortly.",
                           headers={"Retry-After": "5"})  # fmt: skip
    log.error("defect", exc_info=error)
    return _Defect()


def _from_integrity(error: IntegrityError) -> DomainError:
    state = getattr(error.orig, "sqlstate", "")
    log.info("integrity_error", sqlstate=state, error=str(error.orig).splitlines()[0])
    if state == "23505":
        return Conflict("There is one like this already.", errors=[])
    if state == "23503":
        return Invalid("Something that this refers to does not exist, or is still in use.")
    return Invalid("A value is not allowed here.")


class _Other(DomainError):
    """An HTTP error without a class of its own (405 and the like)."""

    def __init__(self, error: HTTPException) -> None:
        headers = {}
        if allowed := getattr(error, "valid_methods", None):
            headers["Allow"] = ", ".join(sorted(allowed))
        super().__init__(error.description or error.name, headers=headers)
        self.status = error.code or 500  # type: ignore[misc]
        self.code = (error.name or "error").lower().replace(" ", "_")  # type: ignore[misc]
        self.title = error.name  # type: ignore[misc]


class _Defect(DomainError):
    status, code, title = 500, "internal", "Something went wrong on our side"

    def __init__(self) -> None:
        super().__init__("It has been noted. Nothing was changed. Quote the request id if you ask us about it.")


def answer(error: Exception) -> Response:
    """The answer to whatever was raised."""
    db.session.rollback()
    refusal = to_domain_error(error)
    if wants_json() or _render_page is None:
        return problem(refusal)
    if isinstance(refusal, Unauthorized) and "auth.sign_in" in _endpoints():
        return _to_sign_in()
    return _render_page(refusal)


def _endpoints() -> dict[str, Any]:
    from flask import current_app  # noqa: PLC0415

    return current_app.view_functions


def _to_sign_in() -> Response:
    here = request.full_path.rstrip("?") if request.method == "GET" else request.referrer or "/"
    target = url_for("auth.sign_in", next=here)
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": target})
    return redirect(target)  # type: ignore[return-value]


def init_app(app: Flask) -> None:
    """Handle everything that is raised."""
    app.register_error_handler(Exception, answer)
