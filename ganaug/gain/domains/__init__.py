"""A gain where domains are known: cells, hidden cells, filled pools and opponents."""
