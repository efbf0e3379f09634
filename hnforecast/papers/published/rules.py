"""The rules of publishing, as data: below which count a figure is withheld, whether noughts are shown, whom to ask.

publishing.yaml lies in inputs/templates/; a council's own comes before the one shipped with the program.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, ValidationError

from hnforecast.assumptions.fields import Strict, Text
from hnforecast.assumptions.messages import explain_errors
from hnforecast.assumptions.sourced import Provenance
from hnforecast.base.errors import InputError, show_path
from hnforecast.base.shipped import shipped_folder
from hnforecast.base.yaml import load_yaml

FILE = "publishing.yaml"


class Threshold(Provenance):
    """Counts below it, nought apart, are withheld."""

    value: Annotated[int, Field(ge=2, le=100)]


class PublishingRules(Strict):
    """publishing.yaml."""

    model_config = ConfigDict(populate_by_name=True)

    schema_version: Annotated[int, Field(ge=1, le=1)]
    threshold: Threshold
    show_zero: bool
    contact: Text
    rights: Text


def read_rules(root: Path | None) -> PublishingRules:
    """The rules of a council, or those shipped with the program.

    Args:
        root: the council folder; None for the shipped rules.

    Raises:
        InputError: every problem of the file together.
    """
    own = root / "inputs" / "templates" / FILE if root is not None else None
    path = own if own is not None and own.is_file() else shipped_folder("templates") / FILE
    file = show_path(path, root or path.parent)
    yaml, problems = load_yaml(path.read_bytes(), file)
    if yaml is None or problems:
        raise InputError(*problems)
    try:
        return PublishingRules.model_validate(yaml.content)
    except ValidationError as error:
        raise InputError(*explain_errors(error, PublishingRules, yaml, (), ("publishing",))) from None
