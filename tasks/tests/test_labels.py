import unicodedata

import pytest
from django.db import IntegrityError, transaction

from ledger.models import Change
from tasklist.text import key_of
from tasks.actions import labels, tasks
from tasks.models import Label
from tasks.tests.factories import TaskFactory, TaskListFactory
from tasks.tests.records import kinds, latest, nothing_written, refused


def names(task):
    return sorted(task.labels.values_list("name", flat=True))


def test_case_accents_and_spacing_make_no_other_label():
    for spelling in ("cafe", "Café", "CAFÉ", " café ", unicodedata.normalize("NFD", "Café")):
        assert key_of(spelling) == key_of("Cafe")
    assert key_of("to  do\tnow") == key_of("To do now")
    assert key_of("Straße") == key_of("STRASSE")


def test_other_words_and_other_emoji_are_other_labels():
    different = [
        "",
        "home",
        "homes",
        "to do",
        "todo",
        "🍎",
        "🍏",
        "👩🏽",
        "👩",
        "é🍎",
        "日本",
        "本日",
    ]
    assert len({key_of(name) for name in different}) == len(different)


def test_an_unknown_name_becomes_a_label_of_the_list(task, editor):
    tasks.edit(task=task, by=editor, labels=["  At   home "])

    label = Label.objects.get()
    assert (label.name, label.list, label.version) == ("At home", task.list, 1)
    change = latest(label)
    assert (change.kind, change.by, change.scope_id) == ("label.created", editor, task.list_id)
    assert change.batch == latest(task).batch


def test_a_known_name_is_found_however_it_is_spelled(task, owner):
    tasks.edit(task=task, by=owner, labels=["Café", "🍎"])
    with nothing_written():
        tasks.edit(task=task, by=owner, labels=["cafe", " CAFÉ", "🍎"])
    assert names(task) == ["Café", "🍎"]


def test_two_emoji_are_two_labels_in_the_database_too(task, owner):
    tasks.edit(task=task, by=owner, labels=["🍎", "🍏", "a", "á"])
    assert set(names(task)) == {"🍎", "🍏", "á"}
    assert Label.objects.count() == 3


def test_empty_names_are_no_labels(task, owner):
    with nothing_written():
        tasks.edit(task=task, by=owner, labels=["", "  ", "\t"])


def test_other_labels_replace_the_former_ones_which_the_list_keeps(task, owner):
    tasks.edit(task=task, by=owner, labels=["home", "garden"])
    tasks.edit(task=task, by=owner, labels=["home", "office"])
    assert names(task) == ["home", "office"]
    assert latest(task).changes == {"labels": [["garden", "home"], ["home", "office"]]}
    tasks.edit(task=task, by=owner, labels=[])
    assert (names(task), Label.objects.count()) == ([], 3)


def test_names_may_come_from_any_iterable(task, owner):
    tasks.edit(task=task, by=owner, labels=(name for name in ("home", "garden")))
    assert names(task) == ["garden", "home"]


def test_lists_have_labels_of_their_own(task, owner):
    elsewhere = TaskFactory(task_list=TaskListFactory(by=owner), by=owner, labels=["home"])
    tasks.edit(task=task, by=owner, labels=["home"])
    assert Label.objects.filter(name="home").count() == 2
    assert elsewhere.labels.get() != task.labels.get()


def test_neighbouring_labels_differ_in_colour(task, owner):
    tasks.edit(task=task, by=owner, labels=[str(number) for number in range(11)])
    colours = list(Label.objects.order_by("id").values_list("colour", flat=True))
    assert len(set(colours)) == 11
    assert "grey" not in colours


def test_a_comma_is_refused(task, owner):
    with refused("labels"):
        tasks.edit(task=task, by=owner, labels=["fine", "home, garden"])


def test_a_name_has_at_most_fifty_characters(task, owner):
    tasks.edit(task=task, by=owner, labels=["🍎" * 50])
    with refused("labels"):
        tasks.edit(task=task, by=owner, labels=["🍎" * 51])


def test_a_task_has_at_most_twenty_labels(task, owner):
    twenty = [str(number) for number in range(20)]
    tasks.edit(task=task, by=owner, labels=[*twenty, "0", " 1"])
    assert len(names(task)) == 20
    with refused("labels"):
        tasks.edit(task=task, by=owner, labels=[*twenty, "one more"])


def test_a_list_has_at_most_so_many_labels(task, owner, monkeypatch):
    assert labels.LABELS_PER_LIST == 200
    monkeypatch.setattr(labels, "LABELS_PER_LIST", 3)
    tasks.edit(task=task, by=owner, labels=["one", "two"])
    with refused("labels"):
        tasks.edit(task=task, by=owner, labels=["three", "four"])
    tasks.edit(task=task, by=owner, labels=["three"])
    tasks.edit(task=task, by=owner, labels=["one", "two", "three"])
    assert names(task) == ["one", "three", "two"]


def test_the_database_takes_one_label_a_name_and_list(task, owner):
    tasks.edit(task=task, by=owner, labels=["one", "two"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Label.objects.update(key=key_of("one"))


def test_what_a_label_is_called_in_the_record_is_how_it_is_spelled(task, owner):
    tasks.edit(task=task, by=owner, labels=["Home"])
    tasks.edit(task=task, by=owner, labels=["home", "New"])
    assert latest(task).changes == {"labels": [["Home"], ["Home", "New"]]}
    assert kinds(task) == ["task.created", "task.edited", "task.edited"]
    assert Change.objects.filter(kind="label.created").count() == 2
