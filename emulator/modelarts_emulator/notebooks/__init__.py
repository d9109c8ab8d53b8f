"""The operations on notebooks, images, storage and tags, and their rules."""
