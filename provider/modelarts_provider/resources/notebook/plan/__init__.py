"""The notebook's own rules of a plan. No calls, but for the checks of flavor and image."""
