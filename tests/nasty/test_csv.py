"""CSV files as they arrive: mangled, mis-encoded, ragged, mistaken. Each is read exactly or refused in words.

The message is the interface, so it is compared whole. What each code means is in docs/problems.md.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path

import pandas
import pytest

from hnforecast.base.errors import InputError, Problems
from hnforecast.inputs import Column, read_table

PLANS = (
    Column("census_year", "year"),
    Column("placement", "code", choices=("mainstream", "rp_unit", "state_special")),
    Column("plans", "whole", high=100_000),
)
MONEY = (Column("line", "code"), Column("gbp", "money", high=1e9), Column("share", "share", required=False))
WHEN = (
    Column("authority", "authority"),
    Column("year", "financial_year"),
    Column("month", "month"),
    Column("on", "date"),
)
PLANS_HEADER = "census_year,placement,plans\n"
MONEY_HEADER = "line,gbp,share\n"
WHEN_HEADER = "authority,year,month,on\n"

TABLES = {"plans": PLANS, "money": MONEY, "when": WHEN}


def refused() -> dict[str, tuple[str | bytes, Sequence[Column], str]]:
    """The cases of csv_refused.txt: name to file content, columns and message."""
    cases = {}
    for case in (Path(__file__).parent / "csv_refused.txt").read_text(encoding="utf-8").split("\n---- ")[1:]:
        name, table, content, message = case.split("\n", 3)
        cases[name] = (
            ast.literal_eval(content.removeprefix("file: ")),
            TABLES[table.removeprefix("table: ")],
            message.strip(),
        )
    return cases


REFUSED = refused()


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "plans.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


@pytest.mark.parametrize(("content", "columns", "message"), REFUSED.values(), ids=REFUSED)
def test_refused_with_exactly_this_message(tmp_path, content, columns, message):
    path = write(tmp_path, content)
    with pytest.raises(InputError) as caught:
        read_table(path, columns, root=tmp_path, key=[columns[0].name, columns[1].name])
    assert str(caught.value) == message
    assert caught.value.exit_code == 2


CANARIES = ("A123456789012", "A12345678901Z", "AB 12 34 56 C", "943 476 5919", "14/05/2012", "Canary", "2012-05-14")


@pytest.mark.parametrize(
    "case", [case for case in REFUSED if any(canary in str(REFUSED[case][0]) for canary in CANARIES)]
)
def test_no_message_repeats_what_it_found_of_a_person(case):
    assert not any(canary in REFUSED[case][2] for canary in CANARIES)


FORGIVEN: dict[str, str | bytes] = {
    "as written": "census_year,placement,plans\n2025,mainstream,1234\n2024,rp_unit,0\n",
    "header in capitals with spaces": " Census_Year ,PLACEMENT,Plans\n2025,mainstream,1234\n2024,rp_unit,0\n",
    "columns in another order": "plans,census_year,placement\n1234,2025,mainstream\n0,2024,rp_unit\n",
    "thousands in quotation marks": 'census_year,placement,plans\n2025,mainstream,"1,234"\n2024,rp_unit,0\n',
    "spaces around values": "census_year,placement,plans\n 2025 , mainstream , 1234 \n2024,rp_unit, 0\n",
    "as a data frame writes counts": "census_year,placement,plans\n2025.0,mainstream,1234.0\n2024.0,rp_unit,0.0\n",
    "blank tail": "census_year,placement,plans\n2025,mainstream,1234\n2024,rp_unit,0\n,,\n,,\n\n",
    "empty columns to the right": "census_year,placement,plans,,\n2025,mainstream,1234,,\n2024,rp_unit,0,,\n",
    "semicolons": "census_year;placement;plans\n2025;mainstream;1234\n2024;rp_unit;0\n",
    "tabs": "census_year\tplacement\tplans\n2025\tmainstream\t1234\n2024\trp_unit\t0\n",
    "Windows line ends": "census_year,placement,plans\r\n2025,mainstream,1234\r\n2024,rp_unit,0\r\n",
    "old Macintosh line ends": "census_year,placement,plans\r2025,mainstream,1234\r2024,rp_unit,0\r",
    "no last line end": "census_year,placement,plans\n2025,mainstream,1234\n2024,rp_unit,0",
    "byte order mark": "\ufeffcensus_year,placement,plans\n2025,mainstream,1234\n2024,rp_unit,0\n",
    "UTF-16, as Excel's Unicode Text": (
        "census_year\tplacement\tplans\n2025\tmainstream\t1234\n2024\trp_unit\t0\n".encode("utf-16")
    ),
}


@pytest.mark.parametrize("content", FORGIVEN.values(), ids=FORGIVEN)
def test_forgiven_and_equal(tmp_path, content):
    read = read_table(write(tmp_path, content), PLANS, root=tmp_path, key=("census_year", "placement"))
    wanted = pandas.DataFrame({"census_year": [2025, 2024], "placement": ["mainstream", "rp_unit"], "plans": [1234, 0]})
    pandas.testing.assert_frame_equal(read, wanted)


AMOUNTS = {
    "1234.5": 1234.5, "£1,234.50": 1234.5, "£ 1,234.50": 1234.5, "(1,234.50)": -1234.5, "(£1,234.50)": -1234.5,
    "-£1,234.50": -1234.5, "£-1,234.50": -1234.5, "1,234.50-": -1234.5, "+12": 12.0, ".5": 0.5, "5.": 5.0,
    "\u2212 7": -7.0, "0": 0.0, "118,932,605.60": 118932605.60,
}  # fmt: skip


@pytest.mark.parametrize(("text", "value"), AMOUNTS.items())
def test_money_as_people_write_it(tmp_path, text, value):
    read = read_table(write(tmp_path, f'{MONEY_HEADER}1.2.3,"{text}",\n'), MONEY, root=tmp_path)
    assert read["gbp"].tolist() == [value]


@pytest.mark.parametrize(
    ("text", "value"), {"0.06": 0.06, "6%": 0.06, "7 %": 0.07, "100%": 1.0, "1e-05": 1e-05}.items()
)
def test_shares_with_and_without_the_sign(tmp_path, text, value):
    read = read_table(write(tmp_path, f"{MONEY_HEADER}1.2.3,1,{text}\n"), MONEY, root=tmp_path)
    assert read["share"].tolist() == [value]


def test_identifiers_keep_their_noughts(tmp_path):
    read = read_table(write(tmp_path, MONEY_HEADER + "00301,1,\nNA,2,\n"), MONEY, root=tmp_path)
    assert read["line"].tolist() == ["00301", "NA"]


def test_a_file_in_windows_1252_is_read_with_a_notice(tmp_path):
    notices = Problems(InputError)
    read = read_table(
        write(tmp_path, "line,gbp,share\nCaf\xe9,\xa35,\n".encode("cp1252")), MONEY, root=tmp_path, notices=notices
    )
    assert read["line"].tolist() == ["Caf\xe9"]
    assert [str(notice) for notice in notices] == [
        "plans.csv: Read as Windows-1252, not UTF-8 [HN203]\n"
        "  Check names with accents and pound signs, or save it as CSV UTF-8."
    ]


def test_published_markers_become_blank_with_a_notice(tmp_path):
    notices = Problems(InputError)
    content = MONEY_HEADER + "1.2.3,1,z\n1.2.4,2,x\n1.2.5,3,0.5\n"
    read = read_table(write(tmp_path, content), MONEY, root=tmp_path, notices=notices)
    assert read["share"].isna().tolist() == [True, True, False]
    assert [str(notice) for notice in notices] == [
        "plans.csv:1:3  share: 2 published markers (x, z) read as not available [HN227]"
    ]


def test_a_column_wrong_throughout_is_summed_up(tmp_path):
    rows = "".join(f"{year},mainstream,many\n" for year in range(2000, 2060))
    with pytest.raises(InputError) as caught:
        read_table(write(tmp_path, PLANS_HEADER + rows), PLANS, root=tmp_path)
    assert len(caught.value.problems) == 21
    assert (
        str(caught.value.problems[-1]) == "plans.csv:22:3  plans: 40 more cells of this column cannot be read [HN214]"
    )


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError) as caught:
        read_table(tmp_path / "gone.csv", PLANS, root=tmp_path)
    assert str(caught.value) == "gone.csv: The file is missing [HN201]\n  Put it back, or correct its name."


def test_a_ten_digit_sum_is_not_an_nhs_number(tmp_path):
    columns = (Column("line", "code"), Column("gbp", "money"))
    read = read_table(write(tmp_path, "line,gbp\n1.0.2,9434765919\n"), columns, root=tmp_path)
    assert read["gbp"].tolist() == [9434765919.0]


def test_personal_data_in_a_column_that_is_not_read(tmp_path):
    content = "line,gbp,share,remark\n1.2.3,1,,see A123456789012\n"
    with pytest.raises(InputError) as caught:
        read_table(write(tmp_path, content), MONEY, root=tmp_path, allow_extra=True)
    assert str(caught.value) == (
        "plans.csv:1:4: This column holds a UPN [HN306]\n"
        "  The value is not shown. Remove the column before giving the file to the program."
    )
