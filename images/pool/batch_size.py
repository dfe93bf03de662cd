"""How many pictures are painted in one call. Pure bookkeeping.

A batch pays where a picture alone does not fill the device: by about 4,000 image tokens on an RTX 4090 and 8,000 on
a Hopper, so a picture of a megapixel (4,096 tokens) goes alone. What ran out of memory is remembered by group.
"""

from __future__ import annotations

from images.pool.devices import Device
from images.schema import PictureJob

PIXELS_A_TOKEN = 256  # 8 x 8 pixels make a latent, 2 x 2 latents a token
TOKENS_ALONE = 4096  # a picture of so many fills any device
_TOKENS = {9: 8192, 8: 4096}  # by the major number of the compute capability
_TOKENS_OF_OLD = 2048


class BatchSizes:
    """`wanted`: as many as the user says; None: found by itself. One that memory cannot bear is lowered either way."""

    def __init__(self, wanted: int | None) -> None:
        self._wanted = wanted
        self._fits: dict[str, int] = {}

    def most(self, job: PictureJob, device: Device) -> int:
        """How many of the group of `job` the device should paint at once."""
        return min(self._wanted or _suitable(job, device), self._fits.get(job.group, self._wanted or TOKENS_ALONE))

    def lower(self, group: str, most: int) -> None:
        """Remember that no more than `most` of this group fit into memory."""
        self._fits[group] = min(most, self._fits.get(group, most))


def _suitable(job: PictureJob, device: Device) -> int:
    tokens = -(-job.width * job.height // PIXELS_A_TOKEN)
    if device.kind != "cuda" or tokens >= TOKENS_ALONE:
        return 1  # a CPU and an Apple GPU are full with one picture
    newest = max(_TOKENS)
    at_once = _TOKENS.get(min(device.capability, newest), _TOKENS_OF_OLD)
    return max(1, at_once // max(1, tokens))
