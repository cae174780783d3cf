"""The only asynchronous code: sockets, pages, REST, and the worker that hands turns over.

Read `service` (everything joined), then `shopper_connection` and `answer_worker`. All modules, by
what they are about:

    one node:          serve service app listening transports loaded logs metrics
    the door:          web_rules access sign_in passwords session_watch peers rates request_body
                       refusals
    both sockets:      sockets wire frames connection outgoing come_again crowd audience
    shoppers:          shopper_connection shopper_parts greeting waiting_room rating_question
    their turns:       bursts turns turn_job answer_worker answer_batches left_turns patience
                       writing
    staff:             staff_connection staff_commands conversation_view suggestions called_staff
                       watchers colleagues presence attendance opening_hours
    their inbox:       inbox inbox_lines known_lines desk_watch
    the transcripts:   desk switchboard signals
    other nodes:       wakes roll_call upkeep
    REST:              api_public api_staff api_desk api_admin api_figures api_knowledge
                       api_records api_training requests parameters filters conversation_export
    pages:             pages pinned_widgets
    long work:         jobs job_board step_times uploads brought_files
    knowledge:         knowledge_desk knowledge_json
    training:          training_desk training_wanted training_run training_outcome training_slot
                       training_watch training_figures learnt mined_questions mined_reading
"""
