"""Short forms that shoppers type ("u", "pls", "doesnt", "咋"), written out as phrasings mostly are.

Only forms that mean one thing everywhere; English ones as whole words, so that no name is touched.
"""

from __future__ import annotations

import re

_SHORT = dict(
    form.split("=")
    for form in (
        "u=you|ur=your|r=are|ya=you|pls=please|plz=please|thx=thanks|tnx=thanks|cuz=because"
        "|coz=because|bc=because|smth=something|sth=something|abt=about|b4=before|tmr=tomorrow"
        "|tmrw=tomorrow|wanna=want to|gonna=going to|gotta=have to|gimme=give me|lemme=let me"
        "|dunno=don't know|wat=what|wot=what|hw=how|em=them|tho=though|w/o=without|w/=with"
        "|pic=photo|pics=photos|msg=message|addy=address|acct=account|info=information"
        "|im=i'm|ive=i've|dont=don't|doesnt=doesn't|didnt=didn't|isnt=isn't|arent=aren't"
        "|wasnt=wasn't|cant=can't|wont=won't|couldnt=couldn't|wouldnt=wouldn't"
        "|shouldnt=shouldn't|havent=haven't|hasnt=hasn't|hadnt=hadn't|whats=what's"
        "|wheres=where's|whens=when's|hows=how's|whos=who's|thats=that's|theres=there's"
        "|youre=you're|theyre=they're"
    ).split("|")
)
_LONGEST_FIRST = sorted(map(re.escape, _SHORT), key=len, reverse=True)
_FORMS = re.compile(
    rf"(?<![a-zA-Z0-9_@./:'’-])(?:{'|'.join(_LONGEST_FIRST)})(?![a-zA-Z0-9_@/:'’-]|\.\w)",
    re.IGNORECASE,
)
# In this order: what stands in another comes after it.
_SPOKEN = (("咋整", "怎么办"), ("咋办", "怎么办"), ("咋", "怎么"), ("啥", "什么"))
# The slip that is made most: "在那里看" asks where.
_WHERE = re.compile(r"(?<=[在到去从])那(?=里|儿|看|找|查|领|买|改)")


# What patterns that ignore case take for i and s too, and `lower` does not, or makes two of.
_ODD_LETTERS = str.maketrans("İıſ", "iis")


def in_small_letters(text: str) -> str:
    """The text in small letters, character by character.

    Patterns of many words search it in half the time that ignoring case takes.
    """
    return text.lower() if text.isascii() else text.translate(_ODD_LETTERS).lower()


def written_out(text: str) -> str:
    """The text with its short forms written out."""
    text = _FORMS.sub(lambda found: _SHORT[found[0].casefold()], text)
    for spoken, written in _SPOKEN:
        text = text.replace(spoken, written)
    return _WHERE.sub("哪", text)
