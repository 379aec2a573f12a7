"""A fiscal year of billing under GST, through the API, over 31 March; all figures agree at every month's end."""

from __future__ import annotations

import calendar
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from tests.invoices.books import check_receivables
from tests.scenarios.test_month import Life
from tracktok.core import context
from tracktok.core.context import SYSTEM
from tracktok.core.tenancy import tenant_scope

CENT = Decimal("0.01")
TAXES = {"2201": "cgst", "2202": "sgst", "2203": "igst"}
RECEIVABLES, ADVANCES, EXCHANGE = "1100", "2300", "6910"
BY_DOCUMENT = ("b2b", "b2cl", "exp", "cdnr", "cdnur")
CAB, FREIGHT = "996601", "996791"


def total(rows: list[dict[str, Any]], name: str) -> Decimal:
    """A column's sum."""
    return sum((Decimal(row[name]) for row in rows), Decimal(0))


def in_rupees(row: dict[str, Any], name: str) -> Decimal:
    """An amount of a document in rupees, to the paisa."""
    return (Decimal(row[name]) * Decimal(row["exchange_rate"])).quantize(CENT, "ROUND_HALF_UP")


class Year(Life):
    """The company, its customers, and what it did."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        self.customers: dict[str, str] = {}
        self.day = date(2026, 4, 1)

    def begin(self) -> None:
        self.register()
        gst = {"gstin": "29AABCI5678G1Z7", "lut": True, "lut_reference": "AD2904260001", "round_off": True}
        self.call("PUT", "/gst-settings/", 200, json=gst)
        full = {"address_line1": "4 MG Road", "city": "Bengaluru", "postal_code": "560001"}
        for word, fields in {
            "home": {"gstin": "29AAGCB7383J1Z4", **full},
            "away": {"gstin": "27AAPFU0939F1ZV", "city": "Mumbai", "postal_code": "400001"},
            "abroad": {"gst_category": "overseas", "country": "DE", "currency": "EUR", "city": "Berlin"},
            "person": {"kind": "individual", "state_code": "29", **full},
            "far_person": {"kind": "individual", "state_code": "33", "address_line1": "8 Beach Road",
                           "city": "Chennai", "postal_code": "600004"},
        }.items():  # fmt: skip
            self.customers[word] = self.make("/customers/", name=word.capitalize(), **fields)["id"]

    def draft(self, who: str, quantity: str, price: str, rate: str = "18", **over: Any) -> Any:
        line = {"description": "Cab hire", "hsn_sac": CAB, "quantity": quantity, "unit": "day", "unit_price": price,
                "tax_rate": rate}  # fmt: skip
        return self.make("/invoices/", customer_id=self.customers[who], invoice_date=self.day.isoformat(), lines=[line],
                         **over)  # fmt: skip

    def bill(self, who: str, quantity: str, price: str, rate: str = "18", **over: Any) -> Any:
        draft = self.draft(who, quantity, price, rate, **over)
        assert draft["number"] is None
        return self.call("POST", f"/invoices/{draft['id']}/finalize", 200)

    def receive(self, who: str, amount: str, *paid: tuple[Any, str], **over: Any) -> Any:
        shares = [{"document_id": invoice["id"], "amount": part} for invoice, part in paid]
        return self.make("/receipts/", customer_id=self.customers[who], amount=amount, allocations=shares, **over)

    def invoice(self, known: Any) -> Any:
        return self.call("GET", f"/invoices/{known['id']}", 200)

    def all_of(self, path: str) -> list[Any]:
        rows, cursor = [], ""
        while True:
            page = self.call("GET", f"/{path}/?limit=100{cursor}", 200)
            rows += page["data"]
            if not page["has_more"]:
                return rows
            cursor = f"&cursor={page['next_cursor']}"

    def trial(self, start: date, end: date) -> dict[str, Any]:
        found = self.call("GET", f"/ledger/trial-balance?date_from={start}&date_to={end}", 200)
        assert found["debit"] == found["credit"]
        assert total(found["rows"], "closing") == 0
        assert total(found["rows"], "opening") == 0
        return {row["code"]: row for row in found["rows"]}

    def close(self, year: int, month: int) -> dict[str, Decimal]:
        """Hold everything against everything at a month's end; the month's return."""
        start, end = date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        trial = self.trial(start, end)
        invoices, notes = self.all_of("invoices"), self.all_of("credit-notes")
        self._receivables(trial, invoices)
        totals = self._returns(trial, start, end, invoices, notes)
        self._numbers([*invoices, *notes, *self.all_of("receipts")])
        with self.app.app_context(), tenant_scope(self.id), context.acting(SYSTEM):
            check_receivables()
        return totals

    def _receivables(self, trial: dict[str, Any], invoices: list[Any]) -> None:
        open_now: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for row in invoices:
            if row["status"] in {"issued", "part_paid"}:
                open_now[row["customer_id"], row["currency"]] += Decimal(row["amount_due"])
        base = Decimal(0)
        for customer_id in self.customers.values():
            standing = self.call("GET", f"/customers/{customer_id}/balance", 200)
            base += Decimal(standing["base_balance"])
            for one in standing["currencies"]:
                assert Decimal(one["receivable"]) == open_now[customer_id, one["currency"]]
                assert total(one["ageing"], "amount") == Decimal(one["receivable"])
        booked = [trial[code] for code in (RECEIVABLES, ADVANCES) if code in trial]
        assert booked
        assert total(booked, "closing") == base, "the books and the customers' balances differ"

    def _returns(
        self, trial: dict[str, Any], start: date, end: date, invoices: list[Any], notes: list[Any]
    ) -> dict[str, Decimal]:
        found = self.call("GET", f"/gst-returns/gstr1?month={start:%Y-%m}", 200)
        assert found["refused"] == []
        totals = {name: Decimal(amount) for name, amount in found["totals"].items()}
        live = {"taxable": Decimal(0)} | dict.fromkeys(TAXES.values(), Decimal(0))
        charged = dict.fromkeys(TAXES.values(), Decimal(0))
        for sign, plural, rows in ((1, "invoices", invoices), (-1, "credit-notes", notes)):
            for row in rows:
                if row["number"] and row["status"] != "void" and start.isoformat() <= row["date"] <= end.isoformat():
                    one = self.call("GET", f"/{plural}/{row['id']}", 200)
                    live["taxable"] += sign * in_rupees(one, "taxable_amount")
                    for code in TAXES.values():
                        amount = in_rupees(one, f"{code}_amount")
                        charged[code] += sign * amount
                        live[code] += sign * (amount + Decimal(one["reverse_charge_taxes"].get(code, 0)))
        assert {name: totals[name] for name in live} == live, "the return differs from the documents"
        rows = [row for name in BY_DOCUMENT for row in found["sections"][name]]
        signs = [-1 if row["kind"] == "credit_note" else 1 for row in rows]
        summed = sum((sign * Decimal(row["taxable"]) for sign, row in zip(signs, rows, strict=True)), Decimal(0))
        assert summed + total(found["sections"]["b2cs"], "taxable") == totals["taxable"]
        owed_by_others = [row for row in rows if row["reverse_charge"]]
        for code, tax in TAXES.items():
            row = trial.get(code, {"credit": 0, "debit": 0})
            booked = Decimal(row["credit"]) - Decimal(row["debit"])
            assert booked == charged[tax], f"{tax} in the books differs from the documents"
            assert booked == totals[tax] - total(owed_by_others, tax), f"{tax} in the books differs from the return"
        return totals

    def _numbers(self, rows: list[Any]) -> None:
        """Every series counts from one without a gap, and begins anew on 1 April."""
        series: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            if row["number"]:
                name, _, count = row["number"].rpartition("-")
                series[name].append(int(count))
        for name, counts in series.items():
            assert sorted(counts) == list(range(1, len(counts) + 1)), name


@pytest.mark.integration
def test_a_fiscal_year_of_billing(app: Flask):  # noqa: PLR0915, C901 - one story, told in its order
    year = Year(app)
    kept: dict[str, Any] = {}
    months = [(2026, month) for month in range(4, 13)] + [(2027, month) for month in range(1, 5)]
    for at, (in_year, month) in enumerate(months):
        year.day = date(in_year, month, 10)
        with year.at(f"{in_year}-{month:02}-10T05:00:00Z"):
            if at == 0:
                year.begin()
            home = year.bill("home", "22", "1249.50")
            kept[f"person {at}"] = year.bill("person", "3", "3333.33", "5")
            assert home["supply_type"] == "B2B"
            assert home["cgst_amount"] == home["sgst_amount"] == "2474.01"
            assert home["total"] == "32437.00"
            if at % 2 == 0:
                away = year.bill("away", "1", "187345.65")
                assert (away["igst_amount"], away["total"]) == ("33722.22", "221068.00")
                kept[f"away {at}"] = away
            if at % 4 == 1:
                abroad = year.bill("abroad", "10", "85.00", exchange_rate="98.5")
                assert (abroad["supply_type"], abroad["tax_amount"], abroad["total"]) == ("EXPWOP", "0.00", "850.00")
                assert "WITHOUT PAYMENT OF INTEGRATED TAX" in abroad["statement"]
                kept[f"abroad {at}"] = abroad
            if at % 4 == 3:
                reverse = year.bill("home", "1", "96450.00", "5", reverse_charge=True)
                assert (reverse["tax_amount"], reverse["total"]) == ("0.00", "96450.00")
                assert reverse["reverse_charge_taxes"] == {"cgst": "2411.25", "sgst": "2411.25"}
                year.receive("home", "96450.00", (reverse, "96450.00"))
            kept[f"home {at}"] = home

        instant = f"{in_year}-{month:02}-{calendar.monthrange(in_year, month)[1]}T12:00:00Z"
        year.day = date(in_year, month, calendar.monthrange(in_year, month)[1])
        with year.at(instant):
            # The home customer pays in two parts, half this month and half the next.
            year.receive("home", "16000.00", (home, "16000.00"))
            assert year.invoice(home)["status"] == "part_paid"
            if at:
                before = kept[f"home {at - 1}"]
                year.receive("home", "16437.00", (before, "16437.00"))
                assert year.invoice(before)["status"] == "paid"
            if month == 5:  # quote to invoice
                line = {"description": "Buses", "hsn_sac": CAB, "quantity": "4", "unit_price": "5900", "tax_rate": "5"}
                quote = year.make("/quotes/", customer_id=year.customers["away"], date=year.day.isoformat(),
                                  lines=[line])  # fmt: skip
                sent = year.call("POST", f"/quotes/{quote['id']}/send", 200)
                assert sent["number"].startswith("QTN-26-")
                year.call("POST", f"/quotes/{quote['id']}/accept", 200)
                made = year.call("POST", f"/quotes/{quote['id']}/convert", 201)
                assert year.call("POST", f"/quotes/{quote['id']}/convert", 409)["code"] == "already_invoiced"
                issued = year.call("POST", f"/invoices/{made['id']}/finalize", 200)
                assert (issued["total"], issued["original_number"]) == ("24780.00", sent["number"])
            if month == 6:  # the euro rose: a gain of 1.50 on each of 850
                paid = year.receive("abroad", "850.00", (kept["abroad 1"], "850.00"), exchange_rate="100")
                assert paid["base_amount"] == "85000.00"
                gained = year.trial(date(2026, 6, 1), year.day)[EXCHANGE]
                assert gained["closing"] == "-1275.00"
            if month == 7:  # overpaid: the rest is the customer's credit, and pays the next one
                over = year.receive("away", "230000.00", (kept["away 2"], "221068.00"))
                assert over["unallocated_amount"] == "8932.00"
                kept["over"] = over
            if month == 8:
                oldest = year.call("POST", f"/receipts/{kept['over']['id']}/allocate", 200, json={"allocate": "oldest"})
                assert oldest["unallocated_amount"] == "0.00"
                assert year.invoice(kept["away 0"])["amount_due"] == "212136.00"
            if month == 9:  # entered twice
                twice = year.bill("far_person", "2", "90000", "18")
                assert (twice["inter_state"], twice["supply_type"]) == (True, "B2C")
                year.call("POST", f"/invoices/{twice['id']}/void", 200, json={"reason": "Entered twice"})
                large = year.bill("far_person", "2", "90000", "18")
                found = year.call("GET", "/gst-returns/gstr1?month=2026-09", 200)
                assert [row["number"] for row in found["sections"]["b2cl"]] == [large["number"]]
            if month == 10:  # a consumer pays a little less, and one never
                short = kept["person 6"]
                due = Decimal(short["total"])
                year.receive("person", str(due - 4), (short, str(due - 4)))
                year.call("POST", f"/invoices/{short['id']}/write-off", 200, json={"reason": "Too little to remind"})
                assert year.invoice(short)["status"] == "paid"
                year.call(
                    "POST", f"/invoices/{kept['person 0']['id']}/uncollectible", 200, json={"reason": "Gone away"}
                )
            if month == 12:  # refund of what was paid too much
                again = year.receive("person", "15000.00", (kept["person 8"], kept["person 8"]["total"]))
                back = year.make(f"/receipts/{again['id']}/refund", amount=again["unallocated_amount"])
                assert back["amount"] == again["unallocated_amount"]
            if (in_year, month) == (2027, 3):  # paid before the year's end, credited after it
                year.receive("away", "221068.00", (kept["away 10"], "221068.00"))
            if (in_year, month) == (2027, 4):
                old = year.invoice(kept["away 10"])
                assert old["number"].startswith("INV-26-")
                note = year.make("/credit-notes/", invoice_id=old["id"], reason="Half was not delivered",
                                 date=year.day.isoformat(), finalize=True,
                                 lines=[{"line_id": old["lines"][0]["id"], "amount": "93672.83"}])  # fmt: skip
                assert note["number"].startswith("CRN-27-")
                assert note["original_number"] == old["number"]
                assert note["igst_amount"] == "16861.11"
                year.make(f"/credit-notes/{note['id']}/refund")
                first = kept["home 12"]
                assert first["number"].startswith("INV-27-")
                assert first["number"].endswith("-00001")
            year.close(in_year, month)

    with year.at("2027-05-05T05:00:00Z"):
        year.trial(date(2026, 4, 1), date(2027, 3, 31))
        year.trial(date(2027, 4, 1), date(2027, 4, 30))
