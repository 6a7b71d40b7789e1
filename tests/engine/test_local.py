import asyncio
import gc
import random
import time

import pytest

from judge.engine.local import in_order


def collect(jobs, work, **window):
    async def run():
        return [result async for result in in_order(jobs, work, **window)]

    return asyncio.run(run())


def test_results_come_in_the_order_of_the_jobs_whatever_finishes_first():
    delays = [random.Random(3).random() * 0.01 for _ in range(200)]

    async def work(index):
        await asyncio.sleep(delays[index])
        return index

    assert collect(range(200), work, n_active=16) == list(range(200))


def test_no_more_than_the_window_runs_at_once_and_jobs_are_read_only_as_there_is_room():
    running = peak = n_read = n_done = 0

    def jobs():
        nonlocal n_read
        for index in range(100):
            n_read += 1
            assert n_read - n_done <= 8 + 1
            yield index

    async def work(index):
        nonlocal running, peak, n_done
        running += 1
        peak = max(peak, running)
        await asyncio.sleep(0.001)
        running -= 1
        n_done += 1
        return index

    assert len(collect(jobs(), work, n_active=8, n_waiting=8)) == 100
    assert peak == 8


def test_a_slow_head_holds_back_at_most_the_waiting_room():
    started = []
    gate = asyncio.Event()

    async def work(index):
        started.append(index)
        if index == 0:
            await gate.wait()
        return index

    async def run():
        stream = in_order(range(50), work, n_active=4, n_waiting=10)
        first = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.05)
        assert len(started) == 10
        gate.set()
        rest = [await first] + [index async for index in stream]
        assert rest == list(range(50))

    asyncio.run(run())


@pytest.mark.parametrize("n_turns", range(5))
def test_no_job_is_left_out_when_all_that_run_end_in_one_turn_of_a_loop_that_was_held_up(n_turns):
    async def work(index):
        time.sleep(0.03)
        for _ in range(n_turns):
            await asyncio.sleep(0)
        return index

    assert collect(range(20), work, n_active=8) == list(range(20))


def test_jobs_that_are_held_up_leave_their_room_to_others():
    gate = asyncio.Event()
    held, ended = set(), []

    async def work(index):
        if index < 4:
            held.add(index)
            await gate.wait()
            held.discard(index)
        else:
            ended.append(index)
            if len(ended) == 16:
                gate.set()
        return index

    assert collect(range(20), work, n_active=4, n_held=lambda: len(held)) == list(range(20))
    assert ended == list(range(4, 20))


def test_the_first_failure_ends_all_and_cancels_what_runs():
    cancelled = []

    async def work(index):
        if index == 3:
            raise ValueError("third")
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            cancelled.append(index)
            raise

    with pytest.raises(ValueError, match="third"):
        collect(range(10), work, n_active=5)
    assert sorted(cancelled) == [0, 1, 2, 4]


def test_no_jobs_give_no_results():
    async def work(index):
        return index

    assert collect([], work, n_active=3) == []


def test_of_many_that_fail_at_once_one_is_heard_and_none_complains_afterwards():
    complaints = []

    async def work(index):
        raise ValueError(f"number {index}")

    async def run():
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context["message"]))
        with pytest.raises(ValueError, match="number 0"):
            async for _ in in_order(range(10), work, n_active=5):
                pass
        gc.collect()

    asyncio.run(run())
    gc.collect()
    assert complaints == []
