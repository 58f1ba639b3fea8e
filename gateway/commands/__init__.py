"""Commands of the cloud: handed on, translated, or answered here. Never in charge of the fuse."""
