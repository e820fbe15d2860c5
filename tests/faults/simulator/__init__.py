"""A broker and a record in memory, and all of Sidan's roles on them, one seeded step at a time.

Read `schedule` first: it says what happens to whom. `world` joins the parts, `clients` says what is
asked, `consuming` reads topics as the feed does, `keys` and `sealing` are what erases and seals, `broker`
and `faults` are where things break, and `checker` compares what came of it with what was asked, with
`calling`, `forgetting` and `proving`.
"""
