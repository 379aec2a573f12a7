"""Tables of vendors, rate cards and incentives; of trips, what they come to, and statements."""

from .bills import DisputeStatus, TripDispute, VendorBill, VendorBillLine, Verdict
from .incentives import IncentiveRule
from .rate_cards import RateCard, RateCardVersion
from .trips import StatementStatus, Trip, TripAdjustment, TripCharge, TripStatement
from .vendors import Vendor, VendorContact, VendorFile

__all__ = [
    "DisputeStatus",
    "IncentiveRule",
    "RateCard",
    "RateCardVersion",
    "StatementStatus",
    "Trip",
    "TripAdjustment",
    "TripCharge",
    "TripDispute",
    "TripStatement",
    "Vendor",
    "VendorBill",
    "VendorBillLine",
    "VendorContact",
    "VendorFile",
    "Verdict",
]
