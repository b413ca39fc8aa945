"""The time-series store. SQLAlchemy, and nothing else in the program knows SQL."""
