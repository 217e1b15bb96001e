"""Structured logs: JSON or console, one line a batch, never a body at level info, nor what stands in variables."""

import logging
import sys

import structlog

from services.runtime.settings import Settings


def configure(settings: Settings) -> None:
    """Sets up structlog and hands the libraries' warnings to the same stream (standard error)."""
    level = logging.getLevelName(settings.log_level.upper())
    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if settings.log_format == "json"
        else [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)]
    )
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s", force=True)
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
