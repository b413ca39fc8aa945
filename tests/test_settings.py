"""Settings: where they come from, how a mistake is told, and that no secret shows."""

import contextlib
import os
import subprocess
import sys
import traceback
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import make_url

from collector.domain.redaction import Redactor
from collector.settings import Settings, SettingsError, load_settings
from collector.settings_doc import env_example

ROOT = Path(__file__).parents[1]
VK_TOKEN = "vk1.a.planted-token-of-the-first-account"
PASSWORD = "pass-word-of-the-database"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, tmp_path):
    for name in os.environ:
        if name.upper().startswith("COLLECTOR_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def env(monkeypatch):
    def put(**values):
        for name, value in values.items():
            monkeypatch.setenv(f"COLLECTOR_{name}", str(value))

    return put


def mistakes():
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert caught.value.__context__ is None, "pydantic's error, which holds the values, must not hang on ours"
    first, *others = str(caught.value).splitlines()
    # One mistake stands on the line that says so, which is then all that a log has to show.
    alone = first.removeprefix("the settings cannot be used:").strip()
    return others or [alone]


def the_mistake():
    (line,) = mistakes()
    return line.strip()


def test_without_any_variable_the_defaults_hold():
    settings = load_settings()
    assert settings.database_url.get_secret_value() == "sqlite:///collector.db"
    assert settings.collect.interval == timedelta(hours=1)
    assert settings.collect.jitter == timedelta(seconds=30)
    assert settings.facebook.api_version == "v26.0"
    assert settings.network_options("vk")["tokens"] == []


def test_the_environment_goes_before_the_file(env):
    Path(".env").write_text(
        "COLLECTOR_VK__WALL_WINDOW=30\nCOLLECTOR_VK__MAX_POSTS_BACK=7\n", encoding="utf-8"
    )
    env(VK__WALL_WINDOW=40)
    settings = load_settings()
    assert (settings.vk.wall_window, settings.vk.max_posts_back) == (40, 7)


def test_another_programs_variables_in_the_file_are_no_business_of_ours(env):
    Path(".env").write_text("POSTGRES_PASSWORD=x\nVK__TOKENS=y\n", encoding="utf-8")
    env(SERVICE_HOST="10.0.0.1", PORT_8080_TCP="tcp://10.0.0.1:8080")
    assert load_settings() == Settings()


def test_an_empty_variable_is_not_set(env):
    env(VK__TOKENS="", FACEBOOK__TOKEN_FILE="", COLLECT__INTERVAL="", TYPO="")
    assert load_settings() == Settings()


def test_tokens_are_given_apart_and_once_each(env):
    env(VK__TOKENS=f" {VK_TOKEN} ,second-token,, {VK_TOKEN}\n")
    assert load_settings().network_options("vk")["tokens"] == [VK_TOKEN, "second-token"]


def test_every_secret_can_be_a_files_content(env, tmp_path):
    def secret(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    env(
        VK__TOKENS_FILE=secret("vk", "first-token\nsecond-token\r\n\nthird-token,\n"),
        VK__PROXY_FILE=secret("proxy", "socks5h://me:proxy-password@proxy.example.org:1080\n"),
        FACEBOOK__TOKEN_FILE=secret("fb", "\ufeff fb-token \n"),
        FACEBOOK__APP_SECRET_FILE=secret("app", "app-secret\n"),
        FACEBOOK__PROXY_FILE=secret("fbproxy", "http://proxy.example.org:3128"),
        DATABASE_URL_FILE=secret("db", f"postgresql://me:{PASSWORD}@db/union\n"),
        NETWORKS__OK__TOKEN_FILE=secret("ok", "ok-token\n"),
        NETWORKS__OK__API_URL="https://ok.example.org",
    )
    settings = load_settings()
    assert settings.network_options("vk")["tokens"] == ["first-token", "second-token", "third-token"]
    assert settings.network_options("vk")["proxy"] == "socks5h://me:proxy-password@proxy.example.org:1080"
    assert settings.network_options("facebook")["token"] == "fb-token"
    assert settings.network_options("facebook")["app_secret"] == "app-secret"
    assert settings.network_options("facebook")["proxy"] == "http://proxy.example.org:3128"
    assert settings.network_options("ok") == {"token": "ok-token", "api_url": "https://ok.example.org"}
    assert settings.database_url.get_secret_value() == f"postgresql://me:{PASSWORD}@db/union"


def test_a_databases_password_stands_in_the_address_once_it_is_opened(env, tmp_path):
    (tmp_path / "password").write_text("s l@sh/and:more%\n", encoding="utf-8")
    env(
        DATABASE_URL="postgresql://me@db:5433/union?sslmode=require",
        DATABASE_PASSWORD_FILE=tmp_path / "password",
    )
    settings = load_settings()
    address = make_url(settings.database_url.get_secret_value())
    assert (address.username, address.password) == ("me", "s l@sh/and:more%")
    assert (address.host, address.port, address.database) == ("db", 5433, "union")
    assert address.query == {"sslmode": "require"}
    assert {"s l@sh/and:more%", "s%20l%40sh%2Fand%3Amore%25"} <= settings.secrets()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:///collector.db", "names SQLite, which has no passwords"),
        ("postgresql://me:other@db/union", "holds a password as well; leave one of the two out"),
        ("postgresql://db/union", "names no user"),
        ("postgresql://[db/union", "names no user"),
    ],
)
def test_a_databases_password_without_a_place_is_a_mistake(env, url, told):
    env(DATABASE_URL=url, DATABASE_PASSWORD=PASSWORD)
    line = the_mistake()
    assert line.startswith("COLLECTOR_DATABASE_PASSWORD: COLLECTOR_DATABASE_URL ")
    assert told in line
    assert PASSWORD not in line


