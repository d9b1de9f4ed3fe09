from tests.web.client import PageClient
from tests.web.town import Town


def test_smoke(client: PageClient, here: Town) -> None:
    client.at_work("hr")
    for path in [
        "/",
        "/procedures",
        f"/procedures/competition/{here.draft}",
        f"/procedures/competition/{here.screening}",
        f"/procedures/competition/{here.decided}",
        f"/procedures/training/{here.order}",
        f"/procedures/training/{here.reported}",
        "/papers",
        f"/papers/{here.protocol}",
        f"/papers/{here.report}",
    ]:
        print(path, client.get(path).text[:1500])
