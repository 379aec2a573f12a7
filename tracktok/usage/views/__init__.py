"""The pages of metered usage."""

from tracktok.web.records import record_page

from . import events, meters, prices, quotas, subscriptions
from .blueprint import blueprint

record_page("meters", "meter", "usage.meter", "meter_id")
record_page("usage_prices", "price of usage", "usage.edit_price", "price_id")
record_page("usage_subscriptions", "usage subscription", "usage.subscription", "subscription_id")
record_page("usage_quotas", "usage quota", "usage.quota", "quota_id")

__all__ = ["blueprint", "events", "meters", "prices", "quotas", "subscriptions"]
