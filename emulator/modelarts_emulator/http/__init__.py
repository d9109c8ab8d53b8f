"""From a request to its operation: the gateway, routes, faults, and the OpenAPI document."""
