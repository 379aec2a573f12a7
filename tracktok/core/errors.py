"""Refusals. A service raises one of these; the edge turns it into problem+json, a fragment or a page.

Each area declares its own beside its services: `class BudgetExceeded(Conflict): code = "budget_exceeded"`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field. `pointer` is a JSON pointer such as `/lines/0/amount`."""

    pointer: str
    code: str
    detail: str

    @property
    def field(self) -> str:
        """The form field's name: the pointer without its slash, `lines-0-amount` for nested ones."""
        return self.pointer.lstrip("/").replace("/", "-")


class DomainError(Exception):
    """A refusal with an HTTP status, a stable code and a sentence for a person."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"
    title: ClassVar[str] = "Bad request"

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: tuple[FieldError, ...] | list[FieldError] = (),
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        """`detail` says what happened and what to do; `extra` members are added to the problem document."""
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.errors = tuple(errors)
        self.headers = headers or {}
        self.extra = extra


class BadRequest(DomainError):
    status, code, title = 400, "bad_request", "The request could not be read"


class Unauthorized(DomainError):
    status, code, title = 401, "unauthorized", "Sign in to go on"


class PlanLimit(DomainError):
    """A limit of the plan would be passed; `extra` names limit, used and the way to upgrade."""

    status, code, title = 402, "plan_limit", "This is over the limit of your plan"


class Forbidden(DomainError):
    status, code, title = 403, "forbidden", "You may not do this"


class NotFound(DomainError):
    """There is no such thing, or it is someone else's: both are told alike."""

    status, code, title = 404, "not_found", "Not found"


class Conflict(DomainError):
    """The state of things does not allow it."""

    status, code, title = 409, "conflict", "This cannot be done now"


class Stale(DomainError):
    """Somebody else has changed it since it was read."""

    status, code, title = 412, "stale", "Somebody else has changed this since you opened it"


class TooLarge(DomainError):
    status, code, title = 413, "too_large", "This is too large"


class UnsupportedMediaType(DomainError):
    status, code, title = 415, "unsupported_media_type", "This type of content is not accepted here"


class Invalid(DomainError):
    """The input can be read but not accepted; `errors` names the fields."""

    status, code, title = 422, "invalid", "Some fields need your attention"

    @classmethod
    def at(cls, field: str, detail: str, code: str = "invalid") -> Invalid:
        """A refusal of one field."""
        return cls(detail, errors=[FieldError(f"/{field}", code, detail)])


class TooManyRequests(DomainError):
    status, code, title = 429, "too_many_requests", "Too many requests; wait a little"


class Unavailable(DomainError):
    status, code, title = 503, "unavailable", "This is not available at the moment; try again shortly"
