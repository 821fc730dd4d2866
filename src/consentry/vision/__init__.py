"""Models: manifest, registry, runtime and person detection."""
