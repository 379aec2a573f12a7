"""Tables of vendors, rate cards and incentives."""

from .incentives import IncentiveRule
from .rate_cards import RateCard, RateCardVersion
from .vendors import Vendor, VendorContact, VendorFile

__all__ = [
    "IncentiveRule",
    "RateCard",
    "RateCardVersion",
    "Vendor",
    "VendorContact",
    "VendorFile",
]
