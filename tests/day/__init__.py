"""A day in the life of 200 persons: the script that writes ``services/cli/day.jsonl``, and what must become of it.

``python -m tests.day.write`` writes the file anew. Each person has one matter: what is given, a refusal, its remedy, and the
request that goes through. The id of a request says which: ``d017-given-1``, ``d017-refused-not_filed``, ``d017-remedy-1``,
``d017-settled``.
"""
