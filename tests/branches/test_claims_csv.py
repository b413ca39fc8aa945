"""The table of claims: read as people save it, and every mistake told with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from collector.branches import Claim, ClaimsFileError, Metric, read_claims_csv

HEADER = "organization,network,metric,claimed,from,to\n"


def claims(folder: Path, content: str | bytes) -> tuple[Claim, ...]:
    file = folder / "claims.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_claims_csv(file)


def test_a_claim_as_it_stands(tmp_path: Path) -> None:
    (found,) = claims(tmp_path, HEADER + "ВАО,vk,growth_percent,204,2017-12-31,2018-04-20\n")
    assert found == Claim(2, "ВАО", "vk", Metric.PERCENT, 204, date(2017, 12, 31), date(2018, 4, 20))


def test_as_excel_saves_it_in_russia(tmp_path: Path) -> None:
    text = HEADER.replace(",", ";") + "ВАО;;growth_percent;1 204,5 %;31.12.2017;20.04.2018\r\n;;;;;\r\n"
    (found,) = claims(tmp_path, text.encode("cp1251"))
    assert (found.organization, found.network, found.claimed) == ("ВАО", None, 1204.5)
    assert found.first_day == date(2017, 12, 31)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "ВАО,vk,growth,204,2017-12-31,2018-04-20",
            "claims.csv:2: metric: 'growth' is no metric; did you mean",
        ),
        ("ВАО,vk,?,204,2017-12-31,2018-04-20", "there are followers, net_follower_change"),
        (
            "ВАО,vk,followers,много,2017-12-31,2018-04-20",
            "claimed: 'много' is no number; write 3188 or 204,5",
        ),
        ("ВАО,vk,followers,nan,2017-12-31,2018-04-20", "claimed: 'nan' is no number"),
        ("ВАО,vk,followers,inf,2017-12-31,2018-04-20", "claimed: 'inf' is no number"),
        ("ВАО,vk,followers,5,31/12/17,2018-04-20", "from: '31/12/17' is no day; write 2018-04-20"),
        ("ВАО,vk,followers,5,2018-04-20,2018-04-20", "to: 2018-04-20 is not after 2018-04-20"),
        ("ВАО,vk,followers,5,2018-04-20", "5 cells under a header of 6"),
        ("", "there is no claim under the header"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(ClaimsFileError) as caught:
        claims(tmp_path, HEADER + line + "\n")
    assert told in str(caught.value)


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", "ВАО,vk,followers,5,2018-04-20,2018-04-21\n"])
def test_without_a_header_it_is_told_how_it_begins(tmp_path: Path, content: str) -> None:
    with pytest.raises(ClaimsFileError, match="no header; begin with the line organization,network,metric"):
        claims(tmp_path, content)


def test_no_file_and_no_text(tmp_path: Path) -> None:
    with pytest.raises(ClaimsFileError, match="cannot be read: No such file"):
        read_claims_csv(tmp_path / "none.csv")
    with pytest.raises(ClaimsFileError, match="is an Excel workbook; save it as «CSV UTF-8»"):
        claims(tmp_path, b"PK\x03\x04")
    with pytest.raises(ClaimsFileError, match=r"is no CSV: .*check the quotation marks"):
        claims(tmp_path, HEADER + '"ВАО,vk\x00' + "x" * 200_000)
