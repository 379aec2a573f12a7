"""Vendors as a kind of import: rows checked as the form checks them, written, taken back."""
# ruff: noqa: S608 - the pieces of SQL are constants of this module; values travel as parameters

from __future__ import annotations

from typing import Any, ClassVar, Final
from uuid import UUID

from flask import url_for
from psycopg import errors
from pydantic import ValidationError

from tracktok.core.db import db
from tracktok.core.jobs import JobRun
from tracktok.core.tenancy import current_tenant_id
from tracktok.customers.queries.companies import find_default_company
from tracktok.customers.rules.imports import read_country, read_state, read_terms
from tracktok.customers.rules.states import INDIA
from tracktok.imports.models import Import
from tracktok.imports.rules.cells import Bad
from tracktok.imports.rules.columns import Kind
from tracktok.imports.rules.plan import Plan
from tracktok.imports.services.building import Reasons, RowBuilder
from tracktok.imports.services.kinds import Handler, Link
from tracktok.imports.services.telling import tells_commit, tells_undo
from tracktok.imports.services.writing import ID_OF_ROW, begin_ids, chunk_table, id_prefix, open_to_write, staged_chunks
from tracktok.trips.rules import vendor_files as rules
from tracktok.trips.rules.vendors import VendorIdentity, settle_vendor
from tracktok.trips.schemas.vendors import VendorIn
from tracktok.web.filters import plural
from tracktok.web.forms import sentence_of

_CHECKED: Final = (
    "name", "code", "email", "phone", "gstin", "pan", "tax_id", "address_line1", "address_line2", "city", "postal_code",
    "currency", "bank_name", "bank_account_name", "bank_account_number", "bank_ifsc", "bank_swift", "upi_id", "notes",
)  # fmt: skip
_TEXTS: Final = (*_CHECKED, "billing_model", "state_code", "country", "contact")
COLUMNS: Final = (*_TEXTS, "payment_terms_days")
STAGED: Final = ", ".join([*(f"{name} text NOT NULL" for name in _TEXTS), "payment_terms_days int NOT NULL"])
_COLUMNS: Final = ", ".join(name for name in COLUMNS if name != "contact")
_FIELD_OF: Final = {"state_code": "state", "payment_terms_days": "payment_terms"}
_OURS: Final = "v.tenant_id = %(tenant)s"
_SAME: Final = "(lower(v.name) = lower(s.name) OR (s.code <> '' AND lower(v.code) = lower(s.code)))"
EXISTING: Final = f"""
SELECT DISTINCT ON (n) n, message FROM (
SELECT s.n, 0 AS place, 'There is a vendor with this name or code already: ' || min(v.name) || '.' AS message
  FROM import_staged s JOIN vendors v ON {_OURS} AND {_SAME} GROUP BY s.n
UNION ALL SELECT m.n, 1, 'The same name as row ' || m.first || ' of this file.'
  FROM (SELECT s.n, min(s.n) OVER (PARTITION BY lower(s.name)) AS first FROM import_staged s
         WHERE NOT EXISTS (SELECT FROM import_repeated r WHERE r.n = s.n)) m WHERE m.n > m.first
UNION ALL SELECT m.n, 2, 'The same code as row ' || m.first || ' of this file.'
  FROM (SELECT s.n, min(s.n) OVER (PARTITION BY lower(s.code)) AS first FROM import_staged s
         WHERE s.code <> '' AND NOT EXISTS (SELECT FROM import_repeated r WHERE r.n = s.n)) m WHERE m.n > m.first
) found ORDER BY n, place"""
_INSERT: Final = f"""
INSERT INTO vendors (tenant_id, id, import_id, {_COLUMNS})
SELECT %(tenant)s, {ID_OF_ROW}, %(id)s, {_COLUMNS} FROM import_chunk s ORDER BY s.p ON CONFLICT DO NOTHING"""
_CONTACTS: Final = f"""
INSERT INTO vendor_contacts (tenant_id, id, vendor_id, name)
SELECT %(tenant)s, {ID_OF_ROW.replace("prefix", "contacts")}, v.id, s.contact
  FROM import_chunk s JOIN vendors v ON v.tenant_id = %(tenant)s AND v.id = {ID_OF_ROW} WHERE s.contact <> ''"""
_OWN: Final = "v.tenant_id = %(tenant)s AND v.import_id = %(id)s"
_FREE: Final = (
    "v.version = 1 AND NOT EXISTS (SELECT FROM rate_cards c WHERE c.tenant_id = v.tenant_id AND c.vendor_id = v.id)"
    " AND NOT EXISTS (SELECT FROM vendor_files f WHERE f.tenant_id = v.tenant_id AND f.vendor_id = v.id)"
)
_MOST_NAMES: Final = 20


