"""YAML that knows line numbers: plain values, the place of each, and nothing a hand-written file should not hold.

The file is read as a stream of YAML events and built here, so that limits are met before anything is built:
size, depth, and how often an anchor is repeated (a few lines of aliases can stand for millions of values). Tags,
directives and merge keys are refused; keys are always text, as written; a number with a leading zero stays text.
"""

from hnforecast.base.yaml.load import MAX_BYTES, load_yaml
from hnforecast.base.yaml.nodes import Key, Node, YamlFile
from hnforecast.base.yaml.text import dump_yaml

__all__ = ["MAX_BYTES", "Key", "Node", "YamlFile", "dump_yaml", "load_yaml"]
