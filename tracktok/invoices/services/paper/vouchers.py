"""The receipt voucher of an advance (rule 50 CGST), on the same paper as documents."""

from __future__ import annotations

import io
from decimal import Decimal
from uuid import UUID

from tracktok.core.errors import NotFound
from tracktok.customers.rules.states import state_name
from tracktok.invoices.models import Deposit, Receipt, ReceiptMethod
from tracktok.invoices.queries.deposits import deposit_of
from tracktok.invoices.queries.receipts import get_receipt
from tracktok.invoices.rules.advances import tax_of
from tracktok.invoices.rules.paper import Paper, PaperLine, TaxRow
from tracktok.invoices.rules.words import amount_in_words
from tracktok.tenants.queries import branding
from tracktok.web.filters import format_day

from .filling import buyer_of, seller_of
from .keeping import PaperFile
from .layout import draw_document

ZERO = Decimal(0)


def draw_voucher(receipt_id: UUID) -> PaperFile:
    """The voucher of a deposit, which says the same whenever it is drawn: its parties were kept when the money came.

    Raises NotFound, also for a receipt that is no deposit.
    """
    receipt, deposit = get_receipt(receipt_id), deposit_of(receipt_id)
    if deposit is None:
        raise NotFound("This receipt is no deposit; only an advance has a receipt voucher.")
    brand = branding()
    made = draw_document(voucher_of(receipt, deposit, accent=brand.accent), brand.read_logo())
    return PaperFile(f"{receipt.number.replace('/', '-')}.pdf", io.BytesIO(made), len(made))


def voucher_of(receipt: Receipt, deposit: Deposit, *, accent: str) -> Paper:
    """What the voucher says."""
    said = deposit.snapshot
    locale = said.get("locale") or "en"
    taxed = deposit.tax_rate > 0
    part = tax_of(receipt.amount, deposit.tax_rate, inter_state=deposit.inter_state)
    half = deposit.tax_rate / 2
    names = (("igst", "IGST", part.igst),) if deposit.inter_state else (
        ("cgst", "CGST", part.cgst), ("sgst", "SGST", part.sgst),
    )  # fmt: skip
    shown = deposit.tax_rate if deposit.inter_state else half
    facts = [("Receipt date", format_day(receipt.receipt_date)), ("Method", ReceiptMethod(receipt.method).label)]
    if receipt.reference:
        facts.append(("Reference", receipt.reference))
    if deposit.place_of_supply:
        facts.append(("Place of supply", f"{deposit.place_of_supply} {state_name(deposit.place_of_supply)}".strip()))
    if deposit.supply_type:
        facts.append(("Reverse charge", "Yes" if deposit.reverse_charge else "No"))
    tax = part.igst + part.cgst + part.sgst
    statements = ["This money was received in advance. The tax invoice follows; this is none."]
    if not deposit.rate_known:
        statements.append("The rate of tax cannot be told yet: 18 % holds until then (rule 50, proviso).")
    if deposit.supply_type and not taxed and deposit.supply_kind == "goods":
        statements.append("No tax is owed on an advance for goods (notification 66/2017-Central Tax).")
    line = PaperLine(
        description=deposit.description or "Advance", hsn_sac=deposit.hsn_sac, quantity=Decimal(1), unit="",
        unit_price=part.taxable, discount="", taxable_amount=part.taxable, tax_percent=deposit.tax_rate,
        tax_amount=tax, total=receipt.amount,
    )  # fmt: skip
    return Paper(
        title="Receipt voucher", number=receipt.number, status=receipt.status,
        copy_label="ORIGINAL FOR RECIPIENT" if deposit.supply_type else "", locale=locale, currency=receipt.currency,
        accent=accent, seller=seller_of(said["company"], locale),
        buyer=buyer_of(said["customer"], locale, under_gst=bool(deposit.supply_type)), delivery=None,
        facts=tuple(facts), lines=(line,),
        tax_rows=(TaxRow(deposit.tax_rate, part.taxable, names),) if taxed else (),
        totals=(
            ("Value before tax" if taxed else "Advance", part.taxable),
            *((f"{label} {shown.normalize():f} %", amount) for _, label, amount in (names if taxed else ())),
        ),
        total_label="Received", total=receipt.amount, words=amount_in_words(receipt.amount, receipt.currency, locale),
        statements=tuple(statements), signatory=said["company"].get("signatory", ""), subject=said["customer"]["name"],
    )  # fmt: skip
