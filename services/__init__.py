"""What is done: the five workers, the runtime they share, the ledger and the command line."""

__version__ = "0.1.0"
