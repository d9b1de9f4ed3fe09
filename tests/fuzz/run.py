"""Runs one target under atheris: `python -m tests.fuzz.run gift -runs=1000000 CORPUS`.

Everything behind the target's name goes to libFuzzer. The seeds are the conformance cases of `tests/data/gift`.
"""

from __future__ import annotations

import base64
import importlib
import json
import sys
from pathlib import Path

_CASES = Path(__file__).parents[1] / "data" / "gift"


def seeds(target: str) -> list[bytes]:
    """Inputs to begin with: the conformance cases, for XML as the XML they become."""
    found = []
    for file in sorted(_CASES.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").split("\n"):
            entry = json.loads(line) if line else {}
            if "base64" in entry:
                found.append(base64.b64decode(entry["base64"]))
            elif "text" in entry:
                found.append(entry["text"].encode("utf-8"))
    if target == "gift":
        return found
    from gift_export.conversion import to_xml
    from gift_export.reader import read_bytes

    return [to_xml(read_bytes(data).items).text.encode("utf-8") for data in found]


def main() -> None:
    """Instruments the readers, writes the seeds into the corpus folder, and runs until libFuzzer stops."""
    atheris = importlib.import_module("atheris")  # comes with requirements-fuzz.lock, not with the tests' packages
    name, *arguments = sys.argv[1:]
    with atheris.instrument_imports(include=["gift_export", "question_banks.model"]):
        targets = importlib.import_module("tests.fuzz.targets").TARGETS
    corpus = next((Path(one) for one in arguments if not one.startswith("-")), None)
    if corpus is not None:
        corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds(name)):
            (corpus / f"seed-{number:04d}").write_bytes(seed)
    atheris.Setup([sys.argv[0], *arguments], targets[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
