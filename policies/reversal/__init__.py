"""Undoing settlements (反结算): who may and until when, what must go first, the exact mirror, and settling again."""
