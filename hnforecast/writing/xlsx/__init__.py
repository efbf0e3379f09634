"""The workbook kit: a book of sheets with cached values, widths and number formats."""
