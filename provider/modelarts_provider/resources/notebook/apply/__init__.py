"""Creating, updating and deleting a notebook."""
