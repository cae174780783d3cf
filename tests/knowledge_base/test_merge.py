from dataclasses import replace

import pytest

from knowledge_base.entry import EntryId
from knowledge_base.merge import MergeMode, merge


def test_replacing_a_corpus_adds_changes_and_removes_its_own_entries_only(shop, entry):
    other = entry("gift", "en", "We wrap gifts.", "Gift wrap?", source="gifts.csv")
    changed = replace(shop[0], answer="九天内可以退货。")
    new = entry("size", "en", "See the size table.", "Which size fits me?")
    merged = merge((*shop, other), [changed, shop[1], new], "shop.csv")
    assert merged.entries == (changed, shop[1], other, new)
    assert merged.added == (new,)
    assert [(c.before.answer, c.after.answer) for c in merged.changed] == [
        ("七天内可以退货。", "九天内可以退货。")
    ]
    assert merged.removed == (shop[2], shop[3])
    assert merged.unchanged == 2


def test_adding_keeps_what_the_file_does_not_name(shop, entry):
    new = entry("size", "en", "See the size table.", "Which size fits me?")
    merged = merge(shop, [new], "shop.csv", MergeMode.ADD)
    assert merged.entries == (*shop, new)
    assert not merged.removed and not merged.changed and merged.unchanged == 4


def test_merging_nothing_removes_the_corpus(shop):
    assert merge(shop, [], "shop.csv").entries == ()
    assert merge(shop, [], "other.csv").entries == shop


def test_an_id_taken_from_another_corpus_moves_and_is_shown_as_changed(shop):
    merged = merge(shop, [replace(shop[2], source="")], "invoices.csv")
    (change,) = merged.changed
    assert (change.before.source, change.after.source) == ("shop.csv", "invoices.csv")
    assert len(merged.entries) == 4


def test_a_number_of_another_file_is_no_id_of_the_same_entry(entry):
    first = [entry("1", "zh", "七天内。", "怎么退货"), entry("2", "zh", "中通。", "发什么快递")]
    second = [entry("1", "zh", "有。", "有发票吗"), entry("2", "zh", "中通。", "用哪家快递")]
    shop = merge((), first, "a.xlsx").entries
    merged = merge(shop, second, "b.xlsx")
    assert {str(one.id): one.questions for one in merged.entries} == {
        "1": ("怎么退货",), "2": ("发什么快递",), "b.1": ("有发票吗",), "b.2": ("用哪家快递",),
    }  # fmt: skip
    (problem,) = merged.problems
    assert "2 ids (1, 2)" in problem.message and "b.1" in problem.message_zh
    again = merge(merged.entries, second, "b.xlsx")
    assert (again.added, again.changed, again.removed) == ((), (), ())


def test_numbers_of_two_languages_are_one_fact_where_the_files_are_called_alike(entry):
    zh = merge((), [entry("1", "zh", "七天内。", "怎么退货")], "faq.zh.csv").entries
    translated = [entry("1", "en", "Within 7 days.", "How do I return it?")]
    assert [str(one.id) for one in merge(zh, translated, "faq_en.csv").entries] == ["1", "1"]
    other = [entry("1", "en", "In Ningbo.", "Where is the shop?")]
    assert [str(one.id) for one in merge(zh, other, "stores.csv").entries] == ["1", "stores.1"]


def test_one_question_in_two_corpora_is_named(shop, entry):
    rival = entry("refund", "zh", "三天到账。", "怎麼退貨？")
    merged = merge(shop, [rival], "refunds.csv")
    (shared,) = merged.shared_questions
    assert (shared.question, shared.language, shared.entries) == (
        "怎么退货",
        "zh",
        ("return", "refund"),
    )


def test_two_imported_entries_with_one_id_are_refused(shop):
    with pytest.raises(ValueError):
        merge((), [shop[0], shop[0]], "shop.csv")


def taught(shop, entry, *asked, answer="七天内可以退货。"):
    lesson = entry("return", "zh", answer, *asked, source="")
    return merge(shop, [lesson], "old-chats.jsonl", MergeMode.LEARN).entries


