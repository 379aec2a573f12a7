"""Vendors as a kind of import: their fields, and how people write billing models."""

from __future__ import annotations

from typing import Final

from tracktok.imports.rules.cells import Bad
from tracktok.imports.rules.columns import Field, FieldType, Kind, normal

from .cards import BillingModel

VENDORS: Final = Kind(
    name="vendors",
    label="Vendors",
    noun="vendor",
    nouns="vendors",
    needs=(("name",),),
    fields=(
        Field("name", "Name", FieldType.text,
              ("vendor name", "name", "vendor", "supplier", "supplier name", "company name", "party name", "operator",
               "transporter", "fleet operator", "display name", "legal name", "payee"),
              longest=200, examples=("Sri Balaji Travels", "Nandi Car Rentals")),
        Field("code", "Code", FieldType.text,
              ("vendor code", "code", "vendor no", "vendor number", "vendor id", "supplier code", "supplier id", "id",
               "party code", "ref"),
              longest=30, examples=("V-11", "V-12")),
        Field("billing_model", "Billing model", FieldType.text,
              ("billing model", "billing", "contract type", "model", "billing type", "rate type"),
              longest=60, help="By trip, package or hybrid; by trip when empty.", examples=("trip", "package")),
        Field("email", "E-mail", FieldType.text,
              ("email", "e mail", "email id", "email address", "mail", "contact email"),
              longest=254, examples=("accounts@balaji.example", "")),
        Field("phone", "Phone", FieldType.text,
              ("phone", "phone number", "mobile", "mobile no", "mobile number", "telephone", "contact no",
               "contact number", "tel"),
              longest=40, examples=("+91 80 4123 4567", "")),
        Field("contact", "Contact person", FieldType.text,
              ("contact name", "contact person", "contact", "primary contact", "person"),
              longest=120, examples=("Ravi Kumar", "")),
        Field("gstin", "GSTIN", FieldType.text,
              ("gstin", "gst no", "gst number", "gst registration no", "gst", "gstin uin", "gstin no"),
              longest=30, examples=("29AAGCB7383J1Z4", "")),
        Field("pan", "PAN", FieldType.text, ("pan", "pan no", "pan number"), longest=30),
        Field("tax_id", "Tax id", FieldType.text, ("tax id", "vat number", "vat no", "vat id", "trn"), longest=50),
        Field("address_line1", "Address", FieldType.text,
              ("address", "address line 1", "address1", "street", "street address", "address 1"),
              longest=200, examples=("7 Hosur Road", "")),
        Field("address_line2", "Address, second line", FieldType.text,
              ("address line 2", "address2", "address 2", "locality", "area"), longest=200),
        Field("city", "City", FieldType.text, ("city", "town", "district", "place"), longest=100,
              examples=("Bengaluru", "Mysuru")),
        Field("postal_code", "Postal code", FieldType.text,
              ("postal code", "pin code", "pincode", "pin", "zip", "zip code", "postcode"),
              longest=20, examples=("560030", "")),
        Field("state", "State", FieldType.text, ("state", "state code", "state name", "province"), longest=100,
              help="A name, a code such as 29, or both.", examples=("Karnataka", "Karnataka")),
        Field("country", "Country", FieldType.text, ("country", "country code", "country name"), longest=80,
              examples=("India", "India")),
        Field("currency", "Currency", FieldType.currency, ("currency", "currency code", "ccy")),
        Field("payment_terms", "Payment terms", FieldType.text,
              ("payment terms", "terms", "credit period", "credit days", "payment terms days", "due days", "net days"),
              longest=60, help="Days, also as “Net 30” or “on receipt”.", examples=("15", "Net 30")),
        Field("bank_name", "Bank", FieldType.text, ("bank", "bank name"), longest=120, examples=("Canara Bank", "")),
        Field("bank_account_name", "Account holder", FieldType.text,
              ("account holder", "account name", "beneficiary", "beneficiary name", "bank account name"), longest=200),
        Field("bank_account_number", "Account number", FieldType.text,
              ("account number", "account no", "bank account", "bank account number", "bank account no", "iban",
               "a c no"),
              longest=50, examples=("30410200114417", "")),
        Field("bank_ifsc", "IFSC", FieldType.text, ("ifsc", "ifsc code", "bank ifsc", "ifs code"), longest=20,
              examples=("CNRB0000304", "")),
        Field("bank_swift", "SWIFT", FieldType.text, ("swift", "swift code", "bic", "swift bic"), longest=20),
        Field("upi_id", "UPI id", FieldType.text, ("upi", "upi id", "vpa"), longest=320),
        Field("notes", "Notes", FieldType.words, ("notes", "note", "remarks", "remark", "comments"), longest=5000),
    ),
)  # fmt: skip
_MODELS: Final = {
    **dict.fromkeys(("", "trip", "by trip", "per trip", "trips", "trip based", "per km", "km"), BillingModel.trip),
    **dict.fromkeys(("package", "packages", "rental", "monthly", "fixed", "monthly package"), BillingModel.package),
    **dict.fromkeys(("hybrid", "mixed", "fixed variable", "fixed and variable"), BillingModel.hybrid),
}


def read_model(text: str) -> str | Bad:
    """A billing model in any of the words that are used for it; by trip for nothing."""
    found = _MODELS.get(normal(text))
    return found.value if found else Bad(f"“{text[:40]}” is no billing model: trip, package or hybrid.")
