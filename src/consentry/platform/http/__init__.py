"""What every route of the HTTP API shares: admission, problems, paging, entity tags, repeats, limits."""
