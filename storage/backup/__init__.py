"""Everything that the database holds, moved elsewhere and counted: backups, restoring, copies, checksums.

Either database's rows are taken as SQLite stores them: whole numbers, texts and NULL; instants are Unix times in
seconds, days are ISO texts, yes and no are 1 and 0. So the same data has the same rows, hence the same checksums, on
both, and what was saved from one can be restored into the other.
"""
