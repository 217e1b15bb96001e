"""The worker of the stage filing."""
