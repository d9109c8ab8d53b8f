"""An emulator of the ModelArts notebook API for laptops, pipelines and tests."""
