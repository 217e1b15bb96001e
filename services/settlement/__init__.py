"""The worker of the stage settlement."""
