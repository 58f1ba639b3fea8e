"""A depot in software: charge points, vehicles, a meter and a cloud, for the demo and for tests."""
