"""The panel: rules, use cases, storage, pages."""
