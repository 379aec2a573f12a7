"""Vendors, rate cards, prices and incentives in and out."""
