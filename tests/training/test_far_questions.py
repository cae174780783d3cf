from knowledge_base.question_key import question_key
from training.far_questions import (
    asked_questions,
    general_questions,
    never_learnt,
    taught_questions,
)


def test_no_question_that_is_taught_is_ever_asked():
    taught = {question_key(text) for text in taught_questions()}
    assert taught.isdisjoint(question_key(text) for text in asked_questions())
    assert set(general_questions()) < set(asked_questions())


def test_no_question_is_written_twice():
    everything = [question_key(text) for text in never_learnt(learnt=False)]
    assert (
        len(everything) == len(set(everything)) == len(asked_questions()) + len(taught_questions())
    )


def test_a_head_that_was_taught_far_questions_is_asked_the_others_alone():
    assert never_learnt(learnt=True) == asked_questions()
