import json
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.server.frames import SHOPPER_FRAMES, STAFF_FRAMES
from bot.server.wire import FrameRefused, decode, encode, refused
from bot.settings import load_settings

SETTINGS = load_settings(None, {})
ID = "0d4f6a52-6f0c-4b0e-9a39-3f4f3a3c0f00"


def say(**changes):
    return {"type": "say", "id": ID, "text": "where is my parcel?", **changes}


def code_of(raw, frames=SHOPPER_FRAMES):
    with pytest.raises(FrameRefused) as refusal:
        decode(raw if isinstance(raw, str | bytes) else json.dumps(raw), frames, SETTINGS)
    return refusal.value.code


def test_a_message_is_read_as_it_was_written():
    frame = decode(
        json.dumps(say(text="  我的快递呢？\n", choice="entry:12")), SHOPPER_FRAMES, SETTINGS
    )

    assert (frame.id, frame.text, frame.choice) == (ID, "  我的快递呢？\n", "entry:12")


@pytest.mark.parametrize("id", [ID, ID.upper(), "01ARZ3NDEKTSV4RRFFQ69G5FAV"])
def test_an_id_is_a_uuid_or_a_ulid(id):
    assert decode(json.dumps(say(id=id)), SHOPPER_FRAMES, SETTINGS).id == id


@pytest.mark.parametrize(
    "id",
    [
        "",
        "1",
        ID[:-1],
        ID.replace("-", ""),
        "{" + ID + "}",
        "urn:uuid:" + ID,
        ID + "0",
        7,
        None,
        [],
    ],
)
def test_any_other_id_is_bad(id):
    assert code_of(say(id=id)) == "bad_id"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "bad_frame"),
        ("{", "bad_frame"),
        ("[]", "bad_frame"),
        ("null", "bad_frame"),
        ("7", "bad_frame"),
        ('"say"', "bad_frame"),
        (b"\x00\x01", "bad_frame"),
        ('{"type":"tick"} x', "bad_frame"),
        ('{"type":"seen","up_to":NaN}', "bad_frame"),
        ('{"type":"seen","up_to":1e999}', "bad_frame"),
        ('{"type":"seen","up_to":1' + "0" * 5000 + "}", "bad_frame"),
        ('{"type":"tick","type":"tick"}', "bad_frame"),
        ("[" * 60_000, "bad_frame"),
        ('{"type":"tick","x":' + "[" * 9 + "]" * 9 + "}", "bad_frame"),
        ({}, "bad_frame"),
        ({"type": 7}, "bad_frame"),
        ({"type": "shout"}, "unknown_type"),
        ({"type": "claim", "conversation": "c"}, "unknown_type"),
        ({"type": "tick", "loud": True}, "bad_frame"),
        ({"type": "tick", "\ud800": True}, "bad_frame"),
        ({"type": "typing", "on": "yes"}, "bad_frame"),
        ({"type": "typing", "on": 1}, "bad_frame"),
        ({"type": "seen"}, "bad_frame"),
        ({"type": "seen", "up_to": -1}, "bad_frame"),
        ({"type": "seen", "up_to": 1.5}, "bad_frame"),
        ({"type": "seen", "up_to": "1"}, "bad_frame"),
        ({"type": "seen", "up_to": True}, "bad_frame"),
        (say(text=["a"]), "bad_frame"),
        (say(text={"$ne": ""}), "bad_frame"),
        (say(text="a\x00b"), "bad_frame"),
        (say(text="\ud800"), "bad_frame"),
        (say(text=""), "text_empty"),
        (say(text=" \n\t　"), "text_empty"),
        (say(text="\u200b\u200d"), "text_empty"),
        (say(text="a" * 4001), "text_too_long"),
        (say(text="字" * 10_000), "text_too_long"),
        (say(text="字" * 30000), "bad_frame"),
        (say(choice="entry:\x00"), "bad_frame"),
        ({"type": "hello"}, "bad_frame"),
        ({"type": "hello", "protocol": "1"}, "bad_frame"),
        ({"type": "hello", "protocol": 1, "language": "fr"}, "bad_frame"),
        ({"type": "hello", "protocol": 1, "page": "x"}, "bad_frame"),
        ({"type": "hello", "protocol": 1, "page": {"title": "x", "html": "y"}}, "bad_frame"),
    ],
)
def test_a_frame_that_is_not_understood_is_refused_with_its_code(raw, code):
    assert code_of(raw) == code


def test_a_number_of_thousands_of_digits_is_told_in_words_for_a_client():
    with pytest.raises(FrameRefused) as refusal:
        decode('{"type":"seen","up_to":' + "9" * 5000 + "}", SHOPPER_FRAMES, SETTINGS)
    assert refusal.value.message["en"] == "The frame is not JSON: a number has over 20 digits."


def test_the_refusal_names_the_field_and_the_message_it_was_about():
    with pytest.raises(FrameRefused, match="`txet`") as refusal:
        decode(json.dumps(say(txet="x")), SHOPPER_FRAMES, SETTINGS)

    answer = json.loads(refused(refusal.value))
    assert answer["id"] == ID
    assert answer["code"] == "bad_frame"
    assert set(answer["message"]) == {"zh", "en"}


def test_a_text_of_exactly_the_limit_is_taken():
    text = "字" * 4000

    assert decode(json.dumps(say(text=text)), SHOPPER_FRAMES, SETTINGS).text == text


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Red mug \ud83d", "Red mug \ufffd"),
        ("\ude00 sale \ud83d\ude00", "\ufffd sale 😀"),
        ("a\x00b", "a\ufffdb"),
        ("名" * 2_500, "名" * 2_000),
    ],
)
def test_no_title_of_a_page_keeps_a_shopper_from_talking(title, shown):
    hello = {"type": "hello", "protocol": 1, "page": {"title": title, "url": "/" + title}}
    page = decode(json.dumps(hello), SHOPPER_FRAMES, SETTINGS).page

    assert (page.title, page.url) == (shown, ("/" + shown)[:2_000])


def test_brackets_inside_a_text_are_not_nesting():
    text = '[{"' * 1000

    assert decode(json.dumps(say(text=text)), SHOPPER_FRAMES, SETTINGS).text == text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine breaks no rule
@given(st.sampled_from(sorted({*SHOPPER_FRAMES, *STAFF_FRAMES})), st.data())
def test_wrong_but_valid_json_is_refused_and_nothing_else_happens(kind, data):
    names = st.sampled_from(["id", "text", "conversation", "up_to", "on", "protocol", "page", "x"])
    fields = data.draw(st.dictionaries(names, json_values, max_size=5))
    for frames in (SHOPPER_FRAMES, STAFF_FRAMES):
        try:
            frame = decode(json.dumps({"type": kind, **fields}), frames, SETTINGS)
        except FrameRefused as refusal:
            refused(refusal).encode("utf-8")
        else:
            assert frame.type == kind


@given(st.binary(max_size=200), st.integers(0, 200))
def test_mutated_bytes_are_refused_and_nothing_else_happens(noise, at):
    good = json.dumps(say(id=str(uuid.UUID(int=1)))).encode()
    raw = (good[:at] + noise + good[at:]).decode("utf-8", errors="replace")
    try:
        decode(raw, SHOPPER_FRAMES, SETTINGS)
    except FrameRefused as refusal:
        refused(refusal).encode("utf-8")


def test_what_is_not_known_is_left_out_of_a_frame():
    assert encode("event", event={"seq": 1}, id=None) == '{"type":"event","event":{"seq":1}}'
