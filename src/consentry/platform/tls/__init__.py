"""TLS 1.3 for the web process: a given certificate, one by ACME, or one of a local authority that phones install once."""
