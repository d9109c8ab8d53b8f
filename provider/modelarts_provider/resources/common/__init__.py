"""What every resource shares: the session with the service, tags, rules of the provider's settings."""
