"""The console's pages of consent: notices, assessments, consents, requests, and children."""
