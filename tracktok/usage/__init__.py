"""Metered usage: meters, events, prices, subscriptions, quotas. It bills nothing itself: `invoices` does."""
