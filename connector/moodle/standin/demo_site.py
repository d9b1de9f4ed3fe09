"""The courses a fresh stand-in starts with (`--seed-demo`)."""

from __future__ import annotations

from typing import Any

from connector.moodle.standin.control import ensure_course
from connector.moodle.standin.site import Site, service_user

EXAMS = "KYZMAT-EXAMS"
TRAINING = "KYZMAT-TRAINING"

COURSES: tuple[dict[str, Any], ...] = (
    {"idnumber": EXAMS, "name": "Тестирование · Тестирлөө", "summary": ""},
    {
        "idnumber": TRAINING,
        "name": "Этика государственного служащего · Мамлекеттик кызматчынын этикасы",
        "summary": "",
        "activities": ("1. Кодекс этики", "2. Конфликт интересов", "3. Разбор случаев", "4. Итоговая беседа"),
    },
)


def seed_demo(site: Site) -> None:
    """Make the courses; what is there already stays as it is."""
    with site.database.writing() as db:
        call = site.call(db, service_user(db))
        for course in COURSES:
            ensure_course(call, course)