def test_a_secret_file_and_a_value_beside_it_merge_with_the_rest_of_the_section(env, tmp_path):
    (tmp_path / "vk").write_text("first-token", encoding="utf-8")
    env(VK__TOKENS_FILE="./vk", VK__WALL_WINDOW=33)
    vk = load_settings().vk
    assert (len(vk.tokens), vk.wall_window) == (1, 33)


def test_a_value_and_its_file_at_once_are_a_mistake(env, tmp_path):
    (tmp_path / "vk").write_text("first-token", encoding="utf-8")
    env(VK__TOKENS=VK_TOKEN, VK__TOKENS_FILE=tmp_path / "vk")
    assert (
        the_mistake() == "COLLECTOR_VK__TOKENS_FILE: COLLECTOR_VK__TOKENS is set as well; set one of the two"
    )


def test_a_secret_file_that_cannot_be_read_says_what_where_and_what_to_do(env, tmp_path):
    env(VK__TOKENS_FILE=tmp_path / "nowhere")
    told = the_mistake()
    assert told.startswith(f"COLLECTOR_VK__TOKENS_FILE: cannot read {tmp_path}/nowhere (No such file")
    assert "name a file that holds the secret alone" in told


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe\x00", b"x" * 100_000])
def test_a_secret_file_without_a_secret_is_a_mistake(env, tmp_path, content):
    (tmp_path / "fb").write_bytes(content)
    env(FACEBOOK__TOKEN_FILE=tmp_path / "fb")
    assert the_mistake().startswith("COLLECTOR_FACEBOOK__TOKEN_FILE: ")


def test_whose_secret_file_is_empty_hears_how_to_go_without(env, tmp_path):
    (tmp_path / "fb").touch()
    env(FACEBOOK__TOKEN_FILE=tmp_path / "fb")
    assert the_mistake().endswith(
        "fb is empty; write the secret into it, or go without: COLLECTOR_FACEBOOK__TOKEN_FILE= with nothing"
    )
    env(FACEBOOK__TOKEN_FILE="")
    assert load_settings().facebook.token is None


def test_a_token_put_where_its_files_name_belongs_is_not_shown(env):
    env(VK__TOKENS_FILE="EAAplanted1", FACEBOOK__TOKEN_FILE=VK_TOKEN)
    told = "\n".join(mistakes())
    assert "planted" not in told
    assert "[redacted]" in told


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("VK__TOKEN", "COLLECTOR_VK__TOKENS"),
        ("VK_TOKENS", "COLLECTOR_VK__TOKENS"),
        ("FACEBOOK__TOKENS_FILE", "COLLECTOR_FACEBOOK__TOKEN_FILE"),
        ("DATABASE", "COLLECTOR_DATABASE_URL"),
        ("COLLECT__INTERVALL", "COLLECTOR_COLLECT__INTERVAL"),
        ("NETWORKS__VK__TOKENS", "COLLECTOR_VK__TOKENS"),
        ("NETWORKS__OK", "COLLECTOR_NETWORKS__<NAME>__<KEY>"),
    ],
)
def test_a_mistyped_name_is_told_with_the_one_that_was_meant(env, name, meant):
    env(**{name: "anything"})
    told = the_mistake()
    assert told.startswith(f"COLLECTOR_{name}: ")
    assert meant in told
    assert "anything" not in told


