"""The same form, sent again: by an impatient hand, or by a browser that tries again."""

import pytest
from playwright.sync_api import expect

from tasks.models import Task
from tasks.tests.factories import TaskListFactory
from tests.browser.steps import add_task, rows

pytestmark = pytest.mark.browser


def test_the_very_same_form_sent_again_makes_no_second_task(open_page, owner):
    task_list = TaskListFactory(title="Packing", by=owner)
    page = open_page(owner, javascript=False)
    page.goto(f"/lists/{task_list.pk}/")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        add_task(page, "Rope")
    expect(rows(page)).to_have_text(["Rope"])
    again = page.request.post(
        sent.value.url,
        data=sent.value.post_data,
        headers={"Content-Type": sent.value.headers["content-type"]},
    )

    assert again.ok
    page.reload()
    expect(rows(page)).to_have_text(["Rope"])
    assert Task.objects.filter(title="Rope").count() == 1
