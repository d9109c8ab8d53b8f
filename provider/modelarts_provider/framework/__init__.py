"""How to write a Terraform provider in Python: schema, plan, protocol, rendered pages. Knows no service and no HTTP."""
