"""Owns the settings of the program's own networks: tokens, addresses, what one look takes."""

from __future__ import annotations

from pydantic import Field

from collector.settings_types import ApiUrl, Proxy, Seconds, Secret, Section, Tokens

_PROXY_EXAMPLE = ["socks5h://user:password@proxy.example.org:1080"]


class NetworkSection(Section):
    """What concerns each network: the way there."""

    proxy: Proxy | None = Field(
        default=None,
        description="Proxy for this network's requests; a password may be in it",
        examples=_PROXY_EXAMPLE,
    )
    connect_timeout: Seconds = Field(default=5.0, description="Seconds to wait for a connection")
    read_timeout: Seconds = Field(default=20.0, description="Seconds to wait between two bytes of an answer")
    total_timeout: Seconds = Field(default=30.0, description="Seconds that a whole request may take")


class VkSettings(NetworkSection):
    """What concerns VK."""

    tokens: Tokens = Field(default=(), description="Access tokens, separated by commas; they share the work")
    api_url: ApiUrl = Field(
        default="https://api.vk.ru", description="Where the API is: the part before /method"
    )
    api_version: str = Field(default="5.199", pattern=r"^5\.\d{1,3}$", description="Version of the API")
    requests_per_second: float = Field(
        default=3.0,
        gt=0,
        le=100,
        allow_inf_nan=False,
        description="Requests a second that each token may make",
    )
    daily_wall_reads: int = Field(
        default=4500, ge=0, description="Walls that a token may read in 24 hours; VK allows 5000"
    )
    wall_window: int = Field(default=20, ge=2, le=100, description="Posts of a wall that one look takes")
    first_wall_window: int = Field(
        default=100, ge=2, le=100, description="Posts that the first look at a wall takes"
    )
    max_posts_back: int = Field(
        default=1000, ge=1, description="Posts to page back at most, to the last known one"
    )


class FacebookSettings(NetworkSection):
    """What concerns Facebook."""

    token: Secret | None = Field(default=None, description="Access token of a system user, a Page or the app")
    app_secret: Secret | None = Field(
        default=None, description="The app's secret, with which each request is signed"
    )
    api_url: ApiUrl = Field(
        default="https://graph.facebook.com", description="Where the API is: the part before /v26.0"
    )
    api_version: str = Field(
        default="v26.0", pattern=r"^v\d{1,3}\.\d{1,2}$", description="Version of the Graph API"
    )
    post_window: int = Field(default=25, ge=1, le=100, description="Posts of a Page that one look takes")
    max_posts_back: int = Field(
        default=1000, ge=1, description="Posts to page back at most, to the last known one"
    )
    batch_size: int = Field(default=50, ge=1, le=50, description="Pages in one batch request; Meta allows 50")
