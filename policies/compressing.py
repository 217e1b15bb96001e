"""Bytes compressed (zstd) with a dictionary of what all of their kind say, and expanded within a bound.

The dictionary is a readable text: a trained one is binary. Its bytes are part of what was written: another one does not read it.
"""

from collections.abc import Sequence

from zstandard import (
    DICT_TYPE_RAWCONTENT,
    ZstdCompressionDict,
    ZstdCompressionParameters,
    ZstdCompressor,
    ZstdDecompressor,
    ZstdError,
    frame_content_size,
)

LEVEL = 1
"""Of zstd: level 3 takes a fifth longer and saves 3 in 100."""
MOST_EXPANDED = 16 * 2**20


class Compressing:
    """One dictionary, and a compressor and an expander that are kept: to make them takes longer than to use them. They are for one
    thread, as all of this program's deciding is; processes that are spawned import their own."""

    __slots__ = ("_asked", "_compressor", "_expander", "_known", "_nothing")

    def __init__(self, dictionary: bytes) -> None:
        self._known = known = ZstdCompressionDict(dictionary, dict_type=DICT_TYPE_RAWCONTENT)
        self._asked = ZstdCompressionParameters.from_level(LEVEL, write_content_size=True, write_checksum=False, write_dict_id=False)
        self._compressor = self._new_compressor()
        self._expander = ZstdDecompressor(dict_data=known)
        self._nothing = self._compressor.compress(b"")

    def compressed(self, raw: bytes) -> bytes:
        """``raw`` as one frame that states its size."""
        return self._compressor.compress(raw)

    def all_compressed(self, raws: Sequence[bytes]) -> list[bytes]:
        """What ``compressed`` makes of each. It may be called in another thread, and lets others run meanwhile."""
        if not any(raws):  # the library refuses that
            return [self._nothing] * len(raws)
        return [one.tobytes() for one in self._new_compressor().multi_compress_to_buffer(list(raws))]

    def _new_compressor(self) -> ZstdCompressor:
        return ZstdCompressor(dict_data=self._known, compression_params=self._asked)

    def expanded(self, stored: bytes) -> bytes:
        """What was compressed. Raises ValueError where it does not state its size, is more than MOST_EXPANDED bytes, is not whole, or
        has something behind it."""
        if stored == self._nothing:  # the library does not look at what follows where the size is 0
            return b""
        try:
            if not 0 < frame_content_size(stored) <= MOST_EXPANDED:
                raise ValueError("is empty, too large, or does not state its size")
            return self._expander.decompress(stored, allow_extra_data=False)
        except ZstdError as error:
            raise ValueError(str(error)) from None
