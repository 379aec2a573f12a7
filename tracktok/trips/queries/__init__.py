"""Every read of vendors, rate cards and incentives."""
