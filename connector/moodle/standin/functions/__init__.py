"""The web service functions, each registered under its name when its module is imported."""
