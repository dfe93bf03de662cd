"""Muon: momentum whose matrices are made orthogonal before each step. Learns from fewer pictures than Adam does."""

from __future__ import annotations

from collections.abc import Iterable

import torch


def orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """The nearest orthogonal matrix, roughly: five rounds of Newton and Schulz."""
    flat = matrix.flatten(1)
    wide = flat.T if flat.shape[0] > flat.shape[1] else flat
    wide = wide / (wide.norm() + 1e-7)
    for _ in range(5):
        square = wide @ wide.T
        wide = 3.4445 * wide + (-4.775 * square + 2.0315 * square @ square) @ wide
    turned: torch.Tensor = wide.T if flat.shape[0] > flat.shape[1] else wide
    return turned.reshape(matrix.shape)


class Muon(torch.optim.Optimizer):
    """For weights of two dimensions and more; the size of its steps is that of Adam's at the same rate."""

    def __init__(
        self, weights: Iterable[torch.Tensor], rate: float, momentum: float = 0.95, decay: float = 0.01
    ) -> None:
        super().__init__(list(weights), {"lr": rate, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if "push" not in state:
                    state["push"] = torch.zeros_like(weight)
                push = state["push"].mul_(group["momentum"]).add_(weight.grad)
                move = orthogonal(weight.grad + group["momentum"] * push)
                rows = weight.shape[0]
                size = 0.2 * max(rows, weight.numel() // rows) ** 0.5
                weight.mul_(1 - group["lr"] * group["decay"]).add_(move, alpha=-group["lr"] * size)
