import asyncio
from datetime import UTC, datetime

import pytest

from bot.errors import NotFound
from bot.server.access import Right
from bot.server.api_public import read_products
from bot.server.passwords import PasswordChecks
from tests.bot.server.floor import CHEAP

ANYONES = ["/healthz", "/readyz", "/api/status", "/api/hours", "/api/shop", "/metrics"]


async def signed_in(floor, web, login="boss", password="a-password-for-tests"):
    answer = await web.post("/api/sign-in", json={"login": login, "password": password})
    assert answer.status_code == 200, answer.text
    return {"X-CSRF-Token": answer.json()["csrf"]}


def asked(floor, work):
    async def run():
        async with floor.web() as web:
            return await work(web)

    return asyncio.run(run())


def test_signing_in_sets_a_cookie_that_no_script_and_no_other_site_can_use(floor):
    answer = asked(
        floor,
        lambda web: web.post(
            "/api/sign-in", json={"login": "MEI", "password": "a-password-for-tests"}
        ),
    )

    cookie = answer.headers["set-cookie"]
    assert answer.json()["me"]["roles"] == ["staff"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/" in cookie
    assert "Secure" not in cookie


@pytest.mark.parametrize(
    "beside",
    ['prefs={"a": 1}', "a b=c", "x=中文", "expires=1", 'x="half', "path", "=", "xshopkeeper=1"],
)
def test_other_cookies_of_the_domain_lock_nobody_out(floor, beside):
    async def work(web):
        await signed_in(floor, web, "mei")
        (own,) = web.cookies.values()
        web.cookies.clear()
        header = f"{beside}; shopkeeper={own}; {beside}".encode()
        told = await web.get("/api/me", headers={b"cookie": header})
        two = await web.get("/api/me", headers={"cookie": f"shopkeeper={own}; shopkeeper=other"})
        return told.status_code, two.status_code

    assert asked(floor, work) == (200, 401)


def test_over_https_the_cookie_is_secure_and_bound_to_the_host(open_floor_with):
    with open_floor_with(public_url="https://chat.example") as floor:
        answer = asked(
            floor,
            lambda web: web.post(
                "/api/sign-in", json={"login": "mei", "password": "a-password-for-tests"}
            ),
        )

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-shopkeeper=")
    assert "Secure" in cookie
    assert answer.headers["strict-transport-security"]


@pytest.mark.parametrize("login", ["mei", "nobody", "' OR 1=1 --", "mei\x00"])
def test_a_wrong_name_and_a_wrong_password_are_not_told_apart(floor, login):
    answer = asked(
        floor, lambda web: web.post("/api/sign-in", json={"login": login, "password": "wrong"})
    )

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "wrong_sign_in"
    assert "set-cookie" not in answer.headers


def test_an_account_is_locked_after_ten_tries_and_the_right_password_does_not_help(
    open_floor_with,
):
    async def work(web):
        codes = []
        for number in range(12):
            password = "a-password-for-tests" if number == 11 else f"guess {number}"
            body = {"login": "mei", "password": password}
            codes.append((await web.post("/api/sign-in", json=body)).status_code)
        other = await web.post(
            "/api/sign-in", json={"login": "li", "password": "a-password-for-tests"}
        )
        return codes, other.status_code

    with open_floor_with() as floor:
        codes, other = asked(floor, work)

    assert codes == [401] * 10 + [429] * 2
    assert other == 200


def test_an_account_that_is_written_in_other_widths_is_locked_with_it(open_floor_with):
    spellings = ["mei", "MEI", "ｍei", "mｅi", "meｉ", "ＭＥＩ", "ｍｅi", "mｅｉ", " mei", "Mei"]

    async def work(web):
        bodies = [{"login": login, "password": "guess"} for login in [*spellings, "ｍｅｉ"]]
        return [(await web.post("/api/sign-in", json=body)).status_code for body in bodies]

    with open_floor_with() as floor:
        assert asked(floor, work) == [401] * 10 + [429]


def test_one_address_may_try_only_a_few_times(open_floor_with):
    async def work(web):
        bodies = [{"login": f"name{n}", "password": "x"} for n in range(4)]
        return [(await web.post("/api/sign-in", json=body)).status_code for body in bodies]

    with open_floor_with(sign_in_tries_per_address=3) as floor:
        assert asked(floor, work) == [401, 401, 401, 429]


def test_a_whole_shift_may_sign_in_from_one_office(open_floor_with):
    async def work(web):
        codes = []
        for login in ["mei", "li", "boss"] * 3 + ["guess"] * 4:
            body = {"login": login, "password": "a-password-for-tests"}
            codes.append((await web.post("/api/sign-in", json=body)).status_code)
        return codes

    with open_floor_with(sign_in_tries_per_address=3) as floor:
        assert asked(floor, work) == [200] * 9 + [401] * 3 + [429]


def test_a_disabled_account_does_not_come_in(floor):
    async def work(web):
        csrf = await signed_in(floor, web)
        everybody = (await web.get("/api/staff")).json()["staff"]
        mei = next(one for one in everybody if one["login"] == "mei")
        disabled = await web.post(f"/api/staff/{mei['id']}/disable", headers=csrf)
        refused = await web.post(
            "/api/sign-in", json={"login": "mei", "password": "a-password-for-tests"}
        )
        await web.post(f"/api/staff/{mei['id']}/enable", headers=csrf)
        again = await web.post(
            "/api/sign-in", json={"login": "mei", "password": "a-password-for-tests"}
        )
        return disabled.json()["account"]["disabled"], refused.status_code, again.status_code

    assert asked(floor, work) == (True, 401, 200)


def test_a_new_colleague_signs_in_with_the_password_that_is_shown_once(floor):
    async def work(web):
        csrf = await signed_in(floor, web)
        body = {"login": "wang", "name": "小王", "roles": ["staff"]}
        added = await web.post("/api/staff", json=body, headers=csrf)
        twice = await web.post("/api/staff", json=body, headers=csrf)
        listed = (await web.get("/api/staff")).text
        audit = (await web.get("/api/audit")).json()
        password = added.json()["password"]
        await signed_in(floor, web, "wang", password)
        me = (await web.get("/api/me")).json()["me"]
        return added.status_code, twice.json()["error"]["code"], password in listed, audit, me

    added, twice, told_again, audit, me = asked(floor, work)

    assert (added, twice, told_again) == (201, "login_taken", False)
    assert me["name"] == "小王"
    assert audit["whole"] is True
    assert audit["rows"][0]["act"] == "staff_added"
    assert audit["rows"][0]["who"] == "boss"


def test_the_last_admin_cannot_lock_everybody_out(floor):
    async def work(web):
        csrf = await signed_in(floor, web)
        me = (await web.get("/api/me")).json()["me"]["id"]
        own = await web.post(f"/api/staff/{me}/disable", headers=csrf)
        roles = await web.post(f"/api/staff/{me}/roles", json={"roles": ["staff"]}, headers=csrf)
        return own.json()["error"]["code"], roles.json()["error"]["code"]

    assert asked(floor, work) == ("own_account", "last_admin")


def test_changing_ones_password_needs_the_old_one_and_ends_every_session(floor):
    async def work(web):
        csrf = await signed_in(floor, web, "mei")
        new = "a much longer password"
        wrong = await web.post("/api/me/password", json={"old": "x", "new": new}, headers=csrf)
        short = {"old": "a-password-for-tests", "new": "short"}
        short = await web.post("/api/me/password", json=short, headers=csrf)
        right = {"old": "a-password-for-tests", "new": new}
        right = await web.post("/api/me/password", json=right, headers=csrf)
        after = await web.get("/api/me")
        await signed_in(floor, web, "mei", new)
        return wrong.status_code, short.status_code, right.status_code, after.status_code

    assert asked(floor, work) == (401, 400, 204, 401)


@pytest.mark.parametrize(
    ("path", "body", "code", "status"),
    [
        ("/api/staff", {"login": "x y", "name": "n", "roles": ["staff"]}, "bad_request", 400),
        ("/api/staff", {"login": "ok", "name": "n", "roles": ["owner"]}, "bad_request", 400),
        ("/api/staff", {"login": "ok", "name": "n", "roles": []}, "bad_request", 400),
        (
            "/api/staff",
            {"login": "ok", "name": "n", "roles": ["staff"], "x": 1},
            "bad_request",
            400,
        ),
        ("/api/staff", {"login": {"$ne": ""}, "name": "n", "roles": ["staff"]}, "bad_request", 400),
        ("/api/staff", ["login"], "bad_request", 400),
        ("/api/staff", {"login": "ok", "name": "a\x00", "roles": ["staff"]}, "bad_request", 400),
        ("/api/staff", {"login": "ok", "name": "\u200b", "roles": ["staff"]}, "bad_request", 400),
        ("/api/canned", {"shortcut": "a", "texts": {"zh": "\x00"}}, "bad_request", 400),
        (
            "/api/hours",
            {"zone": "UTC", "weekly": {"0": [["09:00+05:00", "12:00"]]}},
            "hours",
            400,
        ),
        ("/api/staff/nobody/reset", {}, "not_found", 404),
        ("/api/nothing", {}, "not_found", 404),
    ],
)
def test_a_request_that_is_not_right_says_what_is_wrong(floor, path, body, code, status):
    async def work(web):
        return await web.post(path, json=body, headers=await signed_in(floor, web))

    answer = asked(floor, work)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert set(answer.json()["error"]["message"]) == {"zh", "en"}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'{"login": "\xff"}', "application/json"),
        (b'{"login":' + b"[" * 100_000, "application/json"),
        (b'{"login": ' + b"9" * 5_000 + b"}", "application/json"),
        (b'{"login": "lin"}', "text/plain"),
    ],
    ids=["nothing", "cut off", "a list", "no UTF-8", "deep", "many digits", "as text"],
)
def test_a_body_that_is_no_object_is_told_in_both_languages(floor, content, kind):
    async def work(web):
        headers = {**await signed_in(floor, web), "content-type": kind}
        return await web.post("/api/staff", content=content, headers=headers)

    answer = asked(floor, work)

    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == {
        "zh": "请求内容不是 JSON 对象；请发送 JSON 对象，并把 Content-Type 设为 application/json。",
        "en": "The body is not a JSON object; send one, with the Content-Type application/json.",
    }


