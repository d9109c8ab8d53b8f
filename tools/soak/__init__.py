"""`make soak`: Terraform, the provider and an emulated API live long lives together, with faults, kills and console work.

Random operations on one or two notebooks; after each accident the faults end, and what a user would do (apply again,
import what an error names) has to bring everything back. What doesn't come back is counted, by kind, in a table.
"""
