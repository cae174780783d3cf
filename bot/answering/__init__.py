"""From a turn to an answer. Knows no socket, no clock and no store.

Read `answer` (what goes in and comes out), `answerer` (the order of the attempts), then `attempts`.
All modules, by what they are about:

    one turn:         answer answerer parts attempts talk_attempts replies clarification trace
    how it is read:   language plain_question openings chat_words entities words_read foresight
    what else it is:  wish mood mood_marks mood_classifier asides typed_choice two_questions
    its conversation: follow_up in_context weighing listed
    how sure it is:   doubt calibration
    facts of language that no score tells:
                      not_meant denials opposites qualities not_told made_to_order other_makers
                      other_models other_services other_shops other_variants
    intents:          intent_classifier intent_folder ngram_space tuned_encoder second_half
                      text_machine
    handing over:     takeover takeover_course takeover_model
    writing:          reply_generator writing_prompt causal_model writer_process writer_worker
                      breaker
    checking it:      grounding claims figures number_words
    the shop's words: shop spoken front_page
    what was trained: trained_folder trained_sets kept_sets shared_sets live_training
    answering beside the server, in other processes:
                      answering_processes answering_demand answering_process answering_branch
                      answering_stem stem_process
"""
