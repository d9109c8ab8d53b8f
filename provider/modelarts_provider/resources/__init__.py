"""Where schema, API and lifecycle meet: one module for each resource."""
