"""OpenTelemetry: one span a batch, linked to the traces of the requests in it. Off unless the settings say otherwise.

The W3C context travels in the headers ``traceparent`` and ``tracestate``, from the gateway to the terminal verdict, outside
every hash. Where the spans go is said by OpenTelemetry's own variables (OTEL_EXPORTER_OTLP_ENDPOINT ...).
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Thread
from typing import Any

from contracts.envelope import Record, trace_of
from services.runtime.exits import Misconfigured
from services.runtime.part import Report
from services.runtime.settings import Settings

MAX_LINKS = 128
"""OpenTelemetry's own limit a span; further requests of the batch are not linked."""
END_S = 2.0


class Spans:
    """The spans of one worker; without a provider there are none."""

    def __init__(self, stage: str, provider: Any = None) -> None:
        self._stage, self._provider = stage, provider
        self._tracer = provider.get_tracer("yibao") if provider is not None else None

    def batch(self, partition: int, records: Sequence[Record]) -> AbstractContextManager["Span"]:
        """The span of a batch, from before it is decided until it is applied; an error ends it as failed."""
        return self._begun(partition, records) if self._tracer is not None else nullcontext(Span())

    @contextmanager
    def _begun(self, partition: int, records: Sequence[Record]) -> Iterator["Span"]:
        attributes = {"stage": self._stage, "partition": partition, "received": len(records)}
        with self._tracer.start_as_current_span(f"{self._stage} batch", links=links(records), attributes=attributes) as span:
            yield Span(span)

    def close(self) -> None:
        """Sends what is left, within a time limit: a collector that hangs keeps nobody from ending."""
        if self._provider is not None:
            ending = Thread(target=self._provider.shutdown, daemon=True)
            ending.start()
            ending.join(END_S)


class Span:
    """A batch's span, or none."""

    def __init__(self, span: Any = None) -> None:
        self._span = span

    def done(self, done: Report) -> None:
        """What the batch did."""
        if self._span is not None:
            self._span.set_attribute("kept", done.kept)
            for type, count in getattr(done, "verdicts", {}).items():
                self._span.set_attribute(f"verdicts.{type}", count)


def links(records: Sequence[Record]) -> list[Any]:
    """A link to each trace that the records name, once each, as far as they can be read."""
    from opentelemetry.trace import Link, get_current_span
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    found: dict[tuple[int, int], Any] = {}
    for record in records:
        carrier = {name: (value or b"").decode("ascii", "replace") for name, value in trace_of(record.headers)}
        if not carrier or len(found) == MAX_LINKS:
            continue
        context = get_current_span(TraceContextTextMapPropagator().extract(carrier)).get_span_context()
        if context.is_valid:
            found.setdefault((context.trace_id, context.span_id), Link(context))
    return list(found.values())


def spans_of(settings: Settings, stage: str) -> Spans:
    """The spans that the settings ask for. Raises Misconfigured where the extra is not installed."""
    if not settings.tracing:
        return Spans(stage)
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as missing:
        raise Misconfigured(
            f"YIBAO_TRACING 需要 pip install \"yibao[tracing]\"（{missing}） / YIBAO_TRACING needs it installed") from None
    provider = TracerProvider(resource=Resource.create({"service.name": f"yibao-{stage}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Spans(stage, provider)
