"""axe, the judge of WCAG, on a page that is open."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page as Tab

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
FEATURES = (Path(__file__).parent / "features.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Nothing is loaded ahead: the rules that ask for it are about films, and ways to turn a phone.
RUN = "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations'], preload: false})"
# Contrast and the sizes of targets take most of the time, for each element anew: those of a kind that is known are
# left out, and the third of a new kind (of two rows one may be striped). All other rules look at the whole page.
SPARE = """news => {
  const left = new Map(news.map((kind) => [kind, 2]));
  for (const [element, kind] of window.ttKinds) {
    const more = left.get(kind) ?? 0;
    if (more) left.set(kind, more - 1);
    element.toggleAttribute("data-known", !more);
  }
  const rules = ["color-contrast", "target-size"].map((id) => ({ id, selector: "*:not([data-known])" }));
  axe.configure({ rules });
}"""


class Memory:
    """The kinds of elements that were in order, in each theme and width; processes that run beside share a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, set[int]] = {}
        self._read: dict[Path, int] = {}

    def new(self, setting: str, kinds: list[int]) -> list[int]:
        """Those that nobody has found in order yet."""
        for path in self.folder.iterdir():
            with path.open() as file:
                file.seek(self._read.get(path, 0))
                # What another process is writing at the moment has no end yet.
                while (line := file.readline()).endswith("\n"):
                    at, _, numbers = line.partition(":")
                    self._known.setdefault(at, set()).update(map(int, numbers.split()))
                    self._read[path] = file.tell()
        return [kind for kind in kinds if kind not in self._known.get(setting, ())]

    def keep(self, setting: str, kinds: list[int]) -> None:
        """These were in order."""
        with (self.folder / str(os.getpid())).open("a") as file:
            file.write(f"{setting}:{' '.join(map(str, kinds))}\n")


class Axe:
    """What it finds, in words. axe takes half a second for a page, more than all other checks of it."""

    def __init__(self, memory: Memory | None = None) -> None:
        """With a memory a page is judged when something on it is of a kind that was not in order before; else always.

        The same page for another role, or of another company, has the same kinds, or fewer. See features.js.
        """
        self.memory = memory
        self.source = SOURCE.read_text(encoding="utf-8")

    def complaints(self, tab: Tab, setting: str) -> list[str]:
        """What is wrong with the page as it stands; `setting` names theme and width."""
        news: list[int] = []
        if self.memory:
            news = self.memory.new(setting, tab.evaluate(FEATURES))
            if not news:
                return []
        tab.evaluate(f"() => {{ if (!window.axe) {{ {self.source} }} }}")
        if self.memory:
            tab.evaluate(SPARE, news)
        found = [_words(violation) for violation in tab.evaluate(RUN, RULES)["violations"]]
        if self.memory and not found:
            self.memory.keep(setting, news)
        return found


def _words(violation: dict[str, object]) -> str:
    nodes = violation["nodes"]
    assert isinstance(nodes, list)  # noqa: S101 - as axe documents it
    where = "; ".join(" ".join(map(str, node["target"])) for node in nodes[:3])
    reason = nodes[0].get("failureSummary", "").partition("\n")[2].strip().splitlines()
    return f"{violation['id']} at {where} ({len(nodes)}): {reason[0] if reason else ''}"
