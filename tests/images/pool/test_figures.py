"""What is told of each device; the clock is a number."""

from __future__ import annotations

from pathlib import Path

from images.pool.figures import counts, rows
from images.pool.heartbeat import Heartbeat, Patience
from images.pool.queue import Task
from images.pool.slot import DeviceSlot
from images.schema import Released
from tests.images.pool.test_heartbeat import Clock
from tests.studio import cpus, job


def ready_slots(folder: Path, clock: Clock, number: int) -> list[DeviceSlot]:
    slots = [DeviceSlot(device, folder / "log", Heartbeat(Patience(), clock)) for device in cpus(number)]
    for slot in slots:
        slot.be_started()
        slot.be_ready()
    return slots


def paint(slot: DeviceSlot, folder: Path, seconds: float) -> None:
    done = job(folder)
    slot.tasks[done.id] = Task(done, 0)
    slot.outstanding = 1
    slot.begin((done.id,))
    slot.release(Released(ids=(done.id,), seconds=seconds, silence=1.0))
    slot.painted()
    slot.answered(done.id)


def test_each_device_has_its_count_its_busy_time_and_its_deaths(tmp_path: Path) -> None:
    clock = Clock()
    first, second = ready_slots(tmp_path, clock, 2)
    assert counts([first, second]) == ""
    paint(first, tmp_path, 9.0)
    second.restarts, second.retired = 2, True
    clock.now += 10
    assert counts([first, second]) == "cpu 0: 1, cpu 1: 0"
    assert rows([first, second]) == [
        ("cpu 0", "1 made, 90% of the time busy"),
        ("cpu 1", "0 made, 0% of the time busy, restarted 2 times, given up"),
    ]


def test_one_device_needs_no_counts_and_an_idle_one_no_row(tmp_path: Path) -> None:
    [slot] = ready_slots(tmp_path, Clock(), 1)
    assert rows([slot]) == []
    paint(slot, tmp_path, 1.0)
    assert counts([slot]) == ""


def test_the_time_without_a_worker_is_not_counted(tmp_path: Path) -> None:
    clock = Clock()
    [slot] = ready_slots(tmp_path, clock, 1)
    paint(slot, tmp_path, 5.0)
    clock.now += 10
    slot.end()
    clock.now += 100
    assert slot.busy_share == 0.5
