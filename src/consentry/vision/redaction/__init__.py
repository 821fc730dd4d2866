"""Makes every face in a picture or a recording irreversible, so that footage can be published."""
