"""Tags: may this idTag charge? Decided on site, in layers, also while the cloud is away."""
