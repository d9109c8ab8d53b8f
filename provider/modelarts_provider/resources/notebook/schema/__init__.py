"""What a user writes and reads of a notebook."""
