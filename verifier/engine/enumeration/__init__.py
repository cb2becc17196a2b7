"""Space → every explanation in it: single features first, sets of them by exact linear algebra, Z3 as judge."""
