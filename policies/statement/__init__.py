"""The statement (结算单): a verdict on paper, so that a patient can check it by hand. In Chinese or English.

``statement(event, book, lang)`` gives sections of rows, ``as_text`` lays them out. Every amount printed is one of the
event's, or the sum or difference that stands beside it; nothing is decided here.
"""

from policies.statement.paper import Column, Row, Section, Statement, as_text
from policies.statement.verdict import statement

__all__ = ["Column", "Row", "Section", "Statement", "as_text", "statement"]
