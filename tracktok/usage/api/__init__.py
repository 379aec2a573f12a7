"""The JSON routes of metered usage."""

from . import events, meters, prices, quotas

APIS = (events.api, meters.api, prices.api, quotas.api)