def test_a_body_over_the_limit_is_refused_before_it_is_read(floor):
    async def work(web):
        headers = await signed_in(floor, web)
        large = await web.post("/api/staff", content=b"x" * 300_000, headers=headers)

        async def endless():
            for _ in range(400):
                yield b"x" * 1024

        streamed = await web.post("/api/staff", content=endless(), headers=headers)
        return large, streamed

    large, streamed = asked(floor, work)

    for answer in (large, streamed):
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")
        assert int(answer.headers["content-length"]) == len(answer.content)


def test_the_right_is_checked_before_a_byte_of_a_file_is_received(floor):
    head = (
        b"POST /api/knowledge/uploads HTTP/1.1\r\nHost: shop\r\nExpect: 100-continue\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 20000000\r\n\r\n"
    )

    async def told():
        reader, writer = await asyncio.open_connection("127.0.0.1", floor.node.port)
        writer.write(head)
        answer = await reader.read()
        writer.close()
        return answer

    answer = asyncio.run(told())

    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b'"not_signed_in"' in answer


def test_a_slash_at_the_end_leads_nowhere_else(open_floor_with, tmp_path):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/inbox.html").write_text("<!doctype html><p>inbox")

    async def work(web):
        return await web.get("/inbox/", headers={"Host": "evil.example"})

    with open_floor_with() as floor:
        answer = asked(floor, work)

    assert (answer.status_code, answer.text) == (200, "<!doctype html><p>inbox")
    assert "location" not in answer.headers


