import pytest

from knowledge_base.script import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("怎么退货", "zh"),
        ("iPhone 15 Pro Max 有货吗", "zh"),
        ("USB Type-C hub 吗", "zh"),
        ("Where is my order?", "en"),
        ("What does 退货 mean in English", "en"),
        ("LH20261103-4821", "en"),
        ("为什麼", "zh"),
        ("1234", None),
        ("😀？", None),
        ("", None),
    ],
)
def test_the_script_tells_the_language(text, language):
    assert language_of(text) == language