def test_what_is_learnt_from_old_chats_leaves_an_entry_where_it_is(shop, entry):
    first, *others = taught(shop, entry, "怎么退货？", "东西不想要了咋办", "东西不想要了咋办！")

    assert first.questions == ("怎么退货", "我想退货怎么申请", "东西不想要了咋办")
    assert first.learnt == ("东西不想要了咋办",)
    assert (first.source, first.category) == (shop[0].source, shop[0].category)
    assert tuple(others) == shop[1:]


def test_what_is_learnt_and_new_is_an_entry_of_its_own(shop, entry):
    new = entry("chats-1", "zh", "没有订阅。", "咖啡能包月吗", source="")
    merged = merge(shop, [new], "old-chats.jsonl", MergeMode.LEARN)

    assert merged.added == (replace(new, source="old-chats.jsonl"),)
    assert not merged.removed and not merged.changed


def test_learnt_phrasings_stay_when_the_file_is_imported_again(shop, entry):
    before = taught(shop, entry, "东西不想要了咋办")
    merged = merge(before, shop, "shop.csv")

    assert merged.entries == before
    assert (merged.unchanged, merged.learnt, merged.forgotten) == (4, 1, 0)


def test_learnt_phrasings_stay_when_the_file_answers_otherwise_by_now(shop, entry):
    before = taught(shop, entry, "东西不想要了咋办")
    nine_days = replace(shop[0], answer="九天内可以退货。", questions=("怎么申请退货",))
    merged = merge(before, [nine_days, *shop[1:]], "shop.csv")

    assert merged.entries[0].answer == "九天内可以退货。"
    assert merged.entries[0].questions == ("怎么申请退货", "东西不想要了咋办")
    assert merged.learnt == 1


def test_a_learnt_answer_gives_way_to_the_file_when_that_is_imported_again(shop, entry):
    before = taught(shop, entry, "几天内能退", answer="十五天内可以退货。")
    assert before[0].answer == "十五天内可以退货。"
    (change,) = merge(before, shop, "shop.csv").changed

    assert (change.before.answer, change.after.answer) == ("十五天内可以退货。", "七天内可以退货。")
    assert change.after.learnt == ("几天内能退",)


def test_what_the_file_asks_itself_by_now_is_its_own(shop, entry):
    before = taught(shop, entry, "东西不想要了咋办")
    adopted = replace(shop[0], questions=(*shop[0].questions, "东西不想要了，咋办？"))
    merged = merge(before, [adopted, *shop[1:]], "shop.csv")

    assert merged.entries[0] == adopted
    assert (merged.learnt, merged.forgotten) == (0, 0)
    assert merge(merged.entries, shop, "shop.csv").entries == shop


def test_learnt_phrasings_go_with_their_entry_or_when_that_is_wished(shop, entry):
    before = taught(shop, entry, "东西不想要了咋办")
    without = merge(before, shop[1:], "shop.csv")
    assert without.removed == before[:1]
    assert (without.learnt, without.forgotten) == (0, 1)
    assert merge(without.entries, shop, "shop.csv").added == shop[:1]

    dropped = merge(before, shop, "shop.csv", keep_learnt=False)
    assert dropped.entries == shop
    assert (dropped.learnt, dropped.forgotten) == (0, 1)


def test_an_entry_that_comes_back_under_another_id_keeps_what_it_has_learnt(shop, entry):
    before = taught(shop, entry, "东西不想要了咋办")
    renamed = replace(shop[0], id=EntryId("q-1"), questions=("我想退货怎么申请？", "怎么退货"))
    merged = merge(before, [*shop[1:], renamed], "shop.csv")

    assert merged.entries[-1].questions == ("我想退货怎么申请？", "怎么退货", "东西不想要了咋办")
    assert merged.entries[-1].learnt == ("东西不想要了咋办",)
    assert (merged.learnt, merged.forgotten) == (1, 0)
