"""Transactions: who charged where, from which reading to which; answered once, kept for ever."""