@pytest.mark.services
def test_a_character_that_no_database_keeps_names_nothing(open_floor_with, postgres_url):
    async def work(web):
        csrf = await signed_in(floor, web)
        gone = [
            await web.get("/api/conversations/%00"),
            await web.post("/api/staff/a%00b/reset", headers=csrf),
            await web.delete("/api/canned/%00", headers=csrf),
        ]
        nobody = await web.post("/api/sign-in", json={"login": "mei\x00", "password": "x"})
        return [answer.status_code for answer in (*gone, nobody)]

    with open_floor_with(database_url=postgres_url) as floor:
        assert asked(floor, work) == [404, 404, 404, 401]


def test_too_many_requests_from_one_address_wait(open_floor_with):
    async def work(web):
        return [(await web.get("/api/status")).status_code for _ in range(8)]

    with open_floor_with(requests_burst=5, requests_per_second=0.1) as floor:
        codes = asked(floor, work)

    assert codes == [200] * 5 + [429] * 3


def test_health_readiness_and_metrics(floor):
    async def work(web):
        return [await web.get(path) for path in ("/healthz", "/readyz", "/metrics", "/api/status")]

    health, ready, metrics, status = asked(floor, work)

    assert health.json() == {"status": "ok"}
    assert ready.json()["ready"] is True
    assert "shopkeeper_accepted_seconds_bucket" in metrics.text
    assert status.json()["step"] == "full"


def test_metrics_are_not_for_everybody(open_floor_with):
    with open_floor_with(metrics_from=("192.0.2.0/24",)) as floor:
        assert asked(floor, lambda web: web.get("/metrics")).status_code == 403


def test_answers_that_are_no_pages_run_nothing_and_are_kept_by_nobody(floor):
    answer = asked(floor, lambda web: web.get("/api/status"))

    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; frame-ancestors 'none'"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "server" not in answer.headers


