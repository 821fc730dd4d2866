"""People who work here: accounts, roles, sign-in, second factors and API keys."""
