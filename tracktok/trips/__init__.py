"""Vendors, their rate cards, trips, what they cost, and statements."""
