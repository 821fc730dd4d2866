"""The cameras of a site as staff see them: health, gaps, lines and zones, the pixelated still. Sees no frames."""
