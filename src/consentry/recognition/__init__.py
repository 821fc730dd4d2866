"""Recognition of those who agreed: templates and matching in the vault, capture at stations that a person activates."""
