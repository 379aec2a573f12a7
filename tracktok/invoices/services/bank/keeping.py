"""Statements taken in: read, checked against their account, and kept without repeating a line."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import IO, Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from tracktok.core.context import actor
from tracktok.core.db import db
from tracktok.core.errors import Invalid, NotFound
from tracktok.core.ids import new_id
from tracktok.core.money import format_amount
from tracktok.core.storage import storage
from tracktok.core.tenancy import current_tenant_id
from tracktok.documents import rules as file_rules
from tracktok.documents.models import StoredFile
from tracktok.documents.queries import get_file
from tracktok.documents.services import LARGEST_RECEIPT, FileTooLarge, may_open, provide_access, store_file
from tracktok.expenses.queries.references import load_references
from tracktok.invoices.models import BankLine, BankStatement
from tracktok.invoices.queries import bank as queries
from tracktok.invoices.rules.bank_lines import OrderUnknown, Statement, StatementLine, Unreadable, keys_of
from tracktok.invoices.rules.bank_tables import Choices

from .reading import CAMT, MT940, OFX, QIF, TABLE, kind_of, read_statements
from .tables import TableReading, open_reading, remember, statement_of

LARGEST_STATEMENT = LARGEST_RECEIPT
_TYPES = {
    OFX: file_rules.OFX, CAMT: file_rules.CAMT, MT940: file_rules.MT940, QIF: file_rules.QIF,
    "csv": file_rules.CSV, "xlsx": file_rules.XLSX, "xls": file_rules.XLS,
}  # fmt: skip
_AT_ONCE = 1_000


@dataclass(slots=True)
class Taken:
    """What came of a file."""

    statements: list[UUID] = field(default_factory=list)
    added: int = 0
    repeated: int = 0
    skipped: int = 0
    notes: list[str] = field(default_factory=list)
    reading: TableReading | None = None
    """How it was read, of a table."""


def take_statement(
    stream: IO[bytes],
    filename: str,
    account_id: UUID,
    *,
    bank_account: str | None = None,
    order: str | None = None,
    choices: Choices | None = None,
) -> Taken:
    """Read a file of a bank and keep its lines; those that are there already are counted, not kept again.

    Raises Invalid (422) at `file`, `account_id`, `bank_account`, `date_order` or what a table does not say by itself,
    FileTooLarge (413), NotATable (415).
    """
    account = _account(account_id)
    data = read_upload(stream)

    def keep(kind: str) -> UUID:
        return _store(data, filename, kind).id

    if kind_of(data) == TABLE:
        return _take_table(data, account, choices or Choices(date_form=order or ""), keep)
    try:
        kind, found = read_statements(data, order)
    except OrderUnknown as refusal:
        raise Invalid.at("date_order", str(refusal), "date_order") from refusal
    except Unreadable as refusal:
        raise Invalid.at("file", str(refusal), "unreadable") from refusal
    chosen = _of_one_account(found, bank_account)
    return _checked(Taken(skipped=sum(one.skipped for one in chosen)), chosen, kind, account, keep)


def is_table(stream: IO[bytes]) -> bool:
    """Whether a file is a table, or at least text that is no other statement. The stream is left at its beginning."""
    stream.seek(0)
    head = stream.read(64 * 1024)
    stream.seek(0)
    return kind_of(head) == TABLE


def keep_table(stream: IO[bytes], filename: str, account_id: UUID) -> StoredFile:
    """Keep a table that is to be looked at before its lines are taken. Raises as take_statement does."""
    data = read_upload(stream)
    reading = look_at_table(data, account_id, Choices())
    return _store(data, filename, reading.kind)


def look_at_table(source: bytes | UUID, account_id: UUID, choices: Choices) -> TableReading:
    """How a table, or one that was kept, is read. Raises Invalid (422), NotATable (415), NotFound."""
    data = _bytes_of(source) if isinstance(source, UUID) else source
    account = _account(account_id)
    if kind_of(data) != TABLE:
        raise Invalid.at("file", "This file is no table: it says by itself what its lines are.", "no_table")
    try:
        return open_reading(data, account, choices)
    except Unreadable as refusal:
        raise Invalid.at("file", str(refusal), "unreadable") from refusal


def take_kept_table(file_id: UUID, account_id: UUID, choices: Choices) -> Taken:
    """Keep the lines of a table that was kept before. Raises as take_statement does, NotFound."""
    data, account = _bytes_of(file_id), _account(account_id)
    return _take_table(data, account, choices, lambda _: file_id)


def kept_table(file_id: UUID) -> StoredFile:
    """A table that was kept, of those who may see it. Raises NotFound."""
    file = get_file(file_id)
    if file.content_type not in file_rules.TABLES or not may_open(file):
        raise NotFound("There is no such file.")
    return file


def _bytes_of(file_id: UUID) -> bytes:
    with storage().open(kept_table(file_id).storage_key) as stream:
        return read_upload(stream)


def read_upload(stream: IO[bytes]) -> bytes:
    """The bytes of a file. Raises FileTooLarge (413), Invalid (422) when it is empty."""
    data = stream.read(LARGEST_STATEMENT + 1)
    if len(data) > LARGEST_STATEMENT:
        raise FileTooLarge(f"Statements may have {file_rules.megabytes(LARGEST_STATEMENT)} at most.")
    if not data.strip():
        raise Invalid.at("file", "The file is empty.", "empty")
    return data


def _store(data: bytes, filename: str, kind: str) -> StoredFile:
    return store_file(
        io.BytesIO(data), filename, allowed=file_rules.STATEMENTS, max_bytes=LARGEST_STATEMENT, known_type=_TYPES[kind]
    )


def _take_table(data: bytes, account: Any, choices: Choices, keep: Callable[[str], UUID]) -> Taken:
    try:
        reading = open_reading(data, account, choices)
    except Unreadable as refusal:
        raise Invalid.at("file", str(refusal), "unreadable") from refusal
    statement = statement_of(reading)
    done = Taken(skipped=statement.skipped, notes=[], reading=reading)
    _checked(done, [statement], reading.kind, account, keep)
    remember(account.id, reading)
    return done


def _checked(done: Taken, chosen: Sequence[Statement], kind: str, account: Any, keep: Callable[[str], UUID]) -> Taken:
    _check_currency(chosen, account)
    if not any(one.lines for one in chosen):
        raise Invalid.at("file", "Nothing moved in this statement: it has no lines.", "empty")
    return _keep(done, chosen, kind, account, keep)


def _keep(done: Taken, chosen: Sequence[Statement], kind: str, account: Any, keep: Callable[[str], UUID]) -> Taken:
    keyed = list(keys_of(line for one in chosen for line in one.lines))
    known = queries.known_fingerprints(account.id, [key for key, _ in keyed])
    if known.issuperset(key for key, _ in keyed):
        done.repeated = len(keyed)
        return done
    file_id = keep(kind)
    who = actor()
    start = 0
    for one in chosen:
        own = keyed[start : start + len(one.lines)]
        start += len(one.lines)
        if known.issuperset(key for key, _ in own):
            done.repeated += len(own)
            continue
        first, last = one.period
        statement = BankStatement(
            id=new_id(), account_id=account.id, file_id=file_id, format=kind, bank_account=one.bank_account[:60],
            period_start=first, period_end=last, opening_balance=one.opening, closing_balance=one.closing,
            currency=account.currency, lines=0, created_by=who.person_id if who else None,
        )  # fmt: skip
        db.session.add(statement)
        db.session.flush()
        statement.lines = _insert(statement, own)
        statement.repeated = len(own) - statement.lines
        db.session.flush()
        done.statements.append(statement.id)
        done.added += statement.lines
        done.repeated += statement.repeated
        if one.gap:
            short = format_amount(one.gap, account.currency)
            done.notes.append(
                f"The lines of {first} to {last} do not come to its closing balance: {short} {account.currency}"
                " are not explained. Lines may be missing in the file."
            )
    return done


def _insert(statement: BankStatement, keyed: Sequence[tuple[str, StatementLine]]) -> int:
    tenant, added = current_tenant_id(), 0
    for at in range(0, len(keyed), _AT_ONCE):
        rows = [
            {
                "tenant_id": tenant, "id": new_id(), "statement_id": statement.id, "account_id": statement.account_id,
                "booked_on": line.booked_on, "amount": line.amount, "currency": statement.currency,
                "counterparty": line.counterparty, "reference": line.reference, "description": line.description,
                "external_id": line.external_id, "fingerprint": key,
            }
            for key, line in keyed[at : at + _AT_ONCE]
        ]  # fmt: skip
        # Somebody may be taking in the same file: the key decides.
        written = insert(BankLine).values(rows).on_conflict_do_nothing().returning(BankLine.id)
        added += len(db.session.execute(written).all())
    return added


def _account(account_id: UUID) -> Any:
    found = load_references(accounts=[account_id], lock=True).accounts.get(account_id)
    if found is None or found.is_deleted:
        raise Invalid.at("account_id", "There is no such account.", "not_found")
    if found.is_archived:
        raise Invalid.at("account_id", f"“{found.name}” is archived; choose another account.", "archived")
    return found


def _of_one_account(found: Sequence[Statement], bank_account: str | None) -> list[Statement]:
    names = list(dict.fromkeys(one.bank_account for one in found))
    if bank_account:
        chosen = [one for one in found if one.bank_account == bank_account]
        if not chosen:
            raise Invalid.at("bank_account", "This file has no such account.", "not_found")
        return chosen
    if len(names) > 1:
        shown = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
        text = f"This file has statements of {len(names)} accounts ({shown}). Say which one to read."
        raise Invalid.at("bank_account", text, "several_accounts")
    return list(found)


def _check_currency(chosen: Sequence[Statement], account: Any) -> None:
    used = {one.currency for statement in chosen for one in statement.lines} - {""}
    if others := sorted(used - {account.currency}):
        text = f"The file is in {', '.join(others)}, “{account.name}” holds {account.currency}."
        raise Invalid.at("account_id", text, "other_currency")


@provide_access
def may_open_statement(file_id: UUID) -> bool:
    """Whether the current actor may open a file because it is that of a statement."""
    who = actor()
    return who is not None and who.may("receipts.read") and queries.is_statement_file(file_id)
