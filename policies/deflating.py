"""Bytes deflated with a dictionary of what all of their kind say, and inflated within a bound."""

import zlib
from dataclasses import dataclass

LEVEL = 1
"""Of zlib: level 6 takes half as long again and saves a tenth."""
MOST_INFLATED = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Deflating:
    """``window`` and ``memory`` as of zlib; a negative window writes no header. Another dictionary does not read what this one wrote."""

    dictionary: bytes
    window: int = -15
    memory: int = 8

    def deflated(self, raw: bytes) -> bytes:
        press = zlib.compressobj(LEVEL, zlib.DEFLATED, self.window, self.memory, zdict=self.dictionary)
        return press.compress(raw) + press.flush()

    def inflated(self, stored: bytes) -> bytes:
        """What was deflated. Raises ValueError where it is not whole, more than MOST_INFLATED bytes, or has something behind it."""
        press = zlib.decompressobj(self.window, zdict=self.dictionary)
        try:
            found = press.decompress(stored, MOST_INFLATED)
        except zlib.error as error:
            raise ValueError(str(error)) from None
        if not press.eof or press.unused_data:
            raise ValueError("is not whole, too large, or has something behind it")
        return found
