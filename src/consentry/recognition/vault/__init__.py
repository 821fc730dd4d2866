"""The vault process: the only one that holds templates, their keys, and an embedder. Started as ``python -m consentry.recognition.vault``."""
