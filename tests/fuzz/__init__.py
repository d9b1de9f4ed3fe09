"""Fuzz targets of the readers; `make fuzz` runs them."""
