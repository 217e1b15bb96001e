"""Pricing: line by line, by the catalogue of the place of care."""
