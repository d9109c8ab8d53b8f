"""The resource ``modelarts_notebook``."""
