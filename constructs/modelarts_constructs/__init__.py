"""Typed CDK for Terraform constructs for ModelArts notebook instances."""

from __future__ import annotations

from modelarts_constructs.auto_stop import AutoStop
from modelarts_constructs.endpoint import Endpoint
from modelarts_constructs.errors import ConstructError
from modelarts_constructs.expressions import expression
from modelarts_constructs.hook import Hook
from modelarts_constructs.l1.provider import ModelartsProvider
from modelarts_constructs.notebook import INotebook, Notebook
from modelarts_constructs.storage import Storage

__all__ = [
    "AutoStop",
    "ConstructError",
    "Endpoint",
    "Hook",
    "INotebook",
    "ModelartsProvider",
    "Notebook",
    "Storage",
    "expression",
]
