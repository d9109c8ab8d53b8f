"""Who is calling: ways to log in, credentials and their renewal, request signing, projects."""
