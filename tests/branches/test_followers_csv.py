"""The resolution's table of followers, as it is and as a spreadsheet program saves it."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.branches.followers_csv import FollowersFileError, read_followers_csv

RESOLUTION = Path(__file__).parents[2] / "config" / "followers-2017-2018.csv"
TODAY = date(2018, 6, 27)
VK_THEN, VK_LATER = ("vk", date(2017, 12, 31)), ("vk", date(2018, 4, 20))
HEADER = "organization,primary_count,vk_2017-12-31,vk_2018-04-20\n"


@pytest.fixture
def read(tmp_path):
    def from_content(content):
        path = tmp_path / "table.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return read_followers_csv(path, today=TODAY, networks=["vk", "facebook"])

    return from_content


@pytest.fixture
def mistakes(read, tmp_path):
    def of_content(content):
        with pytest.raises(FollowersFileError) as caught:
            read(content)
        return str(caught.value).replace(f"{tmp_path}/", "").splitlines()

    return of_content


def test_the_resolutions_table_is_read_to_the_letter():
    table = read_followers_csv(RESOLUTION, today=TODAY, networks=["vk", "facebook"])
    sums = {column: sum(row.followers[column] or 0 for row in table.rows) for column in table.columns}
    assert list(sums.values()) == [984, 382, 3051, 1488]
    assert sum(row.primary_count for row in table.rows) == 743
    assert len(table.rows) == 11


def test_nought_is_no_account_yet_and_never_a_count():
    table = read_followers_csv(RESOLUTION, today=TODAY, networks=["vk", "facebook"])
    green = next(row for row in table.rows if row.organization == "ЗелАО")
    assert green.followers[VK_THEN] is None
    assert VK_THEN in green.without_account
    assert green.followers[VK_LATER] == 6
    assert VK_LATER not in green.without_account
    assert all(count != 0 for row in table.rows for count in row.followers.values())


def test_an_empty_cell_is_unknown_not_without_account(read):
    (row,) = read(HEADER + "ВАО,,,191\n").rows
    assert (row.primary_count, row.followers[VK_THEN], row.without_account) == (None, None, frozenset())


def test_no_primary_organisations_is_a_count(read):
    assert read(HEADER + "ВАО,0,1,2\n").rows[0].primary_count == 0


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_it_is_read_as_spreadsheet_programs_save_it(read, separator, encoding):
    content = HEADER + "ВАО,88,100,1\u00a0234\n,,,\n ЗелАО ,20,0,\n"
    table = read(content.replace(",", separator).replace("\n", "\r\n").encode(encoding))
    assert [(row.line, row.organization) for row in table.rows] == [(2, "ВАО"), (4, "ЗелАО")]
    assert table.rows[0].followers == {VK_THEN: 100, VK_LATER: 1234}


def test_trailing_separators_and_capital_letters_in_the_header_do_no_harm(read):
    assert read("Organization;PRIMARY_COUNT;VK_2017-12-31;;\nВАО;88;1;;\n").columns == (VK_THEN,)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("ВАО,88,-1,2", "table.csv:2: vk_2017-12-31: '-1' is below zero; write how many there were"),
        ("ВАО,88,1.5,2", "'1.5' is no whole number"),
        ("ВАО,88,—,2", "leave the cell empty where nobody knows"),
        ("ВАО,88,12 34,2", "'12 34' is no whole number"),
        ("ВАО,88,99999999999,2", "is more than there can be"),
        ("ВАО,много,1,2", "table.csv:2: primary_count: 'много' is no whole number"),
        ("ВАО,88,1", "table.csv:2: 3 cells under a header of 4"),
        ("ВАО,88,1,2,3", "table.csv:2: 5 cells under a header of 4"),
        (",88,1,2", "table.csv:2: organization: is empty"),
        ('"В\u200bАО",88,1,2', "invisible character"),
        ('"ВАО,88,1,2', "table.csv:2: is no CSV: unexpected end of data"),
    ],
)
def test_a_mistake_in_a_row_is_told_with_its_line(mistakes, row, told):
    assert told in mistakes(HEADER + row + "\n")[0]


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("ВАО,88,179", "table.csv:1: no header: the first line begins with 'ВАО, 88'"),
        ("organization,primary_count", "names no column of followers"),
        ("organization,primary_count,vk", "'vk': is no column of followers; write it as vk_2018-04-20"),
        (
            "organization,primary_count,vkk_2018-04-20",
            "'vkk' is no installed network; there are facebook, vk; did you",
        ),
        ("organization,primary_count,vk_2018-02-30", "there is no such day as 2018-02-30"),
        ("organization,primary_count,vk_2018-06-28", "2018-06-28 is in the future"),
        ("organization,primary_count,vk_2018-04-20,VK_2018-04-20", "the column stands twice"),
    ],
)
def test_a_mistake_in_the_header_is_told(mistakes, header, told):
    assert told in mistakes(header + "\nВАО,88,1\n")[0]


def test_an_organisation_that_stands_twice_names_the_other_line(mistakes):
    assert mistakes(HEADER + "ВАО,88,1,2\nВАО,88,1,2\n") == [
        "table.csv:3: organization: 'ВАО' stands in line 2 already; keep one"
    ]


def test_all_mistakes_are_told_at_once(mistakes):
    lines = mistakes(HEADER + "ВАО,x,-1,2\nЗАО,1,2,3\nСАО,1\n")
    assert [line.split(":")[1] for line in lines] == ["2", "2", "4"]


@pytest.mark.parametrize(
    "content", ["", "\n\n", ";;;\n", HEADER, b"PK\x03\x04\x14", b"\xff\xfe\x00", b"\x98\xff"]
)
def test_what_is_no_table_is_told(mistakes, content):
    assert mistakes(content)


def test_a_table_that_is_not_there_is_told(tmp_path):
    with pytest.raises(FollowersFileError, match="cannot be read: No such file"):
        read_followers_csv(tmp_path / "nowhere.csv", today=TODAY, networks=["vk"])


CELLS = st.lists(
    st.sampled_from([",", ";", '"', "\n", "ВАО", "88", "0", " ", "\0", "\r", HEADER]), max_size=30
)


@given(
    st.one_of(
        st.binary(max_size=80), st.text().map(str.encode), CELLS.map(lambda c: (HEADER + "".join(c)).encode())
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_give_a_table_or_its_mistakes(read, raw):
    told = "no table, no mistake"
    try:
        assert read(raw).rows
    except FollowersFileError as error:
        told = str(error)
    assert told
