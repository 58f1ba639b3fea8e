"""What a charge point's CALL is answered, and who else hears of it."""
