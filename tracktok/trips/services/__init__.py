"""Every write of vendors, rate cards and incentives."""
