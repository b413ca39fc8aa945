"""That it starts: by compose with all that ops bring, to be tried without tokens, and with the least rights."""

from __future__ import annotations

import json
import shutil
import socket
import urllib.error
import urllib.request

from scripts.container_test.docker import Container, Ended, Failed, Stage, docker, until
from scripts.container_test.images import ROOT, Images
from scripts.container_test.world import COMMUNITIES, FINISHED, LOOKED_AT, Sandbox, sqlite, start_collector

_HEALTHY_WITHIN_S = 60


class Project:
    """A folder as ops have it, with compose.yaml in it, and nothing of this one's settings and secrets."""

    def __init__(self, stage: Stage, images: Images) -> None:
        self.folder = stage.folder / stage.name
        self.page_port, self.mail_port = _free_port(), _free_port()
        self._name = stage.name
        self.folder.mkdir()
        shutil.copy(ROOT / "compose.yaml", self.folder)
        shutil.copytree(ROOT / "config", self.folder / "config")
        shutil.copy(ROOT / "config" / "branches.mgo.yaml", self.folder / "config" / "branches.yaml")
        self.env(
            PROGRAM_IMAGE=images.program,
            DATABASE_IMAGE=images.database,
            MAIL_IMAGE=images.mail,
            PAGE_PORT=str(self.page_port),
            MAIL_PORT=str(self.mail_port),
        )
        stage.at_the_end(self.compose, "down", "--volumes", "--timeout", "5", may_fail=True)

    def env(self, **more: str) -> None:
        """Add lines to its `.env`."""
        with (self.folder / ".env").open("a", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in more.items())

    def secret(self, name: str, value: str) -> None:
        """A secret's file, with the line break that every editor leaves behind."""
        folder = self.folder / "secrets"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(value + "\n", encoding="utf-8")
        (folder / name).chmod(0o644)

    def compose(self, *arguments: str, may_fail: bool = False, text: str | None = None) -> Ended:
        """`docker compose` with the profile `try`, which the sandbox is in."""
        given = ("compose", "--project-name", self._name, "--profile", "try", *arguments)
        return docker(*given, may_fail=may_fail, text=text, cwd=self.folder)

    def container(self, service: str) -> Container:
        """That of a service."""
        return Container(self.compose("ps", "--all", "--quiet", service).out.strip())

    def page(self, path: str) -> tuple[int, str]:
        """Status and text of a page on this machine."""
        return _get(f"http://127.0.0.1:{self.page_port}{path}")


def compose_up(images: Images, stage: Stage) -> str:
    """`docker compose up --wait`: healthy within 60 s, a round collected, rows in PostgreSQL; then the page."""
    project = Project(stage, images)
    project.secret("vk_token", "vk1.a.sandbox-service-token")
    project.secret("facebook_token", "EAAsandboxSystemUserToken")
    project.env(
        COLLECTOR_VK__API_URL="http://sandbox:8800",
        COLLECTOR_FACEBOOK__API_URL="http://sandbox:8800",
        COLLECTOR_COLLECT__INTERVAL="15s",
    )
    project.compose("up", "--wait", "sandbox")
    up = project.compose(
        "up", "--wait", "--wait-timeout", str(_HEALTHY_WITHIN_S), "database", "daemon", may_fail=True
    )
    if up.code or project.container("daemon").health != "healthy":
        raise Failed(f"{up.err[-600:]}\n{project.container('daemon').log[-3000:]}")
    sql = (
        f"SELECT ({FINISHED}), ({LOOKED_AT}), (SELECT count(*) FROM v_followers_latest "  # noqa: S608 - our own words
        "WHERE follower_count IS NOT NULL), (SELECT count(*) FROM post)"
    )
    asked = project.compose(
        "exec", "-T", "database", "psql", "-U", "collector", "-d", "collector", "-At", "-F", " ", "-c", sql
    )
    rounds, looked_at, followers, posts = map(int, asked.out.split())
    if not rounds or looked_at < COMMUNITIES - 1 or followers < COMMUNITIES // 2 or not posts:
        raise Failed(f"rounds, communities, follower counts, posts: {asked.out}")
    project.compose("up", "--wait", "--wait-timeout", "60", "page")
    adding = ("exec", "-T", "page", "collector", "users", "add", "ivanova", "--password-stdin")
    project.compose(*adding, text="a password of twelve characters\n")
    status, text = project.page("/")
    if status != 200 or 'type="password"' not in text:
        raise Failed(f"the page answered {status}, and did not ask who it is:\n{text[:500]}")
    return (
        f"healthy in {up.seconds:.0f} s; {rounds} rounds, {followers} follower counts and {posts} posts in PostgreSQL; "
        "the page asks who it is"
    )


