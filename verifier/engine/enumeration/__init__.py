"""Space → every explanation in it: single features, sets of them by linear algebra, Z3 as judge."""
