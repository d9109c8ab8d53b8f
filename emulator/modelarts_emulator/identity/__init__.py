"""Who is calling and what they may do: IAM, STS, signatures, permissions."""
