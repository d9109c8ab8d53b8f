"""What a resource or a provider block declares: attributes, types, values, paths and validators. Inert data."""
