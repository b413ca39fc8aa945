"""That no secret lands in the image: planted wherever people keep them, and looked for in every layer."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from scripts.container_test.docker import Failed, Stage, docker
from scripts.container_test.images import ROOT, Images, build

_MARK = "planted-secret-7f3a9c"
_CERTAINLY_THERE = "site-packages/collector/cli/check.py"
"""A scan that does not see even this would find no secret either."""
_PLACES = (
    ".env",
    ".env.production",
    ".git/config",
    ".netrc",
    "branches.yaml",
    "collector.db",
    "users.json",
    "config/branches.yaml",
    "config/secrets.yaml",
    "secrets/vk_token",
    "secrets/database_password",
    "collector/.env",
    "collector/web/tls.key",
    "storage/dump.db",
    "migrations/ca.pem",
)


def planted_secrets(images: Images, stage: Stage) -> str:
    """The image scanned for secrets that were planted beside its sources and in pip's settings; history of layers."""
    folder = stage.folder / "context"
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    for name in filter(None, tracked):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    for name in _PLACES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"token: {_MARK}\n", encoding="utf-8")
    pip_conf = stage.file("pip.conf", f"# user:{_MARK}@\n[global]\ntimeout = 60\n")
    # Without the cache, as who built it before had none of this.
    image = build(
        f"{images.program}-planted", folder, "--no-cache", "--secret", f"id=pip_conf,src={pip_conf}"
    )
    stage.at_the_end(docker, "image", "rm", image, may_fail=True)
    layers, files, found = _scan(image, stage.folder / "image.tar")
    if found:
        raise Failed(f"found in: {', '.join(found)}")
    return f"{len(_PLACES) + 1} planted; none in {files:,} files of {layers} layers, nor in the history"


def _scan(image: str, saved: Path) -> tuple[int, int, list[str]]:
    """How many layers and files the image has, and where in them, or in its history, the mark stands."""
    docker("save", "--output", str(saved), image)
    layers, files, found, has_seen_the_program = 0, 0, list[str](), False
    with tarfile.open(saved) as whole:
        manifest = json.load(_opened(whole, "manifest.json"))[0]
        if _MARK in _opened(whole, manifest["Config"]).read().decode():
            found.append("the image's settings")
        for layer in manifest["Layers"]:
            layers += 1
            for path, content in _files(_opened(whole, layer)):
                files += 1
                has_seen_the_program |= path.endswith(_CERTAINLY_THERE)
                if _MARK.encode() in content or _is_planted(path):
                    found.append(path)
    if not has_seen_the_program:
        raise Failed(f"the scan of {files:,} files of {layers} layers missed {_CERTAINLY_THERE}")
    if _MARK in docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", image).out:
        found.append("the history of layers")
    return layers, files, found


def _opened(whole: tarfile.TarFile, name: str) -> io.BufferedReader:
    content = whole.extractfile(name)
    if content is None:
        raise Failed(f"the saved image has no {name}")
    return content  # type: ignore[return-value]


def _files(layer: io.BufferedReader) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=layer) as members:
        for member in members:
            if not member.isfile() or (content := members.extractfile(member)) is None:
                continue
            yield member.name, content.read()
            if member.name.endswith((".whl", ".zip")):
                content.seek(0)
                with zipfile.ZipFile(content) as inner:
                    yield from ((f"{member.name}/{name}", inner.read(name)) for name in inner.namelist())


def _is_planted(path: str) -> bool:
    """A name alone gives it away: a file may have been emptied by a later layer."""
    return Path(path).name in {
        ".env",
        ".env.production",
        "vk_token",
        "database_password",
        "users.json",
        "tls.key",
        "dump.db",
    }
