"""`make pictures`: the pictures of docs/department.ru.md, taken anew from the real pages in a real browser.

The union in them is invented: its communities live in the sandbox (`world`), the program reads them every day for
five months and sends its letters to a mail server of ours (`season`), and what it shows at the end is photographed
(`shots`). Nothing is read from the clock or left to chance, so that a picture changes only where the program does.
"""
