import pytest

from bot.answering.other_services import asks_of_another_service
from knowledge_base.entry import Entry, EntryId

PASSWORD = Entry(
    EntryId("password"), ("How do I reset my password?", "密码忘了怎么办"), "Press it.", "en"
)
SIGN_IN = Entry(EntryId("in"), ("Can I sign in with Google?", "能用QQ登录吗"), "Both do.", "en")


def knows(name):
    """What the shop of these tests says anywhere."""
    return name in ("Tide", "Beacon")


@pytest.mark.parametrize(
    "asked",
    [
        "how do I reset my Netflix password",
        "reset my netflix password",
        "I forgot my Gmail password",
        "cancel my Hulu",
        "log in to Facebook",
        "I can't log in to my Instagram account",
        "change the phone number on my LinkedIn account",
        "change the phone number on my Revolut account",
        "delete my gmail account",
        "how long does a refund from Booking.com take",
        "an invoice for my Uber ride",
        "what are my Steam points worth",
        "delete my Zorblax account",
        "change the e-mail on my Zorblax account",
        "微信密码忘了怎么找回",
        "微博账号怎么注销",
        "注销微博",
        "抖音会员退款，爱奇艺会员也退",
        "滴滴的发票怎么开",
        "攜程訂單怎麼取消",
        "Steam礼品卡怎么充值",
        "我的Zorblax账号登不上",
    ],
)
def test_what_belongs_to_an_account_with_somebody_else_is_not_the_shops_to_tell(asked):
    assert asks_of_another_service(asked, PASSWORD, knows)


@pytest.mark.parametrize(
    "asked",
    [
        "reset my password",
        "sign in with my Facebook account",
        "can I sign in through my Twitter account",
        "refund it to my Paypal account",
        "cancel my order and refund it to my Revolut account",
        "delete my order and send the money to my PayPal account",
        "I was charged twice on my Zorblax account",
        "your Instagram account says you are closed",
        "do you have a Facebook profile",
        "why was my Paypal account charged twice",
        "I use Gmail and no mail has come about my account",
        "my Outlook does not show your invoice",
        "why was my card declined for my Netflix subscription payment",
        "do my Beacon points expire",
        "How Do I Delete My Account",
        "change my VIP account, my Email account and my Old account",
        "can I grab a voucher on the next order",
        "用微信账号登录可以吗",
        "我是携程会员，能打折吗",
        "你们有微博账号吗",
        "绑定支付宝账号",
        "移动电源的发票怎么开",
        "怎么得到积分",
        "VIP会员怎么升级",
        "取消微信小程序里的订单",
    ],
)
def test_a_name_that_says_how_or_where_to_does_not_make_the_question_another(asked):
    assert not asks_of_another_service(asked, PASSWORD, knows)


def test_an_entry_that_names_the_service_itself_is_meant():
    assert not asks_of_another_service("delete my google account", SIGN_IN, knows)
    assert not asks_of_another_service("QQ密码忘了怎么登录", SIGN_IN, knows)
    assert asks_of_another_service("QQ密码忘了怎么登录", PASSWORD, knows)


def test_a_name_that_the_shop_says_elsewhere_is_its_own():
    assert not asks_of_another_service("delete my Tide account", PASSWORD, knows)
    assert asks_of_another_service("delete my Zorblax account", PASSWORD, knows)
