from bot.conversation.commands import AsksForPerson, ShopperCloses


def _kinds(rows) -> list[tuple[str, str]]:
    return [(row.conversation, row.kind) for row in rows]


def test_what_must_leave_is_stored_with_its_cause_and_goes_in_order(shop) -> None:
    outbox = shop.transcripts.outbox
    for id in ("c1", "c2"):
        shop.begin(id=id)
        shop.do(id, AsksForPerson())
        shop.do(id, ShopperCloses())
    first = outbox.take(10, lease_seconds=30).result(20)
    assert _kinds(first) == [("c1", "waiting"), ("c2", "waiting")]
    assert (first[0].key, first[0].attempts) == ("c1:2:waiting", 1)
    assert outbox.take(10, lease_seconds=30).result(20) == ()
    outbox.delivered(first[0].id).result(20)
    assert _kinds(outbox.take(10, lease_seconds=30).result(20)) == [("c1", "closed")]


def test_what_failed_or_whose_worker_died_comes_again_with_the_same_key(shop) -> None:
    outbox = shop.transcripts.outbox
    shop.begin()
    shop.do("c1", AsksForPerson())
    (failed,) = outbox.take(10, lease_seconds=30).result(20)
    outbox.postpone(failed.id, seconds=5).result(20)
    shop.clock.move(5)
    (leased,) = outbox.take(10, lease_seconds=30).result(20)
    shop.clock.move(30)
    (again,) = outbox.take(10, lease_seconds=30).result(20)
    assert (again.key, again.attempts) == (leased.key, 3)


def test_a_dead_letter_is_shown_lets_the_next_go_and_can_be_tried_again(shop) -> None:
    outbox = shop.transcripts.outbox
    shop.begin()
    shop.do("c1", AsksForPerson())
    shop.do("c1", ShopperCloses())
    (first,) = outbox.take(10, lease_seconds=30).result(20)
    outbox.give_up(first.id, "the receiver is gone", ("mail",)).result(20)
    (dead,) = outbox.dead_letters()
    assert (dead.key, dead.last_error) == (first.key, "the receiver is gone")
    assert dead.delivered_to == ("mail",)
    assert dead.failed_at == shop.clock.moment
    assert shop.transcripts.store.counts().outbox_waiting == 1
    (following,) = outbox.take(10, lease_seconds=30).result(20)
    assert following.kind == "closed"
    assert outbox.revive(first.id).result(20) and not outbox.revive(first.id).result(20)
    (again,) = outbox.take(10, lease_seconds=30).result(20)
    assert (again.id, again.attempts, again.delivered_to) == (first.id, 1, ("mail",))
