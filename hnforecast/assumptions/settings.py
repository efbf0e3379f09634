"""A file of settings, read into a typed record: one way for every YAML file that is no part of a vintage."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from hnforecast.assumptions.messages import explain_errors
from hnforecast.base.errors import InputError
from hnforecast.base.yaml import YamlFile, load_yaml

Settings = TypeVar("Settings", bound=BaseModel)


def read_settings_file(raw: bytes, file: str, model: type[Settings], stem: str) -> tuple[Settings, YamlFile]:
    """Read settings, with the YAML they came from for lines, columns and the hash.

    Args:
        raw: bytes of the file.
        file: its name, as messages show it.
        model: what the file holds.
        stem: what paths in messages begin with.

    Raises:
        InputError: every fault of the file, with line and column.
    """
    yaml, problems = load_yaml(raw, file)
    if yaml is None or problems:
        raise InputError(*problems)
    try:
        return model.model_validate(yaml.content), yaml
    except ValidationError as error:
        raise InputError(*explain_errors(error, model, yaml, (), (stem,))) from None
