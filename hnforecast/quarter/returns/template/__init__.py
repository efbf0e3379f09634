"""Fills an official workbook by changing its cells in place; every other part stays byte for byte as it was."""
