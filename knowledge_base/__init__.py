"""What the shop knows: entries, how they are read from files, searched and published.

Read `entry`, then `search` and `live`. All modules, by what they are about; `readers/` turns files
into entries:

    entries:           entry facts entry_file counted_ids merge cleaning export
    versions:          versions live shared self_check index_folder folder
    search:            search indexes phrasings fusion fact_words spelling
    by words:          lexical_index words chinese_words pinyin word_table
    by meaning:        vector_index faiss_index products centring second_space
    by what entries teach:
                       entry_head learn_head
    what small shops taught:
                       told reader
    encoders:          encoder encoder_pair hashed_encoder word_embeddings unigram_tokenizer
                       wordpiece_tokenizer head_start
    models:            model_catalogue model_folder
    texts:             question_key script masking
    what is said of trouble:
                       errors problem_texts
"""
