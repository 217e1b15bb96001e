"""How a line that was cut is known."""

NOTE = "cut"
"""Its ``note``: all that the provider bears of it lies in its own expense."""
