"""What needs attention: raised, delivered, acknowledged, escalated."""
