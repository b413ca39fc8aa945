"""The page that letters lead to."""
