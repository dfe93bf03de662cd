"""When a silent worker is taken for hung; the clock is a number."""

from __future__ import annotations

from images.pool.heartbeat import Heartbeat, Patience


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def pulse_at(clock: Clock) -> Heartbeat:
    pulse = Heartbeat(Patience(), clock)
    pulse.start()
    return pulse


def test_a_load_may_take_its_time_and_no_longer() -> None:
    clock = Clock()
    pulse = pulse_at(clock)
    clock.now += 1800
    assert not pulse.is_overdue
    clock.now += 1
    assert pulse.is_overdue


def test_the_first_picture_of_a_group_has_longer_than_those_that_were_measured() -> None:
    pulse = pulse_at(Clock())
    pulse.loading = False
    pulse.begin("large")
    assert pulse.limit == 300
    pulse.measured(10.0)
    pulse.begin("large")
    assert pulse.limit == 50
    pulse.begin("another")
    assert pulse.limit == 300


def test_one_slow_step_in_many_does_not_raise_the_limit_and_quick_ones_do_not_lower_it_too_far() -> None:
    pulse = pulse_at(Clock())
    pulse.loading = False
    for number in range(60):
        pulse.begin("small")
        pulse.measured(200.0 if number == 30 else 0.1)
    pulse.begin("small")
    assert pulse.limit == 30


def test_every_sign_starts_the_silence_anew() -> None:
    clock = Clock()
    pulse = pulse_at(clock)
    pulse.loading = False
    for _ in range(3):
        clock.now += 299
        assert not pulse.is_overdue
        pulse.sign()
    clock.now += 301
    assert pulse.is_overdue


def test_a_worker_that_announces_a_silence_is_given_it_once() -> None:
    clock = Clock()
    pulse = pulse_at(clock)
    pulse.loading = False
    pulse.sign(900.0)
    clock.now += 899
    assert not pulse.is_overdue
    pulse.sign()
    clock.now += 301
    assert pulse.is_overdue


def test_a_new_process_is_measured_anew() -> None:
    pulse = pulse_at(Clock())
    pulse.loading = False
    pulse.begin("large")
    pulse.measured(1.0)
    pulse.start()
    assert pulse.limit == 1800
    pulse.loading = False
    pulse.begin("large")
    assert pulse.limit == 300
