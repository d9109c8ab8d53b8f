"""The fixed passes of a plan."""
