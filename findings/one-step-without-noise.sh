#!/usr/bin/env bash
# diffusers 0.42.1, its schedulers with their own defaults, torch 2.13.0.
#
# With one step, schedulers of one library begin at opposite ends. Euler, Euler ancestral and DDIM ask the model at time
# step 0, where there is nothing to remove: the noise that the picture began with stays. DPM-Solver++ and UniPC ask it at
# 999. Nothing is said either way. Euler even scales the first noise to match: by 0.01 instead of 157.
# PNDM, which many models of the SD 1.5 family name as their scheduler, cannot do fewer than four steps at all and says so
# with numpy's words about shapes that cannot be broadcast.
# Seen for one step:
#   EulerDiscreteScheduler                [0.0]    first noise x 0.0100
#   EulerAncestralDiscreteScheduler       [0.0]    first noise x 0.0100
#   DDIMScheduler                         [0]      first noise x 1.0000
#   DPMSolverMultistepScheduler           [999]    first noise x 1.0000
#   UniPCMultistepScheduler               [999]    first noise x 1.0000
#   PNDMScheduler                         ValueError: operands could not be broadcast together ...
# `timestep_spacing="trailing"` makes Euler and DDIM begin at 999.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 diffusers==0.42.1 numpy 2> /dev/null
"$folder/venv/bin/python" - 2> /dev/null <<'PYTHON'
import diffusers

FIRST = {
    "EulerDiscreteScheduler": 0,
    "EulerAncestralDiscreteScheduler": 0,
    "DDIMScheduler": 0,
    "DPMSolverMultistepScheduler": 999,
    "UniPCMultistepScheduler": 999,
}
for name, first in FIRST.items():
    scheduler = getattr(diffusers, name)()
    scheduler.set_timesteps(1)
    print(f"{name:36}", scheduler.timesteps.tolist(), f"first noise x {float(scheduler.init_noise_sigma):.4f}")
    assert scheduler.timesteps.tolist() == [first], name
trailing = diffusers.EulerDiscreteScheduler(timestep_spacing="trailing")
trailing.set_timesteps(1)
assert trailing.timesteps.tolist() == [999]
try:
    diffusers.PNDMScheduler().set_timesteps(1)
except ValueError as error:
    print("PNDMScheduler                        ", f"ValueError: {error}")
    assert "broadcast" in str(error)
else:
    raise SystemExit("PNDM takes one step now")
PYTHON
