"""Expenses as a kind of import: their fields, the words that tell direction and payment method."""

from __future__ import annotations

from typing import Final

from tracktok.imports.rules.cells import NO, YES
from tracktok.imports.rules.columns import Field, FieldType, Kind, Meanings

EXPENSE, SKIP = "expense", "skip"

PAYMENT_METHODS: Final = {
    "cash": "cash",
    "credit card": "credit_card",
    "creditcard": "credit_card",
    "credit": "credit_card",
    "card": "credit_card",
    "visa": "credit_card",
    "mastercard": "credit_card",
    "amex": "credit_card",
    "debit card": "debit_card",
    "debitcard": "debit_card",
    "bank transfer": "bank_transfer",
    "bank": "bank_transfer",
    "transfer": "bank_transfer",
    "wire": "bank_transfer",
    "neft": "bank_transfer",
    "rtgs": "bank_transfer",
    "imps": "bank_transfer",
    "ach": "bank_transfer",
    "sepa": "bank_transfer",
    "direct debit": "bank_transfer",
    "online": "bank_transfer",
    "net banking": "bank_transfer",
    "upi": "upi",
    "cheque": "cheque",
    "check": "cheque",
    "chq": "cheque",
    "wallet": "wallet",
    "paytm": "wallet",
    "paypal": "wallet",
    "other": "other",
}

# What a value of a column that tells direction means, by its normal form; anything else is skipped until somebody says.
DIRECTIONS: Final = {
    **dict.fromkeys(
        ("expense", "expenses", "debit", "dr", "d", "withdrawal", "paid", "payment", "out", "outflow", "spent", "spend",
         "purchase", "sale", "expenditure", "money out", "pos", "fee", "charge"),
        EXPENSE,
    ),
    **dict.fromkeys(
        ("income", "credit", "cr", "c", "deposit", "in", "inflow", "transfer", "transfer in", "transfer out",
        "received",
         "refund", "salary", "money in", "interest"),
        SKIP,
    ),
}  # fmt: skip

MEANINGS: Final = Meanings(
    option="directions",
    field="direction",
    title="Which rows are expenses?",
    lead="Only expenses are imported.",
    question="Are these expenses?",
    choices=((EXPENSE, "Expenses, import them"), (SKIP, "Something else, leave them out")),
    known=DIRECTIONS,
    suggestion=SKIP,
)

TRUE: Final = YES | {"billable"}
FALSE: Final = NO | {"non billable"}

EXPENSES: Final = Kind(
    name="expenses",
    label="Expenses",
    noun="expense",
    nouns="expenses",
    needs=(("expense_date",), ("amount", "debit", "credit")),
    fields=(
        Field(
            "expense_date", "Date", FieldType.date,
            ("expense date", "transaction date", "trans date", "txn date", "date", "date of expense", "posting date",
             "posted date", "booking date", "value date", "invoice date", "purchase date", "payment date", "day",
             "datum",
             "buchungstag", "fecha", "data", "post date", "start date"),
            examples=("2026-11-21", "2026-11-22"),
        ),
        Field(
            "amount", "Amount", FieldType.amount,
            ("amount", "expense amount", "transaction amount", "total amount", "gross amount", "gross amt",
             "original gross amt", "amt", "total", "gross", "cost", "price", "value", "sum", "paid amount",
             "net amount",
             "betrag", "montant", "importe", "spend"),
            examples=("1840.00", "125.50"),
        ),
        Field(
            "debit", "Debit (money out)", FieldType.amount,
            ("debit", "debit amount", "withdrawal", "withdrawals", "withdrawal amount", "withdrawal amt", "paid out",
             "money out", "dr", "dr amount", "spent", "payments", "out", "debits"),
        ),
        Field(
            "credit", "Credit (money in)", FieldType.amount,
            ("credit", "credit amount", "deposit", "deposits", "deposit amount", "deposit amt", "paid in", "money in",
             "cr", "cr amount", "received", "in", "credits"),
            help="Rows with money in are not expenses and are left out.",
        ),
        Field(
            "direction", "Expense or income", FieldType.direction,
            ("income expense", "expense income", "transaction type", "trans type", "txn type", "dr cr", "cr dr",
             "debit credit", "credit debit", "type", "direction", "flow"),
            help="A column that tells expenses from income and transfers; only expenses are imported.",
            exclusive_values=frozenset(DIRECTIONS), most_values=30,
        ),
        Field("currency", "Currency", FieldType.currency,
              ("currency", "currency code", "ccy", "curr", "iso currency", "wahrung", "devise", "moneda"),
              examples=("INR", "INR")),
        Field(
            "title", "Title", FieldType.text,
            ("title", "expense title", "description", "transaction description", "trans description", "narration",
             "details", "transaction details", "particulars", "note", "notes", "memo", "item", "purpose", "remarks",
             "expense name", "name", "expense", "text", "comment", "comments", "verwendungszweck", "libelle",
             "concepto"),
            examples=("Team lunch", "Taxi to the airport"),
        ),
        Field(
            "merchant", "Merchant", FieldType.text,
            ("merchant", "merchant name", "vendor", "vendor name", "payee", "supplier", "supplier name", "beneficiary",
             "counterparty", "store", "shop", "paid to", "company"),
            examples=("Saravana Bhavan", ""),
        ),
        Field("description", "Description", FieldType.text,
              ("description", "long description", "notes", "note", "comment", "comments", "remarks", "memo", "details"),
              longest=5000, shy=True),
        Field(
            "reference", "Reference", FieldType.text,
            ("reference", "reference number", "reference no", "ref", "ref no", "transaction id",
            "transaction reference",
             "txn id", "chq ref no", "cheque no", "cheque number", "check number", "invoice number", "invoice no",
             "voucher", "receipt number", "receipt no", "utr"),
            longest=100, examples=("INV-2041", ""),
        ),
        Field("category", "Category", FieldType.reference,
              ("category", "category name", "expense category", "expense type", "cost type", "kategorie", "categorie"),
              most_values=500, examples=("Food", "Travel")),
        Field("subcategory", "Subcategory", FieldType.reference,
              ("subcategory", "sub category", "sub category name"), most_values=500,
              help="Becomes a category below that of the category column."),
        Field("project", "Project", FieldType.reference,
              ("project", "project name", "project code", "job", "job name", "cost centre", "cost center"),
              most_values=500, examples=("", "Warehouse move")),
        Field("payment_method", "Payment method", FieldType.choice,
              ("payment method", "mode", "mode of payment", "payment mode", "payment type", "method", "paid by",
               "paid with", "paid via", "tender"),
              exclusive_values=frozenset(PAYMENT_METHODS), most_values=100,
              examples=("Credit card", "UPI")),
        Field("account", "Account", FieldType.reference,
              ("account", "account name", "bank account", "paid from", "paid from account", "payment account", "mode",
               "wallet"),
              most_values=100, examples=("Cash", "Cash")),
        Field("tax_amount", "Tax", FieldType.amount,
              ("tax amount", "tax", "vat", "vat amount", "gst", "gst amount", "sales tax", "igst", "mwst"),
              examples=("87.62", "")),
        Field("exchange_rate", "Exchange rate", FieldType.rate, ("exchange rate", "fx rate", "conversion rate")),
        Field("tags", "Tags", FieldType.words, ("tags", "tag", "labels", "label"),
              examples=("team", "client, airport")),
        Field("billable", "Billable", FieldType.flag, ("billable", "is billable", "rebillable", "chargeable"),
              exclusive_values=TRUE | FALSE, most_values=10),
    ),
)  # fmt: skip
