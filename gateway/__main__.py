"""``python -m gateway`` is ``depot-gateway``."""

from gateway.cli import main

if __name__ == "__main__":
    main()
