"""Apache Kafka's jars: downloaded once from Maven Central, verified before every use.

`jars.sha256` names the jars and their SHA-256; nothing else is ever put on the class path. To renew it after
a change of COORDINATES: `python -m services.embedded.jars > services/embedded/jars.sha256`.
"""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from typing import Any

from .errors import EmbeddedError, JarMismatch, need

KAFKA_VERSION = "4.4.0"
# slf4j-simple must have the version of Kafka's slf4j-api, or the log of the broker is lost.
COORDINATES = (f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}", "org.slf4j:slf4j-simple:1.7.36")
THREADS = 8
ATTEMPTS = 3
LEFTOVER_AGE_S = 24 * 3600
TEMPORARY = ".download-"

Say = Callable[[str], None]


def cache_dir() -> Path:
    """`YIBAO_CACHE`, or `.yibao/cache` in the checkout (of a wheel: in the working folder)."""
    named = os.environ.get("YIBAO_CACHE")
    if named:
        return Path(named).expanduser().absolute()
    root = Path(__file__).resolve().parents[2]
    return (root if (root / "pyproject.toml").exists() else Path.cwd()) / ".yibao" / "cache"


def expected() -> dict[str, str]:
    """Name of each jar -> its SHA-256, in the order of the committed list."""
    lines = files(__package__).joinpath("jars.sha256").read_text("ascii").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def ensure_jars(cache: Path, say: Say) -> list[Path]:
    """The verified jars in `cache`, downloaded first if they are absent or damaged.

    All bytes are hashed at every call (0.06 s). Raises JarMismatch when a download is not what is committed,
    EmbeddedError when it fails, EmbeddedMissing without the extra.
    """
    home = cache / f"kafka-{KAFKA_VERSION}"
    if home.is_dir():
        wrong = mismatches(home)
        if not wrong:
            return [home / name for name in expected()]
        say(f"Damaged in {home}: {', '.join(wrong)}. Downloading again. / 缓存已损坏，重新下载。")
    cache.mkdir(parents=True, exist_ok=True)
    remove_leftovers(cache)
    work = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=cache))
    try:
        fetch(work, say)
        publish(work, home)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return [home / name for name in expected()]


def mismatches(folder: Path) -> list[str]:
    """Names of the committed jars that are absent from `folder` or have other bytes."""
    wanted = expected()
    with ThreadPoolExecutor(THREADS) as pool:
        found = pool.map(lambda name: sha256(folder / name), wanted)
        return [name for name, digest in zip(wanted, found, strict=True) if digest != wanted[name]]


def sha256(path: Path) -> str | None:
    """None for a file that is not there."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None


def remove_leftovers(cache: Path) -> None:
    """Folders of downloads that died. A day is far longer than a download that still runs."""
    for folder in cache.glob(f"{TEMPORARY}*"):
        try:
            if time.time() - folder.stat().st_mtime > LEFTOVER_AGE_S:
                shutil.rmtree(folder, ignore_errors=True)
        except FileNotFoundError:  # another process was first
            continue


def fetch(work: Path, say: Say) -> None:
    """Download into `work`/jars and verify. Raises JarMismatch or EmbeddedError."""
    wanted = expected()
    say(f"Downloading Apache Kafka {KAFKA_VERSION} (45 MB, once) / 正在下载 Kafka（45 MB，仅一次）")
    download(work)
    wrong = mismatches(work / "jars")
    extra = sorted({path.name for path in (work / "jars").iterdir()} - set(wanted))
    if wrong or extra:
        raise JarMismatch(
            f"Not the expected jars of Apache Kafka {KAFKA_VERSION}: wrong or absent {wrong}, "
            f"unexpected {extra}. Nothing was kept. Try again; if it stays, the repository or a proxy "
            "on the way changes files. / "
            "下载的文件与校验和不符，未予保留；请重试，若仍失败请检查代理或镜像。"
        )


def download(work: Path) -> None:
    """Put all jars of COORDINATES into `work`/jars, unverified. `YIBAO_MAVEN` names a mirror."""
    maven = need("jgo.maven")
    mirror = os.environ.get("YIBAO_MAVEN")
    context = maven.MavenContext(
        repo_cache=work / "repository",
        local_repos=[],
        remote_repos={"mirror": mirror.rstrip("/")} if mirror else None,
        timeout=60,
    )
    target = work / "jars"
    target.mkdir()
    try:
        wanted = [context.create_dependency(name) for name in COORDINATES]
        direct, transitive = context.resolver.resolve(wanted)
        with ThreadPoolExecutor(THREADS) as pool:
            for path in pool.map(download_one, [*direct, *transitive]):
                shutil.move(path, target)
    except (OSError, RuntimeError) as error:
        raise EmbeddedError(
            f"Downloading Apache Kafka failed: {error}. Check the network or a proxy (HTTPS_PROXY), or name "
            "a mirror of Maven Central with YIBAO_MAVEN, and try again. / "
            "下载失败：请检查网络或代理，或用 YIBAO_MAVEN 指定 Maven 镜像后重试。"
        ) from error


def download_one(dependency: Any) -> Path:
    """One jar, tried again after a broken connection. jgo would take what a broken one left for the whole."""
    for attempt in range(ATTEMPTS):
        try:
            return Path(dependency.artifact.resolve())
        except OSError:
            dependency.artifact.cached_path.unlink(missing_ok=True)
            if attempt == ATTEMPTS - 1:
                raise
            time.sleep(1 + attempt)
    raise AssertionError("unreachable: the last attempt returns or raises")


def publish(work: Path, home: Path) -> None:
    """Rename the verified folder into place: it is there as a whole or not at all.

    A damaged one goes away first. When another process was faster, its folder is as good as ours.
    """
    if home.is_dir() and mismatches(home):
        home.rename(work / "damaged")
    try:
        (work / "jars").rename(home)
    except OSError:
        if not home.is_dir() or mismatches(home):
            raise


def main() -> None:
    """Print a new `jars.sha256` from a fresh download."""
    with tempfile.TemporaryDirectory() as folder:
        download(Path(folder))
        for path in sorted((Path(folder) / "jars").iterdir()):
            print(sha256(path), "", path.name)


if __name__ == "__main__":
    main()
