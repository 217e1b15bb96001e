"""What is done: the six workers, the runtime they share, the ledger and the command line."""

__version__ = "0.2.0"
