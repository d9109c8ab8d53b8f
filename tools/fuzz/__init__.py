"""`make fuzz`: schemathesis reads the emulator's OpenAPI document and sends it what that allows and what it doesn't.

The requests are signed, so that they reach the operations. Each finds the same state of the emulated cloud, and where it
is refused, or only reads, it has to leave that state as it was.
"""
