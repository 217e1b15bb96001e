"""The command line. Libraries are imported when a command needs them, so that a missing extra is said in one line."""

import sys

MISSING = """\
yibao: 缺少命令行所需的库（{name}）。请安装：  pip install "yibao[services]"
yibao: the libraries of the command line are missing ({name}). Install:  pip install "yibao[services]"
"""


def main() -> None:
    """The console script ``yibao``."""
    try:
        from services.cli.app import app
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] in ("contracts", "policies", "services"):
            raise
        sys.stderr.write(MISSING.format(name=missing.name))
        sys.exit(2)
    app()
