"""Review of claims (智能审核): rules as data over a claim and what is remembered of earlier ones, before the benefit.

A rule finds; what it finds is noted, cut from the lines, or holds the claim until a person decides. One module a kind.
"""
