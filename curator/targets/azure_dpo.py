"""Azure OpenAI: OpenAI's preference pairs in a file that begins with a byte order mark."""

from __future__ import annotations

from curator.targets.openai_dpo import OpenAIDPO


class AzureDPO(OpenAIDPO):
    """As `OpenAIDPO`; what differs are the rules of the file, which its data file has."""

    name = "azure-dpo"


TARGET = AzureDPO()
