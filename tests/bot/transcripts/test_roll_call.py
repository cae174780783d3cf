from bot.transcripts.roll_call import NodeStaff


def test_each_node_answers_for_itself_and_the_newest_answer_counts(shop) -> None:
    rows = shop.transcripts.roll_call
    rows.answer("n1", 1, {"mei": True}).result(20)
    rows.answer("n2", 1, {}).result(20)
    rows.answer("n1", 2, {"mei": False, "li": True}).result(20)
    assert rows.answers() == (
        NodeStaff("n1", 2, {"mei": False, "li": True}),
        NodeStaff("n2", 1, {}),
    )


def test_who_is_struck_off_the_roll_is_on_it_no_longer(shop) -> None:
    rows = shop.transcripts.roll_call
    for node in ("n1", "n2", "n3"):
        rows.answer(node, 1, {"mei": True}).result(20)
    rows.strike(["n1", "n3", "n9"]).result(20)
    rows.strike([]).result(20)
    assert [one.node for one in rows.answers()] == ["n2"]
