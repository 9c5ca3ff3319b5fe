"""BERT over texts of any length at once, without padding.

The tokens of many texts stand one after the other in one matrix, so that all layers but attention are a few large matrix
products, whatever the lengths; attention is computed for all texts of one length together. sentence-transformers pads
every batch to its longest text and starts six hundred small products for it: on short texts that takes about twice as long.

A row of a matrix product does not depend on the rows beside it, nor on how many threads compute it, as long as there are
enough of them; so a text has the same vector in any company, bit for bit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

ROWS = 64
"""Matrices are filled up to a multiple of this many rows. Below some ten rows the libraries take other kernels, which sum in
another order; and for each new shape they keep a kernel and a copy of the weights, a gigabyte in the end."""


@dataclass(frozen=True, slots=True)
class _Affine:
    """A linear layer, or the scale of a normalisation."""

    weight: Tensor
    bias: Tensor


@dataclass(frozen=True, slots=True)
class _Layer:
    """Weights of one layer. `qkv` (3d, d): query, key and value in one product."""

    qkv: _Affine
    attention_out: _Affine
    attention_norm: _Affine
    up: _Affine
    down: _Affine
    norm: _Affine


@dataclass(frozen=True, slots=True)
class _Run:
    """`count` texts of `length` tokens each, from row `start` on."""

    start: int
    count: int
    length: int

    @property
    def rows(self) -> slice:
        return slice(self.start, self.start + self.count * self.length)


class PackedBert:
    """BERT with absolute positions, and the mean of its tokens."""

    def __init__(self, weights: Mapping[str, Tensor], config: Mapping[str, Any]):
        import torch

        def affine(name: str) -> _Affine:
            return _Affine(weights[f"{name}.weight"], weights[f"{name}.bias"])

        def layer(name: str) -> _Layer:
            parts = [affine(f"{name}.attention.self.{part}") for part in ("query", "key", "value")]
            return _Layer(
                _Affine(torch.cat([part.weight for part in parts]), torch.cat([part.bias for part in parts])),
                affine(f"{name}.attention.output.dense"),
                affine(f"{name}.attention.output.LayerNorm"),
                affine(f"{name}.intermediate.dense"),
                affine(f"{name}.output.dense"),
                affine(f"{name}.output.LayerNorm"),
            )

        self._words = weights["embeddings.word_embeddings.weight"]
        self._places = (
            weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = affine("embeddings.LayerNorm")
        self._heads = int(config["num_attention_heads"])
        self._epsilon = float(config.get("layer_norm_eps", 1e-12))
        self._layers = [layer(f"encoder.layer.{number}") for number in range(int(config["num_hidden_layers"]))]

    @classmethod
    def load(cls, folder: Path, precision: str) -> PackedBert | None:
        """The model of a sentence-transformers folder, None where it is anything but a plain BERT with mean pooling.

        Loading it takes the time of torch alone: sentence_transformers and transformers are seconds to import.
        """
        config = _json(folder / "config.json")
        if not _is_plain_bert(config) or not _is_mean_of_tokens(folder):
            return None
        import torch
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        device = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            found = load_file(folder / "model.safetensors", device=device)
            dtype = getattr(torch, precision)
            weights = {name.removeprefix("bert."): value.to(dtype) for name, value in found.items()}
            return cls(weights, config)
        except (OSError, KeyError, SafetensorError):
            # Several files, names of another kind, or damage: sentence-transformers can tell, and says it.
            return None

    def encode(self, ids: Sequence[Sequence[int]]) -> np.ndarray:
        """Mean token vectors of texts given as token ids, (len(ids), dimension) float32; texts of one length side by side."""
        import torch
        from torch.nn import functional

        runs = _runs([len(one) for one in ids])
        flat = [token for one in ids for token in one]
        places = [place for one in ids for place in range(len(one))]
        spare = [0] * (-len(flat) % ROWS)
        device = self._words.device
        with torch.inference_mode():
            x = functional.embedding(torch.tensor(flat + spare, device=device), self._words)
            x = self._normal(x.add_(self._places[torch.tensor(places + spare, device=device)]), self._norm)
            for layer in self._layers:
                x = self._through(layer, x, runs)
            width = x.shape[1]
            means = [x[run.rows].view(run.count, run.length, width).float().mean(dim=1) for run in runs]
            vectors: np.ndarray = torch.cat(means).cpu().numpy()
        return vectors

    def _through(self, layer: _Layer, x: Tensor, runs: Sequence[_Run]) -> Tensor:
        import torch
        from torch.nn import functional

        qkv = _linear(x, layer.qkv)
        width = x.shape[1]
        context = torch.zeros_like(x)
        for run in runs:
            shape = (run.count, run.length, 3, self._heads, width // self._heads)
            query, key, value = qkv[run.rows].view(shape).permute(2, 0, 3, 1, 4)
            seen = functional.scaled_dot_product_attention(query, key, value)
            context[run.rows].view(run.count, run.length, *shape[3:]).copy_(seen.transpose(1, 2))
        x = self._normal(_linear(context, layer.attention_out).add_(x), layer.attention_norm)
        inner = functional.gelu(_linear(x, layer.up))
        return self._normal(_linear(inner, layer.down).add_(x), layer.norm)

    def _normal(self, x: Tensor, norm: _Affine) -> Tensor:
        from torch.nn import functional

        return functional.layer_norm(x, norm.weight.shape, norm.weight, norm.bias, self._epsilon)


def _linear(x: Tensor, layer: _Affine) -> Tensor:
    from torch.nn import functional

    return functional.linear(x, layer.weight, layer.bias)


def _is_plain_bert(config: Mapping[str, Any]) -> bool:
    return (
        config.get("model_type") == "bert"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and config.get("hidden_act") == "gelu"
        and not config.get("is_decoder")
    )


def _is_mean_of_tokens(folder: Path) -> bool:
    """True where the model is BERT, the mean of its tokens and at most a scaling to length 1, and adds nothing to a text."""
    steps = _json(folder / "modules.json")
    kinds = [str(step["type"]).rpartition(".")[2] for step in steps]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]) or steps[0]["path"]:
        return False
    pooling = _json(folder / steps[1]["path"] / "config.json")
    modes = {name for name, on in pooling.items() if name.startswith("pooling_mode_") and on}
    mean = modes == {"pooling_mode_mean_tokens"} or (not modes and pooling.get("pooling_mode") == "mean")
    return mean and not _json(folder / "config_sentence_transformers.json").get("default_prompt_name")


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _runs(lengths: Sequence[int]) -> list[_Run]:
    runs, at = [], 0
    for length, same in groupby(lengths):
        run = _Run(at, len(list(same)), length)
        runs.append(run)
        at = run.rows.stop
    return runs
