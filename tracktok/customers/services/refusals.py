"""What is refused about customers, and how a database's judgement becomes a refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from psycopg import errors as pg
from sqlalchemy.exc import IntegrityError

from tracktok.core.db import db
from tracktok.core.errors import Conflict, DomainError, FieldError, Invalid


class NameTaken(Conflict):
    code, title = "name_taken", "This name is in use"

    def __init__(self, thing: str, field: str = "name") -> None:
        text = f"There is a {thing} of this name already."
        super().__init__(text, errors=[FieldError(f"/{field}", self.code, text)])


class CodeTaken(Conflict):
    code, title = "code_taken", "This code is in use"

    def __init__(self, whose: str = "") -> None:
        text = f"{whose} has this code already." if whose else "Another customer has this code already."
        super().__init__(text, errors=[FieldError("/code", self.code, text)])


class InUse(Conflict):
    code, title = "in_use", "This is in use"


class DefaultCompany(Conflict):
    code, title = "default_company", "This is the default company"


@contextmanager
def judged_by(constraints: Mapping[str, Callable[[], DomainError]]) -> Iterator[None]:
    """Flush inside; what a named constraint of the database forbids is refused as the mapping says.

    What was asked before may have become wrong meanwhile, by somebody else's writing: the constraint is the judge. A
    reference to what is not there, or someone else's, is refused too. In a savepoint: a page that was refused is drawn
    in the same transaction.
    """
    try:
        with db.session.begin_nested():
            yield
            db.session.flush()
    except IntegrityError as error:
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", None) or ""
        if name in constraints:
            refusal = constraints[name]()
            raise refusal from error
        if isinstance(error.orig, pg.ForeignKeyViolation):
            raise Invalid("Something that this refers to is not there any more.") from error
        raise


@contextmanager
def deleting(used: Conflict) -> Iterator[None]:
    """Delete inside; refused as `used` when something still refers to it."""
    try:
        with db.session.begin_nested():
            yield
            db.session.flush()
    except IntegrityError as error:
        if isinstance(error.orig, pg.ForeignKeyViolation):
            raise used from error
        raise


def refuse(problems: tuple[tuple[str, str], ...]) -> None:
    """Raise Invalid with all that is wrong, each at its field."""
    if problems:
        raise Invalid(problems[0][1], errors=[FieldError(f"/{name}", "invalid", text) for name, text in problems])
