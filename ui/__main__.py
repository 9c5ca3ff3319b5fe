"""`python -m ui`: the same as `curator-gui`."""

from ui.app import gui

if __name__ == "__main__":
    gui()
