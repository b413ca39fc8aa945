"""`make soak`: a year of the daemon in minutes, with everything that goes wrong in a year, judged by the truth.

The daemon is the real process, unchanged; its calendar runs thousands of times as fast (`fastclock`). Around it
stand the sandbox, whose branches live by a script (`story`), a mail server that keeps every letter (`postbox`),
and outages of all of them (`troubles`). At the end `judge` compares what arrived and what the database holds
with what was so (`truth`, written from the sandbox alone, without the program's rule).
"""
