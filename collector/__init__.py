"""Collects follower counts and posts of union communities into a time series."""
