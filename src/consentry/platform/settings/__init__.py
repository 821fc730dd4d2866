"""The settings of a site: one ``site.toml``, described, checked as a whole, edited with its comments kept."""
