"""What is told in Chinese and English, taken apart: ``place: 中文 / English``."""

import re
from collections.abc import Iterable

CHINESE = re.compile("[\u4e00-\u9fff]")
ENGLISH = re.compile("[A-Za-z]{2,} [a-z0-9]")


def english(problem: str) -> str:
    """A problem of a rulebook without its Chinese. One that is told in one language only is an error."""
    first = CHINESE.search(problem)
    assert first is not None, f"not told in Chinese: {problem}"
    before, parted, text = problem[: first.start()], *problem[first.start() :].partition(" / ")[1:]
    assert parted and ENGLISH.search(text), f"not told in English: {problem}"
    place, colon, _ = before.rpartition(": ")
    return place + colon + text


def in_english(problems: Iterable[str]) -> list[str]:
    """The same of each one."""
    return [english(problem) for problem in problems]
