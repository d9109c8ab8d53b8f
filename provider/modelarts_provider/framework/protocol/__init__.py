"""Terraform's plugin protocol 6: adapters only, no planning rules here."""
