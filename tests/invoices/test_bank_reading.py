"""Files of banks: each kind read, told by its content, and refused with a reason."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.factories.bank import ofx
from tracktok.invoices.rules.bank_lines import (
    OrderUnknown,
    Statement,
    StatementLine,
    Unreadable,
    keys_of,
    read_amount,
)
from tracktok.invoices.services.bank.qif import decide_order
from tracktok.invoices.services.bank.reading import kind_of, read_statements

D = Decimal
CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>
{statements}</BkToCstmrStmt></Document>"""
STMT = """<Stmt><Id>1</Id><Acct><Id><IBAN>NL26VAYB8060476890</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp>
<Amt Ccy="EUR">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-20</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp>
<Amt Ccy="EUR">{closing}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Dt><Dt>2026-11-21</Dt></Dt></Bal>
{entries}</Stmt>"""
ENTRY = """<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts>{status}</Sts>
<BookgDt><Dt>2026-11-21</Dt></BookgDt><AcctSvcrRef>{own}</AcctSvcrRef>{details}</Ntry>"""
PAID = """<NtryDtls><TxDtls><Refs><EndToEndId>{ref}</EndToEndId></Refs>{amount}<RltdPties><Dbtr>{name}</Dbtr>
</RltdPties><RmtInf><Ustrd>for {ref}</Ustrd></RmtInf></TxDtls></NtryDtls>"""
MT940 = """:20:ST1
:25:PL29114010810000267002001002
:28C:1/1
:60F:C261120EUR100,00
:61:2611211121C1180,50NTRFINV-26-IND-00001//BANK1
:86:Payment of Acme
:61:2611211121RC20,00NTRFNONREF
:86:Taken back
:62F:C261121EUR1260,50
-
"""


def one(data: bytes, order: str | None = None) -> Statement:
    _, found = read_statements(data, order)
    assert len(found) == 1
    return found[0]


def camt(*entries: str, closing: str = "1.00", version: str = "02", statements: int = 1) -> bytes:
    body = STMT.format(closing=closing, entries="".join(entries)) * statements
    return CAMT.format(version=version, statements=body).encode()


def test_ofx_as_sgml():
    found = one(ofx(("20261121", "1180.00", "Acme", "INV-1", "A1"), ("20261122", "-2,50", "Tea", "", ""), closing="9"))
    assert (found.bank_account, found.currency, found.closing) == ("000111", "INR", D(9))
    assert found.lines == [
        StatementLine(date(2026, 11, 21), D("1180.00"), "INR", "Acme", "", "INV-1", "A1"),
        StatementLine(date(2026, 11, 22), D("-2.50"), "INR", "Tea"),
    ]


def test_ofx_as_xml_and_of_a_card():
    data = b"""<?xml version="1.0"?>
<?OFX OFXHEADER="200" VERSION="203" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>
<OFX><CREDITCARDMSGSRSV1><CCSTMTTRNRS><CCSTMTRS><CURDEF>AUD</CURDEF><CCACCTFROM><ACCTID>12</ACCTID></CCACCTFROM>
<BANKTRANLIST><DTSTART>20261101</DTSTART><DTEND>20261130</DTEND><STMTTRN><TRNTYPE>DEBIT</TRNTYPE>
<DTPOSTED>20261108000000[+10:AEST]</DTPOSTED><TRNAMT>-5.50</TRNAMT><FITID>7</FITID>
<MEMO>Fee</MEMO></STMTTRN></BANKTRANLIST>
</CCSTMTRS></CCSTMTTRNRS></CREDITCARDMSGSRSV1></OFX>"""
    found = one(data)
    assert found.lines == [StatementLine(date(2026, 11, 8), D("-5.50"), "AUD", "", "", "Fee", "7")]


