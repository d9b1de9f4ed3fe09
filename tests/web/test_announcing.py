"""A competition drafted, corrected, announced and moved on, page by page."""

from __future__ import annotations

from tests.web.client import PageClient
from tests.web.town import Town


def test_smoke(client: PageClient, here: Town) -> None:
    client.at_work("secretary")
    for path in [
        f"/procedures/competition/{here.screening}",
        f"/procedures/competition/{here.screening}/applicants",
        f"/procedures/competition/{here.screening}/act/begin_testing",
        f"/procedures/competition/{here.screening}/applicants/slips",
        f"/procedures/competition/{here.decided}/applicants",
    ]:
        page = client.get(path)
        print(path, page.text[150:3000])
    person = next(link for link in page.links() if "/applicants/" in link and len(link) > 80)
    print(client.get(person).text)
