"""A real Apache Kafka and a real Valkey as child processes on free ports of 127.0.0.1, without Docker."""

from .errors import EmbeddedError, EmbeddedMissing
from .stack import Stack

__all__ = ["EmbeddedError", "EmbeddedMissing", "Stack"]
