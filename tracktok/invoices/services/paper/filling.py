"""From a stored document to what its paper says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

from babel import Locale

from tracktok.core.money import format_amount
from tracktok.customers.rules.states import state_name
from tracktok.invoices.models import DocumentKind, SalesDocument, SalesLine
from tracktok.invoices.rules import statuses
from tracktok.invoices.rules.paper import Paper, PaperLine, Party, TaxRow
from tracktok.web.filters import format_day, format_number, locale_of

ZERO = Decimal(0)
_TRANSPORT = (
    ("gross_weight", "Gross weight"),
    ("consignor", "Consignor"),
    ("consignee", "Consignee"),
    ("vehicle", "Vehicle"),
    ("origin", "From"),
    ("destination", "To"),
    ("tax_payable_by", "Tax payable by"),
)
_BANK = (
    ("bank_account_name", "Name"),
    ("bank_account_number", "Account"),
    ("bank_name", "Bank"),
    ("bank_ifsc", "IFSC"),
    ("bank_swift", "SWIFT"),
)


def paper_of(
    document: SalesDocument,
    lines: Sequence[SalesLine],
    said: Mapping[str, Any],
    *,
    accent: str,
    original: SalesDocument | None = None,
) -> Paper:
    """What a document says on paper. `said` is its snapshot, or the parties of today for a draft."""
    kind = DocumentKind(document.kind)
    company, customer = said["company"], said["customer"]
    locale = said.get("locale") or "en"
    return Paper(
        title=title_of(document, lines),
        number=document.number or "",
        status=document.status,
        copy_label="ORIGINAL FOR RECIPIENT" if document.tax_regime == "gst" and kind.moves_money else "",
        locale=locale,
        currency=document.currency,
        accent=accent,
        seller=seller_of(company, locale),
        buyer=buyer_of(customer, locale, under_gst=document.tax_regime == "gst"),
        delivery=_delivery(said.get("delivery"), locale),
        facts=tuple(_facts(document, original)),
        lines=tuple(_line(line, document.currency, locale, taxed=bool(document.tax_amount)) for line in lines),
        tax_rows=tuple(tax_rows(document, lines)),
        totals=tuple(_totals(document, lines, locale)),
        total_label={DocumentKind.credit_note: "Credit", DocumentKind.quote: "Quoted"}.get(kind, "Total"),
        total=document.total,
        after_total=tuple(_after_total(document, said)),
        words=document.amount_in_words,
        statements=(
            *(part for part in said.get("statement", "").split("\n") if part.strip()),
            *_owed(document, locale),
        ),
        transport=tuple(
            (label, str(document.transport[name])) for name, label in _TRANSPORT if document.transport.get(name)
        ),
        bank=_bank(company) if _wants_money(kind) else (),
        upi=upi_link(document, company) if _wants_money(kind) else "",
        signed_qr=document.irn_signed_qr,
        irn=_irn(document),
        notes=document.notes,
        terms=document.terms,
        signatory=company.get("signatory", ""),
        subject=customer["name"],
    )


def title_of(document: SalesDocument, lines: Sequence[SalesLine]) -> str:
    """What a document is called: under GST a supply without any tax has a bill of supply (rule 49 CGST)."""
    kind = DocumentKind(document.kind)
    if kind is DocumentKind.proforma:
        return "Proforma invoice"
    if kind is not DocumentKind.invoice:
        return kind.label
    if document.tax_regime == "gst":
        taxable = any(line.tax_rate for line in lines) or document.supply_type not in {"B2B", "B2C"}
        return "Tax invoice" if taxable else "Bill of supply"
    return "Tax invoice" if document.tax_amount else "Invoice"


def _wants_money(kind: DocumentKind) -> bool:
    return kind in {DocumentKind.invoice, DocumentKind.debit_note, DocumentKind.proforma}


def _address(party: Mapping[str, Any], locale: str) -> tuple[str, ...]:
    town = " ".join(part for part in (party["city"], party["postal_code"]) if part)
    country = party["country"]
    state = (party.get("state") or "") if country == "IN" else ""
    named = locale_of(locale).territories.get(country) or Locale("en").territories.get(country) or country
    last = ", ".join(part for part in (town, state, "" if country == "IN" and state else named) if part)
    return tuple(part for part in (party["address_line1"], party["address_line2"], last) if part)


def seller_of(company: Mapping[str, Any], locale: str) -> Party:
    """Who sends a document."""
    facts = [
        (label, company[name])
        for label, name in (("GSTIN", "gstin"), ("PAN", "pan"), ("Tax no.", "tax_id"), ("LUT", "lut_reference"))
        if company.get(name)
    ]
    contact = " · ".join(company[name] for name in ("email", "phone", "website") if company.get(name))
    name = company["legal_name"]
    trade = company.get("trade_name") or ""
    lines = _address(company, locale)
    return Party(
        trade or name,
        ((name, *lines) if trade and trade != name else lines) + ((contact,) if contact else ()),
        tuple(facts),
    )


def buyer_of(customer: Mapping[str, Any], locale: str, *, under_gst: bool) -> Party:
    """Who gets a document."""
    facts = [
        (label, customer[name])
        for label, name in (("GSTIN", "gstin"), ("PAN", "pan"), ("Tax no.", "tax_id"))
        if customer.get(name) and not (name == "pan" and customer.get("gstin"))
    ]
    if under_gst and customer.get("state_code") and customer["country"] == "IN":
        facts.append(("State", f"{customer['state_code']} {customer.get('state', '')}".strip()))
    return Party(customer["name"], _address(customer, locale), tuple(facts))


def _delivery(address: Mapping[str, Any] | None, locale: str) -> Party | None:
    return Party(address["label"], _address(address, locale)) if address else None


def _facts(document: SalesDocument, original: SalesDocument | None) -> list[tuple[str, str]]:
    kind = DocumentKind(document.kind)
    found = [(f"{'Invoice' if kind is DocumentKind.invoice else kind.label} date", format_day(document.document_date))]
    if document.due_date is not None and kind.moves_money and kind is not DocumentKind.credit_note:
        found.append(("Due date", format_day(document.due_date)))
    if document.valid_until is not None and not kind.moves_money:
        found.append(("Valid until", format_day(document.valid_until)))
    if original is not None and original.number:
        named = "Against" if kind in {DocumentKind.credit_note, DocumentKind.debit_note} else "From"
        found += [(named, original.number), ("Dated", format_day(original.document_date))]
    if document.reason and kind in {DocumentKind.credit_note, DocumentKind.debit_note}:
        found.append(("Reason", document.reason))
    if document.place_of_supply:
        found.append(("Place of supply", f"{document.place_of_supply} {state_name(document.place_of_supply)}".strip()))
    if document.tax_regime == "gst" and kind.moves_money:
        found.append(("Reverse charge", "Yes" if document.reverse_charge else "No"))
    if document.reference:
        found.append(("Your reference", document.reference))
    if document.exchange_rate != 1:
        found.append(("Exchange rate", format_number(document.exchange_rate.normalize())))
    return found


def _line(line: SalesLine, currency: str, locale: str, *, taxed: bool) -> PaperLine:
    discount = ""
    if line.discount_percent:
        discount = f"{format_number(line.discount_percent.normalize(), locale=locale)} %"
    elif line.discount_amount:
        discount = format_number(Decimal(format_amount(line.discount_amount, currency)), locale=locale)
    return PaperLine(
        description=line.description,
        hsn_sac=line.hsn_sac,
        quantity=line.quantity,
        unit=line.unit,
        unit_price=line.unit_price,
        discount=discount,
        taxable_amount=line.taxable_amount,
        tax_percent=line.tax_rate if taxed else ZERO,
        tax_amount=line.tax_amount,
        total=line.total,
    )


_GST = (("cgst_amount", "cgst", "CGST"), ("sgst_amount", "sgst", "SGST"), ("igst_amount", "igst", "IGST"),
        ("cess_amount", "cess", "Cess"))  # fmt: skip


def _owed(document: SalesDocument, locale: str) -> tuple[str, ...]:
    """Under reverse charge: what the recipient owes, tax by tax. It is no part of the total."""
    if not document.reverse_charge or not document.tax_groups:
        return ()
    told = [
        f"{group['label']} {format_number(Decimal(group['percent']).normalize(), locale=locale)} %:"
        f" {format_number(Decimal(format_amount(Decimal(group['amount']), document.currency)), locale=locale)}"
        for group in document.tax_groups
    ]
    return (f"Payable by the recipient: {', '.join(told)} ({document.currency}).",)


def tax_rows(document: SalesDocument, lines: Sequence[SalesLine]) -> list[TaxRow]:
    """The tax table: by rate under GST, by named tax elsewhere."""
    if not document.tax_amount:
        return []
    if document.tax_regime != "gst":
        return [
            TaxRow(
                Decimal(group["percent"]),
                Decimal(group["taxable"]),
                ((group["code"], group["label"], Decimal(group["amount"])),),
            )
            for group in document.tax_groups
        ]
    labels = {group["code"]: group["label"] for group in document.tax_groups}
    columns = [column for column in _GST if getattr(document, column[0])]
    sums: dict[Decimal, list[Decimal]] = {}
    for line in lines:
        row = sums.setdefault(line.tax_rate, [ZERO] * (len(_GST) + 1))
        row[0] += line.taxable_amount
        for at, (name, _, _) in enumerate(_GST, 1):
            row[at] += getattr(line, name)
    shown = {column[1] for column in columns}
    return [
        TaxRow(
            rate,
            row[0],
            tuple(
                (code, labels.get("utgst", label) if code == "sgst" and "utgst" in labels else label, row[at])
                for at, (_, code, label) in enumerate(_GST, 1)
                if code in shown
            ),
        )
        for rate, row in sorted(sums.items())
        if rate
    ]


def _totals(document: SalesDocument, lines: Sequence[SalesLine], locale: str) -> list[tuple[str, Decimal]]:
    found: list[tuple[str, Decimal]] = []
    if document.discount_total:
        found += [("Subtotal", document.subtotal), ("Discount", -document.discount_total)]
    agent = sum((line.total for line in lines if line.pure_agent), ZERO)
    found.append(("Taxable value" if document.tax_amount else "Net amount", document.taxable_amount))
    if agent:
        found.append(("Paid as your pure agent", agent))
    for group in () if document.reverse_charge else document.tax_groups:
        percent = Decimal(group["percent"])
        rate = f" {format_number(percent.normalize(), locale=locale)} %" if percent else ""
        found.append((f"{group['label']}{rate}", Decimal(group["amount"])))
    if document.round_off:
        found.append(("Round-off", document.round_off))
    return found


def _after_total(document: SalesDocument, said: Mapping[str, Any]) -> list[tuple[str, Decimal]]:
    """What was received before it was issued, and what is to pay: not what is paid later, the paper stays as it is."""
    found = [
        (f"Less: advance received\n{one['number']}, {format_day(date.fromisoformat(one['date']))}",
         -Decimal(one["amount"]))
        for one in said.get("advances", ())
    ]  # fmt: skip
    return [*found, ("To pay", document.total - _advances(said))] if found else []


def _advances(said: Mapping[str, Any]) -> Decimal:
    return sum((Decimal(one["amount"]) for one in said.get("advances", ())), ZERO)


def _bank(company: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    if not company.get("bank_account_number"):
        return ()
    return tuple((label, company[name]) for name, label in _BANK if company.get(name))


def upi_link(document: SalesDocument, company: Mapping[str, Any]) -> str:
    """The link that a UPI app pays by (NPCI's UPI linking specification); empty where it cannot be paid so."""
    left = document.total - _advances(document.snapshot)
    if not company.get("upi_id") or document.currency != "INR" or left <= 0 or document.status == statuses.DRAFT:
        return ""
    values = {
        "pa": company["upi_id"],
        "pn": company.get("trade_name") or company["legal_name"],
        "am": format_amount(left, "INR"),
        "cu": "INR",
        "tn": document.number or "",
    }
    return f"upi://pay?{urlencode(values, quote_via=quote, safe='@')}"


def _irn(document: SalesDocument) -> tuple[tuple[str, str], ...]:
    if not document.irn:
        return ()
    found = (("IRN", document.irn), ("Ack. no.", document.irn_ack_number), ("Ack. date", document.irn_ack_date))
    return tuple((label, value) for label, value in found if value)