def test_the_pages_come_with_a_strict_policy_and_the_widget_with_its_hash(
    open_floor_with, tmp_path
):
    pages = tmp_path / "pages"
    (pages / "assets").mkdir(parents=True)
    (pages / "inbox.html").write_text("<!doctype html><p>inbox")
    (pages / "assets/inbox-1.js").write_text("1")
    (pages / "widget.js").write_text("2")
    (tmp_path / "secret.txt").write_text("3")

    async def work(web):
        pinned = (await web.get("/api/widget")).json()
        paths = [
            "/inbox",
            "/assets/inbox-1.js",
            "/widget.js",
            pinned["src"],
            "/console",
            "/assets/..%2F..%2Fsecret.txt",
            "/assets/nothing.js",
            "/widget.0000.js",
        ]
        return pinned, [await web.get(path) for path in paths]

    with open_floor_with() as floor:
        pinned, answers = asked(floor, work)

    inbox, asset, widget, same, console, *missing = answers
    assert inbox.status_code == 200
    policy = inbox.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "immutable" in asset.headers["cache-control"]
    assert widget.headers["access-control-allow-origin"] == "*"
    assert widget.headers["cross-origin-resource-policy"] == "cross-origin"
    assert pinned["integrity"].startswith("sha384-")
    assert same.content == widget.content == b"2"
    assert console.status_code == 503 and "make pages" in console.text
    assert [answer.status_code for answer in missing] == [404, 404, 404]


CHAT_PAGE = '<!doctype html><meta name="shops" content="" /><p>chat'


def policy_of(floor, path):
    """The content policy of a page, by directive."""
    answer = asked(floor, lambda web: web.get(path))
    assert answer.status_code == 200
    directives = (part.split() for part in answer.headers["content-security-policy"].split(";"))
    return answer, {name: values for name, *values in directives}


