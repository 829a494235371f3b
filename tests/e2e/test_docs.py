# SPDX-License-Identifier: Apache-2.0
"""The page at /docs in a real browser: somebody with a token tries the API out, and nothing is loaded from elsewhere."""
import json

import pytest

from lib import browser as browsers
from lib.client import Client


@pytest.fixture
def browser(tmp_path):
    if not browsers.available():
        pytest.skip("chromium and chromedriver are not installed")
    b = browsers.Browser(tmp_path)
    yield b
    b.close()


@pytest.fixture
def guarded(make_daemon, new_user):
    """A daemon that asks for tokens, a user with entries, and a token that may read them."""
    d = make_daemon().start()
    user, key = new_user()
    d.fetch_and_wait(user, key, days=2)
    operator = d.client.post("/api/tokens", {"name": "o", "scope": "operator"}).json()["token"]
    asks = Client(d.port, headers={"Authorization": f"Bearer {operator}"})
    token = asks.post("/api/tokens", {"name": "reader", "scope": "user", "alp_user_id": user, "read_only": True}).json()["token"]
    return d, user, token


def has_viewer(daemon):
    return "swagger-ui-bundle.js" in daemon.client.get("/docs").text


def try_out(browser, operation, **query):
    """Runs it by hand and gives status and body as the page shows them."""
    box = f"#operations-{operation.partition('_')[0]}-{operation}"
    if "Cancel" not in browser.find(box).text():
        browser.find(f"{box} .opblock-summary-control").click()
        browser.find(f"{box} .try-out__btn").click()
    for name, value in query.items():
        browser.find(f"{box} tr[data-param-name={name}] input").write(str(value))
    browser.find(f"{box} .execute").click()
    status = browser.find(f"{box} .live-responses-table .response .response-col_status").text()
    return int(status.split()[0]), browser.find(f"{box} .live-responses-table .response .highlight-code code").text()


def test_somebody_with_a_token_sees_entries(browser, guarded):
    daemon, user, token = guarded
    if not has_viewer(daemon):
        pytest.skip("built without swagger-ui-dist: configure had neither npm nor a network")
    browser.open(daemon.url + "/")
    status, body = try_out(browser, "entries_list", alp_user_id=user)
    assert status == 401 and json.loads(body)["code"] == "unauthorized"

    browser.find(".btn.authorize").click()
    browser.find("input[aria-label=auth-bearer-value]").write(token)
    browser.find(".auth-btn-wrapper button.authorize").click()
    browser.find(".auth-btn-wrapper .btn-done").click()
    browser.find("#operations-entries-entries_list .btn-clear").click()
    status, body = try_out(browser, "entries_list", alp_user_id=user, limit=3)
    entries = json.loads(body)
    assert status == 200 and 1 <= len(entries) <= 3 and {e["alp_user_id"] for e in entries} == {user}

    asked = browser.asked()
    assert any(url.startswith(f"{daemon.url}/api/time_entries?") for url in asked), asked
    elsewhere = [url for url in asked if not url.startswith((daemon.url + "/", "data:", "blob:" + daemon.url))]
    assert elsewhere == []
    # A status of 401 is logged by the browser itself, and wanted here.
    complaints = [row for row in browser.log("browser") if row["level"] != "INFO" and "401 (Unauthorized)" not in row["message"]]
    assert complaints == []


def test_a_page_that_breaks_the_policy_would_be_seen(browser, guarded):
    """The browser does hold the page to its policy, and says so where the test above looks."""
    daemon, _, _ = guarded
    browser.open(daemon.url + "/docs")
    browser("POST", "/execute/sync", {"script": "const s = document.createElement('script'); s.textContent = 'window.bad = 1'; "
                                                "document.body.append(s); fetch('http://localhost:1/').catch(() => 0);", "args": []})
    complaints = " ".join(row["message"] for row in browser.log("browser"))
    assert "script-src" in complaints and "connect-src" in complaints
    assert browser("POST", "/execute/sync", {"script": "return window.bad === undefined", "args": []})
