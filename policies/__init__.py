"""What is decided: pure functions over dated rulebook data. No I/O, no clock, no randomness, no float."""

VERSION = "0.2.0"
"""Named by every verdict, beside the digest of the rulebook."""
