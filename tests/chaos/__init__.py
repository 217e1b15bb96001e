"""Faults on the real stack: ``python -m tests.chaos --faults N --requests M --seed S`` (``make chaos``); see docs/faults.md."""
