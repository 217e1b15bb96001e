"""The statement (结算单): a verdict on paper, so that a patient can check it by hand. In Chinese or English.

``statement(event, book, lang)`` gives sections of rows, ``itemised`` the fee list (费用清单) in the same form; ``as_text`` and
``as_html`` lay them out. Every amount printed is one of the event's, or the sum or difference that stands beside it;
nothing is decided here.
"""

from policies.statement.html import as_html
from policies.statement.paper import Column, Row, Section, Statement, as_text
from policies.statement.reversal import marked
from policies.statement.verdict import itemised, statement

__all__ = ["Column", "Row", "Section", "Statement", "as_html", "as_text", "itemised", "marked", "statement"]
