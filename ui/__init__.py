"""The window (PySide6). It stands on `curator.pipeline` alone, as the command line does; the engine knows nothing of it."""
