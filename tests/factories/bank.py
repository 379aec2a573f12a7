"""Bank statements. Call these inside `company.owner.acting()`."""

from __future__ import annotations

import io
from uuid import UUID

from sqlalchemy import select

from tests.factories.expenses import make_account
from tracktok.core.db import db
from tracktok.invoices.models import BankLine
from tracktok.invoices.services.bank import take_statement

Movement = tuple[str, str, str, str, str]
"""(day as YYYYMMDD, amount, name, memo, the bank's id)"""
ONE: tuple[Movement, ...] = (("20261121", "1180.00", "Acme", "Invoice", "A1"),)


def ofx(*movements: Movement, currency: str = "INR", account: str = "000111", closing: str = "") -> bytes:
    """An OFX file of one account."""
    rows = "".join(
        f"<STMTTRN><TRNTYPE>OTHER<DTPOSTED>{day}120000<TRNAMT>{amount}<FITID>{own}<NAME>{name}<MEMO>{memo}</STMTTRN>\n"
        for day, amount, name, memo, own in movements
    )
    balance = f"<LEDGERBAL><BALAMT>{closing}<DTASOF>20261123</LEDGERBAL>" if closing else ""
    return (
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\nCHARSET:1252\nCOMPRESSION:NONE\n"
        "OLDFILEUID:NONE\nNEWFILEUID:NONE\n\n"
        f"<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>{currency}<BANKACCTFROM><BANKID>1<ACCTID>{account}"
        f"<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>20261120<DTEND>20261123\n{rows}</BANKTRANLIST>"
        f"{balance}</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
    ).encode()


def take(*movements: Movement, account_id: UUID | None = None) -> list[UUID]:
    """Lines of a statement, in the order of the file, in an account of its own unless one is named."""
    account = account_id or make_account().id
    take_statement(io.BytesIO(ofx(*(movements or ONE))), "bank.ofx", account)
    rows = select(BankLine.id).where(BankLine.account_id == account).order_by(BankLine.id)
    return list(db.session.execute(rows).scalars())


def make_bank_ids() -> dict[str, UUID]:
    """A statement and its line."""
    [line_id] = take()
    statement_id = db.session.execute(select(BankLine.statement_id).where(BankLine.id == line_id)).scalar_one()
    return {"bank_line_id": line_id, "bank_statement_id": statement_id}
