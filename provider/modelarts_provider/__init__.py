"""Terraform provider for Huawei Cloud ModelArts notebook instances. Importing the package costs nothing."""

__version__ = "0.2.0"

NAME = "modelarts"
"""The provider's type: what the types of its resources begin with."""

SOURCE = "local/modelarts/modelarts"
"""Where Terraform finds the provider, unless the user installs it under another source address."""
