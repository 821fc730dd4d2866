"""Routes of visit attribution."""
