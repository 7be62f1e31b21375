"""What the journeys have in common."""


def rows(page):
    """The titles of the tasks that a page shows, in order."""
    return page.get_by_role("main").locator(".task-title")


def row(page, title):
    return page.locator(".task").filter(has=page.get_by_role("link", name=title, exact=True))


def menu(page, title):
    """The menu of a task in a list, opened."""
    found = row(page, title).locator("details")
    found.locator("summary").click()
    return found


def messages(page):
    return page.get_by_role("status")


def add_task(page, title):
    page.get_by_label("New task").fill(title)
    page.get_by_role("button", name="Add", exact=True).click()


def sign_in(page, name, password):
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def tab_to(page, target):
    """Press Tab until the keyboard is on `target`."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if target.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError("Tab does not lead there")
