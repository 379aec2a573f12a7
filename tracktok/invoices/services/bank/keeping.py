"""Statements taken in: read, checked against their account, and kept without repeating a line."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from tracktok.core.context import actor
from tracktok.core.db import db
from tracktok.core.errors import Invalid
from tracktok.core.ids import new_id
from tracktok.core.money import format_amount
from tracktok.core.tenancy import current_tenant_id
from tracktok.documents import rules as file_rules
from tracktok.documents.services import LARGEST_RECEIPT, FileTooLarge, provide_access, store_file
from tracktok.expenses.queries.references import load_references
from tracktok.invoices.models import BankLine, BankStatement
from tracktok.invoices.queries import bank as queries
from tracktok.invoices.rules.bank_lines import OrderUnknown, Statement, StatementLine, Unreadable, keys_of

from .reading import CAMT, MT940, OFX, QIF, read_statements

LARGEST_STATEMENT = LARGEST_RECEIPT
_TYPES = {OFX: file_rules.OFX, CAMT: file_rules.CAMT, MT940: file_rules.MT940, QIF: file_rules.QIF}
_AT_ONCE = 1_000


@dataclass(slots=True)
class Taken:
    """What came of a file."""

    statements: list[UUID] = field(default_factory=list)
    added: int = 0
    repeated: int = 0
    skipped: int = 0
    notes: list[str] = field(default_factory=list)


def take_statement(
    stream: IO[bytes], filename: str, account_id: UUID, *, bank_account: str | None = None, order: str | None = None
) -> Taken:
    """Read a file of a bank and keep its lines; those that are there already are counted, not kept again.

    Raises Invalid (422) at `file`, `account_id`, `bank_account` or `date_order`, FileTooLarge (413).
    """
    account = _account(account_id)
    data = stream.read(LARGEST_STATEMENT + 1)
    if len(data) > LARGEST_STATEMENT:
        raise FileTooLarge(f"Statements may have {file_rules.megabytes(LARGEST_STATEMENT)} at most.")
    if not data.strip():
        raise Invalid.at("file", "The file is empty.", "empty")
    try:
        kind, found = read_statements(data, order)
    except OrderUnknown as refusal:
        raise Invalid.at("date_order", str(refusal), "date_order") from refusal
    except Unreadable as refusal:
        raise Invalid.at("file", str(refusal), "unreadable") from refusal
    chosen = _of_one_account(found, bank_account)
    _check_currency(chosen, account)
    done = Taken(skipped=sum(one.skipped for one in chosen))
    if not any(one.lines for one in chosen):
        raise Invalid.at("file", "Nothing moved in this statement: it has no lines.", "empty")
    return _keep(done, chosen, kind, account, (data, filename))


def _keep(done: Taken, chosen: Sequence[Statement], kind: str, account: Any, file: tuple[bytes, str]) -> Taken:
    keyed = list(keys_of(line for one in chosen for line in one.lines))
    known = queries.known_fingerprints(account.id, [key for key, _ in keyed])
    if known.issuperset(key for key, _ in keyed):
        done.repeated = len(keyed)
        return done
    stored = store_file(
        io.BytesIO(file[0]), file[1], allowed=file_rules.STATEMENTS, max_bytes=LARGEST_STATEMENT,
        known_type=_TYPES[kind],
    )  # fmt: skip
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
            id=new_id(), account_id=account.id, file_id=stored.id, format=kind, bank_account=one.bank_account[:60],
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
