"""Tables of vendors, rate cards and incentives; of trips, what they come to, and statements."""

from .bills import DisputeStatus, TripDispute, VendorBill, VendorBillLine, Verdict
from .incentives import IncentiveRule
from .mileage import MileageRate, TripExpense
from .portals import DisputeMessage, Employee, EmployeeName
from .rate_cards import RateCard, RateCardVersion
from .trips import StatementStatus, Trip, TripAdjustment, TripCharge, TripStatement
from .vendors import Vendor, VendorContact, VendorFile

__all__ = [
    "DisputeMessage",
    "DisputeStatus",
    "Employee",
    "EmployeeName",
    "IncentiveRule",
    "MileageRate",
    "RateCard",
    "RateCardVersion",
    "StatementStatus",
    "Trip",
    "TripAdjustment",
    "TripCharge",
    "TripDispute",
    "TripExpense",
    "TripStatement",
    "Vendor",
    "VendorBill",
    "VendorBillLine",
    "VendorContact",
    "VendorFile",
    "Verdict",
]
