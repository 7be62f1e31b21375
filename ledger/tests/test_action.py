import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from accounts.models import User
from ledger.actions import action as module
from ledger.actions.action import ATTEMPTS, action
from ledger.doorway import one_batch

DEADLOCK = OperationalError(1213, "Deadlock found when trying to get lock")
KEY_TAKEN = IntegrityError(1062, "Duplicate entry 'maya' for key 'username'")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(module.random, "uniform", lambda low, high: 0)


def failing(error, times):
    """An action that fails so often, then answers how often it was called."""
    calls = []

    @action
    def fail():
        calls.append(connection.in_atomic_block)
        User(username=f"try{len(calls)}").save()
        if len(calls) <= times:
            raise error
        return len(calls)

    fail.calls = calls
    return fail


@pytest.mark.django_db(transaction=True)
def test_an_action_is_one_transaction():
    run = failing(LookupError(), 1)

    with pytest.raises(LookupError):
        run()
    assert (run.calls, User.objects.count()) == ([True], 0)
    assert connection.in_atomic_block is False


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("lost", [DEADLOCK, KEY_TAKEN])
def test_a_lost_race_is_tried_again_and_leaves_nothing_of_the_lost_tries(lost):
    run = failing(lost, ATTEMPTS - 1)

    assert run() == ATTEMPTS
    assert run.calls == [True] * ATTEMPTS
    assert list(User.objects.values_list("username", flat=True)) == [f"try{ATTEMPTS}"]


@pytest.mark.django_db(transaction=True)
def test_too_many_deadlocks_are_an_error():
    run = failing(DEADLOCK, ATTEMPTS)

    with pytest.raises(OperationalError):
        run()
    assert (len(run.calls), User.objects.count()) == (ATTEMPTS, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "error",
    [
        OperationalError(1205, "Lock wait timeout exceeded"),
        OperationalError("database is locked"),
        OperationalError(),
        IntegrityError(1213),
        IntegrityError(1048, "Column 'name' cannot be null"),
        OperationalError(1062),
        DatabaseError(1213),
        LookupError(1213),
    ],
)
def test_other_errors_are_not_tried_again(error):
    run = failing(error, 1)

    with pytest.raises(type(error)) as caught:
        run()
    assert caught.value is error
    assert len(run.calls) == 1


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_the_outermost_tries_again_not_the_action():
    run = failing(DEADLOCK, 1)

    with pytest.raises(OperationalError), transaction.atomic():
        run()
    assert len(run.calls) == 1


@pytest.mark.django_db(transaction=True)
def test_of_nested_actions_the_outer_one_is_tried_again():
    inner, outer_calls = failing(DEADLOCK, 1), []

    @action
    def outer():
        outer_calls.append(1)
        return inner()

    assert outer() == 2
    assert (len(outer_calls), len(inner.calls)) == (2, 2)
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_retry_starts_from_the_arguments_as_they_were():
    seen = []

    @action
    def consume(**facts):
        seen.append(facts.pop("labels"))
        if len(seen) == 1:
            raise DEADLOCK

    consume(labels=["home"])
    assert seen == [["home"], ["home"]]


def test_nested_actions_share_the_batch_and_two_calls_do_not(db):
    @action
    def inner():
        with one_batch() as batch:
            return batch

    @action
    def outer():
        return inner(), inner()

    first, second = outer()
    assert first == second
    assert outer()[0] != first
    assert inner() != inner()


def test_an_action_keeps_its_name_and_docstring():
    @action
    def named():
        """Why."""

    assert (named.__name__, named.__doc__) == ("named", "Why.")