def test_a_mistyped_name_in_the_file_is_told_too():
    Path(".env").write_text("collector_vk__wall_windw=30\n", encoding="utf-8")
    assert "did you mean COLLECTOR_VK__WALL_WINDOW?" in the_mistake()


def test_a_section_given_as_a_whole_is_refused_by_its_name(env):
    env(VK="not json")
    assert the_mistake().startswith("COLLECTOR_VK: there is no such setting")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"SMTP__HOST": "localhost"}, "SMTP__FROM: must be set, as COLLECTOR_SMTP__HOST is; for instance"),
        (
            {"WEB__PUBLIC_URL": "https://example.org"},
            "WEB__SECRET: must be set, as COLLECTOR_WEB__PUBLIC_URL is",
        ),
        (
            {"WEB__SECRET": "short"},
            "WEB__SECRET: is 5 characters long; it is too easily guessed; At least 32",
        ),
        ({"LETTERS__WORKING_HOURS_START": "20"}, "LETTERS__WORKING_HOURS_END: '18' must be later than"),
    ],
)
def test_settings_that_do_not_fit_together_are_told_by_name(env, given, told):
    env(**given)
    assert the_mistake().startswith(f"COLLECTOR_{told}")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1h", timedelta(hours=1)),
        ("30m", timedelta(minutes=30)),
        ("90s", timedelta(seconds=90)),
        ("1d", timedelta(days=1)),
        ("1h30m", timedelta(minutes=90)),
        ("PT2H", timedelta(hours=2)),
        ("3600", timedelta(hours=1)),
        ("90.5", timedelta(seconds=90.5)),
    ],
)
def test_an_interval_is_written_as_people_write_it(env, text, meant):
    env(COLLECT__INTERVAL=text)
    assert load_settings().collect.interval == meant


@pytest.mark.parametrize(
    "text", ["0", "-1h", "1x", "hourly", "nan", "1e99", "9" * 30, "9" * 30 + "d", "400d"]
)
def test_what_is_no_interval_is_told(env, text):
    env(COLLECT__INTERVAL=text)
    told = the_mistake()
    assert told.startswith("COLLECTOR_COLLECT__INTERVAL: ")
    assert "for instance COLLECTOR_COLLECT__INTERVAL=1h" in told


def test_jitter_must_stay_below_the_interval(env):
    env(COLLECT__INTERVAL="1m", COLLECT__JITTER="1m")
    assert "COLLECTOR_COLLECT__JITTER: " in the_mistake()


def test_the_default_jitter_shrinks_with_a_short_interval(env):
    env(COLLECT__INTERVAL="10s")
    assert load_settings().collect.jitter == timedelta(seconds=1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VK__WALL_WINDOW", "1"),
        ("VK__WALL_WINDOW", "101"),
        ("VK__WALL_WINDOW", "many"),
        ("VK__REQUESTS_PER_SECOND", "0"),
        ("VK__REQUESTS_PER_SECOND", "nan"),
        ("VK__READ_TIMEOUT", "-1"),
        ("VK__API_VERSION", "v5"),
        ("FACEBOOK__API_VERSION", "26"),
        ("FACEBOOK__API_VERSION", "v26.0/../me"),
        ("VK__API_URL", "api.vk.ru"),
        ("VK__API_URL", "https://api.vk.ru/method/"),
        ("VK__API_URL", "ftp://api.vk.ru"),
        ("VK__API_URL", "https://api.vk.ru:port"),
        ("FACEBOOK__API_URL", "https://graph.facebook.com/v26.0"),
        ("FACEBOOK__BATCH_SIZE", "51"),
        ("SILENCE__THRESHOLD_DAYS", "0"),
        ("LOG__LEVEL", "loud"),
        ("LOG__FORMAT", "xml"),
        ("STOP_TIMEOUT", "0"),
    ],
)
def test_a_value_out_of_bounds_is_told_with_its_variable_and_a_right_one(env, name, value):
    env(**{name: value})
    told = the_mistake()
    assert told.startswith(f"COLLECTOR_{name}: '{value}' ")
    assert f"for instance COLLECTOR_{name}=" in told


def test_all_mistakes_are_told_at_once(env):
    env(VK__WALL_WINDOW="1", TYPO="1", LOG__LEVEL="loud", FACEBOOK__TOKEN_FILE="/nowhere/fb")
    assert len(mistakes()) == 4


