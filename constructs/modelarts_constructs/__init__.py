"""Typed CDK for Terraform constructs for ModelArts notebook instances."""
