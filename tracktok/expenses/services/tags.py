"""Tags: made, renamed, merged, dropped; and put on expenses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from tracktok.audit.services import record
from tracktok.core.db import db
from tracktok.core.driver import run
from tracktok.core.errors import Conflict, FieldError, Invalid
from tracktok.core.ids import new_id
from tracktok.core.permissions import may
from tracktok.core.tenancy import current_tenant_id
from tracktok.expenses.models import Expense, ExpenseTag, Tag
from tracktok.expenses.queries import tags as queries
from tracktok.expenses.queries.expenses import get_expenses
from tracktok.expenses.queries.references import References
from tracktok.expenses.schemas.tags import TagIn, TagPatch

_PUT = (
    "INSERT INTO expense_tags (tenant_id, expense_id, tag_id, expense_date)"
    " SELECT %(tenant)s, %(expense)s, tag, %(day)s FROM unnest(%(tags)s::uuid[]) AS tag"
)


class TagInUse(Conflict):
    code, title = "in_use", "This tag is in use"


class TagNameTaken(Conflict):
    code, title = "name_taken", "There is a tag of this name"

    def __init__(self) -> None:
        text = "There is a tag of this name already."
        super().__init__(text, errors=[FieldError("/name", self.code, text)])


def _check_name(name: str, itself: UUID | None = None) -> None:
    other = db.session.execute(
        select(Tag.id).where(db.func.lower(Tag.name) == name.lower(), Tag.id != (itself or new_id()))
    ).first()
    if other is not None:
        raise TagNameTaken


def create_tag(body: TagIn) -> Tag:
    """Make a tag. Raises TagNameTaken (409)."""
    _check_name(body.name)
    tag = Tag(id=new_id(), name=body.name, color=body.color)
    db.session.add(tag)
    db.session.flush()
    return tag


def change_tag(tag: Tag, body: TagIn) -> Tag:
    """Change a tag that the caller has locked. Raises TagNameTaken (409)."""
    _check_name(body.name, tag.id)
    tag.name, tag.color = body.name, body.color
    db.session.flush()
    db.session.refresh(tag)
    return tag


def patch_tag(tag: Tag, body: TagPatch) -> Tag:
    """Change what is named of a tag."""
    values = {"name": tag.name, "color": tag.color}
    values |= {name: getattr(body, name) for name in body.model_fields_set}
    return change_tag(tag, TagIn.model_validate(values))


def delete_tag(tag: Tag) -> None:
    """Drop a tag: expenses that carry it lose it."""
    count = queries.count_uses([tag.id]).get(tag.id, 0)
    if count:
        record("untagged", "tags", tag.id, label=tag.name, before={"expenses": count}, after={"expenses": 0})
    try:
        with db.session.begin_nested():
            db.session.delete(tag)
            db.session.flush()
    except IntegrityError as error:
        raise TagInUse("A budget follows this tag. Change the budget first.") from error


def restore_tag(body: TagIn, expense_ids: Sequence[UUID]) -> Tag:
    """Make a tag again that was dropped, on those of these expenses that are still there. Raises TagNameTaken (409)."""
    tag = create_tag(body)
    expenses = get_expenses(expense_ids)
    for expense in expenses:
        put_tags(expense.id, expense.expense_date, [tag.id])
    if expenses:
        record("tagged", "tags", tag.id, label=tag.name, before={"expenses": 0}, after={"expenses": len(expenses)})
    return tag


def merge_tags(tag: Tag, into: Tag) -> None:
    """Put another tag on every expense that carries this one, and drop this one."""
    if tag.id == into.id:
        raise Invalid.at("into_id", "Choose another tag.")
    tenant_id = current_tenant_id()
    carried = select(
        ExpenseTag.tenant_id, ExpenseTag.expense_id, db.literal(into.id, db.Uuid()), ExpenseTag.expense_date
    ).where(ExpenseTag.tenant_id == tenant_id, ExpenseTag.tag_id == tag.id)
    db.session.execute(
        insert(ExpenseTag)
        .from_select(["tenant_id", "expense_id", "tag_id", "expense_date"], carried)
        .on_conflict_do_nothing()
    )
    record("merged", "tags", tag.id, label=tag.name, after={"into": into.name})
    delete_tag(tag)


def resolve_tags(wanted: Sequence[str], refs: References) -> dict[UUID, str]:
    """The tags (id: name) that names or ids stand for; new names make new tags, for those who may make tags.

    `refs` holds the tags that were found. Raises Invalid at `tags`.
    """
    by_name = {name.lower(): tag_id for tag_id, name in refs.tags.items()}
    found: dict[UUID, str] = {}
    missing: dict[str, str] = {}
    errors: list[FieldError] = []
    for number, text in enumerate(wanted):
        tag_id = by_name.get(text.lower()) or _as_known_id(text, refs)
        if tag_id is not None:
            found[tag_id] = refs.tags[tag_id]
        elif _as_id(text) is not None:
            errors.append(FieldError(f"/tags/{number}", "unknown", "There is no such tag."))
        elif not may("categories.write"):
            words = f"There is no tag “{text}”. Ask an owner or admin to add it."
            errors.append(FieldError(f"/tags/{number}", "unknown", words))
        else:
            missing.setdefault(text.lower(), text)
    if errors:
        raise Invalid(errors[0].detail, errors=errors)
    if missing:
        found.update(_make(list(missing.values())))
    return found


def tag_keys(wanted: Iterable[str]) -> tuple[list[str], list[UUID]]:
    """What to look tags up by: their names, and those that look like ids."""
    texts = list(wanted)
    return texts, [one for text in texts if (one := _as_id(text)) is not None]


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None


def _as_known_id(text: str, refs: References) -> UUID | None:
    tag_id = _as_id(text)
    return tag_id if tag_id in refs.tags else None


def _make(names: list[str]) -> dict[UUID, str]:
    """Make tags; those that somebody else makes at this moment are found instead."""
    tenant_id = current_tenant_id()
    rows: list[dict[str, Any]] = [{"tenant_id": tenant_id, "id": new_id(), "name": name, "color": ""} for name in names]
    made = db.session.execute(insert(Tag).values(rows).on_conflict_do_nothing().returning(Tag.id, Tag.name)).all()
    for row in made:
        record("created", "tags", row.id, label=row.name, after={"name": row.name})
    found = {row.id: row.name for row in made}
    if len(found) < len(names):
        others = select(Tag.id, Tag.name).where(db.func.lower(Tag.name).in_([name.lower() for name in names]))
        found.update({row.id: row.name for row in db.session.execute(others)})
    return found


def put_tags(expense_id: UUID, day: date, tag_ids: Iterable[UUID]) -> None:
    """Put tags on an expense that has none of them."""
    ids = sorted(tag_ids)
    if ids:
        values = {"tenant": current_tenant_id(), "expense": expense_id, "tags": ids, "day": day}
        run(_PUT, values)


def replace_tags(expense: Expense, old: Iterable[UUID], new: Iterable[UUID]) -> None:
    """Bring the tags of an expense from old to new, and their date to that of the expense."""
    before, after = set(old), set(new)
    table = cast("Table", ExpenseTag.__table__)
    mine = (table.c.tenant_id == current_tenant_id()) & (table.c.expense_id == expense.id)
    if gone := before - after:
        db.session.execute(delete(table).where(mine, table.c.tag_id.in_(gone)))
    if before & after:
        db.session.execute(
            update(table)
            .where(mine, table.c.expense_date != expense.expense_date)
            .values(expense_date=expense.expense_date)
        )
    put_tags(expense.id, expense.expense_date, after - before)


def tell_tags(expense: Expense, old: Mapping[UUID, str], new: Mapping[UUID, str]) -> None:
    """Write a change of an expense's tags into the audit trail."""
    if old.keys() != new.keys():
        record(
            "tagged",
            "expenses",
            expense.id,
            label=expense.title,
            before={"tags": sorted(old.values())},
            after={"tags": sorted(new.values())},
        )
