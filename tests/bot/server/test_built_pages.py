from pathlib import Path

import pytest

from bot.server.pages import built_pages


@pytest.fixture
def program(tmp_path):
    (tmp_path / "program" / "pages").mkdir(parents=True)
    return tmp_path / "program"


def test_pages_are_found_beside_the_program_wherever_serve_is_called(
    program, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert built_pages(Path("pages"), program) == program / "pages"
    assert built_pages(Path("elsewhere"), program) == Path("elsewhere")


def test_pages_that_are_here_go_before_the_programs(program, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pages").mkdir()
    assert built_pages(Path("pages"), program) == Path("pages")
    assert built_pages(tmp_path / "pages", program) == tmp_path / "pages"
