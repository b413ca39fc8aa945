"""Letters: their words, their form as mail, and the mail server."""
