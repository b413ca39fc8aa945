"""The branches file: what a right one gives, and that all that is wrong in one is told with its line."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from collector.branches.file import BranchesFileError, load_branches
from collector.branches.located import Reader, UnreadableError
from collector.domain.model import BranchDeclaration, BranchKind, Contact, ContactRole, Pause
from tests.branches.conftest import NETWORKS

RIGHT = """\
branches:
  - code: МГО
    name: Московская городская организация Профсоюза
    kind: city                      # city, territorial or primary
  - code: ВАО
    name: Территориальная организация Восточного округа
    kind: territorial
    parent: МГО
    primary_count: 88
    silence_threshold_days: 7
    pauses:
      - {from: 2026-07-01, to: "2026-08-25", reason: каникулы}
    contacts:
      - {role: chair, name: Имя Отчество Фамилия, email: vao@example.org}   # chair, administrator, department
    communities:
      - {network: vk, address: "https://vk.com/club123"}
      - {network: facebook, address: profsouz.vao}
"""


def with_lines(*lines):
    """A file with one branch, whose further lines begin with the fifth."""
    head = "branches:\n  - code: ВАО\n    name: Восточная\n    kind: territorial\n"
    return head + "".join(f"    {line}\n" for line in lines)


def test_the_example_of_the_issue_loads(load):
    city, east = load(RIGHT)
    assert city == BranchDeclaration("МГО", "Московская городская организация Профсоюза", BranchKind.CITY)
    assert east == BranchDeclaration(
        code="ВАО",
        name="Территориальная организация Восточного округа",
        kind=BranchKind.TERRITORIAL,
        parent_code="МГО",
        primary_count=88,
        silence_threshold=timedelta(days=7),
        pauses=(Pause(date(2026, 7, 1), date(2026, 8, 25), "каникулы"),),
        contacts=(Contact(ContactRole.CHAIR, "Имя Отчество Фамилия", "vao@example.org"),),
        communities=(
            NETWORKS["vk"].parse_address("https://vk.com/club123"),
            NETWORKS["facebook"].parse_address("profsouz.vao"),
        ),
    )


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(load):
    assert load(b"\xef\xbb\xbf" + RIGHT.replace("\n", "\r\n").encode()) == load(RIGHT)


def test_an_empty_key_is_an_absent_one(load):
    (branch,) = load(with_lines("primary_count:", "pauses: ~", "contacts: null", "communities: []"))
    assert (branch.primary_count, branch.pauses, branch.contacts) == (None, (), ())


@pytest.mark.parametrize("code", ["no", "012", "1e3", "12:30", "2026-07-01", "true"])
def test_a_code_stays_the_text_that_was_written(load, code):
    (branch,) = load(f"branches:\n- {{code: {code}, name: да, kind: city}}")
    assert (branch.code, branch.name) == (code, "да")


def test_a_bare_number_is_an_address(load):
    (branch,) = load(with_lines("communities:", "  - {network: VK, address: 123}"))
    assert branch.communities[0].key == "id:123"


def test_letters_that_a_mac_takes_apart_are_one_code(load):
    west, school = load(
        "branches:\n"
        "- {code: За\u0438\u0306, name: А, kind: city}\n"
        "- {code: Ш, name: Ш, kind: primary, parent: За\u0439}\n"
    )
    assert west.code == school.parent_code


def test_anchors_aliases_and_merges_save_typing(load):
    east, west = load("""\
        x-common: &common {kind: territorial, silence_threshold_days: 5}
        branches:
          - code: ВАО
            name: Восточная
            <<: *common
            pauses: &summer
              - {from: 2026-07-01, to: 2026-08-25, reason: каникулы}
          - {<<: [*common], code: ЗАО, name: Западная, silence_threshold_days: 6, pauses: *summer}
    """)
    assert east.pauses == west.pauses
    assert (east.silence_threshold, west.silence_threshold) == (timedelta(days=5), timedelta(days=6))


def test_a_mistake_says_file_line_what_is_wrong_and_what_would_be_right(mistakes):
    assert mistakes(with_lines().replace("territorial", "territorialy")) == [
        "my.yaml:4: branches[0].kind: 'territorialy' is none of city, territorial, primary; "
        "did you mean territorial?"
    ]


@pytest.mark.parametrize(
    ("lines", "line", "told"),
    [
        (
            ["primary_count: '88'"],
            5,
            'branches[0].primary_count: "88" is a text, not a number; write 88 without quotes',
        ),
        (["primary_count: true"], 5, "branches[0].primary_count: 'true' is no whole number"),
        (["primary_count: -1"], 5, "branches[0].primary_count: -1 is out of bounds"),
        (["primary_count: 8.5"], 5, "'8.5' is no whole number"),
        (["primary_count: [88]"], 5, "a list stands where a number belongs"),
        (["silence_threshold_days: 0"], 5, "0 is out of bounds; from 1 to 365"),
        (["silence_threshold_days: 366"], 5, "366 is out of bounds"),
        (["parent: МГО"], 5, "branches[0].parent: there is no branch 'МГО'"),
        (["parent: Вао"], 5, "did you mean ВАО?"),
        (["parent: ВАО"], 5, "ВАО → ВАО goes round in a circle"),
        (["comunities: []"], 5, "branches[0]: unknown key 'comunities'; did you mean communities?"),
        (["kind: city"], 5, "the key 'kind' stands twice, first in line 4"),
        (["pauses: лето"], 5, "branches[0].pauses: is no list; begin each entry of it with `- `"),
        (
            ["pauses:", "  - лето"],
            6,
            "branches[0].pauses[0]: is no mapping; write keys and values: from, to, reason",
        ),
        (
            ["pauses:", "  - {from: 2026-07-01, to: 2062-08-25, reason: к}"],
            6,
            "pauses[0].to: a pause of 13204 days, in which nobody would hear of a silence",
        ),
        (
            ["pauses:", "  - {from: 2026-07-01, to: 2026-06-30, reason: к}"],
            6,
            "pauses[0].to: 2026-06-30 is before",
        ),
        (
            ["pauses:", "  - {from: 2026-02-30, to: 2026-06-30, reason: к}"],
            6,
            "there is no such day as 2026-02-30",
        ),
        (["pauses:", "  - {from: 1.7.2026, to: 2026-07-30, reason: к}"], 6, "write 2026-07-01"),
        (["pauses:", "  - {from: 2026-07-01, reason: к}"], 6, "branches[0].pauses[0]: the key to is missing"),
        (["contacts:", "  - {role: председатель, name: А, email: a@b.ru}"], 6, "did you mean chair?"),
        (
            ["contacts:", "  - {role: chair, name: А, mail: a@b.ru}"],
            6,
            "unknown key 'mail'; did you mean email?",
        ),
        (
            ["contacts:", '  - {role: chair, name: "А\\nBcc: x", email: a@b.ru}'],
            6,
            "invisible character U+000A",
        ),
        (
            ["contacts:", '  - {role: chair, name: "А\\u202eБ", email: a@b.ru}'],
            6,
            "invisible character U+202E",
        ),
        (
            ["communities:", "  - {network: vkk, address: club1}"],
            6,
            "'vkk' is no installed network; there are facebook, vk",
        ),
        (["communities:", "  - {network: вконтакте, address: club1}"], 6, "did you mean vk?"),
        (
            ["communities:", "  - {network: vk, address: группа один}"],
            6,
            "'группа один' is no VK name; right would be",
        ),
        (["communities:", "  - {network: vk}"], 6, "the key address is missing"),
        (
            ["communities:", "  - https://vk.com/club1"],
            6,
            "is no mapping; write keys and values: network, address",
        ),
        (
            ["communities: [{network: vk, address: club1},", "  {network: vk, address: 1}]"],
            6,
            "stands in line 5 already",
        ),
        (
            ["name2: !!python/name:os.system x"],
            5,
            "the tag 'tag:yaml.org,2002:python/name:os.system' is not used here",
        ),
    ],
)
def test_each_mistake_has_its_line_and_advice(mistakes, lines, line, told):
    found = mistakes(with_lines(*lines))
    assert any(each.startswith(f"my.yaml:{line}: ") and told in each for each in found), found


@pytest.mark.parametrize(
    "email",
    [
        "vao", "vao@", "@example.org", "vao@example", "vao@example..org", "va o@example.org", "a@b@example.org",
        "Имя <vao@example.org>", "vao@example.org, b@example.org", "vao@-example.org", ".vao@example.org",
        "vao@exаmple.org", "вао@example.org", "mailto:vao@example.org", "x" * 65 + "@example.org",
    ],
)  # fmt: skip
def test_what_is_no_mail_address_is_told(mistakes, email):
    (told,) = mistakes(with_lines("contacts:", f"  - {{role: chair, name: А, email: '{email}'}}"))
    assert "branches[0].contacts[0].email" in told


@pytest.mark.parametrize(
    "email", ["o'neil+news@mail.example.org", "a.b_c@1.example.org", "a@пример.рф", "a@x-1.ru"]
)
def test_what_is_a_mail_address_is_taken(load, email):
    (branch,) = load(with_lines("contacts:", f'  - {{role: chair, name: А, email: "{email}"}}'))
    assert branch.contacts[0].email == email


def test_two_branches_with_one_code_or_one_community_name_each_others_lines(mistakes):
    found = mistakes("""\
        branches:
          - code: ВАО
            name: Восточная
            kind: city
            communities:
              - {network: vk, address: "https://vk.com/club7"}
          - code: ВАО
            name: Западная
            kind: city
            communities:
              - {network: facebook, address: club7}
              - {network: vk, address: 7}
    """)
    assert found == [
        "my.yaml:7: branches[1].code: the code 'ВАО' stands in line 2 already; give each branch a code of its own",
        "my.yaml:12: branches[1].communities[1].address: the same community stands in line 6 already; "
        "keep it under the one branch that it belongs to",
    ]


def test_parents_in_a_circle_are_told_once(mistakes):
    entries = [("А", "Б"), ("Б", "В"), ("В", "А"), ("Г", "А")]
    lines = [f"- {{code: {code}, name: н, kind: city, parent: {parent}}}" for code, parent in entries]
    (told,) = mistakes("branches:\n" + "\n".join(lines))
    assert "А → Б → В → А goes round in a circle" in told


def test_all_mistakes_are_told_at_once_in_the_order_of_lines(mistakes, load):
    content = (
        RIGHT.replace("city  ", "sity  ")
        .replace(" 88", " many")
        .replace("club123", "группа")
        .replace("chair, n", "head, n")
    )
    assert [line.split(":")[1] for line in mistakes(content)] == ["4", "9", "14", "16"]
    with pytest.raises(BranchesFileError) as caught:
        load(content)
    first = caught.value.mistakes[0]
    assert (first.line, first.column, first.path) == (4, 11, "branches[0].kind")


def test_a_faulty_branch_does_not_make_its_children_faulty(mistakes):
    (told,) = mistakes(RIGHT.replace("city  ", "sity  "))
    assert "sity" in told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "my.yaml:1: the file is empty; begin with a line `branches:`"),
        ("# nothing\n", "my.yaml:1: the file is empty"),
        ("---\n", "my.yaml:1: the file is empty"),
        ("- code: A\n", "my.yaml:1: a list stands at the top; put a line `branches:` above it"),
        ("words", "my.yaml:1: a text stands at the top"),
        ("branches: []\n", "my.yaml:1: branches: holds no branch"),
        ("branches:\n", "my.yaml:1: branches: is no list"),
        ("branch:\n- a\n", "my.yaml:1: unknown key 'branch'; did you mean branches?"),
        (RIGHT + "branches: []\n", "my.yaml:18: branches stands twice, first in line 1"),
        (RIGHT + "---\nmore: 1\n", "my.yaml:18: a second document begins"),
        ("branches:\n- code: a: b\n", "my.yaml:2: no YAML: mapping values are not allowed"),
        ("branches:\n- code: a\n\tname: b\n", "my.yaml:3: no YAML: "),
        ("branches:\n- code: a\n   name: b\n", "my.yaml:3: no YAML: "),
        ("branches:\n- code: 'a\n", "my.yaml:"),
        ("branches: [\n", "my.yaml:"),
        ("branches:\n- code: @vao\n", "put a text that begins with this character in quotes"),
        (
            "branches:\n- code: *vao\n",
            "my.yaml:2: *vao names nothing that stands above it; put the text in quotes",
        ),
        ("branches: &a [*a]\n", "my.yaml:1: *a names nothing"),
        ("branches:\n- code: a\x07\n", "my.yaml:2: the character U+0007 is not allowed"),
        ("branches: " + "[" * 200, "nested more than 20 deep"),
        ("branches:\n- 5\n", "my.yaml:2: branches[0]: is no mapping"),
        ("branches:\n- [a]: b\n", "my.yaml:2: a key is a list or a mapping"),
    ],
)
def test_what_is_no_branches_file_is_told_with_its_line(mistakes, content, told):
    assert any(told in line for line in mistakes(content)), mistakes(content)


def test_a_tab_is_called_a_tab(mistakes):
    (told,) = mistakes("branches:\n  - code: a\n\tname: b\n")
    assert told.endswith("a tab stands here; indent with blanks")


def test_windows_1251_is_recognised_and_utf_16_too(mistakes):
    assert mistakes("branches:\n- code: ВАО\n".encode("cp1251")) == [
        "my.yaml:2: is not UTF-8: it looks like Windows-1251 («ANSI»); save it with the encoding UTF-8"
    ]
    assert "UTF-16" in mistakes("branches:".encode("utf-16"))[0]
    assert "no text at all" in mistakes(b"\x89PNG\x0d\x0a\xff\x00\x01\x02")[0]


def test_a_file_that_is_not_there_says_how_to_name_another(tmp_path):
    with pytest.raises(BranchesFileError, match=r"nowhere\.yaml: cannot be read: No such file.*--branches"):
        load_branches(tmp_path / "nowhere.yaml", networks=NETWORKS)
    with pytest.raises(BranchesFileError, match="cannot be read: Is a directory"):
        load_branches(tmp_path, networks=NETWORKS)


def test_a_billion_laughs_end_soon(mistakes):
    lines = ["x-0: &a0 [ха, ха, ха, ха, ха, ха, ха, ха, ха, ха]"]
    lines += [f"x-{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    (told,) = mistakes("\n".join(lines) + "\nbranches: *a11\n")
    assert "more than 10,000,000 values, aliases written out" in told


def test_what_a_thousand_mistakes_say_can_be_read(mistakes, load):
    content = "branches:\n" + "".join(f"- {{code: c{n}, name: н, kind: x}}\n" for n in range(1000))
    assert mistakes(content)[-1] == "my.yaml: and 950 more"
    with pytest.raises(BranchesFileError) as caught:
        load(content)
    assert len(caught.value.mistakes) == 1000


def values(reader):
    try:
        return [value for value, _ in reader.entries()], len(reader.mistakes)
    except UnreadableError:
        return None


@pytest.mark.parametrize(
    "content", [RIGHT, "branches: [a: b", "branches:\n- &a [x, 'y', *a]", "branches:\n- k: |\n   t\n"]
)
def test_without_libyaml_the_same_is_read(content):
    assert values(Reader(content, "branches")) == values(Reader(content, "branches", pure_python=True))


PIECES = st.sampled_from(
    [
        *RIGHT.split(" "),
        *"\n\t:-[]{},&*!|>'\"%@`#?~",
        "\n  ",
        "\n    - ",
        "<<",
        "&a",
        "*a",
        "--- ",
        "...",
        "\u2028",
        "\x85",
        "\0",
    ]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=60).map(" ".join), st.lists(PIECES).map("".join)))
@example("branches:\n- ? a\n")
@example("%YAML 9.9\n---\nbranches: []")
@example("\ufeff\ufeffbranches:")
@example("branches:\n- <<: {<<: {a: b}}\n")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400, deadline=None)
def test_any_text_gives_branches_or_its_mistakes(tmp_path, text):
    path = tmp_path / "any.yaml"
    path.write_bytes(text.encode("utf-8", errors="surrogatepass"))
    told = ""
    try:
        assert load_branches(path, networks=NETWORKS)
    except BranchesFileError as error:
        told = str(error) or "nothing told"
    assert all(line.startswith(f"{path}:") for line in told.splitlines())


@given(st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_give_branches_or_their_mistakes(tmp_path, raw):
    path = Path(tmp_path / "any.yaml")
    path.write_bytes(raw)
    with pytest.raises(BranchesFileError):
        load_branches(path, networks=NETWORKS)
