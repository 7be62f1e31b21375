import threading

import pytest

from ledger.doorway import Via, current_via, one_batch, through


def test_what_no_doorway_is_named_for_is_the_systems():
    assert current_via() == Via.SYSTEM


def test_a_doorway_holds_inside_and_ends_with_its_block():
    with through(Via.PAGE):
        assert current_via() == Via.PAGE
    assert current_via() == Via.SYSTEM


def test_the_innermost_doorway_counts_and_gives_way_to_the_outer_one():
    with through(Via.PAGE):
        with through(Via.IMPORT):
            assert current_via() == Via.IMPORT
        assert current_via() == Via.PAGE


def test_a_doorway_ends_after_an_exception_too():
    with through(Via.API):
        with pytest.raises(LookupError), through(Via.ADMIN):
            raise LookupError
        assert current_via() == Via.API
    assert current_via() == Via.SYSTEM


def test_another_thread_comes_through_no_doorway_of_ours():
    seen = []
    with through(Via.PAGE):
        thread = threading.Thread(target=lambda: seen.append(current_via()))
        thread.start()
        thread.join()
    assert seen == [Via.SYSTEM]


def test_batches_one_after_the_other_differ():
    with one_batch() as first:
        pass
    with one_batch() as second:
        pass
    assert first != second


def test_a_batch_inside_another_is_the_same_one():
    with one_batch() as outer:
        with one_batch() as inner:
            assert inner == outer
        with one_batch() as next_inner:
            assert next_inner == outer


def test_a_batch_ends_after_an_exception_too():
    with pytest.raises(LookupError), one_batch() as broken:
        raise LookupError
    with one_batch() as following:
        assert following != broken
