import pytest

from knowledge_base.script import language_of, written_in


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("怎么退货", "zh"),
        ("iPhone 15 Pro Max 有货吗", "zh"),
        ("USB Type-C hub 吗", "zh"),
        ("Where is my order?", "en"),
        ("What does 退货 mean in English", "en"),
        ("为什麼", "zh"),
        ("LH20261103-4821", None),
        ("lin@example.com", None),
        ("1234", None),
        ("😀？", None),
        ("", None),
    ],
)
def test_the_script_tells_the_language(text, language):
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("请问运费多少", "zh-Hans"),
        ("請問運費多少", "zh-Hant"),
        ("潮汐 Tide Pro 还有吗", "zh-Hans"),
        ("How much is delivery", "en"),
        ("kettle", "en"),
        ("crème brûlée dish available", "en"),
        ("do you sell café au lait bowls", "en"),
        ("can I pay with 支付宝 from abroad", "mixed"),
        ("我的 order 是 when 发货", "mixed"),
        ("我的包裹 where is it", "mixed"),
        ("Где мой заказ?", "other"),
        ("注文はどこですか", "other"),
        ("주문이 어디 있나요", "other"),
        ("أين طلبي", "other"),
        ("¿Dónde está mi pedido?", "other"),
        ("Wo ist meine Bestellung", "other"),
        ("Où est ma commande", "other"),
        ("đơn hàng của tôi ở đâu", "other"),
        ("4821", "none"),
        ("👍👍", "none"),
    ],
)
def test_what_a_text_is_written_in_is_told_by_characters_and_small_words(text, kind):
    assert written_in(text).kind == kind


def test_another_script_has_no_language_and_other_latin_languages_are_read_like_english():
    assert written_in("Где мой заказ?").language is None
    assert written_in("Wo ist meine Bestellung").language == "en"


def test_traditional_characters_are_noticed_in_an_english_sentence_too():
    assert written_in("can I pay with 支付寶 from abroad").traditional
    assert not written_in("can I pay with 支付宝 from abroad").traditional


@pytest.mark.parametrize(
    "text", ["LH 2026 1103 4821", "lh20261103-4821", "ok", "OK", "haha", "1,000"]
)
def test_codes_and_words_that_everybody_types_are_in_no_language(text):
    assert written_in(text).kind == "none"


@pytest.mark.parametrize("text", ["my 12345678", "hi", "order 20261103", "ok thanks"])
def test_a_word_of_a_language_tells_it_beside_a_number(text):
    assert written_in(text).language == "en"


def test_width_and_marks_that_nobody_sees_change_no_language():
    assert written_in("Ｈｏｗ　ｄｏ　Ｉ　ｒｅｔｕｒｎ　ｉｔ？").kind == "en"
    assert (
        written_in("P\u200ba\u200by\u200bP\u200ba\u200bl\u200b退\u200b款\u200b多\u200b久").kind
        == "zh-Hans"
    )
    assert written_in("\u202bwhere is my parcel\u202c").kind == "en"
