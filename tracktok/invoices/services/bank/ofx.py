"""Reading OFX and QFX, both as SGML and as XML."""

from __future__ import annotations

import io
import re
from typing import Any

from ofxtools.Parser import OFXTree, ParseError

from tracktok.invoices.rules.bank_lines import Statement, StatementLine, Unreadable, read_amount, read_day

_STATEMENTS = ("STMTRS", "CCSTMTRS")
# An element without a value would swallow those behind it: banks write them, the standard forbids it.
_LEAVES = (
    rb"FITID|NAME|MEMO|CHECKNUM|REFNUM|SIC|PAYEEID|MESSAGE|DTUSER|DTAVAIL|BRANCHID|SRVRTID|EXTDNAME|ORG|FID|ACCTKEY"
)
_CLOSED_EMPTY = re.compile(rb"<(" + _LEAVES + rb")>\s*</\1>")
_EMPTY = re.compile(rb"<(?:" + _LEAVES + rb")>\s*(?=<)")


def read_ofx(data: bytes) -> list[Statement]:
    """The bank and card statements of an OFX file. Raises Unreadable.

    Only its tree is read, without the library's models: files of real banks leave out what the standard asks for.
    """
    if b"</OFX>" not in data[-4096:].upper():
        raise Unreadable("This OFX file is broken: its end is missing. It may have been cut off.")
    tree = OFXTree()
    try:
        root = tree.parse(io.BytesIO(_EMPTY.sub(b"", _CLOSED_EMPTY.sub(b"", data))))
    except (ParseError, ValueError, SyntaxError, LookupError, AttributeError, IndexError) as error:
        raise Unreadable("This looks like OFX, but it is broken: it may have been cut off.") from error
    found = [_statement(one) for name in _STATEMENTS for one in root.iter(name)]
    if not found:
        raise Unreadable("This OFX file holds no statement of a bank account or card.")
    return found


def _text(node: Any, *path: str) -> str:
    for name in path:
        node = node.find(name) if node is not None else None
    return (node.text or "").strip() if node is not None else ""


def _statement(node: Any) -> Statement:
    account = node.find("BANKACCTFROM")
    if account is None:
        account = node.find("CCACCTFROM")
    found = Statement(_text(account, "ACCTID"), _text(node, "CURDEF").upper())
    movements = node.find("BANKTRANLIST")
    if start := _text(movements, "DTSTART"):
        found.start = read_day(start)
    if end := _text(movements, "DTEND"):
        found.end = read_day(end)
    if balance := _text(node, "LEDGERBAL", "BALAMT"):
        found.closing = read_amount(balance)
    for one in movements.iter("STMTTRN") if movements is not None else ():
        amount = read_amount(_text(one, "TRNAMT"))
        if amount == 0:
            found.skipped += 1
            continue
        found.lines.append(
            StatementLine(
                booked_on=read_day(_text(one, "DTPOSTED")),
                amount=amount,
                currency=_text(one, "CURRENCY", "CURSYM").upper() or found.currency,
                counterparty=_text(one, "NAME") or _text(one, "PAYEE", "NAME"),
                reference=_text(one, "REFNUM") or _text(one, "CHECKNUM"),
                description=_text(one, "MEMO"),
                external_id=_text(one, "FITID"),
            ).tidy()
        )
    return found
