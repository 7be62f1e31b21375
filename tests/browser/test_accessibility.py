"""What everybody can see, read, reach and press: judged by axe, and by measuring."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from axe_playwright_python.base import AXE_SCRIPT

from accounts.tests.factories import PASSWORD
from tests.browser import world
from tests.browser.steps import add_task, sign_in

pytestmark = pytest.mark.browser

DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 640}  # also what 1280 px are at 400 % zoom
FINGER = 44  # px
EVERYTHING = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}


@pytest.fixture
def member(open_page, owner, editor):
    """owner's browser; `member.addresses` are all pages that owner can see, filled."""
    page = open_page(owner)
    names = world.fill(owner, editor)
    page.addresses = {name: each.format(**names) for name, each in world.SIGNED_IN.items()}
    page.confirmed = [each.format(**names) for each in world.CONFIRMED.values()]
    return page


def found_on(page, addresses, look):
    """What `look` finds on all these pages."""
    found = []
    for address in addresses:
        page.goto(address)
        found += look(page)
    return found


def findings(page):
    """What axe finds wrong, light and dark, on a desktop and on a phone."""
    page.evaluate(AXE_SCRIPT)
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        for scheme, options in (("dark", COLOURS), ("light", EVERYTHING)):
            page.emulate_media(color_scheme=scheme)
            for found in page.evaluate("(options) => axe.run(options)", options)["violations"]:
                where = [node["target"] for node in found["nodes"]]
                yield f"{page.url} {size['width']} px, {scheme}: {found['help']} {where}"


def look_closely(page):
    return [*findings(page), *too_wide(page)]


def too_wide(page):
    """The address and width of a page that scrolls sideways on a narrow phone."""
    page.set_viewport_size(NARROW)
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > NARROW["width"]:
        yield f"{page.url}: {width} px"


def test_axe_finds_nothing_on_pages_for_everybody(page):
    assert found_on(page, world.VISITED.values(), findings) == []


def test_axe_finds_nothing_on_pages_for_members(member):
    assert found_on(member, member.addresses.values(), findings) == []


def test_axe_finds_nothing_on_pages_that_ask_first_and_none_scrolls_sideways(member, owner):
    member.goto("/accounts/reauthenticate/")
    member.get_by_label("Password").fill(PASSWORD)
    member.get_by_role("button", name="Go on").click()
    assert found_on(member, member.confirmed, look_closely) == []

    TOTP.activate(owner, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    assert found_on(member, ["/accounts/2fa/totp/deactivate/"], look_closely) == []
    member.context.clear_cookies()
    sign_in(member, "owner", PASSWORD)
    member.get_by_role("heading", name="One more step").wait_for()
    assert [*look_closely(member)] == []


def test_axe_finds_nothing_where_staff_look_after_products_and_none_scrolls_sideways(
    open_page, shared_list, staff
):
    page, names = open_page(staff), world.stock_shelf(shared_list)
    addresses = [each.format(**names) for each in world.FOR_STAFF.values()]
    assert found_on(page, addresses, look_closely) == []

    page.get_by_label("Name").fill("")
    page.get_by_role("button", name="Save product").click()
    page.get_by_role("alert").wait_for()
    assert [*look_closely(page)] == []


def test_axe_finds_nothing_in_empty_places(open_page, stranger):
    empty = ("/today/", "/upcoming/", "/inbox/", "/lists/", "/trash/", "/products/")
    assert found_on(open_page(stranger), empty, findings) == []


def test_axe_finds_nothing_where_a_provider_signs_in(page, open_page, settings, stranger):
    world.with_a_provider(settings, stranger)
    assert found_on(page, world.OF_A_PROVIDER.values(), findings) == []
    assert found_on(open_page(stranger), [world.LINKED], findings) == []
    assert found_on(open_page(stranger), [world.LINKED], too_wide) == []


def test_axe_finds_nothing_in_forms_with_mistakes(member):
    for name, button in {"task form": "Save task", "list form": "Save list"}.items():
        member.goto(member.addresses[name])
        member.get_by_label("Title").fill("")
        member.get_by_role("button", name=button).click()
        member.get_by_role("alert").wait_for()
        assert [*findings(member), *too_wide(member)] == []


def test_axe_finds_nothing_where_signing_in_and_up_fail(page):
    sign_in(page, "nobody", "not the password at all")
    page.get_by_role("alert").wait_for()
    assert [*findings(page), *too_wide(page)] == []

    page.goto("/accounts/signup/")
    page.get_by_label("Username").fill("me")
    page.get_by_label("Password").fill("too short")
    page.get_by_role("button", name="Make account").click()
    page.get_by_role("alert").wait_for()
    assert [*findings(page), *too_wide(page)] == []


def test_axe_finds_nothing_where_two_people_wrote_at_once(open_page, task, owner, editor):
    one, two = open_page(owner), open_page(editor)
    for page, title in ((one, "Water the palms"), (two, world.LONG_WORD)):
        page.goto(f"/tasks/{task.pk}/edit/")
        page.get_by_label("Title").fill(title)
    one.get_by_role("button", name="Save task").click()
    one.get_by_role("heading", name="Water the palms").wait_for()
    two.get_by_role("button", name="Save task").click()
    two.get_by_role("alert").wait_for()

    assert [*findings(two), *too_wide(two)] == []


def test_axe_finds_nothing_in_an_open_menu_and_a_message(member):
    member.goto(member.addresses["list"])
    add_task(member, world.LONG_TITLE)
    member.get_by_role("button", name="Undo").wait_for()
    member.locator("details.menu > summary").last.click()

    assert [*findings(member), *too_wide(member)] == []


def test_no_page_scrolls_sideways_at_320_px(member, open_page):
    assert found_on(member, member.addresses.values(), too_wide) == []
    assert found_on(open_page(), world.VISITED.values(), too_wide) == []


def test_no_menu_leaves_a_narrow_page_nor_hides_behind_its_bar(member):
    member.set_viewport_size(NARROW)
    for name in ("list", "task"):
        member.goto(member.addresses[name])
        for summary in member.locator("details.menu > summary").all():
            summary.click()
            assert list(too_wide(member)) == []
            member.locator("details[open] :is(a, button)").last.click(trial=True)
            member.keyboard.press("Escape")


def test_what_a_finger_presses_is_large_enough(member):
    member.set_viewport_size(PHONE)
    member.goto(member.addresses["list"])
    for target in (*member.locator(".bottombar a").all(), *member.locator("button.check").all()):
        box = target.bounding_box()
        assert min(box["width"], box["height"]) >= FINGER


def test_every_page_has_one_heading_of_the_first_rank_and_a_title(member):
    for address in member.addresses.values():
        member.goto(address)
        heading = member.get_by_role("heading", level=1)
        assert heading.count() == 1
        assert heading.inner_text()
        assert member.title() not in ("", " · Tasklist")
