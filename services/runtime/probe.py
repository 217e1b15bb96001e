"""``/health``, ``/ready`` and ``/metrics`` of a worker, served by a thread of the standard library's WSGI server.

The thread only reads what the worker's own loop has left here, so a loop that hangs is seen: ``/health`` then says so.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Thread
from time import monotonic
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import structlog
from prometheus_client import GCCollector, PlatformCollector, ProcessCollector, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

from services.runtime.metrics import REGISTRY
from services.runtime.settings import Settings

LATELY_S = 30.0
"""A loop that has not beaten, or a server that has not answered, for so long is not well."""
REQUEST_S = 10.0
log = structlog.get_logger()
App = Callable[[dict[str, Any], Any], Iterable[bytes]]


@dataclass(slots=True)
class Pulse:
    """What the worker's loop says of itself each second. ``missing``: what it waits for before it can work."""

    beaten: float
    missing: tuple[str, ...] = ("正在启动 / starting",)

    def ill(self, now: float) -> tuple[str, ...]:
        """Why the process should be ended; empty where it is well."""
        silent = now - self.beaten
        if silent <= LATELY_S:
            return ()
        return (f"事件循环已 {silent:.0f} 秒没有响应 / the event loop has not moved for {silent:.0f} s",)


def app_of(pulse: Pulse) -> App:
    """The three pages as a WSGI application."""
    page = make_wsgi_app(REGISTRY)

    def app(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        path, ill = environ.get("PATH_INFO", ""), pulse.ill(monotonic())
        if path == "/metrics":
            return page(environ, start)
        if path == "/health":
            return _answer(start, ill)
        if path == "/ready":
            return _answer(start, (*ill, *pulse.missing))
        start("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"/health /ready /metrics\n"]

    return app


def _answer(start: Any, wrong: tuple[str, ...]) -> list[bytes]:
    status = "503 Service Unavailable" if wrong else "200 OK"
    start(status, [("Content-Type", "application/json; charset=utf-8")])
    return [json.dumps({"ok": not wrong, "problems": wrong}, ensure_ascii=False).encode() + b"\n"]


def serve(settings: Settings, pulse: Pulse) -> WSGIServer | None:
    """Serves the pages where the settings say so. A port that cannot be had is told and keeps nobody from working."""
    if settings.metrics_port is None:
        return None
    try:
        server = make_server(settings.metrics_host, settings.metrics_port, app_of(pulse), ThreadingWSGIServer, _Quiet)
    except OSError as error:
        log.error("no metrics", host=settings.metrics_host, port=settings.metrics_port,
                  why=f"{error}; 进程照常工作，但没有这三页：换 YIBAO_METRICS_PORT 或 YIBAO_METRICS_HOST / it works all the same, without its three pages: take another YIBAO_METRICS_PORT or YIBAO_METRICS_HOST")
        return None
    _of_the_process()
    Thread(target=server.serve_forever, name="probe", daemon=True).start()
    log.info("metrics", url=f"http://{settings.metrics_host}:{server.server_port}/metrics")
    return server


class _Quiet(WSGIRequestHandler):
    """Logs no request, and waits for none longer than REQUEST_S."""

    timeout = REQUEST_S

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


def _of_the_process() -> None:
    """The metrics of the process itself, once."""
    if "python_info" not in REGISTRY._names_to_collectors:
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=REGISTRY)
