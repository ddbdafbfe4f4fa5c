"""
A portfolio register in a table: read the file, find the table, match its columns, interpret its rows.

Plain Python without Django and without a database. The order of calls: `reading.read`, `header.find_table`,
`suggestion.suggest` (or a stored `mapping.Mapping`), `rows.interpret`.
"""
