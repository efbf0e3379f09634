"""Everything that writes: files replaced whole, locks, CSV, blocks of a page, the terminal, workbooks and charts."""
