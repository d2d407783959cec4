"""Laws of the report in a real browser: what its script does, and that nothing sticks out of a narrow screen."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from dataclasses import replace

import pytest
from rows import FACTS, MANIFEST, PERTURBED, make_offline, make_perturbed_rows

from sim.analysis.summary import summarise_run
from sim.report.html import write_report

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
PROBE = """<script>
addEventListener("error", event => found.errors.push(event.message));
const found = {errors: []};
const rows = table => [...document.querySelectorAll(`#${table} tbody tr`)].filter(row => !row.hidden);
addEventListener("load", () => {
  const key = (node, type) => node.dispatchEvent(new Event(type, {bubbles: true}));
  found.wide = document.documentElement.scrollWidth - innerWidth;
  found.loaded = performance.getEntriesByType("resource").map(entry => entry.name);
  const heads = [...document.querySelectorAll("#episodes th button")], number = row => +row.cells[3].textContent;
  heads[3].focus(); found.focused = document.activeElement === heads[3];
  heads[3].click(); found.up = rows("episodes").map(number);
  heads[3].click(); found.down = rows("episodes").map(number);
  found.sorted = heads[3].closest("th").getAttribute("aria-sort");
  document.querySelector('#filters button[data-ending="collision"]').click();
  found.endings = [...new Set(rows("episodes").map(row => row.dataset.ending))];
  document.querySelector('#filters button[data-ending=""]').click();
  const field = [...document.querySelectorAll("input[type=search]")].at(-1);
  field.value = "bad stuck"; key(field, "input"); found.matching = rows("episodes").map(row => row.textContent);
  const heat = document.getElementById("heat-policy");
  found.before = document.querySelector("#heat-map td b").textContent;
  heat.value = "bad"; key(heat, "change"); found.after = document.querySelector("#heat-map td b").textContent;
  const result = document.createElement("pre"); result.id = "probe"; result.textContent = JSON.stringify(found);
  document.body.append(result);
});
</script>"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What a browser found in the page of a perturbed run, on a narrow screen."""
    if BROWSER is None:
        pytest.skip("no Chromium or Chrome on this machine")
    folder = tmp_path_factory.mktemp("report")
    rows = make_perturbed_rows()
    offline = [make_offline("good", 0.03), make_offline("bad", 0.2)]
    manifest = replace(MANIFEST, plan=PERTURBED.record())
    write_report(folder / "report.html", manifest, summarise_run(PERTURBED, rows, offline, FACTS), rows)
    page = folder / "report.html"
    page.write_text(page.read_text().replace("<head>", f"<head>{PROBE}", 1))
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}"]
    command += ["--window-size=500,900", "--virtual-time-budget=10000", "--dump-dom", page.as_uri()]
    text = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True).stdout
    (found,) = re.findall(r'<pre id="probe">(.*?)</pre>', text, re.DOTALL)
    return json.loads(html.unescape(found))


def test_the_script_meets_no_error_and_nothing_is_loaded(seen):
    assert (seen["errors"], seen["loaded"]) == ([], [])


def test_the_page_is_no_wider_than_a_narrow_screen(seen):
    assert seen["wide"] <= 0


def test_a_heading_takes_the_focus_and_sorts_both_ways_by_number(seen):
    assert seen["focused"]
    assert seen["up"] == sorted(seen["up"])
    assert seen["down"] == seen["up"][::-1]
    assert len(seen["up"]) == 72
    assert seen["sorted"] == "descending"


def test_episodes_are_filtered_by_ending_and_by_words(seen):
    assert seen["endings"] == ["collision"]
    assert seen["matching"]
    assert all("bad" in text and "stuck" in text for text in seen["matching"])
    assert len(seen["matching"]) < 72


def test_the_heat_map_shows_the_chosen_policy(seen):
    assert (seen["before"], seen["after"]) == ("92 %", "0 %")
