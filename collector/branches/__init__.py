"""Files that people write: the branches file and tables of followers, read strictly and judged in words."""
