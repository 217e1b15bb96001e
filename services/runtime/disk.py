"""Files and folders that are there when a machine stops: their content, and the names under which they are found.

To name a file is to write into its folder. What is on the disk and what is not is told apart by nobody who only sees the file.
"""

import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """The file as a whole, on the disk, or as it was before. Its folder is made where it is missing. Raises OSError, which names it."""
    made(path.parent)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        synced(part)
    except OSError as error:  # of a full disk the system says only that it is full
        raise OSError(error.errno, error.strerror, str(path)) from None
    renamed(part, path)


def renamed(source: Path, target: Path) -> None:
    """Gives what is on the disk as ``source``, in an existing folder or another one, its name ``target``, on the disk when it returns.

    Raises OSError where it cannot; of a folder also where there is one of that name that is not empty.
    """
    made(target.parent)
    source.replace(target)
    synced(target.parent)


def made(folder: Path) -> None:
    """The folder, and those above it, with their names on the disk. Raises OSError, which names it."""
    missing = [one for one in (folder, *folder.parents) if not one.is_dir()]
    folder.mkdir(parents=True, exist_ok=True)
    for one in reversed(missing):
        synced(one.parent)


def synced(path: Path) -> None:
    """The content of a file, or the names in a folder, to the disk. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
