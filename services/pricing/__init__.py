"""The worker of the stage pricing."""
