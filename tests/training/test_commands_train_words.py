"""What `shopkeeper train` tells at its end."""

from bot.answering.doubt import Doubt
from training.commands_train import tell_known


def test_a_shop_with_one_phrasing_an_entry_is_told_why_nothing_was_measured(capsys):
    tell_known(Doubt({}, {}, {}, {}))
    assert "have one phrasing" in capsys.readouterr().err
