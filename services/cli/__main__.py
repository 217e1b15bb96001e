"""``python -m services.cli`` is the same as ``yibao``."""

from services.cli import main

if __name__ == "__main__":  # the processes that it starts read this module too
    main()
