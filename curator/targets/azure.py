"""Azure OpenAI: OpenAI's form in a file that begins with a byte order mark."""

from __future__ import annotations

from curator.targets.openai import OpenAI


class Azure(OpenAI):
    """As `OpenAI`; what differs are the rules of the file, which its data file has."""

    name = "azure"


TARGET = Azure()
