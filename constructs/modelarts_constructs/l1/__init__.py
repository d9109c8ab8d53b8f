"""The provider's own schema as classes, one module per resource: generated, one to one, with the shape of every value checked."""
