"""Reading CAMT.053, of every version: names are looked for without their namespace."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from tracktok.invoices.rules.bank_lines import Statement, StatementLine, Unreadable, read_amount, read_day

_OTHERS = {
    "BkToCstmrAcctRpt": "a report within the day (CAMT.052)",
    "BkToCstmrDbtCdtNtfctn": "a notice of single bookings (CAMT.054)",
    "CstmrCdtTrfInitn": "an order to pay (PAIN.001)",
    "CstmrDrctDbtInitn": "an order to collect (PAIN.008)",
}


def read_camt(data: bytes) -> list[Statement]:
    """The statements of a CAMT.053 file. Raises Unreadable, also for files that declare entities or types."""
    try:
        root = fromstring(data, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        raise Unreadable("This XML file declares a document type or entities; statements never do.") from error
    except (ParseError, ValueError, LookupError) as error:
        raise Unreadable("This XML file is broken: it may have been cut off.") from error
    body = _child(root, "BkToCstmrStmt")
    if body is None:
        for name, meaning in _OTHERS.items():
            if _child(root, name) is not None:
                raise Unreadable(f"This file is {meaning}, no statement. Export CAMT.053.")
        raise Unreadable(f"This XML file is no CAMT.053 statement: it starts with <{_name(root)[:40]}>.")
    found = [_statement(one) for one in _children(body, "Stmt")]
    if not found:
        raise Unreadable("This CAMT.053 file holds no statement.")
    return found


def _name(node: Any) -> str:
    return str(node.tag).rpartition("}")[2]


def _children(node: Any, name: str) -> Iterator[Any]:
    return (one for one in (node if node is not None else ()) if _name(one) == name)


def _child(node: Any, *path: str) -> Any:
    for name in path:
        node = next(_children(node, name), None)
    return node


def _text(node: Any, *path: str) -> str:
    found = _child(node, *path)
    return (found.text or "").strip() if found is not None else ""


def _day(node: Any, name: str) -> str:
    return _text(node, name, "Dt") or _text(node, name, "DtTm")


def _signed(node: Any) -> Decimal:
    amount = read_amount(_text(node, "Amt"))
    side = _text(node, "CdtDbtInd")
    if side not in {"CRDT", "DBIT"}:
        raise Unreadable("An amount of this file does not say whether it came in or went out.")
    return amount if side == "CRDT" else -amount


def _statement(node: Any) -> Statement:
    account = _child(node, "Acct")
    number = _text(account, "Id", "IBAN") or _text(account, "Id", "Othr", "Id")
    found = Statement(number, _text(account, "Ccy").upper())
    for balance in _children(node, "Bal"):
        code = _text(balance, "Tp", "CdOrPrtry", "Cd")
        found.currency = found.currency or _child(balance, "Amt").get("Ccy", "").upper()
        if code == "OPBD" or (code == "PRCD" and found.opening is None):
            found.opening = _signed(balance)
            if code == "OPBD" and (day := _day(balance, "Dt")):
                found.start = read_day(day)
        elif code == "CLBD":
            found.closing = _signed(balance)
            if day := _day(balance, "Dt"):
                found.end = read_day(day)
    span = _child(node, "FrToDt")
    if first := _text(span, "FrDtTm") or _text(span, "FrDt"):
        found.start = read_day(first)
    if last := _text(span, "ToDtTm") or _text(span, "ToDt"):
        found.end = read_day(last)
    for entry in _children(node, "Ntry"):
        status = _text(entry, "Sts", "Cd") or _text(entry, "Sts")
        if status not in {"BOOK", ""} or _signed(entry) == 0:
            found.skipped += 1
            continue
        found.lines += _lines(entry, found.currency)
    return found


def _lines(entry: Any, currency: str) -> list[StatementLine]:
    """The lines of an entry: one, or one for each payment of a collected booking when their amounts add up."""
    total = _signed(entry)
    currency = _child(entry, "Amt").get("Ccy", "").upper() or currency
    payments = [one for details in _children(entry, "NtryDtls") for one in _children(details, "TxDtls")]
    amounts = [_amount_of(one, currency) for one in payments]
    known = [one for one in amounts if one is not None]
    if len(payments) > 1 and len(known) == len(payments) and sum(known) == abs(total):
        sign = 1 if total > 0 else -1
        return [
            _line(entry, payment, sign * amount, currency, f"/{at}")
            for at, (payment, amount) in enumerate(zip(payments, known, strict=True), start=1)
            if amount
        ]
    return [_line(entry, payments[0] if len(payments) == 1 else None, total, currency)]


def _amount_of(payment: Any, currency: str) -> Decimal | None:
    for path in (("Amt",), ("AmtDtls", "TxAmt", "Amt")):
        node = _child(payment, *path)
        if node is not None:
            return read_amount(node.text or "") if node.get("Ccy", "").upper() in {currency, ""} else None
    return None


def _line(entry: Any, payment: Any, amount: Decimal, currency: str, part: str = "") -> StatementLine:
    day = _day(entry, "BookgDt") or _day(entry, "ValDt")
    parties = _child(payment, "RltdPties")
    others = ("Dbtr", "UltmtDbtr") if amount > 0 else ("Cdtr", "UltmtCdtr")
    names = (_text(parties, one, "Nm") or _text(parties, one, "Pty", "Nm") for one in others)
    about = _child(payment, "RmtInf")
    structured = [_text(one, "CdtrRefInf", "Ref") for one in _children(about, "Strd")]
    documents = [
        _text(one, "Nb")
        for strd in _children(about, "Strd")
        for one in _children(strd, "RfrdDocInf")
        if one is not None
    ]
    end_to_end = _text(payment, "Refs", "EndToEndId")
    said = [(one.text or "").strip() for one in _children(about, "Ustrd")]
    extra = _text(payment, "AddtlTxInf") or _text(entry, "AddtlNtryInf")
    own = _text(entry, "AcctSvcrRef") or _text(payment, "Refs", "AcctSvcrRef") or _text(entry, "NtryRef")
    return StatementLine(
        booked_on=read_day(day),
        amount=amount,
        currency=currency,
        counterparty=next((one for one in names if one), ""),
        reference=next((one for one in structured if one), "")
        or (end_to_end if end_to_end.upper() not in {"NOTPROVIDED", "NOT PROVIDED"} else ""),
        description=" ".join(one for one in (*said, *documents, extra) if one),
        external_id=f"{own}{part}" if own else "",
    ).tidy()
