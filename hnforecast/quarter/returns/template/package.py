"""An official workbook as the parts of its zip: sheets by name, defined names, which styles are unlocked."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from hnforecast.base.errors import InputError, Place, Problem, show_path
from hnforecast.inputs.zipsafety import check_workbook

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
WORKBOOK = "xl/workbook.xml"
SIGNATURE = "_xmlsignatures/"


@dataclass(frozen=True)
class Package:
    """A workbook's parts, in the order of its zip.

    Args:
        file: name in messages.
        infos: of the entries; parts: name -> bytes.
        sheets: sheet name -> part.
        names: defined name -> what it refers to.
        unlocked: styles whose cells may be written to on a protected sheet.
    """

    file: str
    infos: tuple[zipfile.ZipInfo, ...]
    parts: Mapping[str, bytes]
    sheets: Mapping[str, str]
    names: Mapping[str, str]
    unlocked: frozenset[str]

    def rebuilt(self, changed: Mapping[str, bytes]) -> bytes:
        """The file with some parts changed: the same entries, order, times and packing."""
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for info in self.infos:
                entry = zipfile.ZipInfo(info.filename, info.date_time)
                entry.compress_type, entry.external_attr = info.compress_type, info.external_attr
                entry.create_system, entry.comment = info.create_system, info.comment
                archive.writestr(entry, changed.get(info.filename, self.parts[info.filename]))
        return stream.getvalue()


def open_package(path: Path, root: Path) -> Package:
    """Open an official workbook, refusing what could harm or what filling would break.

    Raises:
        InputError: missing, no workbook, a bomb, macros, links, embedded files; or digitally signed.
    """
    file = show_path(path, root)
    check_workbook(path, file)
    with zipfile.ZipFile(path) as archive:
        infos = tuple(archive.infolist())
        parts = {info.filename: archive.read(info) for info in infos}
    if any(name.startswith(SIGNATURE) for name in parts):
        what = "The template is digitally signed, and filling it would break the signature"
        raise InputError(Problem("HN753", what, Place(file=file), do="Ask the sender for an unsigned copy."))
    book = fromstring(parts[WORKBOOK])
    main = STRICT if book.tag.startswith(STRICT) else MAIN
    targets = _relations(parts)
    sheets = {
        str(sheet.get("name")): targets.get(next((v for k, v in sheet.attrib.items() if k.endswith("}id")), ""), "")
        for sheet in book.iter(f"{main}sheet")
    }
    names = {str(name.get("name")): (name.text or "").strip() for name in book.iter(f"{main}definedName")}
    return Package(file, infos, parts, sheets, names, _unlocked(parts, main))


def _relations(parts: Mapping[str, bytes]) -> dict[str, str]:
    raw = parts.get("xl/_rels/workbook.xml.rels", b"<r/>")
    found = {}
    for relation in fromstring(raw):
        target = str(relation.get("Target", ""))
        part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        found[str(relation.get("Id"))] = part
    return found


def _unlocked(parts: Mapping[str, bytes], main: str) -> frozenset[str]:
    """Positions of the cell formats that say a cell is not locked."""
    raw = parts.get("xl/styles.xml")
    if raw is None:
        return frozenset()
    formats: Element | None = fromstring(raw).find(f"{main}cellXfs")
    found = set()
    for position, form in enumerate(formats if formats is not None else ()):
        protection = form.find(f"{main}protection")
        if protection is not None and protection.get("locked") in ("0", "false"):
            found.add(str(position))
    return frozenset(found)


def recalculated(raw: bytes) -> bytes:
    """workbook.xml with the flag that makes whoever opens the file work out every formula."""
    found = re.search(rb"<(?:\w+:)?calcPr\b[^>]*?(/?)>", raw)
    if found is None:
        close = re.search(rb"</(\w+:)?workbook\s*>", raw)
        if close is None:
            return raw
        prefix = close[1] or b""
        after = re.search(rb"<(?:\w+:)?(?:oleSize|customWorkbookViews|pivotCaches|smartTagPr|extLst)\b", raw)
        at = after.start() if after else close.start()
        return raw[:at] + b"<" + prefix + b'calcPr fullCalcOnLoad="1"/>' + raw[at:]
    tag = re.sub(rb'\s(fullCalcOnLoad)="[^"]*"', b"", found[0])
    end = b"/>" if tag.endswith(b"/>") else b">"
    tag = tag[: -len(end)].rstrip() + b' fullCalcOnLoad="1"' + end
    return raw[: found.start()] + tag + raw[found.end() :]
