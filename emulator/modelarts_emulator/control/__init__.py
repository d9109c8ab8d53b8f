"""What tests and people may do behind the API."""
