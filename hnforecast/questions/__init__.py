"""What one asks of a forecast: each question with its figures, page, tables and chart."""
