"""Reads a page as a person does: its words, its fields, its errors, its messages."""

from html.parser import HTMLParser

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection

from accounts.models import Attempts

ALONE = {"input", "meta", "link", "img", "br", "hr"}


class Node:
    """An element of a page. `words` is its text, with its white space as it came."""

    def __init__(self, tag, attributes, parent):
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children = []

    def all(self, tag=None, cls=None, **attributes):
        """The elements inside that are `tag`, of class `cls`, with these attributes."""
        found = []
        for child in self.children:
            if isinstance(child, Node):
                if child.fits(tag, cls, attributes):
                    found.append(child)
                found += child.all(tag, cls, **attributes)
        return found

    def one(self, tag=None, cls=None, **attributes):
        (found,) = self.all(tag, cls, **attributes)
        return found

    def up(self, tag):
        """The nearest element around this one that is a `tag`."""
        return self if self.tag == tag else self.parent.up(tag)

    def fits(self, tag, cls, attributes):
        classes = (self.attributes.get("class") or "").split()
        return (
            (tag is None or tag == self.tag)
            and (cls is None or cls in classes)
            and all(self.attributes.get(name) == value for name, value in attributes.items())
        )

    @property
    def words(self):
        return "".join(child.words if isinstance(child, Node) else child for child in self.children)

    @property
    def line(self):
        return " ".join(self.words.split())


class Reader(HTMLParser):
    """Builds the tree; a closing tag that fits no opening one is a broken page."""

    def __init__(self):
        super().__init__()
        self.root = self.here = Node("", {}, None)

    def handle_starttag(self, tag, attrs):
        node = Node(tag, dict(attrs), self.here)
        self.here.children.append(node)
        if tag not in ALONE:
            self.here = node

    def handle_startendtag(self, tag, attrs):
        self.here.children.append(Node(tag, dict(attrs), self.here))

    def handle_endtag(self, tag):
        assert self.here.tag == tag, f"</{tag}> closes <{self.here.tag}>"
        self.here = self.here.parent

    def handle_data(self, data):
        self.here.children.append(data)


def read(response):
    reader = Reader()
    reader.feed(response.content.decode())
    reader.close()
    assert reader.here is reader.root, f"<{reader.here.tag}> is never closed"
    return reader.root


def heading(response):
    return read(response).one("h1").line


def titles(response):
    """The titles of the tasks, in the order of the page."""
    return [node.line for node in read(response).one("main").all(cls="task-title")]


def facts(response, title):
    """What a row says about the task of this title, in words."""
    rows = read(response).one("main").all("li", cls="task")
    (row,) = [row for row in rows if row.one(cls="task-title").line == title]
    return row.one("p", cls="facts").line


def messages(response):
    """The reports on the page: their words, and where their Undo leads (None: nowhere)."""
    return [(node.one("p").line, undo(node)) for node in read(response).all(cls="message")]


def undo(message):
    forms = message.all("form")
    return forms[0].attributes["action"] if forms else None


def press_undo(client, response):
    """The page that the Undo of the one report on this page leads to."""
    form = read(response).one(cls="message").one("form")
    here = {"next": form.one(name="next").attributes["value"]}
    return client.post(form.attributes["action"], here, follow=True)


def reports(response):
    """The words of the reports on the page."""
    return [words for words, _ in messages(response)]


def errors(response):
    """What stands beside each field: {its name: the words}."""
    found = read(response).all(cls="field-error")
    return {node.attributes["id"][len("id_") : -len("_error")]: node.line for node in found}


def summary(response):
    """The line in the box above a form, and the points in it."""
    box = read(response).one(cls="form-errors")
    return box.one("p").line, [point.line for point in box.all("li")]


def filled(response, **which):
    """The fields of the page's form (or of `which`), as a browser would send them."""
    form = read(response).one("form", **(which or {"cls": "form"}))
    values = {}
    for field in form.all("input"):
        kind = field.attributes.get("type")
        if kind not in ("radio", "checkbox") or "checked" in field.attributes:
            default = "on" if kind == "checkbox" else ""
            values[field.attributes["name"]] = field.attributes.get("value") or default
    for field in form.all("textarea"):
        # HTML drops the line break that Django writes behind the opening tag.
        values[field.attributes["name"]] = field.words.removeprefix("\n")
    for field in form.all("select"):
        options = field.all("option")
        chosen = [option for option in options if "selected" in option.attributes]
        sent = [option.attributes["value"] for option in chosen or options[:1]]
        values[field.attributes["name"]] = sent[-1] if sent else ""
        if "multiple" in field.attributes:
            values[field.attributes["name"]] = sent if chosen else []
    values.pop("csrfmiddlewaretoken", None)
    return values


def typed_again(response):
    """What an error page gives back: {field: text}."""
    fields = read(response).one("main").all(cls="field")
    return {
        field.one("label").line: field.one("textarea").words.removeprefix("\n") for field in fields
    }


def more(response):
    """The address behind Show more, or None."""
    found = read(response).all("p", cls="more")
    return found[0].one("a").attributes["href"] if found else None


def page_by_page(client, path, query=""):
    """The titles of each page, from the first along Show more to the last."""
    seen, queries = [], []
    while query is not None:
        assert query not in queries, f"Show more leads in a circle: {query}"
        queries.append(query)
        response = client.get(path + query)
        seen.append(titles(response))
        query = more(response)
    return seen


def everything():
    """Every row of every table but sessions and counts of tries: equal where nothing changed."""
    with connection.cursor() as cursor:
        filled = filled_tables(cursor)
        return {table: rows_of(cursor, table) if table in filled else () for table in tables()}


def filled_tables(cursor):
    """Those with rows, told by one statement: most are empty, and each is a way to the server."""
    quoted = {table: connection.ops.quote_name(table) for table in tables()}
    asked = [f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {quoted[table]})" for table in quoted]  # noqa: S608
    cursor.execute(" UNION ALL ".join(asked))
    return {table for (table,) in cursor.fetchall()}


def rows_of(cursor, table):
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")  # noqa: S608
    return cursor.fetchall()


def tables():
    models = apps.get_models(include_auto_created=True)
    return [model._meta.db_table for model in models if model not in (Session, Attempts)]
