"""`make board`: every way of reading that we compare, over one set of photos that was written down beforehand."""
