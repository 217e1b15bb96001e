"""The worker of the stage eligibility."""
