import re
import time
import tomllib
from importlib.resources import files

import pytest

from bot.answering.chat_words import in_small_letters
from bot.answering.wish import wishes_for_person

ASKING = """
转人工
我要找真人客服
可以帮我转一下你们的人工客服吗
别跟我绕了，找个活人
你们有没有电话可以打
我要投诉，叫你们经理来
人工
客服
在吗 客服
有没有人啊
轉真人
能不能来个人回答我
把我转给售前
找你们领导
帮忙叫一下小二
我要跟掌柜的谈
能换成人工的吗
zrg
有冇真人
搵真人
不想跟机器人聊了
能不能换个人来跟我说
让你们主管联系我
human please
someone please answer, not the computer
I'd rather talk to a person than to a machine
anyone there who isn't a robot?
agent
can I speak to someone
I'd like to talk to a real person
this is getting me nowhere, who can I ring?
put me through to customer service
let me talk to your supervisor
I want a real human being
Is anyone there?
get me your manager
can someone call me
I don't want to talk to a bot
I would rather deal with a person
Quiero hablar con una persona
je veux parler à un humain
ich möchte mit einem Menschen sprechen
quero falar com um atendente
vorrei parlare con un operatore
Позовите оператора
オペレーターにつないでください
상담원 연결해주세요
""".strip().splitlines()

NOT_ASKING = """
人工费多少
这个是人工编织的吗
客服上班时间
上班时间有客服吗
客服电话多少
不用转人工了
给我个人
两个人用多大的锅
我一个人喝买多大的壶
你是机器人吗
人造石吗
where is my agent order
is there a link where I can follow the delivery myself
how many people does this pot serve
the person who delivered it was rude
do you have staff discount
I need a person-sized blanket
two person tent
what is your customer service email
can I return it in person
are you a bot
when will someone deliver it
is it made by a human or machine
do you have a manager's special
what's your phone number
can I contact you by email
a person stole my parcel
no need to talk to anyone, thanks
which descaling agent should I use
is the electric Gannet fine enough for my espresso machine
can this mug not go in the washing machine
I don't want the coffee machine any more
I'd hate to lose my computer desk
rather not the robot vacuum
怎么联系售后
给领导送礼送什么好
送老板的茶叶有吗
可以来个人用的小锅吗
""".strip().splitlines()


@pytest.mark.parametrize("text", ASKING)
def test_a_shopper_who_asks_for_a_person_is_heard(text):
    assert wishes_for_person(text)


@pytest.mark.parametrize("text", NOT_ASKING)
def test_a_shopper_who_asks_for_something_else_is_not_sent_to_a_person(text):
    assert not wishes_for_person(text)


def test_reading_a_hostile_text_takes_no_more_than_linear_time():
    def seconds(text):
        started = time.process_time()
        wishes_for_person(text)
        return time.process_time() - started

    for unit in ("talk to a ", "转一下", "real live human ", "a" * 50, "有没有"):
        assert seconds(unit * 20_000) < 1.0


@pytest.mark.parametrize(
    "text",
    [
        "你是机器人还是真人啊",
        "你是AI還是真人客服",
        "am I talking to a bot or a human?",
        "are you a real person",
        "礼拜天有人回消息吗",
        "大年初一你们有人吗",
        "till when is someone there tonight",
        "can you call me a taxi",
    ],
)
def test_asking_what_or_when_somebody_is_there_is_no_wish(text):
    assert not wishes_for_person(text)


@pytest.mark.parametrize(
    "text", ["are you a bot? I want a human", "有人吗", "is someone there?", "fetch me a colleague"]
)
def test_a_wish_beside_such_a_question_is_still_heard(text):
    assert wishes_for_person(text)


def test_the_patterns_are_in_small_letters_as_the_text_is_when_they_are_sought():
    written = tomllib.loads(files("bot.answering").joinpath("wish_words.toml").read_text("utf-8"))
    patterns = [one for group in written.values() for one in group["patterns"]]
    assert len(patterns) > 50
    for pattern in patterns:
        plain = re.sub(r"\\.", "", pattern)  # but for "\\W" and its like
        assert in_small_letters(plain) == plain, pattern


@pytest.mark.parametrize(
    "text", ["I WANT TO TALK TO A HUMAN", "TRANSFER ME TO AN AGENT", "人工客服 PLEASE"]
)
def test_capitals_wish_as_small_letters_do(text):
    assert wishes_for_person(text)
