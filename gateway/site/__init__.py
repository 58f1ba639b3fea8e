"""Words of the trade: the installation as the site file describes it. Nothing here waits."""
