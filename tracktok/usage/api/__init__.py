"""The JSON routes of metered usage."""

from . import events, meters, prices, quotas, subscriptions

APIS = (events.api, meters.api, prices.api, quotas.api, subscriptions.api)
