"""The page and the API: what people and programs see of the depot, and how they command it."""
