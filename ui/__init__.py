"""The window (PySide6). It stands on the engine, as the command line does; the engine knows nothing of it."""
