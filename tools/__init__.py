"""What `make` runs: setting the checkout up, the demo, the proof on a fresh machine.

Everything that runs before `.venv` exists is standard library only.
"""
