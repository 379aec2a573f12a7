"""Customers as a kind of import: written, taken back, and the handler."""
# ruff: noqa: S608 - the pieces of SQL are constants of this module; values travel as parameters

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from flask import url_for
from sqlalchemy import func, select

from tracktok.core import clock
from tracktok.core.db import db
from tracktok.core.errors import DomainError
from tracktok.core.jobs import JobRun
from tracktok.core.tenancy import current_tenant_id
from tracktok.customers.models import AccountManager, ClientType
from tracktok.customers.queries.customers import count_customers
from tracktok.customers.queries.groups import get_account_manager, get_client_type
from tracktok.customers.rules.imports import CUSTOMERS
from tracktok.customers.schemas.groups import AccountManagerIn, ClientTypeIn
from tracktok.customers.services.companies import default_company
from tracktok.customers.services.groups import (
    create_account_manager,
    create_client_type,
    delete_account_manager,
    delete_client_type,
)
from tracktok.customers.signals import customers_in_use
from tracktok.imports.models import Import
from tracktok.imports.services.kinds import IMPORT, Handler, Link, Reference
from tracktok.imports.services.telling import tells_commit, tells_undo
from tracktok.imports.services.writing import ID_OF_ROW, begin_ids, chunk_table, id_prefix, open_to_write, staged_chunks
from tracktok.tenants.services import reserve
from tracktok.web.filters import plural

from .rows import STAGED, CustomerBuilder

_COLUMNS: Final = (
    "name, code, email, phone, gst_category, gstin, pan, tax_id, address_line1, address_line2, city, postal_code,"
    " state_code, country, currency, website, notes, payment_terms_days, credit_limit"
)
_LIVE: Final = "c.tenant_id = %(tenant)s AND c.deleted_at IS NULL"
_ALIKE: Final = (
    ("the code", "lower(c.code) = lower(s.code) AND s.code <> ''"),
    ("the GSTIN", "c.gstin = s.gstin AND s.gstin <> ''"),
    ("the name", "lower(c.name) = lower(s.name)"),
)
_WORDS: Final = {
    "the code": "lower(s.code)",
    "the GSTIN": "s.gstin",
    "the name": "lower(s.name)",
}
# Of several reasons the first counts: a row is named once.
EXISTING: Final = (
    "SELECT DISTINCT ON (n) n, message FROM ("
    + " UNION ALL ".join(
        f"SELECT s.n, {place} AS place, 'There is a customer with {what} already: ' || min(c.name) || '.' AS message"
        f" FROM import_staged s JOIN customers c ON {_LIVE} AND {same} GROUP BY s.n"
        for place, (what, same) in enumerate(_ALIKE)
    )
    + "".join(
        f" UNION ALL SELECT m.n, {place} AS place, 'The same {what.removeprefix('the ')} as row ' || m.first ||"
        f" ' of this file.' AS message FROM (SELECT s.n, min(s.n) OVER (PARTITION BY {words}) AS first"
        f" FROM import_staged s WHERE {words} <> '' AND NOT EXISTS (SELECT FROM import_repeated r WHERE r.n = s.n)) m"
        " WHERE m.n > m.first"
        for place, (what, words) in enumerate(_WORDS.items(), 3)
    )
    + ") found ORDER BY n, place"
)
# What was made meanwhile with the same code, GSTIN or name stays as it is.
_KNOWN_BY_NOW: Final = f"""
DELETE FROM import_chunk s USING customers c
 WHERE {_LIVE} AND c.import_id IS DISTINCT FROM %(id)s AND ({" OR ".join(f"({same})" for _, same in _ALIKE)})"""
_INSERT: Final = f"""
INSERT INTO customers (tenant_id, id, import_id, client_type_id, account_manager_id, {_COLUMNS})
SELECT %(tenant)s, {ID_OF_ROW}, %(id)s,
       (SELECT t.id FROM client_types t WHERE t.tenant_id = %(tenant)s AND lower(t.name) = lower(s.client_type)),
       (SELECT a.id FROM account_managers a
         WHERE a.tenant_id = %(tenant)s AND lower(a.name) = lower(s.account_manager)), {_COLUMNS}
  FROM import_chunk s ORDER BY s.p ON CONFLICT DO NOTHING"""
_CONTACTS: Final = f"""
INSERT INTO customer_contacts (tenant_id, id, customer_id, name)
SELECT %(tenant)s, {ID_OF_ROW.replace("prefix", "contacts")}, c.id, s.contact
  FROM import_chunk s JOIN customers c ON c.tenant_id = %(tenant)s AND c.id = {ID_OF_ROW} WHERE s.contact <> ''"""
_OWN: Final = "tenant_id = %(tenant)s AND import_id = %(id)s AND deleted_at IS NULL"
_MOST_NAMES: Final = 20
_MAKERS: Final[dict[str, tuple[Any, Callable[[str], Any]]]] = {
    "client_type": (ClientType, lambda name: create_client_type(ClientTypeIn(name=name))),
    "account_manager": (AccountManager, lambda name: create_account_manager(AccountManagerIn(name=name))),
}