class VendorBuilder(RowBuilder):
    """Rows to staged vendors."""

    kind: ClassVar[Kind] = rules.VENDORS
    columns: ClassVar[tuple[str, ...]] = COLUMNS

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        company = find_default_company()
        self.home = company.country if company is not None else INDIA

    def key(self, values: Any) -> Any:
        """The name, however it is spelt."""
        return values["name"].lower()

    def row(self, values: dict[str, Any]) -> dict[str, Any] | Reasons:
        """The vendor of a row, made whole; or all that is wrong with it."""
        read: dict[str, Any] = {
            "country": read_country(values["country"]),
            "billing_model": rules.read_model(values["billing_model"]),
            "payment_terms": read_terms(values["payment_terms"]),
        }
        abroad = bool(read["country"]) and not isinstance(read["country"], Bad) and read["country"] != INDIA
        read["state"] = "" if abroad else read_state(values["state"])
        bad: Reasons = [(name, value) for name, value in read.items() if isinstance(value, Bad)]
        said = {name: values[name] for name in _CHECKED if values[name] not in {None, ""}}
        try:
            checked = VendorIn.model_validate({"name": "", "billing_model": "trip", **said})
        except ValidationError as refused:
            bad += [
                (str(error["loc"][0]), Bad(sentence_of(error)))
                for error in refused.errors(include_url=False)
                if error["loc"]
            ]
        if bad:
            return bad
        identity = VendorIdentity(checked.gstin, checked.pan, read["state"], read["country"], checked.postal_code)
        settled, problems = settle_vendor(identity, self.home)
        if problems:
            return [(_FIELD_OF.get(name, name), Bad(text)) for name, text in problems]
        return {
            **{name: getattr(checked, name) for name in _CHECKED},
            "currency": checked.currency or self.currency,
            "billing_model": read["billing_model"],
            "gstin": settled.gstin,
            "pan": settled.pan,
            "state_code": settled.state_code,
            "country": settled.country,
            "payment_terms_days": 30 if read["payment_terms"] is None else read["payment_terms"],
            "contact": values["contact"],
        }


def write_vendors(run: JobRun, found: Import) -> dict[str, Any]:
    """Write the staged vendors in one transaction. What was made meanwhile with the same name or code stays."""
    cursor = open_to_write(found)
    cursor.execute(chunk_table(STAGED))
    parameters = {
        "tenant": current_tenant_id(), "id": found.id, "prefix": begin_ids(found), "contacts": id_prefix(),
    }  # fmt: skip
    written, staged = 0, 0
    for count in staged_chunks(cursor, found):
        staged += count
        cursor.execute(_INSERT, parameters)
        written += cursor.rowcount
        cursor.execute(_CONTACTS, parameters)
        run.progress(staged, found.valid, "Writing vendors")
    cursor.close()
    found.committed_rows = written
    return {"written": written, "duplicates_meanwhile": staged - written}


def undo_vendors(run: JobRun, found: Import) -> dict[str, Any]:
    """Delete the vendors of an import that nobody has changed or used since; the others stay, and are named."""
    run.progress(0, found.committed_rows or 1, "Taking vendors back")
    cursor = open_to_write(found)
    keys = {"tenant": current_tenant_id(), "id": found.id}
    cursor.execute(f"SELECT v.id FROM vendors v WHERE {_OWN} AND {_FREE} ORDER BY v.id FOR UPDATE", keys)
    free = [one for (one,) in cursor.fetchall()]
    removed = sum(_delete(cursor, one) for one in free)
    cursor.execute(f"SELECT v.name FROM vendors v WHERE {_OWN} ORDER BY lower(v.name)", keys)
    kept = [name for (name,) in cursor.fetchall()]
    cursor.close()
    gone = found.committed_rows - removed - len(kept)
    found.committed_rows = 0
    return {"removed": removed, "kept": len(kept), "kept_names": kept[:_MOST_NAMES], "deleted_before": gone}


def _delete(cursor: Any, vendor_id: UUID) -> bool:
    """Delete a vendor with its contacts, unless something refers to it (a trip): then it stays as it is."""
    keys = {"tenant": current_tenant_id(), "id": vendor_id}
    try:
        with cursor.connection.transaction():
            cursor.execute("DELETE FROM vendor_contacts WHERE tenant_id = %(tenant)s AND vendor_id = %(id)s", keys)
            cursor.execute("DELETE FROM vendors WHERE tenant_id = %(tenant)s AND id = %(id)s", keys)
    except errors.ForeignKeyViolation:
        return False
    return True


def _written(found: Import) -> Link:
    return Link("See the vendors", url_for("vendors.index", import_id=found.id))


def _undo_means(found: Import) -> str:
    return (
        f"Its {plural(found.committed_rows, 'vendor')} will be deleted, except those that were changed since or have "
        "rate cards or files: they stay."
    )


def _undo_refused(found: Import) -> str:
    statement = f"SELECT 1 FROM vendors v WHERE {_OWN} AND {_FREE} LIMIT 1".replace("%(", ":").replace(")s", "")
    keys = {"tenant": current_tenant_id(), "id": found.id}
    if db.session.execute(db.text(statement), keys).first() is not None:
        return ""
    return "All of its vendors were changed or used since, or deleted: nothing can be taken back."


VENDOR_HANDLER: Final = Handler(
    kind=rules.VENDORS,
    permission="vendors.import",
    staged=STAGED,
    existing=EXISTING,
    builder=VendorBuilder,
    write=write_vendors,
    undo=undo_vendors,
    written=_written,
    commit_told=tells_commit("vendor", "their name or code is in use"),
    undo_told=tells_undo("vendor", "Changed or used since"),
    undo_means=_undo_means,
    undo_refused=_undo_refused,
    repeat_help="A vendor with the same name or code, in TrackTok or above in the file. Neither is ever taken twice.",
    shown=("name", "code", "billing_model", "gstin", "city", "email", "phone"),
    file_help="A list of vendors with a name in each row; billing model, GSTIN, address, bank and terms where there are"
    " any",
    position=40,
)
