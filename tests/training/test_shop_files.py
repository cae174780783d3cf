from training.shop_files import (
    entry_files,
    held_out_phrases,
    held_out_questions,
    phrase_files,
    read_shop_entries,
)


def test_files_of_a_shop_are_known_by_their_names_in_any_form(tmp_path):
    (tmp_path / "held_out").mkdir()
    for name in (
        "intents.toml",
        "intents.zh.csv",
        "intents.xlsx",
        "~$intents.xlsx",
        "entries.csv",
        "entries.en.jsonl",
        "entries.csv.bak",
        "held_out/intents.en.tsv",
        "held_out/questions.zh.csv",
    ):
        (tmp_path / name).touch()
    assert [file.name for file in phrase_files(tmp_path)] == ["intents.xlsx", "intents.zh.csv"]
    assert [file.name for file in entry_files(tmp_path)] == ["entries.csv", "entries.en.jsonl"]
    assert [file.name for file in held_out_phrases(tmp_path)] == ["intents.en.tsv"]
    assert [file.name for file in held_out_questions(tmp_path)] == ["questions.zh.csv"]


def test_a_file_that_is_only_laid_out_gives_no_entry_and_is_told(tmp_path):
    empty, full = tmp_path / "entries.csv", tmp_path / "entries.en.csv"
    empty.write_text("id,question,answer\n", "utf-8")
    full.write_text("id,question,answer\nfee,How much?,Ten yuan.\n", "utf-8")
    entries, problems = read_shop_entries([empty, full])
    assert [str(entry.id) for entry in entries] == ["fee"]
    (problem,) = problems
    assert problem.message.startswith("entries.csv: ") and "no rows below" in problem.message
    assert problem.message_zh.startswith("entries.csv：")


def test_rows_that_two_files_number_alike_are_entries_of_their_own(tmp_path):
    for name, row in (("entries.a.csv", "How much?,Ten."), ("entries.b.csv", "Where?,Ningbo.")):
        (tmp_path / name).write_text(f"no,question,answer\n1,{row}\n", "utf-8")
    entries, problems = read_shop_entries(entry_files(tmp_path))
    assert [str(entry.id) for entry in entries] == ["1", "entries.b.1"]
    assert [problem.code for problem in problems] == ["counted_ids"]
