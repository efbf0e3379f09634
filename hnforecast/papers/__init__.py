"""What people see of a run: tables, workbook, charts, terminal text, and the folder that holds them.

`run_folder.write_run` is the one entry: it writes everything beside its place and renames it into it.
"""