@pytest.mark.parametrize(("version", "name"), [("02", "<Nm>Acme</Nm>"), ("08", "<Pty><Nm>Acme</Nm></Pty>")])
def test_camt_of_several_versions_and_statements(version: str, name: str):
    paid = PAID.format(ref="E1", name=name, amount="")
    entries = [
        ENTRY.format(amount="8.85", side="CRDT", status="BOOK", own="R1", details=paid),
        ENTRY.format(amount="19.85", side="DBIT", status="<Cd>BOOK</Cd>", own="R2", details=""),
        ENTRY.format(amount="5.00", side="CRDT", status="PDNG", own="R3", details=""),
    ]  # fmt: skip
    kind, found = read_statements(camt(*entries, version=version, statements=2))
    assert (kind, len(found)) == ("camt", 2)
    first = found[0]
    assert (first.opening, first.closing, first.gap, first.skipped) == (D(10), D(-1), D(0), 1)
    assert first.period == (date(2026, 11, 20), date(2026, 11, 21))
    assert first.lines[0] == StatementLine(date(2026, 11, 21), D("8.85"), "EUR", "Acme", "E1", "for E1", "R1")
    assert first.lines[1].amount == D("-19.85")


def test_a_collected_booking_of_camt_is_split_when_its_parts_add_up():
    parts = [
        PAID.format(ref=f"E{at}", name=f"<Nm>Payer {at}</Nm>", amount=f'<Amt Ccy="EUR">{amount}</Amt>')
        for at, amount in enumerate(("3.00", "4.00"), start=1)
    ]
    found = one(camt(ENTRY.format(amount="7.00", side="CRDT", status="BOOK", own="R", details="".join(parts))))
    assert [(line.amount, line.counterparty, line.external_id) for line in found.lines] == [
        (D(3), "Payer 1", "R/1"), (D(4), "Payer 2", "R/2"),
    ]  # fmt: skip
    whole = one(camt(ENTRY.format(amount="9.00", side="CRDT", status="BOOK", own="R", details="".join(parts))))
    assert [line.amount for line in whole.lines] == [D(9)]
    assert whole.gap == D(-20)


def test_mt940_with_a_credit_that_is_taken_back():
    found = one(MT940.encode())
    assert (found.opening, found.closing, found.gap) == (D(100), D("1260.50"), D(0))
    assert found.lines[0] == StatementLine(
        date(2026, 11, 21), D("1180.50"), "EUR", "", "INV-26-IND-00001", "Payment of Acme", "BANK1"
    )
    assert (found.lines[1].amount, found.lines[1].external_id) == (D("-20.00"), "")
    _, both = read_statements((MT940 + MT940).encode())
    assert [one.closing for one in both] == [D("1260.50")] * 2


def test_qif_with_splits_and_what_is_no_movement():
    data = b"""!Type:Cat
NFood
^
!Type:Bank
D2/10'2026
T500.00
POpening Balance
L[Till]
^
D2/14'2026
T67.50
PAcme
Mfor INV-1
SBills
Esign up
$-15.00
SBills
$82.50
^
D2/15'2026
T1,000.25
N123
^
"""
    found = one(data)
    assert (found.bank_account, found.opening, found.start) == ("Till", D(500), date(2026, 2, 10))
    assert found.lines == [
        StatementLine(date(2026, 2, 14), D("67.50"), "", "Acme", "", "for INV-1 sign up"),
        StatementLine(date(2026, 2, 15), D("1000.25"), "", "", "123"),
    ]
    with pytest.raises(Unreadable, match="come to"):
        read_statements(data.replace(b"82.50", b"82.51"))
    with pytest.raises(Unreadable, match="cut off"):
        read_statements(data.rstrip(b"^\n"))


@pytest.mark.parametrize(
    ("days", "order"),
    [
        (["13/04/2026", "03/04/2026"], "DMY"),
        (["04/13/2026", "03/04/2026"], "MDY"),
        (["2026-04-03"], "YMD"),
        (["2/2'26"], "DMY"),
        (["1/ 1'00"], "DMY"),
        (["14.02.26", "1.2.26"], "DMY"),
    ],
)
def test_the_order_of_dates_is_decided_by_all_of_them(days: list[str], order: str):
    assert decide_order(days) == order


