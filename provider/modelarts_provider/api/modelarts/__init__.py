"""The notebook operations of ModelArts, with the names and shapes that the service documents."""
