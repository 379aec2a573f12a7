"""What changes about tenants, and the limits of their plans."""

from .branding import LogoRefused, LogoTooLarge, remove_logo, set_logo
from .creating import NewTenant, SubdomainTaken, create_tenant
from .limits import (
    NotInPlan,
    OverPlanLimit,
    check_limit,
    count_usage,
    require_feature,
    reserve,
    soft_warning,
    upgrade_url,
    usage,
)
from .plans import SamePlan, request_upgrade, set_tier
from .settings import CurrencyFixed, update_settings

__all__ = [
    "CurrencyFixed",
    "LogoRefused",
    "LogoTooLarge",
    "NewTenant",
    "NotInPlan",
    "OverPlanLimit",
    "SamePlan",
    "SubdomainTaken",
    "check_limit",
    "count_usage",
    "create_tenant",
    "remove_logo",
    "request_upgrade",
    "require_feature",
    "reserve",
    "set_logo",
    "set_tier",
    "soft_warning",
    "update_settings",
    "upgrade_url",
    "usage",
]
