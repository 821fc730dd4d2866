"""The station worker: the keyless, sandboxed process that decodes a station's frames and hands the vault an aligned face."""
