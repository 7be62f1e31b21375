"""Tasks by the API, as the contract says (design, section 6)."""


def test_a_task_in_json(api, owner, task):
    answer = api(owner).get(f"tasks/{task.pk}")

    assert answer.status == 200
    assert answer.json["title"] == "Water the plants"


def test_a_visitor_is_told_to_sign_in(api, task):
    answer = api().get("tasks")

    assert (answer.status, answer.problem) == (401, {})
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
