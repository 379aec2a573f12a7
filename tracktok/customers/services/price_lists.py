"""Price lists: prices of their own, for a time, for some customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select

from tracktok.audit.services import record
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import FieldError, Invalid
from tracktok.core.ids import new_id
from tracktok.core.tenancy import current_tenant_id
from tracktok.customers.models import PriceList, PriceListItem
from tracktok.customers.queries import prices as queries
from tracktok.customers.queries import service_types
from tracktok.customers.schemas.catalog import PriceListIn, PriceListItemIn, PriceListPatch
from tracktok.tenants.queries import today

from .refusals import InUse, NameTaken, deleting, judged_by

_NAME = {"uq_price_lists_name": lambda: NameTaken("price list")}
_ITEMS = PriceListItem.__table__


def create_price_list(body: PriceListIn) -> PriceList:
    """Make a price list. Raises NameTaken (409), Invalid (422)."""
    price_list = PriceList(id=new_id(), currency=body.currency or preferences().currency)
    _write(price_list, body.name, archived=body.is_archived)
    _write_items(price_list, body.items)
    return price_list


def change_price_list(price_list: PriceList, body: PriceListIn) -> PriceList:
    """Change a price list, locked by the caller, as a whole."""
    if body.currency is not None:
        price_list.currency = body.currency
    _write(price_list, body.name, archived=body.is_archived)
    _write_items(price_list, body.items)
    db.session.refresh(price_list)
    return price_list


def patch_price_list(price_list: PriceList, body: PriceListPatch) -> PriceList:
    """Change what is named of a price list."""
    archived = price_list.is_archived if body.is_archived is None else body.is_archived
    _write(price_list, body.name or price_list.name, archived=archived)
    if body.items is not None:
        _write_items(price_list, body.items)
    db.session.refresh(price_list)
    return price_list


def _write(price_list: PriceList, name: str, *, archived: bool) -> None:
    same = select(PriceList.id).where(func.lower(PriceList.name) == name.lower(), PriceList.id != price_list.id)
    if db.session.execute(same).first() is not None:
        raise NameTaken("price list")
    with judged_by(_NAME):
        price_list.name, price_list.is_archived = name, archived
        db.session.add(price_list)
    db.session.refresh(price_list)


def _write_items(price_list: PriceList, items: Sequence[PriceListItemIn]) -> None:
    """Replace the prices of a list. Raises Invalid with each price that is at fault."""
    held = queries.items_of([price_list.id])[price_list.id]
    kept = {row.service_type_id for row in held}
    live = service_types.get_service_types(one.service_type_id for one in items)
    rows, errors, seen = [], [], set()
    for number, one in enumerate(items):
        first = one.valid_from or today()
        if one.service_type_id not in live and one.service_type_id not in kept:
            errors.append(FieldError(f"/items/{number}/service_type_id", "not_found", "There is no such service type."))
        if one.valid_to is not None and one.valid_to < first:
            errors.append(FieldError(f"/items/{number}/valid_to", "invalid", "The last day is before the first."))
        if (one.service_type_id, first) in seen:
            text = "This service type has another price from the same day on."
            errors.append(FieldError(f"/items/{number}/valid_from", "duplicate", text))
        seen.add((one.service_type_id, first))
        rows.append(_row(price_list.id, one, first))
    if errors:
        raise Invalid(errors[0].detail, errors=errors)
    before = sorted(_told(row._mapping) for row in held)  # noqa: SLF001
    named = {one.id: one.name for one in live.values()} | {row.service_type_id: row.service_type for row in held}
    after = sorted(_told({**row, "service_type": named[row["service_type_id"]]}) for row in rows)
    if before == after:
        return
    mine = (_ITEMS.c.tenant_id == current_tenant_id()) & (_ITEMS.c.price_list_id == price_list.id)
    db.session.execute(delete(_ITEMS).where(mine))  # type: ignore[arg-type]
    if rows:
        db.session.execute(insert(_ITEMS), rows)  # type: ignore[arg-type]
    if before or after:
        gone, come = sorted(set(before) - set(after)), sorted(set(after) - set(before))
        record(
            "updated", "price_lists", price_list.id, price_list.name, before={"prices": gone}, after={"prices": come}
        )


def _row(price_list_id: UUID, one: PriceListItemIn, first: Any) -> dict[str, Any]:
    return {
        "tenant_id": current_tenant_id(),
        "price_list_id": price_list_id,
        "service_type_id": one.service_type_id,
        "valid_from": first,
        "valid_to": one.valid_to,
        "unit_price": one.unit_price,
    }


def _told(row: Any) -> str:
    until = f" to {row['valid_to'].isoformat()}" if row["valid_to"] else ""
    return f"{row['service_type']}: {row['unit_price'].normalize():f} from {row['valid_from'].isoformat()}{until}"


def delete_price_list(price_list: PriceList) -> None:
    """Delete a price list that no customer has. Raises InUse (409)."""
    count = queries.count_customers_of([price_list.id]).get(price_list.id, 0)
    many = f"{count:,} customers have" if count != 1 else "A customer has"
    told = (
        f"{many} this price list. Give them another first, or archive it."
        if count
        else ("A customer in the bin still has this price list. Archive it instead.")
    )
    with deleting(InUse(told)):
        db.session.delete(price_list)
