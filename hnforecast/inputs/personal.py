"""Canaries for personal data: the person-level return must never be loaded where aggregates are expected.

A match is refused and never shown: no message, log or output repeats the value. A false alarm costs a renamed
column; a miss could publish a child.
"""

from __future__ import annotations

import re

_UPN = re.compile(r"\b[A-Z]\d{11}[0-9A-Z]\b", re.IGNORECASE | re.ASCII)
_NATIONAL_INSURANCE = re.compile(
    r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", re.IGNORECASE | re.ASCII
)
_NHS = re.compile(r"\b(\d{3})[ -]?(\d{3})[ -]?(\d{4})\b", re.ASCII)
_DATE = re.compile(r"(?:(\d{4})[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2}))(?:[ T]00:00(?::00)?)?")
_SECTION_251_LINE = re.compile(r"[12]\.\d{1,2}\.\d{1,2}")  # 1.2.13 is a line of the return, not a birthday
_EARLIEST = 1990

_HEADERS = frozenset(
    {
        "name", "firstname", "lastname", "fullname", "personname", "studentname", "parentname", "carername", "knownas",
        "initials", "dob", "birthday", "upn", "uln", "upnnumber", "uniquepupilnumber", "upnunknown", "nino", "ninumber",
        "nhsno", "postcode", "homepostcode", "address", "homeaddress", "email", "emailaddress", "telephone", "phone",
        "phonenumber", "mobile",
    }
)  # fmt: skip
_HEADER_PARTS = (
    "surname", "forename", "dateofbirth", "birthdate", "pupilname", "childname", "childsname",
    "nhsnumber", "nationalinsurance", "uniquelearner",
)  # fmt: skip


def personal_header(header: str) -> bool:
    """Whether a header names a person or their identifiers, as the person-level return's do."""
    plain = re.sub(r"[^a-z]", "", header.casefold())
    return plain in _HEADERS or any(part in plain for part in _HEADER_PARTS)


def personal_value(text: str) -> str:
    """What kind of personal data a text holds: "UPN", "National Insurance number", "NHS number", "date of birth".

    Returns:
        An empty string where it holds none. NHS numbers count only with a right check digit; a date counts only
        where it is the whole text and late enough for a person whose plan is still open.
    """
    if not any(character.isdigit() for character in text):
        return ""
    if _UPN.search(text):
        return "UPN"
    if _NATIONAL_INSURANCE.search(text):
        return "National Insurance number"
    if any(_is_nhs_number("".join(found.groups())) for found in _NHS.finditer(text)):
        return "NHS number"
    found = _DATE.fullmatch(text.strip())
    if found and not _SECTION_251_LINE.fullmatch(text.strip()):
        year = int(found[1] or found[2])
        year += 2000 if year < 100 else 0
        if year >= _EARLIEST:
            return "date of birth"
    return ""


def _is_nhs_number(digits: str) -> bool:
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return digits != "0000000000" and check % 11 == int(digits[9])