def try_it_out(images: Images, stage: Stage) -> str:
    """`docker compose --profile try up try`: no token, no secret; the page shows, letters land in the catcher."""
    project = Project(stage, images)
    up = project.compose("up", "--wait", "--wait-timeout", str(_HEALTHY_WITHIN_S), "try", may_fail=True)
    if up.code:
        raise Failed(f"{up.err[-600:]}\n{project.container('try').log[-3000:]}")
    status, text = project.page("/")
    if status != 200 or "ВАО" not in text:
        raise Failed(f"the page answered {status}, and without the sandbox's branches")
    told = until("a letter in the catcher", lambda: _letters(project.mail_port), 120)
    running = project.compose("ps", "--services").out.split()
    if {"database", "daemon", "page"} & set(running):
        raise Failed(f"of what is real runs besides: {running}")
    return f"healthy in {up.seconds:.0f} s; the page shows branches; letters caught: {len(told)}, such as «{told[0]}»"


def least_rights(images: Images, stage: Stage) -> str:
    """`--read-only --cap-drop ALL --security-opt no-new-privileges -m 256m`: it works, charts in Cyrillic too."""
    Sandbox.start(stage, images.program)
    volume = stage.volume("data")
    collector = start_collector(stage, images.program, volume)
    collector.until_ready()
    ((looked_at,),) = sqlite(collector, LOOKED_AT)
    if looked_at < COMMUNITIES:
        raise Failed(f"only {looked_at} of {COMMUNITIES} communities were looked at\n{collector.log[-2000:]}")
    # Where a font lacks letters, all of them are the same box.
    drawn = collector.python(
        "from datetime import date; from collector.notifications.charts import month_chart\n"
        "a, b = (month_chart([date(2026, 10, 1), date(2026, 10, 2)], {name: [1, 2]}, None) for name in 'ЖЩ')\n"
        "print(a[:4] == b[:4] == b'\\x89PNG' and a != b)"
    )
    if drawn != "True":
        raise Failed(f"a chart has no Cyrillic: {drawn}")
    seen = json.loads(
        collector.python(
            "import json, os, pathlib\n"
            "def writable(path):\n"
            "    try: pathlib.Path(path, 'x').write_text('x'); return True\n"
            "    except OSError: return False\n"
            "status = dict(l.split(':', 1) for l in open('/proc/1/status'))\n"
            "tried = [p for p in ('/', '/opt/collector', '/etc', '/data', '/tmp') if writable(p)]\n"
            "print(json.dumps([os.getuid(), tried, status['CapEff'].strip(), status['NoNewPrivs'].strip()]))"
        )
    )
    if seen != [10001, ["/data", "/tmp"], "0" * 16, "1"] or collector.inspect()["State"]["OOMKilled"]:
        raise Failed(f"user, writable folders, capabilities, no-new-privileges: {seen}")
    return f"{looked_at} communities looked at as user 10001 without capabilities; only /data and /tmp can be written"


def _letters(port: int) -> list[str]:
    status, text = _get(f"http://127.0.0.1:{port}/api/v1/messages")
    return [letter["Subject"] for letter in json.loads(text)["messages"]] if status == 200 else []


def _get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
    except OSError as error:
        return 0, str(error)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
