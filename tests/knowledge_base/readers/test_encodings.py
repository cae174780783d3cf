import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.errors import UnknownEncoding
from knowledge_base.readers.encodings import KNOWN_ENCODINGS, decode

SIMPLIFIED = (
    "问题,答案\n怎么退货,七天内可以退货，运费由我们承担。\n什么时候发货,付款后两天内发货。\n"
)
TRADITIONAL = (
    "問題,答案\n怎麼退貨,七天內可以退貨，運費由我們承擔。\n什麼時候發貨,付款後兩天內發貨。\n"
)
SHORT = "问题,答案\n怎么退货,可以\n"
ENGLISH = "question,answer\nCan I return it?,Yes\n"

# 40 files: how each was written, and whether it must be read (or may be asked about).
GOLD = [
    *(
        (text, codec, True)
        for text in (SIMPLIFIED, TRADITIONAL, SHORT, ENGLISH)
        for codec in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
    ),
    (SIMPLIFIED, "gb18030", True),
    (SIMPLIFIED, "gbk", True),
    (SIMPLIFIED, "gb2312", True),
    (SHORT, "gb18030", True),
    (SHORT, "gbk", True),
    (TRADITIONAL, "gb18030", True),
    (TRADITIONAL, "big5", True),
    (ENGLISH, "ascii", True),
    (ENGLISH, "gb18030", True),
    ("質問,答え\n返品できますか,はい、七日以内です\n", "shift_jis", False),
    ("質問,答え\n返品できますか,はい、七日以内です\n", "euc_jp", False),
    ("ｼﾂﾓﾝ,ｺﾀｴ\nﾍﾝﾋﾟﾝﾃﾞｷﾏｽｶ,ﾊｲ ﾃﾞｷﾏｽ\n", "shift_jis", False),
    ("질문,답변\n반품할 수 있나요,네 칠일 이내에 가능합니다\n", "euc_kr", False),
    ("question,réponse\nPuis-je échanger à l'été ?,Ça dépend où\n", "latin-1", False),
    ("Frage,Antwort\nGrößen ändern für Österreich?,Natürlich möglich\n", "cp1252", False),
    ("вопрос,ответ\nМожно ли вернуть товар?,Да в течение семи дней\n", "cp1251", False),
]


@pytest.mark.parametrize(("text", "codec", "certain"), GOLD)
def test_38_a_file_is_read_right_or_asked_about(text, codec, certain):
    content = text.encode(codec)
    if certain:
        assert decode(content)[0].removeprefix("\ufeff") == text
        return
    try:
        assert decode(content)[0] == text
    except UnknownEncoding as error:
        assert "Save it as UTF-8" in str(error)


def test_an_uncertain_encoding_lists_what_it_could_be():
    with pytest.raises(UnknownEncoding) as caught:
        decode("質問,答え\n返品できますか,はい\n".encode("shift_jis"))
    assert "shift_jis" in caught.value.candidates
    assert "shift_jis" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [("shift_jis", "返品できますか"), ("GBK", "退货"), ("windows-1252", "é"), ("big5", "退貨")],
)
def test_the_person_may_name_the_encoding(name, text):
    assert decode(text.encode(KNOWN_ENCODINGS[name.lower()]), name)[0] == text


@pytest.mark.parametrize("name", ["unicode_escape", "zlib", "rot13", "idna", "no-such", "\0"])
def test_only_encodings_of_text_may_be_named(name):
    with pytest.raises(UnknownEncoding, match="Choose one of"):
        decode(b"abc", name)


def test_a_cut_off_character_is_named_with_its_place():
    with pytest.raises(UnknownEncoding, match="byte 10, line 2"):
        decode("问题\n怎么".encode()[:-1] + b",x")
    with pytest.raises(UnknownEncoding, match="cut off"):
        decode(b"\xef\xbb\xbf" + "退货".encode()[:-1])
    with pytest.raises(UnknownEncoding, match="cut off"):
        decode("退货".encode("utf-16")[:-1])


@pytest.mark.parametrize("others", [1, 40])
def test_a_file_put_together_from_two_encodings_names_its_odd_lines(others):
    utf8 = "问题,答案\n快递多久到,三天可以到\n".encode()
    with pytest.raises(UnknownEncoding, match=r"line.* \(3") as caught:
        decode(utf8 + "能退吗,七天内可以退\n".encode("gb18030") * others)
    assert caught.value.candidates == (), "no single encoding shows both parts"
    assert f"有 {others} 行不是（第 3" in caught.value.zh


@pytest.mark.parametrize("content", [b"a,b\0c\n", b"\0\0\0\0", b"\x89abc\0\x01\x02\0\x03"])
def test_bytes_with_zeros_are_not_text(content):
    with pytest.raises(UnknownEncoding, match="not a text file"):
        decode(content)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_exactly_or_refused(content):
    try:
        text, encoding = decode(content)
    except UnknownEncoding:
        return
    assert text.encode(KNOWN_ENCODINGS.get(encoding, encoding), "strict")


@given(st.text(alphabet=st.characters(codec="gb18030", exclude_characters="\0"), max_size=60))
def test_utf8_is_never_mistaken(text):
    assert decode(text.encode("utf-8"))[0] == text.removeprefix("\ufeff") or "\ufeff" in text
