"""Trains and measures what `bot` serves; `bot` never imports it.

Read `commands` (what the shell gets), then `shop_training`. All modules, by what they are about:

    the shell:          commands commands_prepare commands_train commands_takeover commands_sets
                        commands_evaluate commands_mood commands_mine commands_models
                        shown progress sharing
    a shop's files:     shop_files labelled_rows labelled_text row_texts entry_problems
                        refusal_texts talks
    a shop:             prepare_shop shop_training
    intents:            train_intent_classifier intent_settings intent_folds intent_head
                        intent_names uneven_intents noisy_labels far_questions second_encoder
                        tuned_intents calibrate_intents unseen
    moods:              prepare_moods train_mood_classifier tuned_moods fit_text_machine
    known answers:      choose_thresholds self_questions woven_questions light_changes answer_bar
                        ship_doubt_prior weigh_follow_ups ship_told told_examples
                        learn_reader
    handing over:       train_takeover takeover_files takeover_conversations desk_lessons
    writing:            train_reply_generator writing_examples
    old chats:          mine_questions chat_pairs exchanges open_questions proposals
    for all of them:    calibrate metrics tune_encoder upper_layers piece_counts cached_vectors
                        encoder_on_demand
    measuring:          measured_answers measured_intents measured_mood measured_retrieval
                        measured_talks measure_index measure_mining measure_ranking
                        measure_near_twins measure_small_shops measure_shop_talks
                        measure_writer several_right written_shops
    comparing:          compare_models compare_reports compare_unseen
    the report:         shop_report shop_figures report report_page report_words pictures
    models:             fetch_weights make_model convert_e5 convert_generator export_encoder
                        encoder_graph reader_graph smoothing adapter_files tune_shop_encoder
"""
