"""The demo: two notebooks deployed, one updated in place, compared, and destroyed, all on real parts.

Real: Terraform, the cdktf CLI, the provider as Terraform starts it. Emulated: the cloud.
"""
