from datetime import timedelta

import pytest

from bot.transcripts.errors import LastAdmin, LoginTaken, UnknownAccount

STAFF, ADMIN = frozenset({"staff"}), frozenset({"admin"})
COOKIE = b"c" * 32


@pytest.fixture
def li(shop):
    return shop.transcripts.accounts.add("Li@Shop.example", "Li Na", "$argon2id$1", STAFF).result(
        20
    )


def test_an_account_is_found_by_its_login_in_any_writing(shop, li) -> None:
    accounts = shop.transcripts.accounts
    account, password_hash = accounts.by_login(" ｌｉ@shop.EXAMPLE ")
    assert (account, password_hash) == (li, "$argon2id$1")
    assert accounts.get(li.id) == li and accounts.all() == (li,)
    assert accounts.by_login("wang") is None and accounts.get("x") is None


def test_a_login_belongs_to_one_account(shop, li) -> None:
    with pytest.raises(LoginTaken):
        shop.transcripts.accounts.add("LI@shop.example", "Impostor", "h", STAFF).result(20)
    assert len(shop.transcripts.accounts.all()) == 1


def _sign_in(shop, account, cookie=COOKIE, hours=8) -> None:
    end = shop.clock.moment + timedelta(hours=hours)
    shop.transcripts.accounts.open_session(cookie, account.id, "csrf", end).result(20)


def test_a_sign_in_lasts_until_it_expires(shop, li) -> None:
    _sign_in(shop, li)
    accounts = shop.transcripts.accounts
    session = accounts.session(COOKIE)
    assert (session.account, session.csrf, session.created_at) == (li, "csrf", shop.clock.moment)
    later = shop.clock.move(3600)
    accounts.touch_session(COOKIE).result(20)
    assert accounts.session(COOKIE).last_seen_at == later
    shop.clock.move(7 * 3600)
    assert accounts.session(COOKIE) is None
    assert accounts.forget_expired_sessions().result(20) == 1


@pytest.mark.parametrize("how", ["out", "disabled", "password", "roles"])
def test_every_kind_of_revocation_ends_a_sign_in_at_once(shop, li, how: str) -> None:
    accounts = shop.transcripts.accounts
    _sign_in(shop, li)
    end = {
        "out": lambda: accounts.revoke_session(COOKIE),
        "disabled": lambda: accounts.set_disabled(li.id, True),
        "password": lambda: accounts.set_password(li.id, "$argon2id$2"),
        "roles": lambda: accounts.set_roles(li.id, frozenset({"staff", "admin"})),
    }[how]
    end().result(20)
    assert accounts.session(COOKIE) is None
    if how == "disabled":
        accounts.set_disabled(li.id, False).result(20)
        assert accounts.session(COOKIE) is None
    if how == "roles":
        assert accounts.get(li.id).roles == {"staff", "admin"}
    if how == "password":
        assert accounts.by_login(li.login)[1] == "$argon2id$2"


def test_a_disabled_or_unknown_account_cannot_sign_in(shop, li) -> None:
    shop.transcripts.accounts.set_disabled(li.id, True).result(20)
    with pytest.raises(UnknownAccount):
        _sign_in(shop, li)
    with pytest.raises(UnknownAccount):
        shop.transcripts.accounts.set_roles("nobody", STAFF).result(20)


def _admins(accounts) -> list[str]:
    return [one.login for one in accounts.all() if "admin" in one.roles and not one.disabled]


@pytest.mark.parametrize("how", ["disabled", "demoted"])
def test_one_admin_who_can_sign_in_is_left(shop, li, how: str) -> None:
    accounts = shop.transcripts.accounts
    wang, zhao = (accounts.add(name, name, "h", ADMIN).result(20) for name in ("wang", "zhao"))

    def take(account) -> None:
        if how == "disabled":
            accounts.set_disabled(account.id, True, leave_admin=True).result(20)
        else:
            accounts.set_roles(account.id, STAFF, leave_admin=True).result(20)

    take(wang)
    with pytest.raises(LastAdmin):
        take(zhao)
    take(li)  # who is none
    assert _admins(accounts) == ["zhao"]
    accounts.set_roles(zhao.id, frozenset({"admin", "staff"}), leave_admin=True).result(20)
    accounts.set_disabled(zhao.id, True).result(20)  # by the shell, where one can be added again
    assert _admins(accounts) == []


def test_of_two_admins_who_take_each_others_right_at_once_one_stays(url, open_shop) -> None:
    shops = [open_shop(url) for _ in range(2 if url.startswith("postgresql") else 1)]
    first, second = shops[0].transcripts.accounts, shops[-1].transcripts.accounts
    for round in range(20):
        pair = [
            first.add(f"{name}-{round}", name, "h", ADMIN).result(20) for name in ("wang", "zhao")
        ]
        taking = [
            accounts.set_roles(account.id, STAFF, leave_admin=True)
            if round % 2
            else accounts.set_disabled(account.id, True, leave_admin=True)
            for accounts, account in zip((first, second), pair, strict=True)
        ]
        refused = [isinstance(one.exception(20), LastAdmin) for one in taking]
        assert sorted(refused) == [False, True]
        (left,) = _admins(first)
        last = first.by_login(left)[0]
        first.set_disabled(last.id, True).result(20)
