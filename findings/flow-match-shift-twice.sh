#!/usr/bin/env bash
# diffusers 0.42.1, FlowMatchEulerDiscreteScheduler (the scheduler of FLUX, Qwen-Image, Z-Image and SD 3), torch 2.13.0.
#
# Asked for a number of steps, the scheduler applies its static `shift` to a range whose lower end was shifted when it was
# made. The last noise level before zero is then not the scheduler's own `sigma_min` but that value shifted once more.
# Asked with a list of noise levels, as most pipelines ask it, it shifts them once. So "4 steps" by number and "4 steps" by
# the usual list 1, 3/4, 2/4, 1/4 are two schedules: by number, the last step but one does nearly all the work.
# Seen for shift 3:
#   sigma_min               0.0030
#   4 steps, by number      1.0000 0.8577 0.6022 0.0089 0.0000
#   4 steps, by list        1.0000 0.9000 0.7500 0.5000 0.0000
# What it means: pictures of a home-made loop with few steps cannot be compared with those of the pipeline.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 diffusers==0.42.1 numpy 2> /dev/null
"$folder/venv/bin/python" - 2> /dev/null <<'PYTHON'
import numpy
from diffusers import FlowMatchEulerDiscreteScheduler

SHIFT = 3.0


def shifted(sigma):
    return SHIFT * sigma / (1 + (SHIFT - 1) * sigma)


by_number = FlowMatchEulerDiscreteScheduler(shift=SHIFT)
by_number.set_timesteps(4)
by_list = FlowMatchEulerDiscreteScheduler(shift=SHIFT)
by_list.set_timesteps(sigmas=numpy.linspace(1, 1 / 4, 4))
lowest, last = by_number.sigma_min, float(by_number.sigmas[-2])
print("sigma_min              ", f"{lowest:.4f}")
for name, one in (("by number", by_number), ("by list", by_list)):
    print(f"4 steps, {name:14}", *(f"{sigma:.4f}" for sigma in one.sigmas.tolist()))
assert abs(lowest - shifted(0.001)) < 1e-6, "sigma_min is no longer shifted once"
assert abs(last - shifted(shifted(0.001))) < 1e-6, "the range by number is no longer shifted twice"
assert abs(float(by_list.sigmas[-2]) - shifted(0.25)) < 1e-6, "a list is no longer shifted once"
PYTHON
