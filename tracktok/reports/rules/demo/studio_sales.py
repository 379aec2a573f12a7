"""What Demo Studio sells: two customers, three invoices, in euros."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from .sales import DemoCustomer, DemoDocument, DemoLine, DemoPayment, DemoSales, DemoService

MUSEUM_CUSTOMER, BAKERY_CUSTOMER, TILL = "Museum für Naturkunde", "Bäckerei Sonnenfeld", "GLS Geschäftskonto"
DESIGN = "Gestaltung"


def write(today: date) -> list[DemoDocument]:
    """Three invoices: one paid, one overdue, one open."""

    def invoice(days: int, customer: str, hours: int, text: str, *payments: DemoPayment) -> DemoDocument:
        line = DemoLine(DESIGN, Decimal(hours), None, text)
        return DemoDocument(today - timedelta(days=days), customer, (line,), payments=payments)

    return [
        invoice(80, MUSEUM_CUSTOMER, 96, "Museumsführer, Entwurf", DemoPayment(today - timedelta(days=58))),
        invoice(45, BAKERY_CUSTOMER, 38, "Neues Erscheinungsbild"),
        invoice(10, MUSEUM_CUSTOMER, 64, "Museumsführer, Satz"),
    ]


DEMO_SALES = DemoSales(
    {
        "legal_name": "Demo Studio GbR",
        "org_code": "STUDIO",
        "tax_id": "DE812345678",
        "address_line1": "Oranienstraße 25",
        "city": "Berlin",
        "postal_code": "10999",
        "bank_name": "GLS Bank",
        "bank_account_number": "DE89370400440532013000",
        "payment_terms_days": 14,
    },
    (
        DemoCustomer(
            MUSEUM_CUSTOMER,
            "Government",
            TILL,
            20,
            {"address_line1": "Invalidenstraße 43", "city": "Berlin", "postal_code": "10115", "payment_terms_days": 30},
        ),
        DemoCustomer(
            BAKERY_CUSTOMER,
            "Small business",
            TILL,
            14,
            {"address_line1": "Sonnenallee 9", "city": "Berlin", "postal_code": "12047"},
        ),
    ),
    (DemoService(DESIGN, Decimal("78.00"), "Std.", "", "VAT 19 %"),),
    write,
)
