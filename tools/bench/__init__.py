"""`make bench`: how long starts, commands and syntheses take, how much memory they need, how many calls they make.

Each measurement runs at least ten times, in turns with a floor that does the same work without the provider, so that a
busy machine is seen in both. The last table is kept in `bench/results.md`.
"""
