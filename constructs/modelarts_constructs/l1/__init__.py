"""The provider's own schema as classes, one module per resource: generated, one to one, checked by types alone."""
