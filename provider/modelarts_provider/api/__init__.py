"""The ModelArts HTTP API: signing, calls, errors, retries. Knows no Terraform."""