def test_an_order_that_is_not_certain_is_asked_and_one_that_cannot_be_is_refused():
    with pytest.raises(OrderUnknown, match="03/04/2026"):
        decide_order(["03/04/2026", "05/06/2026"])
    with pytest.raises(Unreadable, match="several orders"):
        decide_order(["13/04/2026", "04/13/2026"])
    qif = b"!Type:Bank\nD03/04/2026\nT1\n^\n"
    assert one(qif, "DMY").lines[0].booked_on == date(2026, 4, 3)
    assert one(qif, "MDY").lines[0].booked_on == date(2026, 3, 4)


BOMB = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Document><x>&b;</x></Document>'


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"This is not a QIF file. I promise.", "kind that is known"),
        (b"%PDF-1.7", "a PDF"),
        (b"PK\x03\x04zip", "kind that is known"),
        (b"\x00\x01\x02", "kind that is known"),
        (b"Date,Amount\n2026-11-01,5\n", "kind that is known"),
        (BOMB, "declares"),
        (b"<Document><BkToCstmrStmt>", "broken"),
        (camt("<Ntry/>"), "no amount"),
        (camt("<Ntry><Amt>1</Amt></Ntry>"), "came in or went out"),
        (
            camt(ENTRY.format(amount="1", side="CRDT", status="BOOK", own="", details="").replace("BookgDt", "X")),
            "date",
        ),
        (camt().replace(b'<Amt Ccy="EUR">10.00</Amt>', b"").replace(b"<Ccy>EUR</Ccy>", b""), "broken"),
        (b"<html></html>", "no CAMT.053"),
        (b"<Document><BkToCstmrDbtCdtNtfctn/></Document>", "CAMT.054"),
        (b"<Document><BkToCstmrStmt/></Document>", "no statement"),
        (ofx()[: ofx().index(b"<OFX>")] + b"<OFX></OFX>", "no statement"),
        (b"OFXHEADER:100\n\n<OFX></OFX>", "broken"),
        (ofx(("20261121", "1.00", "A", "", "1"))[:330], "broken"),
        (ofx(("20261121", "lots", "A", "", "1")), "no amount"),
        (ofx(("20261341", "1.00", "A", "", "1")), "no date"),
        (MT940[:150].encode(), "cut off"),
        (MT940.replace("1180,50", "x").encode(), "cannot be read"),
        (b"!Type:Cat\nNFood\n^\n", "no movements"),
        (b"!Type:Bank\nDsoon\nT1\n^\n", "no date"),
        (b"!Type:Bank\n" + b"D2026-11-01\nT1\n^\n" * 20_001, "more than 20,000"),
    ],
)
def test_what_is_no_statement_is_refused_with_its_reason(data: bytes, why: str):
    with pytest.raises(Unreadable, match=why):
        read_statements(data)


def test_the_kind_is_told_by_the_content():
    assert kind_of(b"\xef\xbb\xbf" + MT940.encode()) == "mt940"
    assert kind_of(b"{1:F01}\r\n" + MT940.replace("\n", "\r\n").encode()) == "mt940"
    assert kind_of(camt()) == "camt"
    assert kind_of(b"a :20: b") == "table"


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1,234.50", "1234.50"), ("1.234,50", "1234.50"), ("-5,5", "-5.5"), ("1,234,567", "1234567"), ("+3", "3")],
)
def test_amounts_as_banks_write_them(text: str, amount: str):
    assert read_amount(text) == D(amount)


@pytest.mark.parametrize("text", ["", "NaN", "1e400", "1.00001", "--1"])
def test_what_is_no_amount(text: str):
    with pytest.raises(Unreadable):
        read_amount(text)


def test_lines_that_say_the_same_are_told_apart_by_their_count_and_others_by_the_banks_name():
    tea = StatementLine(date(2026, 11, 1), D("-2.50"), description="Tea")
    named = StatementLine(date(2026, 11, 1), D("-2.50"), description="Tea", external_id="7")
    keys = [key for key, _ in keys_of([tea, tea, named, named])]
    assert len(set(keys)) == 3
    assert keys[2] == keys[3]
    assert [key for key, _ in keys_of([tea, named])] == [keys[0], keys[2]]
    same = StatementLine(date(2026, 11, 1), D("-2.5"), description="Tea")
    assert next(keys_of([same]))[0] == keys[0]
