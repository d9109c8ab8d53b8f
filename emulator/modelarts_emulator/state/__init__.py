"""What the emulated cloud holds, its clock, and the state file."""
