"""The courier: makes requests of verdicts that concern another person."""
