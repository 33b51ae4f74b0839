"""日结: what must be closed or explained, the figures of the day, the stock, shift and day sheets."""
