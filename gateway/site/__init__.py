"""Words of the trade: the electrical installation as the site file describes it. Nothing here waits."""
