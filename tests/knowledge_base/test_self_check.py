from knowledge_base.search import Searcher
from knowledge_base.self_check import SelfCheckReason, self_check


def test_a_clean_knowledge_base_has_no_problems(shop, encoder):
    steps = []
    searcher = Searcher.of(shop, encoder)
    assert self_check(searcher, progress=lambda done, total: steps.append((done, total))) == []
    assert steps == [(3, 3), (2, 2)]
    assert self_check(searcher, exact=False) == []


def test_a_question_in_two_entries_is_listed_for_both_and_explained(shop, entry, encoder):
    rival = entry("refund", "zh", "三天到账。", "怎么退货？")
    problems = self_check(Searcher.of((*shop, rival), encoder))
    assert [(p.entry.id, p.found.entry.id) for p in problems] == [
        ("return", "refund"),
        ("refund", "return"),
    ]
    assert {p.reason for p in problems} == {SelfCheckReason.SHARED_QUESTION}
    assert all("return" in text and "refund" in text for text in problems[0].message)
    assert problems[0].message.zh.startswith("return 和 refund 都有“怎么退货”这个问法")


def test_two_entries_with_one_answer_are_no_problem(shop, entry, encoder):
    twin = entry("return-2", "zh", "七天内可以退货。", "怎么退货")
    assert self_check(Searcher.of((*shop, twin), encoder)) == []


def test_entries_too_alike_for_the_model_are_listed_when_exact_questions_are_left_out(
    entry, encoder
):
    alike = (
        entry("a", "en", "Yes.", "return shoes"),
        entry("b", "en", "No.", "shoes return"),
        entry("c", "en", "Maybe.", "return the the shoes"),
    )
    searcher = Searcher.of(alike, encoder)
    assert self_check(searcher) == []
    problems = self_check(searcher, exact=False)
    assert problems and problems[0].reason is SelfCheckReason.NEARER_ENTRY
