"""Tables of visit attribution. What names a person is encrypted, and telephone and document numbers are keyed hashes alone."""
