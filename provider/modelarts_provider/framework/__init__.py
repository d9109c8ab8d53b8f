"""The kernel: values, types, paths, diagnostics, the schema and the plan. Standard library only, no input or output."""
