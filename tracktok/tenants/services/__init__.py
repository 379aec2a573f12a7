"""What changes about tenants, and the limits of their plans."""

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

__all__ = [
    "NewTenant",
    "NotInPlan",
    "OverPlanLimit",
    "SubdomainTaken",
    "check_limit",
    "count_usage",
    "create_tenant",
    "require_feature",
    "reserve",
    "soft_warning",
    "upgrade_url",
    "usage",
]
