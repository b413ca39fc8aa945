"""What ops see of a process that runs: whether it lives, whether it works, and its metrics.

A listener of its own and not the page's: it must answer where no page is served, while the database is away, and in
a process that has no memory to spare for a web framework.
"""
