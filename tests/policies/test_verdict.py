"""What the audit keeps of a verdict is what its body says, and what it hashes as it stands is what would be printed."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from contracts.envelope import Record
from contracts.keys import content_hash
from contracts.wire import event_of, grow, to_json
from policies.book import Book
from policies.chain import judge
from policies.review.inner import as_claim
from policies.verdict import SETTLES, Facts, Verdict
from tests.policies.standing import LAST, PARTITIONS, Standing, settled_with, story
from tests.policies.test_chain import by_hand, stays

ON_SETTLED = 4


def verdicts(standing: Standing) -> Iterator[tuple[Verdict, Record]]:
    for row in standing.rows():
        if (event := judge(row, PARTITIONS).event) is not None and (record := row.records[ON_SETTLED]) is not None:
            yield event, record


@pytest.mark.parametrize("made", [story, stays, by_hand])
def test_a_settlement_is_known_by_the_hash_of_its_claim_as_it_is_printed(made: object, book: Book) -> None:
    found = [(event, event_of(record)) for event, record in verdicts(made(book)) if event.type in SETTLES]  # type: ignore[operator]
    assert found
    for event, whole in found:
        assert event.facts.settled == {event.attributes.id: content_hash(to_json(as_claim(whole.body)))}


@pytest.mark.parametrize("made", [story, stays, by_hand])
def test_the_facts_are_those_of_the_whole_event(made: object, book: Book) -> None:
    for event, record in verdicts(made(book)):  # type: ignore[operator]
        due = Facts.of(event_of(record))
        same = ("moved", "accounts", "wallet", "settled", "paid")
        assert [getattr(event.facts, name) for name in same] == [getattr(due, name) for name in same]
        assert [(id, claim.mdtrt_id, claim.invoinfo) for id, claim in event.facts.bills] == [
            (id, claim.mdtrt_id, claim.invoinfo) for id, claim in due.bills]
        assert event.body == event_of(record).body, "what is not kept is parsed again"


def test_what_another_version_wrote_is_hashed_as_this_one_prints_it(book: Book) -> None:
    """A later program may print other fields than the one that wrote the section, so its bytes are not taken for what is printed."""
    standing = story(book)
    record = standing.at(ON_SETTLED, LAST)
    value = settled_with(record, policies="9.9.9")
    body = event_of(replace(record, value=value)).body
    loose = value.replace(b'"policies":"9.9.9",', b'"policies":"9.9.9", ')  # a blank that nobody prints
    standing.alter(ON_SETTLED, LAST, value=loose)
    (event,) = [event for event, found in verdicts(standing) if found.value == loose]
    assert event.facts.settled == {event.attributes.id: content_hash(to_json(body))}


def test_sections_are_printed_again_as_they_stand(book: Book) -> None:
    for event, record in verdicts(story(book)):
        if event.type in SETTLES:
            body = event_of(record).body
            assert record.value.endswith(grow(b"{}", "settled", body.settled)[1:])
