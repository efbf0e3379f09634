"""The shareable model: one page of HTML that holds its figures, its charts and its controls, and needs nothing else."""

from hnforecast.papers.share.build import write_page
from hnforecast.papers.share.page import Page

__all__ = ["Page", "write_page"]
