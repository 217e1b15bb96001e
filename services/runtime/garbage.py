"""How often Python looks for garbage: seldom, in a process that has loaded its rulebook and decides one request after the other."""

import gc

THRESHOLDS = 50_000, 20, 100
"""Objects that are made before the young ones are looked through, and how many such looks before the older ones are. Python's own
first number is 700: a bill of 200 lines is several looks through all that a batch has made, for nothing, since no cycle is made."""


def seldom() -> None:
    """From now on. What is there already (modules, rulebook) stays to the end, and is not looked through at all."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
