"""What changes about people, their places in tenants, and their sign-ins."""