def test_a_settings_file_that_is_no_text_is_told():
    Path(".env").write_bytes("# Токен\nCOLLECTOR_LOG__LEVEL=info\n".encode("cp1251"))
    assert the_mistake() == ".env: is not UTF-8; save it as UTF-8"


SECRETS = {
    "VK__TOKENS": f"{VK_TOKEN},planted-second",
    "VK__PROXY": "http://me:planted-vk@proxy.example.org:1",
    "FACEBOOK__TOKEN": "planted-token",
    "FACEBOOK__APP_SECRET": "planted-app-secret",
    "FACEBOOK__PROXY": "http://me:planted-fb@proxy.example.org:1",
    "DATABASE_URL": "postgresql://me:planted%2Bdb@db/union?password=planted-too",
    "NETWORKS__OK__TOKEN": "planted-ok",
    "SMTP__PASSWORD": "planted-smtp",
    "WEB__SECRET": "planted-" * 4,
    "PING__URL": "https://hc-ping.com/planted-uuid",
    "SENTRY__DSN": "https://planted-key@sentry.example.org/1",
}


def test_no_secret_shows_wherever_settings_are_printed(env):
    env(**SECRETS)
    settings = load_settings()
    shown = [
        repr(settings),
        str(settings),
        settings.model_dump_json(),
        repr(settings.vk),
        str(settings.model_dump()),
    ]
    assert "planted" not in "".join(shown)


def test_the_redactor_is_given_every_secret(env):
    env(**SECRETS)
    redact = Redactor(load_settings().secrets())
    text = " ".join(["planted+db", "planted%2Bdb", "planted-too", VK_TOKEN, *SECRETS.values()])
    assert "planted" not in redact(text)
    assert redact("sqlite:///collector.db and 3 posts") == "sqlite:///collector.db and 3 posts"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VK__PROXY", "planted"),
        ("FACEBOOK__PROXY", "gopher://me:planted@proxy"),
        ("FACEBOOK__TOKEN", "two planted"),
        ("FACEBOOK__APP_SECRET", "planted\x07"),
        ("VK__TOKENS", "good-token,planted\x07"),
        ("VK__API_URL", "https://me:planted@api.vk.ru"),
        ("NETWORKS__VK__TOKENS", "planted"),
        ("SENTRY__DSN", "https://planted/1"),
        ("SENTRY__DSN", "https://planted@sentry.example.org"),
        ("SENTRY__DSN", "ftp://planted@sentry.example.org/1"),
        ("VK__API_VERSION", "vk1.a.planted-in-the-wrong-place"),
    ],
)
def test_a_mistake_in_a_secret_does_not_show_it(env, name, value):
    env(**{name: value})
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert f"COLLECTOR_{name}: " in str(caught.value)
    assert "planted" not in "".join(traceback.format_exception(caught.value))


def test_pydantics_own_errors_show_no_value_either(monkeypatch):
    monkeypatch.setenv("COLLECTOR_VK__PROXY", "planted")
    with pytest.raises(ValueError, match="proxy") as caught:
        Settings()
    assert "planted" not in str(caught.value)


def test_settings_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        load_settings().vk.wall_window = 3


@given(st.text(max_size=40).filter(lambda text: "\0" not in text))
@example("{")
@example("[1]")
@example("inf")
def test_any_text_is_settings_or_a_told_mistake(text):
    names = [
        "VK__TOKENS",
        "VK__API_URL",
        "VK__PROXY",
        "COLLECT__INTERVAL",
        "VK__READ_TIMEOUT",
        "NETWORKS__A__B",
    ]
    with pytest.MonkeyPatch.context() as patch:
        for name in names:
            try:
                patch.setenv(f"COLLECTOR_{name}", text)
            except UnicodeEncodeError:
                return
        with contextlib.suppress(SettingsError):
            load_settings(None)


def test_the_example_file_lists_every_setting_as_the_program_has_it():
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == env_example(), (
        "make it anew: python -m collector.settings_doc > .env.example"
    )


def test_the_example_file_with_its_marks_taken_off_is_the_defaults():
    lines = env_example().splitlines()
    wanted = [line.removeprefix("# ") for line in lines if line.startswith("# COLLECTOR_")]
    Path(".env").write_text("\n".join(wanted), encoding="utf-8")
    assert load_settings() == Settings()
    assert len(wanted) > 35


def test_the_program_does_not_import_pydantic_to_learn_what_an_error_is():
    code = "import sys, collector.domain.errors; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
