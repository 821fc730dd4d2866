"""The evidence plane: an append-only Merkle log of what was done, checkpoints, receipts and their offline check."""
