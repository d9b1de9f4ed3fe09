"""`python -m flask_app.cli` is the same as `kyzmat`."""

from flask_app.cli import main

main()