def write_customers(run: JobRun, found: Import) -> dict[str, Any]:
    """Write the staged customers in one transaction. Raises PlanLimit (402)."""
    default_company()
    reserve("customers", count_customers, adding=found.valid)
    _make_names(found)
    cursor = open_to_write(found)
    cursor.execute(chunk_table(STAGED))
    parameters = {
        "tenant": current_tenant_id(), "id": found.id, "prefix": begin_ids(found), "contacts": id_prefix(),
    }  # fmt: skip
    written, staged = 0, 0
    for count in staged_chunks(cursor, found):
        staged += count
        if found.options.get("duplicates") != IMPORT:
            cursor.execute(_KNOWN_BY_NOW, parameters)
        cursor.execute(_INSERT, parameters)
        written += cursor.rowcount
        cursor.execute(_CONTACTS, parameters)
        run.progress(staged, found.valid, "Writing customers")
    cursor.close()
    found.committed_rows = written
    return {"written": written, "duplicates_meanwhile": staged - written}


def _make_names(found: Import) -> None:
    """Make the client types and account managers that rows name and that are not there."""
    new: dict[str, list[str]] = {}
    for kind, wanted in found.facts.get("made", {}).items():
        model, make = _MAKERS[kind]
        for one in wanted.values():
            known = select(model.id).where(func.lower(model.name) == one["name"].lower())
            if db.session.execute(known).first() is None:
                new.setdefault(kind, []).append(str(make(one["name"]).id))
    found.result = {**found.result, "new_ids": new}


def undo_customers(run: JobRun, found: Import) -> dict[str, Any]:
    """Delete the customers of an import that nobody has changed or billed since; the others stay, and are named."""
    run.progress(0, found.committed_rows or 1, "Taking customers back")
    cursor = open_to_write(found)
    keys = {"tenant": current_tenant_id(), "id": found.id}
    cursor.execute(f"SELECT id, version FROM customers WHERE {_OWN} ORDER BY id FOR UPDATE", keys)
    rows = cursor.fetchall()
    used = _used([one for one, _ in rows])
    free = [one for one, version in rows if version == 1 and one not in used]
    cursor.execute(
        "UPDATE customers SET deleted_at = %(now)s, updated_at = %(now)s, version = version + 1"
        " WHERE tenant_id = %(tenant)s AND id = ANY(%(free)s)",
        {**keys, "free": free, "now": clock.now()},
    )
    cursor.execute(f"SELECT name FROM customers WHERE {_OWN} ORDER BY lower(name) LIMIT {_MOST_NAMES}", keys)
    kept_names = [name for (name,) in cursor.fetchall()]
    cursor.close()
    deleted_before = found.committed_rows - len(rows)
    _remove_names(found)
    found.committed_rows = 0
    return {
        "removed": len(free), "kept": len(rows) - len(free), "kept_names": kept_names, "deleted_before": deleted_before,
    }  # fmt: skip


def _used(ids: list[UUID]) -> set[UUID]:
    """Those of these customers that areas above hold something of."""
    return {one for _, answer in customers_in_use.send(None, ids=ids) for one in answer or ()}


def _remove_names(found: Import) -> None:
    """Delete the client types and account managers that the import made and that no customer has, deleted or not."""
    new: dict[str, list[str]] = found.result.get("new_ids", {})
    removals: tuple[tuple[str, Callable[[UUID], Any], Callable[[Any], None]], ...] = (
        ("client_type", get_client_type, delete_client_type),
        ("account_manager", get_account_manager, delete_account_manager),
    )
    for kind, get, delete in removals:
        for one in new.get(kind, []):
            try:
                with db.session.begin_nested():
                    delete(get(UUID(one)))
            except DomainError:
                continue


def _written(found: Import) -> Link:
    return Link("See the customers", url_for("customers.index", import_id=found.id))


def _undo_means(found: Import) -> str:
    return (
        f"Its {plural(found.committed_rows, 'customer')} will be put into the bin, except those that were changed or "
        "billed since: they stay."
    )


def _undo_refused(found: Import) -> str:
    statement = db.text(f"SELECT id, version FROM customers WHERE {_OWN}".replace("%(", ":").replace(")s", ""))
    rows = db.session.execute(statement, {"tenant": current_tenant_id(), "id": found.id}).all()
    fresh = [row.id for row in rows if row.version == 1]
    if set(fresh) - _used(fresh):
        return ""
    return "All of its customers were changed or billed since, or deleted: nothing can be taken back."


CUSTOMER_HANDLER: Final = Handler(
    kind=CUSTOMERS,
    permission="customers.import",
    staged=STAGED,
    existing=EXISTING,
    builder=CustomerBuilder,
    write=write_customers,
    undo=undo_customers,
    written=_written,
    commit_told=tells_commit("customer", "their code, GSTIN or name is in use"),
    undo_told=tells_undo("customer", "Changed or billed since", "removed; the bin keeps them for 30 days."),
    undo_means=_undo_means,
    undo_refused=_undo_refused,
    references=(
        Reference("client_type", "client types", lambda one: _is_there(ClientType, one)),
        Reference("account_manager", "account managers", lambda one: _is_there(AccountManager, one)),
    ),
    repeat_help="A customer with the same code, GSTIN or name, in TrackTok or above in the file. A code that is in use"
    " is never taken twice.",
    shown=("name", "code", "gstin", "city", "state", "country", "email", "phone"),
    file_help="A list of customers with a name in each row; GSTIN, address, e-mail and terms where there are any",
    position=30,
)


def _is_there(model: Any, one: UUID) -> bool:
    return db.session.execute(select(model.id).where(model.id == one)).first() is not None
