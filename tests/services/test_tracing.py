"""One span a batch, linked to the traces of its requests; the context itself travels to the end of the road."""

from dataclasses import replace

import pytest
from aiokafka import ConsumerRecord
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from contracts.envelope import Record
from contracts.log import kept
from policies.book import built_in
from policies.road import STAGES, stage_named
from services.runtime.settings import Settings
from services.runtime.tracing import MAX_LINKS, Spans, links, spans_of
from services.runtime.worker import Worker
from tests.services.test_step import MARY, Stand, claim, credit, enrolment

AT = Settings(kafka="127.0.0.1:1", redis="redis://127.0.0.1:2/0")


def traced(record: Record, number: int) -> Record:
    """``record`` in trace ``number``, as a gateway sends it."""
    return replace(record, headers=(*record.headers, ("traceparent", b"00-%032x-%016x-01" % (number, 7))))


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def spans(exporter: InMemorySpanExporter) -> Spans:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return Spans("filing", provider)


async def test_a_worker_makes_one_span_a_batch(spans: Spans, exporter: InMemorySpanExporter) -> None:
    stand, book = Stand(), built_in()
    requested = stand.ask(traced(enrolment(MARY), 1), traced(credit(MARY, 1), 2), traced(claim(MARY, 1, 900), 2), credit(MARY, 2), traced(credit(MARY, 2), 3))
    worker = Worker(AT, stage_named("filing", book), book.digest)
    step = await stand.owner("filing")
    worker._parts[0], worker._spans = step, spans
    worker._meter.taken(0, step, 0.1)
    await worker._batch(0, [raw(record) for record in requested])
    (span,) = exporter.get_finished_spans()
    assert span.name == "filing batch"
    assert sorted(link.context.trace_id for link in span.links) == [1, 2, 3]
    assert span.attributes is not None
    assert (span.attributes["received"], span.attributes["kept"]) == (5, 5)
    assert span.attributes["verdicts.request.repeated"] == 1


async def test_the_context_of_a_request_stands_on_its_terminal_verdict() -> None:
    stand = Stand()
    await stand.settle(traced(enrolment(MARY), 1), traced(claim(MARY, 1, 900), 2))
    for topic in stand.topics[1:]:
        assert [record.header("traceparent") for record in kept(topic.records)] == [traced(credit(MARY, 1), n).header("traceparent") for n in (1, 2)]
    assert len(stand.topics) == len(STAGES) + 1


@pytest.mark.parametrize("value", [b"", b"\xff\xfe", b"00-zz-zz-01", b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-01", b"x" * 600])
def test_what_is_no_context_is_no_link_and_no_error(value: bytes) -> None:
    record = replace(credit(MARY, 1), headers=(("traceparent", value),))
    assert links([record]) == []


def test_links_are_bounded() -> None:
    assert len(links([traced(credit(MARY, 1), number) for number in range(1, 400)])) == MAX_LINKS


def test_off_by_default_and_an_error_goes_through(spans: Spans, exporter: InMemorySpanExporter) -> None:
    for tried in (spans_of(AT, "filing"), spans):
        with pytest.raises(KeyError), tried.batch(0, []):
            raise KeyError
        tried.close()
    (span,) = exporter.get_finished_spans()
    assert not span.status.is_ok


def raw(record: Record) -> ConsumerRecord:
    return ConsumerRecord(
        topic=record.topic, partition=0, offset=record.offset, timestamp=0, timestamp_type=1, key=record.key, value=record.value,
        checksum=None, serialized_key_size=0, serialized_value_size=0, headers=record.headers)
