from __future__ import annotations
import pytest
from flask import Flask
from tests.web.test_training_access import app, database, moodle, training_seed, year
from tests.web.looking import PHONE, WIDE, HEIGHTS, sit_down
from tests.web import looking
from tests.web.serving import chromium, served
from tests.web.test_grade_sheets import sheet, row
from tests.web.test_people import user_id
from tests.web.training_year import OURS

def look(page, name):
    for width in (WIDE, PHONE):
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        page.screenshot(path=f"/tmp/p6/pics/{name}-{width}.png", full_page=True, clip={"x":0,"y":0,"width":width,"height":1500 if width==WIDE else 2600}, scale="css")
    page.set_viewport_size({"width": WIDE, "height": HEIGHTS[WIDE]})
    looking.look(page, name)

@pytest.mark.parametrize("language", ["ru", "ky"])
def test_look(app: Flask, office, year, language) -> None:
    with served(app) as address, chromium() as browser:
        page = sit_down(browser, address, "training", language, WIDE, scripts=True)
        page.goto(f"{address}/training/{year.running}/programmes/{year.theirs}")
        look(page, f"p-prog-{language}")
        page.goto(f"{address}/training/upload")
        look(page, f"p-upload-{language}")
        content = sheet(row(year, 0), row(year, 1, STATUS="отлично"), row(year, 2, PROTOCOL=None), row(year,1,COURSE=OURS))
        page.set_input_files("#file", {"name":"ведомость.xlsx","mimeType":"application/octet-stream","buffer":content})
        page.click("main form button[type=submit]")
        look(page, f"p-preview-{language}")
        page.click("form[action='/training/upload/save'] button")
        look(page, f"p-batch-{language}")