def test_the_chat_may_be_held_by_the_listed_shops_alone_and_runs_nothing_but_its_own(
    open_floor_with, tmp_path
):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/chat-frame.html").write_text(CHAT_PAGE)
    shops = ("https://shop.example", "https://m.shop.example:8443")

    with open_floor_with(allowed_origins=shops) as floor:
        answer, policy = policy_of(floor, "/chat-frame")

    assert policy["frame-ancestors"] == ["'self'", *shops]
    assert "x-frame-options" not in answer.headers
    assert policy["default-src"] == ["'none'"] and policy["trusted-types"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == ["'self'"]
    assert policy["require-trusted-types-for"] == ["'script'"]
    assert f'name="shops" content="{" ".join(shops)}"' in answer.text


def test_without_a_list_only_our_own_pages_may_hold_the_chat(open_floor_with, tmp_path):
    (tmp_path / "pages").mkdir()
    for name in ("chat-frame", "index", "inbox", "console"):
        (tmp_path / f"pages/{name}.html").write_text(CHAT_PAGE)

    with open_floor_with() as floor:
        assert policy_of(floor, "/chat-frame")[1]["frame-ancestors"] == ["'self'"]
        assert policy_of(floor, "/")[1]["frame-src"] == ["'self'"]
        for path in ("/", "/inbox", "/console"):
            answer, policy = policy_of(floor, path)
            assert policy["frame-ancestors"] == ["'none'"]
            assert answer.headers["x-frame-options"] == "DENY"
            if path != "/":
                assert "frame-src" not in policy


def test_a_change_of_the_list_is_a_change_of_the_chats_page(open_floor_with, tmp_path):
    """Or a browser would go on with the old list, told that nothing has changed."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/chat-frame.html").write_text(CHAT_PAGE)
    tags = []
    for shops in ((), ("https://shop.example",)):
        with open_floor_with(allowed_origins=shops) as floor:
            tags.append(policy_of(floor, "/chat-frame")[0].headers["etag"])

    assert tags[0] != tags[1]


def test_a_misspelt_parameter_is_refused_and_told_which_there_are(floor):
    async def work(web):
        stranger = await web.get("/api/audit", params={"wo": "mei"})
        await signed_in(floor, web)
        misspelt = await web.get("/api/conversations/export", params={"langauge": "zh"})
        odd = await web.get("/api/me", params={"名" * 200: "1"})
        twice = await web.get("/api/conversations?stage=closed&stage=with_bot")
        rows = (await web.get("/api/audit", params={"act": "conversations_exported"})).json()
        return stranger.status_code, misspelt, odd, twice, rows["rows"]

    stranger, misspelt, odd, twice, exports = asked(floor, work)

    assert stranger == 401  # what there is to ask for is told to who may ask
    assert misspelt.status_code == odd.status_code == twice.status_code == 400
    told = misspelt.json()["error"]
    assert (told["code"], told["field"]) == ("bad_request", "langauge")
    assert "there are: format, holder, language," in told["message"]["en"]
    assert "langauge" in told["message"]["zh"]
    assert odd.json()["error"]["message"]["en"].endswith("this address takes none.")
    assert len(odd.json()["error"]["field"]) < 500
    assert twice.json()["error"]["field"] == "stage"
    assert exports == []


def test_what_anybody_may_ask_passes_over_what_caches_add(floor):
    async def work(web):
        return [(await web.get(f"{path}?_=1764288000")).status_code for path in ANYONES]

    assert asked(floor, work) == [200] * len(ANYONES)


@pytest.mark.parametrize("weak", ["", "W/"], ids=["as sent", "as a compressing proxy has it"])
def test_a_page_that_is_already_there_is_not_sent_again(open_floor_with, tmp_path, weak):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/widget.js").write_text("2")

    async def work(web):
        first = await web.get("/widget.js")
        tag = weak + first.headers["etag"]
        return await web.get("/widget.js", headers={"If-None-Match": tag})

    with open_floor_with() as floor:
        assert asked(floor, work).status_code == 304


def test_staff_find_conversations_and_words_in_them(floor):
    async def work(web):
        async with floor.shopper() as shopper:
            await shopper.ask("where is the blue kettle 蓝色水壶?")
        await signed_in(floor, web, "mei")
        found = (await web.get("/api/conversations/search", params={"q": "蓝色水壶"})).json()
        listed = (await web.get("/api/conversations", params={"stage": "with_bot"})).json()
        one = (await web.get(f"/api/conversations/{shopper.conversation}")).json()
        unknown = await web.get("/api/conversations/nobody")
        nul = await web.get("/api/conversations/search", params={"q": "a\x00"})
        return shopper.conversation, found, listed, one, unknown.status_code, nul.status_code

    conversation, found, listed, one, unknown, nul = asked(floor, work)

    assert found["found"][0]["conversation"] == conversation
    assert listed["conversations"][0]["conversation"] == conversation
    assert [event["seq"] for event in one["events"]] == [1, 2]
    assert (unknown, nul) == (404, 400)


def test_the_shop_page_gets_its_products(floor):
    products = asked(floor, lambda web: web.get("/api/shop/products")).json()["products"]

    assert len(products) >= 50
    assert set(products[0]["name"]) == {"zh", "en"}


def test_the_shop_page_gets_its_own_words_and_currency(floor):
    shop = asked(floor, lambda web: web.get("/api/shop")).json()

    assert shop["name"]["en"] == "Little Harbour"
    assert shop["currency"] == "CNY"
    assert shop["page"]["tagline"]["en"] == "Good things for quiet mornings"


def test_a_shop_without_a_list_of_products_lists_none(tmp_path):
    assert read_products(tmp_path) == []


def test_the_overview_tells_how_everything_stands(floor):
    async def work(web):
        await signed_in(floor, web)
        return (await web.get("/api/overview")).json(), (await web.get("/api/openapi.json")).json()

    overview, schema = asked(floor, work)

    assert overview["open_turns"] == 0
    assert overview["versions"]["database"] == "sqlite"
    assert "/api/sign-in" in schema["paths"]
    assert Right.ADMIN == schema["paths"]["/api/staff"]["get"]["x-right"]


def test_a_name_that_does_not_exist_costs_the_check_of_a_password_too(open_floor_with):
    known = []

    class Watched(PasswordChecks):
        async def right(self, password, stored):
            known.append(stored is not None)
            return await super().right(password, stored)

    async def work(web):
        for login in ("mei", "nobody-of-this-name"):
            await web.post("/api/sign-in", json={"login": login, "password": "wrong"})

    with open_floor_with(checks=Watched(1, CHEAP)) as floor:
        asked(floor, work)

    assert known == [True, False]


def test_times_on_the_wire_are_utc(floor):
    async def work(web):
        await signed_in(floor, web)
        return (await web.get("/api/staff")).json()["staff"][0]["created_at"]

    at = asked(floor, work)

    assert at.endswith("Z")
    assert abs((datetime.now(UTC) - datetime.fromisoformat(at)).total_seconds()) < 60


@pytest.mark.parametrize("text", ["null", '{"mug": 1}', "{", "[" * 100_000])
def test_products_of_another_shape_are_told_and_are_no_fault(tmp_path, text):
    (tmp_path / "products.json").write_text(text)
    with pytest.raises(NotFound, match="no list of products"):
        read_products(tmp_path)
