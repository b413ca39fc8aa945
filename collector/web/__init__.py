"""The pages: those of the information department, and the one that letters lead to."""
