import pytest

from bot.origins import origin_of


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://a.example/path?x=1", "https://a.example"),
        ("https://a.example:443", "https://a.example"),
        ("http://a.example:8080", "http://a.example:8080"),
        ("http://[::1]:80/", "http://[::1]"),
        ("https://user@a.example", None),
        ("ftp://a.example", None),
        ("a.example", None),
        ("http://a.example:port", None),
    ],
)
def test_an_origin_is_scheme_host_and_port(address, origin):
    assert origin_of(address) == origin
