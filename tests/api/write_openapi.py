"""``python -m tests.api.write_openapi`` writes the snapshot of the OpenAPI document anew, after a change that is meant."""

from __future__ import annotations

from tests.api.document import SNAPSHOT, as_text, document

if __name__ == "__main__":
    SNAPSHOT.write_text(as_text(document()), encoding="utf-8")
