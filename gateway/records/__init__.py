"""Records: what operations changed in each charge point, folded from what was said on the line."""
