from knowledge_base.words import words_of


def test_part_numbers_and_model_names_stay_whole_beside_their_parts():
    assert words_of("Do you have AB-1200/X?")[-4:] == ["ab-1200/x", "ab", "1200", "x"]


def test_chinese_is_cut_into_words_and_pairs():
    assert sorted(words_of("不锈钢锅")) == sorted(["不锈钢", "锅", "不锈", "锈钢", "钢锅"])
    assert words_of("退") == ["退"]


def test_traditional_and_simplified_give_the_same_words():
    assert words_of("發貨時間") == words_of("发货时间")


def test_english_words_are_stemmed_and_possessives_cut():
    assert words_of("Returning the shoe's boxes") == ["return", "the", "shoe", "box"]
    assert words_of("I don’t") == ["i", "dont"]


def test_a_text_without_words_has_none():
    assert words_of("？！ 😀") == []


def test_a_huge_word_costs_no_more_than_its_length():
    assert words_of("a" * 100_000) == ["a" * 100_000]
