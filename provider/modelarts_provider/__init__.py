"""Terraform provider for Huawei Cloud ModelArts notebook instances. Importing the package costs nothing."""

__version__ = "0.2.0"
