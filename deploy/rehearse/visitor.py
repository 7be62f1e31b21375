"""Somebody on the internet who looks at the site."""

import http.client
import json
import re
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from deploy.rehearse.world import SITE, World

JSON = {"Content-Type": "application/json"}


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str


@dataclass
class Visitor:
    """Somebody on the internet: speaks TLS to the site, keeps cookies, has an address."""

    world: World
    address: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, None, headers)

    def submit(self, path: str, **fields: str) -> Answer:
        """Fill in the form of a page and send it, as a browser does."""
        page = self.get(path).text
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert found, f"{path} has no form:\n{page[:500]}"
        body = urlencode({"csrfmiddlewaretoken": found[1], **fields})
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"https://{SITE}",
        }
        return self.ask("POST", path, body, headers)

    def post(self, path: str, **facts: str) -> Answer:
        """Send JSON, as a program does."""
        return self.ask("POST", path, json.dumps(facts), JSON)

    def ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        trust = self.world.certificates.trust()
        link = http.client.HTTPSConnection(
            "localhost", self.world.site_port, context=trust, source_address=(self.address, 0)
        )
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Host": SITE, "Cookie": cookies, **headers}
        answer = exchange(link, method, path, body, headers)
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return answer


def exchange(
    link: http.client.HTTPConnection,
    method: str,
    path: str,
    body: str | None,
    headers: dict[str, str],
) -> Answer:
    link.timeout = 30
    try:
        link.request(method, path, body, headers)
        answer = link.getresponse()
        return Answer(answer.status, answer.headers, answer.read().decode())
    finally:
        link.close()
