"""``python -m services.cli`` is the same as ``yibao``."""

from services.cli import main

main()
