"""What was found before: found once, forgotten as a whole where there is too much of it, and not carried to another process."""

import pickle

import pytest

from policies.book import built_in
from policies.remembered import MOST, Remembered


def test_a_key_is_looked_for_once() -> None:
    asked = list[int]()
    known = Remembered(lambda key: asked.append(key) or -key)
    assert [known[3], known[5], known[3]] == [-3, -5, -3] and asked == [3, 5]


def test_it_is_bounded_and_finds_what_it_forgot() -> None:
    known = Remembered(str)
    assert all(known[number] == str(number) and len(known) <= MOST for number in range(MOST + 2))
    assert known[0] == "0" and len(known) == 3  # MOST, MOST + 1, and 0 again


def test_what_does_not_exist_is_not_remembered() -> None:
    known = Remembered({"a": 1}.__getitem__)
    with pytest.raises(KeyError):
        known["b"]
    assert not known and known["a"] == 1


def test_a_book_goes_to_another_process_without_what_it_remembers() -> None:
    book = built_in()
    place, name = next((place, name) for place, names in book.maps.items() for name in names)
    day = book.maps[place][name][-1].begndate
    known = book.map_on[place, name, day]
    assert known is book.maps[place][name][-1]
    copy = pickle.loads(pickle.dumps(book))
    assert not copy.map_on and copy.map_on[place, name, day] is copy.maps[place][name][-1]
