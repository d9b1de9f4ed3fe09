"""A commission formed without a script, and what only a moment shows: mistakes in its form, somebody who cannot leave,
a password. The other pages are looked at by the gallery, where links lead to them.
"""

from __future__ import annotations

from flask import Flask

from flask_app.services.bodies import actor_of
from flask_app.services.office import Office
from tests.web.looking import PHONE, look, press, sit_down
from tests.web.serving import chromium, served
from tests.web.town import Town


def test_a_commission_and_its_people(app: Flask, office: Office, here: Town) -> None:
    language = "ky"  # the longest words
    with served(app) as address, chromium() as browser:
        page = sit_down(browser, address, "hr", language, PHONE, scripts=False)
        page.goto(f"{address}/commissions")
        press(page, "a[href='/commissions/new']")
        press(page, "button[name=go]")
        assert page.locator("fieldset.kz-checked").count() == 8
        page.fill("#name_ky", "Аттестациялык жана конкурстук комиссия")
        page.fill("#name_ru", "Аттестационная и конкурсная комиссия")
        page.check("#kind_attestation")
        page.fill("#formed_on", "01.04.2026")
        page.fill("#basis", "2026-жылдын 1-апрелиндеги № 14-О буйрук")
        for number, login in ((1, "head"), (5, "secretary")):
            page.select_option(f"#seat-{number}-person", str(actor_of(office, login).person_id))
        page.fill("#seat-8-other", "Кулматов Эмил Жолдошевич")
        page.select_option("#seat-7-role", "substitute")
        page.select_option("#seat-7-instead", "8")
        page.fill("#seat-7-other", "Акматова Нуриза Бектуровна")
        for number in (1, 5, 7, 8):
            page.fill(f"#seat-{number}-post_ky", "муниципалдык менчик бөлүмүнүн башкы адиси")
            page.fill(f"#seat-{number}-post_ru", "главный специалист отдела муниципальной собственности")
        press(page, "main button:not([name])")
        formed = page.url
        assert "Кулматов" in page.locator("tbody tr").nth(2).inner_text()  # of the substitute, beneath the member
        press(page, "table a[href$='/end'] >> nth=3")
        page.fill("#day", "10.04.2026")
        page.fill("#basis", "№ 15-О")
        press(page, "main button[type=submit]")
        assert page.url == formed

        looking = sit_down(browser, address, "hr", language, PHONE, scripts=True)
        looking.goto(formed)
        assert looking.locator("#left").count() == 1
        look(looking, f"commissions.left-{language}")
        looking.goto(f"{address}/commissions/new")
        press(looking, "main button:not([name])")
        look(looking, f"commissions.refused-{language}")
        looking.goto(f"{address}/commissions")
        press(looking, "tbody tr:last-child a")
        press(looking, "table a[href$='/end'] >> nth=0")
        assert "К-2026/011" in looking.inner_text("main")
        look(looking, f"commissions.in-sitting-{language}")

        admin = sit_down(browser, address, "admin", language, PHONE, scripts=True)
        admin.goto(f"{address}/people/new")
        admin.fill("#login", "jyldyz")
        admin.fill("#full_name", "Токтосунова Жылдыз Маратовна")
        press(admin, "main button[type=submit]")
        look(admin, f"people.password-{language}")
