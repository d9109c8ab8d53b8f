"""Readers of the schema that write files: registry pages, schema JSON, construct bindings."""
