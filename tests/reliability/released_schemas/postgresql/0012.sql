CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.audit (
    number integer NOT NULL,
    at bigint NOT NULL,
    who text NOT NULL,
    act text NOT NULL,
    about text NOT NULL,
    details text NOT NULL,
    previous text NOT NULL,
    digest text NOT NULL
);
CREATE TABLE public.calendars (
    name text NOT NULL,
    rules text NOT NULL,
    by text NOT NULL,
    changed_at bigint NOT NULL
);
CREATE TABLE public.canned_replies (
    id text NOT NULL,
    shortcut text NOT NULL,
    texts text NOT NULL,
    by text NOT NULL,
    changed_at bigint NOT NULL
);
CREATE TABLE public.conversations (
    id text NOT NULL,
    begun_with text,
    stage text NOT NULL,
    created_at bigint NOT NULL,
    last_at bigint NOT NULL,
    last_seq integer NOT NULL,
    language text,
    holder text,
    holder_name text,
    claim_epoch integer NOT NULL,
    waiting_since bigint,
    failures integer NOT NULL,
    memory text NOT NULL,
    offered text NOT NULL,
    reason text,
    mood text NOT NULL,
    intent text,
    subject_order text,
    turn_count integer NOT NULL,
    last_text text NOT NULL,
    page text NOT NULL,
    closed_at bigint,
    contact text DEFAULT '{}'::text NOT NULL,
    tags text DEFAULT '[]'::text NOT NULL,
    score integer,
    staff_spoke boolean DEFAULT false NOT NULL,
    late_since bigint,
    message_left_at bigint,
    unanswered_from integer
);
CREATE TABLE public.events (
    conversation text NOT NULL,
    seq integer NOT NULL,
    kind text NOT NULL,
    at bigint NOT NULL,
    author text NOT NULL,
    text text NOT NULL,
    client_id text,
    turn text,
    body text NOT NULL
);
CREATE TABLE public.installation (
    id integer NOT NULL,
    epoch text NOT NULL
);
CREATE TABLE public.jobs (
    id text NOT NULL,
    told text NOT NULL,
    at bigint NOT NULL
);
CREATE TABLE public.knowledge_chunks (
    version text NOT NULL,
    path text NOT NULL,
    "position" integer NOT NULL,
    content bytea NOT NULL
);
CREATE TABLE public.knowledge_serving (
    id integer NOT NULL,
    version text NOT NULL
);
CREATE TABLE public.knowledge_versions (
    version text NOT NULL,
    number integer NOT NULL,
    about text NOT NULL,
    files text NOT NULL,
    digest text NOT NULL
);
CREATE TABLE public.mentions (
    conversation text NOT NULL,
    seq integer NOT NULL,
    staff text NOT NULL,
    at bigint NOT NULL,
    seen_at bigint
);
CREATE TABLE public.outbox (
    id integer NOT NULL,
    conversation text NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    payload text NOT NULL,
    created_at bigint NOT NULL,
    due_at bigint NOT NULL,
    attempts integer NOT NULL,
    delivered_at bigint,
    delivered_to text DEFAULT '[]'::text NOT NULL,
    failed_at bigint,
    last_error text DEFAULT ''::text NOT NULL
);
CREATE SEQUENCE public.outbox_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.outbox_id_seq OWNED BY public.outbox.id;
CREATE TABLE public.read_marks (
    conversation text NOT NULL,
    reader text NOT NULL,
    up_to integer NOT NULL
);
CREATE TABLE public.retention_times (
    id integer NOT NULL,
    closed_days integer NOT NULL,
    traces_days integer NOT NULL,
    delivered_days integer NOT NULL,
    by text NOT NULL,
    changed_at bigint NOT NULL
);
CREATE TABLE public.roll_call (
    node text NOT NULL,
    beat integer NOT NULL,
    staff text NOT NULL
);
CREATE TABLE public.sessions (
    digest bytea NOT NULL,
    staff text NOT NULL,
    csrf text NOT NULL,
    created_at bigint NOT NULL,
    last_seen_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    revoked_at bigint
);
CREATE TABLE public.staff (
    id text NOT NULL,
    login text NOT NULL,
    login_key text NOT NULL,
    name text NOT NULL,
    password_hash text NOT NULL,
    roles text NOT NULL,
    disabled boolean NOT NULL,
    created_at bigint NOT NULL
);
CREATE TABLE public.staff_skills (
    staff text NOT NULL,
    languages text NOT NULL,
    skills text NOT NULL,
    capacity integer,
    changed_at bigint NOT NULL
);
CREATE TABLE public.tokens (
    digest bytea NOT NULL,
    conversation text NOT NULL,
    created_at bigint NOT NULL
);
CREATE TABLE public.traces (
    conversation text NOT NULL,
    seq integer NOT NULL,
    turn text NOT NULL,
    body text NOT NULL
);
CREATE TABLE public.trained_chunks (
    version text NOT NULL,
    path text NOT NULL,
    "position" integer NOT NULL,
    content bytea NOT NULL
);
CREATE TABLE public.trained_serving (
    id integer NOT NULL,
    version text NOT NULL
);
CREATE TABLE public.trained_sets (
    version text NOT NULL,
    number integer NOT NULL,
    about text NOT NULL,
    files text NOT NULL,
    digest text NOT NULL
);
CREATE TABLE public.turns (
    id text NOT NULL,
    conversation text NOT NULL,
    number integer NOT NULL,
    state text NOT NULL,
    attempt integer NOT NULL,
    claim_epoch integer NOT NULL,
    asked_at bigint NOT NULL,
    ended_at bigint,
    choice text,
    first_seq integer
);
CREATE TABLE public.uploads (
    id text NOT NULL,
    facts text NOT NULL,
    content bytea NOT NULL,
    at bigint NOT NULL
);
CREATE TABLE public.widget_scripts (
    version text NOT NULL,
    content bytea NOT NULL,
    first_at bigint NOT NULL
);
ALTER TABLE ONLY public.outbox ALTER COLUMN id SET DEFAULT nextval('public.outbox_id_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('0012');
INSERT INTO public.audit VALUES (1, 1772323203000000, 'li', 'sign_in', '', '{}', '0000000000000000000000000000000000000000000000000000000000000000', 'fac7fdbf98824c7f536d5f4269f3c079d144e6dbcfd4ad2548de53ada825318c');
INSERT INTO public.audit VALUES (2, 1772323204000000, 'li', 'publish', '000001-aaaaaaaa', '{"entries":3}', 'fac7fdbf98824c7f536d5f4269f3c079d144e6dbcfd4ad2548de53ada825318c', '12233909784a9d41fa6eb71d4acfb17330bc8af522619168e5ac1dfdcbf13818');
INSERT INTO public.calendars VALUES ('desk', '{"special":{"2026-10-01":[]},"weekly":{"0":[["09:00","18:00"]],"1":[["09:00","18:00"]],"2":[["09:00","18:00"]],"3":[["09:00","18:00"]],"4":[["09:00","18:00"]]},"zone":"Asia/Shanghai"}', 'li', 1772323206000000);
INSERT INTO public.canned_replies VALUES ('r1', 'hi', '{"en":"hello, {shopper_name}","zh":"\u60a8\u597d\uff0c{shopper_name}"}', 'li', 1772323205000000);
INSERT INTO public.conversations VALUES ('c0', 'm0-0', 'closed', 1772323208000000, 1772323211000000, 3, 'en', NULL, NULL, 1, NULL, 0, '{"a":1}', '[]', NULL, 'neutral', NULL, NULL, 1, 'Three days.', '{"title":"Tea","url":"https://shop.example/"}', 1772323211000000, '{}', '[]', NULL, false, NULL, NULL, NULL);
INSERT INTO public.conversations VALUES ('c1', 'm1-0', 'with_staff', 1772323212000000, 1772323217000000, 6, 'en', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'Li', 2, NULL, 0, '{"a":1}', '[]', 'wish', 'neutral', NULL, NULL, 1, 'hello, Li here', '{"title":"Tea","url":"https://shop.example/"}', NULL, '{}', '[]', NULL, true, NULL, NULL, NULL);
INSERT INTO public.conversations VALUES ('c2', 'm2-0', 'with_bot', 1772323218000000, 1772323218000000, 1, 'en', NULL, NULL, 0, NULL, 0, '{}', '[]', NULL, 'neutral', NULL, NULL, 1, '你好 hello 2', '{"title":"Tea","url":"https://shop.example/"}', NULL, '{}', '[]', NULL, false, NULL, NULL, NULL);
INSERT INTO public.conversations VALUES ('c3', 'm3-0', 'with_bot', 1772323219000000, 1772323221000000, 2, 'en', NULL, NULL, 0, NULL, 0, '{"a":1}', '[]', NULL, 'neutral', NULL, NULL, 1, 'Three days.', '{"title":"Tea","url":"https://shop.example/"}', NULL, '{}', '[]', NULL, false, NULL, NULL, NULL);
INSERT INTO public.conversations VALUES ('c4', 'm4-0', 'waiting_for_staff', 1772323222000000, 1772323224000000, 3, 'en', NULL, NULL, 1, 1772323224000000, 0, '{"a":1}', '[]', 'wish', 'neutral', NULL, NULL, 1, '你好 hello 4', '{"title":"Tea","url":"https://shop.example/"}', NULL, '{}', '[]', NULL, false, NULL, NULL, NULL);
INSERT INTO public.conversations VALUES ('c5', 'm5-0', 'closed', 1772323225000000, 1772323229000000, 5, 'en', NULL, NULL, 2, NULL, 0, '{}', '[]', NULL, 'neutral', NULL, NULL, 1, 'hello, Li here', '{"title":"Tea","url":"https://shop.example/"}', 1772323229000000, '{}', '[]', NULL, true, NULL, NULL, NULL);
INSERT INTO public.conversations VALUES ('c6', 'm6-0', 'with_bot', 1772323230000000, 1772323232000000, 2, 'en', NULL, NULL, 0, NULL, 0, '{"a":1}', '[]', NULL, 'neutral', NULL, NULL, 1, 'Three days.', '{"title":"Tea","url":"https://shop.example/"}', NULL, '{}', '[]', NULL, false, NULL, NULL, NULL);
INSERT INTO public.conversations VALUES ('c7', 'm7-0', 'waiting_for_staff', 1772323233000000, 1772323235000000, 3, 'en', NULL, NULL, 1, 1772323235000000, 0, '{"a":1}', '[]', 'wish', 'neutral', NULL, NULL, 1, '你好 hello 7', '{"title":"Tea","url":"https://shop.example/"}', NULL, '{}', '[]', NULL, false, NULL, NULL, NULL);
INSERT INTO public.conversations VALUES ('c8', 'm8-0', 'with_bot', 1772323236000000, 1772323236000000, 1, 'en', NULL, NULL, 0, NULL, 0, '{}', '[]', NULL, 'neutral', NULL, NULL, 1, '你好 hello 8', '{"title":"Tea","url":"https://shop.example/"}', NULL, '{}', '[]', NULL, false, NULL, NULL, NULL);
INSERT INTO public.conversations VALUES ('c9', 'm9-0', 'with_staff', 1772323237000000, 1772323242000000, 5, 'en', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'Li', 1, NULL, 0, '{"a":1}', '[]', NULL, 'neutral', NULL, NULL, 1, 'hello, Li here', '{"title":"Tea","url":"https://shop.example/"}', NULL, '{}', '[]', NULL, true, NULL, NULL, NULL);
INSERT INTO public.conversations VALUES ('c10', 'm10-0', 'closed', 1772323243000000, 1772323246000000, 4, 'en', NULL, NULL, 2, NULL, 0, '{"a":1}', '[]', 'wish', 'neutral', NULL, NULL, 1, '你好 hello 10', '{"title":"Tea","url":"https://shop.example/"}', 1772323246000000, '{}', '[]', NULL, false, NULL, NULL, NULL);
INSERT INTO public.conversations VALUES ('c11', 'm11-0', 'with_bot', 1772323247000000, 1772323247000000, 1, 'zh', NULL, NULL, 0, NULL, 0, '{}', '[]', NULL, 'neutral', NULL, NULL, 1, '你好 hello 11', '{"title":"Tea","url":"https://shop.example/"}', NULL, '{}', '[]', NULL, false, NULL, NULL, NULL);
INSERT INTO public.conversations VALUES ('c12', 'm12-0', 'with_staff', 1772323248000000, 1772323261000000, 6, 'en', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'Li', 4, 1772323254000000, 0, '{}', '[]', 'wish', 'neutral', NULL, NULL, 1, '你好 hello 12', '{"title":"Tea","url":"https://shop.example/"}', NULL, '{}', '["refund","\u6025"]', NULL, false, NULL, NULL, 1);
INSERT INTO public.conversations VALUES ('c13', 'm13-0', 'closed', 1772323249000000, 1772323264000000, 5, 'en', NULL, NULL, 3, NULL, 0, '{}', '[]', 'wish', 'neutral', NULL, NULL, 1, '谢谢', '{"title":"Tea","url":"https://shop.example/"}', 1772323263000000, '{}', '[]', 4, false, NULL, NULL, NULL);
INSERT INTO public.conversations VALUES ('c14', 'm14-0', 'waiting_for_staff', 1772323250000000, 1772323265000000, 3, 'en', NULL, NULL, 1, 1772323265000000, 0, '{}', '[]', 'message_left', 'neutral', NULL, NULL, 1, 'call me', '{"title":"Tea","url":"https://shop.example/"}', NULL, '{"email":"shopper@example.org"}', '[]', NULL, false, NULL, 1772323265000000, 1);
INSERT INTO public.conversations VALUES ('c15', 'm15-0', 'with_bot', 1772323251000000, 1772323267000000, 3, 'en', NULL, NULL, 2, NULL, 0, '{}', '[]', NULL, 'neutral', NULL, NULL, 2, '你好 hello 15', '{"title":"Tea","url":"https://shop.example/"}', NULL, '{}', '[]', NULL, false, NULL, NULL, NULL);
INSERT INTO public.conversations VALUES ('c17', 'm17-0', 'with_staff', 1772323253000000, 1772323270000000, 6, 'en', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'Li', 4, NULL, 0, '{}', '[]', NULL, 'neutral', NULL, NULL, 1, '你好 hello 17', '{"title":"Tea","url":"https://shop.example/"}', NULL, '{}', '[]', NULL, false, NULL, NULL, NULL);
INSERT INTO public.conversations VALUES ('c16', 'm16-0', 'waiting_for_staff', 1772323252000000, 1772323271000000, 3, 'zh', NULL, NULL, 1, 1772323256000000, 0, '{}', '[]', 'wish', 'neutral', NULL, NULL, 1, '你好 hello 16', '{"title":"Tea","url":"https://shop.example/"}', NULL, '{}', '[]', NULL, false, 1772323256000000, NULL, 1);
INSERT INTO public.events VALUES ('c0', 1, 'shopper_said', 1772323208000000, 'shopper', '你好 hello 0', 'm0-0', 'c0.1', '{}');
INSERT INTO public.events VALUES ('c0', 2, 'bot_answered', 1772323210000000, 'bot', 'Three days.', NULL, 'c0.1', '{"choices":[],"confidence":0.9,"entry":"shipping","language":"en","source":"known"}');
INSERT INTO public.events VALUES ('c0', 3, 'closed', 1772323211000000, 'shopper', '', NULL, NULL, '{}');
INSERT INTO public.events VALUES ('c1', 1, 'shopper_said', 1772323212000000, 'shopper', '你好 hello 1', 'm1-0', 'c1.1', '{}');
INSERT INTO public.events VALUES ('c1', 2, 'bot_gave_up', 1772323214000000, 'bot', 'Three days.', NULL, 'c1.1', '{"choices":[],"confidence":0.9,"entry":"shipping","language":"en","source":"known"}');
INSERT INTO public.events VALUES ('c1', 3, 'handoff_requested', 1772323214000000, 'bot', '', NULL, NULL, '{"intent":null,"mood":"neutral","reason":"wish"}');
INSERT INTO public.events VALUES ('c1', 4, 'staff_claimed', 1772323215000000, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '', NULL, NULL, '{"name":"Li"}');
INSERT INTO public.events VALUES ('c1', 5, 'staff_said', 1772323216000000, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'hello, Li here', 's1', NULL, '{"name":"Li"}');
INSERT INTO public.events VALUES ('c1', 6, 'staff_noted', 1772323217000000, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'a note @mei', 'n1', NULL, '{"mentions":["bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"],"name":"Li"}');
INSERT INTO public.events VALUES ('c2', 1, 'shopper_said', 1772323218000000, 'shopper', '你好 hello 2', 'm2-0', 'c2.1', '{}');
INSERT INTO public.events VALUES ('c3', 1, 'shopper_said', 1772323219000000, 'shopper', '你好 hello 3', 'm3-0', 'c3.1', '{}');
INSERT INTO public.events VALUES ('c3', 2, 'bot_answered', 1772323221000000, 'bot', 'Three days.', NULL, 'c3.1', '{"choices":[],"confidence":0.9,"entry":"shipping","language":"en","source":"known"}');
INSERT INTO public.events VALUES ('c4', 1, 'shopper_said', 1772323222000000, 'shopper', '你好 hello 4', 'm4-0', 'c4.1', '{}');
INSERT INTO public.events VALUES ('c4', 2, 'bot_gave_up', 1772323224000000, 'bot', 'Three days.', NULL, 'c4.1', '{"choices":[],"confidence":0.9,"entry":"shipping","language":"en","source":"known"}');
INSERT INTO public.events VALUES ('c4', 3, 'handoff_requested', 1772323224000000, 'bot', '', NULL, NULL, '{"intent":null,"mood":"neutral","reason":"wish"}');
INSERT INTO public.events VALUES ('c5', 1, 'shopper_said', 1772323225000000, 'shopper', '你好 hello 5', 'm5-0', 'c5.1', '{}');
INSERT INTO public.events VALUES ('c5', 2, 'staff_claimed', 1772323226000000, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '', NULL, NULL, '{"name":"Li"}');
INSERT INTO public.events VALUES ('c5', 3, 'staff_said', 1772323227000000, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'hello, Li here', 's5', NULL, '{"name":"Li"}');
INSERT INTO public.events VALUES ('c5', 4, 'staff_noted', 1772323228000000, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'a note @mei', 'n5', NULL, '{"mentions":["bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"],"name":"Li"}');
INSERT INTO public.events VALUES ('c5', 5, 'closed', 1772323229000000, 'shopper', '', NULL, NULL, '{}');
INSERT INTO public.events VALUES ('c6', 1, 'shopper_said', 1772323230000000, 'shopper', '你好 hello 6', 'm6-0', 'c6.1', '{}');
INSERT INTO public.events VALUES ('c6', 2, 'bot_answered', 1772323232000000, 'bot', 'Three days.', NULL, 'c6.1', '{"choices":[],"confidence":0.9,"entry":"shipping","language":"en","source":"known"}');
INSERT INTO public.events VALUES ('c7', 1, 'shopper_said', 1772323233000000, 'shopper', '你好 hello 7', 'm7-0', 'c7.1', '{}');
INSERT INTO public.events VALUES ('c7', 2, 'bot_gave_up', 1772323235000000, 'bot', 'Three days.', NULL, 'c7.1', '{"choices":[],"confidence":0.9,"entry":"shipping","language":"en","source":"known"}');
INSERT INTO public.events VALUES ('c7', 3, 'handoff_requested', 1772323235000000, 'bot', '', NULL, NULL, '{"intent":null,"mood":"neutral","reason":"wish"}');
INSERT INTO public.events VALUES ('c8', 1, 'shopper_said', 1772323236000000, 'shopper', '你好 hello 8', 'm8-0', 'c8.1', '{}');
INSERT INTO public.events VALUES ('c9', 1, 'shopper_said', 1772323237000000, 'shopper', '你好 hello 9', 'm9-0', 'c9.1', '{}');
INSERT INTO public.events VALUES ('c9', 2, 'bot_answered', 1772323239000000, 'bot', 'Three days.', NULL, 'c9.1', '{"choices":[],"confidence":0.9,"entry":"shipping","language":"en","source":"known"}');
INSERT INTO public.events VALUES ('c9', 3, 'staff_claimed', 1772323240000000, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '', NULL, NULL, '{"name":"Li"}');
INSERT INTO public.events VALUES ('c9', 4, 'staff_said', 1772323241000000, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'hello, Li here', 's9', NULL, '{"name":"Li"}');
INSERT INTO public.events VALUES ('c9', 5, 'staff_noted', 1772323242000000, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'a note @mei', 'n9', NULL, '{"mentions":["bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"],"name":"Li"}');
INSERT INTO public.events VALUES ('c10', 1, 'shopper_said', 1772323243000000, 'shopper', '你好 hello 10', 'm10-0', 'c10.1', '{}');
INSERT INTO public.events VALUES ('c10', 2, 'bot_gave_up', 1772323245000000, 'bot', 'Three days.', NULL, 'c10.1', '{"choices":[],"confidence":0.9,"entry":"shipping","language":"en","source":"known"}');
INSERT INTO public.events VALUES ('c10', 3, 'handoff_requested', 1772323245000000, 'bot', '', NULL, NULL, '{"intent":null,"mood":"neutral","reason":"wish"}');
INSERT INTO public.events VALUES ('c10', 4, 'closed', 1772323246000000, 'shopper', '', NULL, NULL, '{}');
INSERT INTO public.events VALUES ('c11', 1, 'shopper_said', 1772323247000000, 'shopper', '你好 hello 11', 'm11-0', 'c11.1', '{}');
INSERT INTO public.events VALUES ('c12', 1, 'shopper_said', 1772323248000000, 'shopper', '你好 hello 12', 'm12-0', 'c12.1', '{}');
INSERT INTO public.events VALUES ('c13', 1, 'shopper_said', 1772323249000000, 'shopper', '你好 hello 13', 'm13-0', 'c13.1', '{}');
INSERT INTO public.events VALUES ('c14', 1, 'shopper_said', 1772323250000000, 'shopper', '你好 hello 14', 'm14-0', 'c14.1', '{}');
INSERT INTO public.events VALUES ('c15', 1, 'shopper_said', 1772323251000000, 'shopper', '你好 hello 15', 'm15-0', 'c15.1', '{}');
INSERT INTO public.events VALUES ('c16', 1, 'shopper_said', 1772323252000000, 'shopper', '你好 hello 16', 'm16-0', 'c16.1', '{}');
INSERT INTO public.events VALUES ('c17', 1, 'shopper_said', 1772323253000000, 'shopper', '你好 hello 17', 'm17-0', 'c17.1', '{}');
INSERT INTO public.events VALUES ('c12', 2, 'handoff_requested', 1772323254000000, 'bot', '', NULL, NULL, '{"intent":null,"mood":"neutral","reason":"wish"}');
INSERT INTO public.events VALUES ('c13', 2, 'handoff_requested', 1772323255000000, 'bot', '', NULL, NULL, '{"intent":null,"mood":"neutral","reason":"wish"}');
INSERT INTO public.events VALUES ('c16', 2, 'handoff_requested', 1772323256000000, 'bot', '', NULL, NULL, '{"intent":null,"mood":"neutral","reason":"wish"}');
INSERT INTO public.events VALUES ('c17', 2, 'handoff_requested', 1772323257000000, 'bot', '', NULL, NULL, '{"intent":null,"mood":"neutral","reason":"wish"}');
INSERT INTO public.events VALUES ('c12', 3, 'staff_claimed', 1772323258000000, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '', NULL, NULL, '{"name":"Li"}');
INSERT INTO public.events VALUES ('c12', 4, 'staff_transferred', 1772323259000000, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '', NULL, NULL, '{"name":"Li","to":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","to_name":"Mei"}');
INSERT INTO public.events VALUES ('c12', 5, 'tagged', 1772323260000000, 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', '', NULL, NULL, '{"added":["refund","\u6025"],"name":"Mei","removed":[]}');
INSERT INTO public.events VALUES ('c12', 6, 'staff_took_over', 1772323261000000, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '', NULL, NULL, '{"from":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","from_name":"Mei","name":"Li","right":"admin"}');
INSERT INTO public.events VALUES ('c13', 3, 'staff_claimed', 1772323262000000, 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', '', NULL, NULL, '{"name":"Mei"}');
INSERT INTO public.events VALUES ('c13', 4, 'closed', 1772323263000000, 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', '', NULL, NULL, '{"name":"Mei"}');
INSERT INTO public.events VALUES ('c13', 5, 'rated', 1772323264000000, 'shopper', '谢谢', NULL, NULL, '{"score":4}');
INSERT INTO public.events VALUES ('c14', 2, 'message_left', 1772323265000000, 'shopper', 'call me', 'left', NULL, '{"contact":{"email":"shopper@example.org"}}');
INSERT INTO public.events VALUES ('c14', 3, 'handoff_requested', 1772323265000000, 'bot', '', NULL, NULL, '{"intent":null,"mood":"neutral","reason":"message_left"}');
INSERT INTO public.events VALUES ('c15', 2, 'handoff_requested', 1772323266000000, 'bot', '', NULL, NULL, '{"intent":null,"mood":"neutral","reason":"wish"}');
INSERT INTO public.events VALUES ('c15', 3, 'went_on_with_bot', 1772323267000000, 'shopper', '', NULL, NULL, '{}');
INSERT INTO public.events VALUES ('c17', 3, 'staff_claimed', 1772323268000000, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '', NULL, NULL, '{"name":"Li"}');
INSERT INTO public.events VALUES ('c17', 4, 'closed', 1772323269000000, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '', NULL, NULL, '{"name":"Li"}');
INSERT INTO public.events VALUES ('c17', 5, 'reopened', 1772323270000000, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '', NULL, NULL, '{"name":"Li"}');
INSERT INTO public.events VALUES ('c17', 6, 'staff_claimed', 1772323270000000, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '', NULL, NULL, '{"name":"Li"}');
INSERT INTO public.events VALUES ('c16', 3, 'reply_late', 1772323271000000, 'bot', '', NULL, NULL, '{"late":"first_reply"}');
INSERT INTO public.installation VALUES (1, '0123456789abcdef');
INSERT INTO public.jobs VALUES ('j1', '{"job":"j1","state":"done"}', 1795816014899239);
INSERT INTO public.knowledge_chunks VALUES ('000001-aaaaaaaa', 'entries.jsonl', 0, '\x5b5d0a');
INSERT INTO public.knowledge_serving VALUES (1, '000001-aaaaaaaa');
INSERT INTO public.knowledge_versions VALUES ('000001-aaaaaaaa', 1, '{"note":"first"}', '{"entries.jsonl":[3,"37517e5f3dc66819f61f5a7bb8ace1921282415f10551d2defa5c3eb0985b570"]}', '86eb00cce9cb171791dc0a27d460036e0b2ebe04ba776441126ac2c0a0bb787f');
INSERT INTO public.mentions VALUES ('c1', 6, 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 1772323217000000, NULL);
INSERT INTO public.mentions VALUES ('c9', 5, 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 1772323242000000, NULL);
INSERT INTO public.mentions VALUES ('c5', 4, 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 1772323228000000, 1772323275000000);
INSERT INTO public.outbox VALUES (3, 'c1', 'mentioned', 'c1:6:mentioned:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', '{"by":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","conversation":"c1","seq":6,"to":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}', 1772323217000000, 1772323217000000, 0, NULL, '[]', NULL, '');
INSERT INTO public.outbox VALUES (4, 'c4', 'waiting', 'c4:3:waiting', '{"conversation":"c4","language":"en","reason":"wish","seq":3}', 1772323224000000, 1772323224000000, 0, NULL, '[]', NULL, '');
INSERT INTO public.outbox VALUES (5, 'c5', 'mentioned', 'c5:4:mentioned:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', '{"by":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","conversation":"c5","seq":4,"to":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}', 1772323228000000, 1772323228000000, 0, NULL, '[]', NULL, '');
INSERT INTO public.outbox VALUES (6, 'c5', 'closed', 'c5:5:closed', '{"by":"shopper","conversation":"c5","seq":5}', 1772323229000000, 1772323229000000, 0, NULL, '[]', NULL, '');
INSERT INTO public.outbox VALUES (7, 'c7', 'waiting', 'c7:3:waiting', '{"conversation":"c7","language":"en","reason":"wish","seq":3}', 1772323235000000, 1772323235000000, 0, NULL, '[]', NULL, '');
INSERT INTO public.outbox VALUES (8, 'c9', 'mentioned', 'c9:5:mentioned:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', '{"by":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","conversation":"c9","seq":5,"to":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}', 1772323242000000, 1772323242000000, 0, NULL, '[]', NULL, '');
INSERT INTO public.outbox VALUES (9, 'c10', 'waiting', 'c10:3:waiting', '{"conversation":"c10","language":"en","reason":"wish","seq":3}', 1772323245000000, 1772323245000000, 0, NULL, '[]', NULL, '');
INSERT INTO public.outbox VALUES (10, 'c10', 'closed', 'c10:4:closed', '{"by":"shopper","conversation":"c10","seq":4}', 1772323246000000, 1772323246000000, 0, NULL, '[]', NULL, '');
INSERT INTO public.outbox VALUES (11, 'c12', 'waiting', 'c12:2:waiting', '{"conversation":"c12","language":"en","reason":"wish","seq":2}', 1772323254000000, 1772323254000000, 0, NULL, '[]', NULL, '');
INSERT INTO public.outbox VALUES (12, 'c13', 'waiting', 'c13:2:waiting', '{"conversation":"c13","language":"en","reason":"wish","seq":2}', 1772323255000000, 1772323255000000, 0, NULL, '[]', NULL, '');
INSERT INTO public.outbox VALUES (13, 'c16', 'waiting', 'c16:2:waiting', '{"conversation":"c16","language":"zh","reason":"wish","seq":2}', 1772323256000000, 1772323256000000, 0, NULL, '[]', NULL, '');
INSERT INTO public.outbox VALUES (14, 'c17', 'waiting', 'c17:2:waiting', '{"conversation":"c17","language":"en","reason":"wish","seq":2}', 1772323257000000, 1772323257000000, 0, NULL, '[]', NULL, '');
INSERT INTO public.outbox VALUES (15, 'c12', 'transferred', 'c12:4:transferred', '{"by":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","conversation":"c12","seq":4,"to":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}', 1772323259000000, 1772323259000000, 0, NULL, '[]', NULL, '');
INSERT INTO public.outbox VALUES (16, 'c12', 'taken_over', 'c12:6:taken_over', '{"by":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","conversation":"c12","from":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","seq":6}', 1772323261000000, 1772323261000000, 0, NULL, '[]', NULL, '');
INSERT INTO public.outbox VALUES (17, 'c13', 'closed', 'c13:4:closed', '{"by":"staff","conversation":"c13","seq":4}', 1772323263000000, 1772323263000000, 0, NULL, '[]', NULL, '');
INSERT INTO public.outbox VALUES (18, 'c13', 'rated', 'c13:5:rated', '{"conversation":"c13","score":4,"seq":5}', 1772323264000000, 1772323264000000, 0, NULL, '[]', NULL, '');
INSERT INTO public.outbox VALUES (19, 'c14', 'message_left', 'c14:2:message_left', '{"conversation":"c14","language":"en","seq":2}', 1772323265000000, 1772323265000000, 0, NULL, '[]', NULL, '');
INSERT INTO public.outbox VALUES (20, 'c14', 'waiting', 'c14:3:waiting', '{"conversation":"c14","language":"en","reason":"message_left","seq":3}', 1772323265000000, 1772323265000000, 0, NULL, '[]', NULL, '');
INSERT INTO public.outbox VALUES (21, 'c15', 'waiting', 'c15:2:waiting', '{"conversation":"c15","language":"en","reason":"wish","seq":2}', 1772323266000000, 1772323266000000, 0, NULL, '[]', NULL, '');
INSERT INTO public.outbox VALUES (22, 'c17', 'closed', 'c17:4:closed', '{"by":"staff","conversation":"c17","seq":4}', 1772323269000000, 1772323269000000, 0, NULL, '[]', NULL, '');
INSERT INTO public.outbox VALUES (23, 'c16', 'reply_late', 'c16:3:reply_late', '{"conversation":"c16","deadline":"first_reply","seq":3}', 1772323271000000, 1772323271000000, 0, NULL, '[]', NULL, '');
INSERT INTO public.outbox VALUES (1, 'c0', 'closed', 'c0:3:closed', '{"by":"shopper","conversation":"c0","seq":3}', 1772323211000000, 1772323332000000, 1, 1772323273000000, '[]', NULL, '');
INSERT INTO public.outbox VALUES (2, 'c1', 'waiting', 'c1:3:waiting', '{"conversation":"c1","language":"en","reason":"wish","seq":3}', 1772323214000000, 1772323332000000, 1, 1772323274000000, '[]', NULL, '');
INSERT INTO public.read_marks VALUES ('c0', 'shopper', 1);
INSERT INTO public.read_marks VALUES ('c1', 'shopper', 1);
INSERT INTO public.read_marks VALUES ('c2', 'shopper', 1);
INSERT INTO public.read_marks VALUES ('c3', 'shopper', 1);
INSERT INTO public.read_marks VALUES ('c4', 'shopper', 1);
INSERT INTO public.read_marks VALUES ('c5', 'shopper', 1);
INSERT INTO public.read_marks VALUES ('c6', 'shopper', 1);
INSERT INTO public.read_marks VALUES ('c7', 'shopper', 1);
INSERT INTO public.read_marks VALUES ('c8', 'shopper', 1);
INSERT INTO public.read_marks VALUES ('c9', 'shopper', 1);
INSERT INTO public.read_marks VALUES ('c10', 'shopper', 1);
INSERT INTO public.read_marks VALUES ('c11', 'shopper', 1);
INSERT INTO public.read_marks VALUES ('c12', 'shopper', 1);
INSERT INTO public.read_marks VALUES ('c13', 'shopper', 1);
INSERT INTO public.read_marks VALUES ('c14', 'shopper', 1);
INSERT INTO public.read_marks VALUES ('c15', 'shopper', 1);
INSERT INTO public.read_marks VALUES ('c16', 'shopper', 1);
INSERT INTO public.read_marks VALUES ('c17', 'shopper', 1);
INSERT INTO public.retention_times VALUES (1, 365, 90, 30, 'li', 1772323276000000);
INSERT INTO public.roll_call VALUES ('node-a', 3, '{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":true,"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb":false}');
INSERT INTO public.sessions VALUES ('\x6464646464646464646464646464646464646464646464646464646464646464', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'csrf', 1772323202000000, 1772323202000000, 1775001600000000, NULL);
INSERT INTO public.staff VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'li', 'li', 'Li', '$argon2id$not-a-hash', '["admin","staff"]', false, 1772323200000000);
INSERT INTO public.staff VALUES ('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'mei', 'mei', 'Mei', '$argon2id$not-a-hash', '["staff"]', false, 1772323201000000);
INSERT INTO public.staff_skills VALUES ('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', '["zh"]', '["refund"]', 3, 1772323207000000);
INSERT INTO public.tokens VALUES ('\x0000000000000000000000000000000000000000000000000000000000000000', 'c0', 1772323208000000);
INSERT INTO public.tokens VALUES ('\x0000000000000000000000000000000000000000000000000000000000000001', 'c1', 1772323212000000);
INSERT INTO public.tokens VALUES ('\x0000000000000000000000000000000000000000000000000000000000000002', 'c2', 1772323218000000);
INSERT INTO public.tokens VALUES ('\x0000000000000000000000000000000000000000000000000000000000000003', 'c3', 1772323219000000);
INSERT INTO public.tokens VALUES ('\x0000000000000000000000000000000000000000000000000000000000000004', 'c4', 1772323222000000);
INSERT INTO public.tokens VALUES ('\x0000000000000000000000000000000000000000000000000000000000000005', 'c5', 1772323225000000);
INSERT INTO public.tokens VALUES ('\x0000000000000000000000000000000000000000000000000000000000000006', 'c6', 1772323230000000);
INSERT INTO public.tokens VALUES ('\x0000000000000000000000000000000000000000000000000000000000000007', 'c7', 1772323233000000);
INSERT INTO public.tokens VALUES ('\x0000000000000000000000000000000000000000000000000000000000000008', 'c8', 1772323236000000);
INSERT INTO public.tokens VALUES ('\x0000000000000000000000000000000000000000000000000000000000000009', 'c9', 1772323237000000);
INSERT INTO public.tokens VALUES ('\x000000000000000000000000000000000000000000000000000000000000000a', 'c10', 1772323243000000);
INSERT INTO public.tokens VALUES ('\x000000000000000000000000000000000000000000000000000000000000000b', 'c11', 1772323247000000);
INSERT INTO public.tokens VALUES ('\x000000000000000000000000000000000000000000000000000000000000000c', 'c12', 1772323248000000);
INSERT INTO public.tokens VALUES ('\x000000000000000000000000000000000000000000000000000000000000000d', 'c13', 1772323249000000);
INSERT INTO public.tokens VALUES ('\x000000000000000000000000000000000000000000000000000000000000000e', 'c14', 1772323250000000);
INSERT INTO public.tokens VALUES ('\x000000000000000000000000000000000000000000000000000000000000000f', 'c15', 1772323251000000);
INSERT INTO public.tokens VALUES ('\x0000000000000000000000000000000000000000000000000000000000000010', 'c16', 1772323252000000);
INSERT INTO public.tokens VALUES ('\x0000000000000000000000000000000000000000000000000000000000000011', 'c17', 1772323253000000);
INSERT INTO public.traces VALUES ('c0', 2, 'c0.1', '{"attempts":[{"attempt":"known"}]}');
INSERT INTO public.traces VALUES ('c1', 2, 'c1.1', '{"attempts":[{"attempt":"known"}]}');
INSERT INTO public.traces VALUES ('c3', 2, 'c3.1', '{"attempts":[{"attempt":"known"}]}');
INSERT INTO public.traces VALUES ('c4', 2, 'c4.1', '{"attempts":[{"attempt":"known"}]}');
INSERT INTO public.traces VALUES ('c6', 2, 'c6.1', '{"attempts":[{"attempt":"known"}]}');
INSERT INTO public.traces VALUES ('c7', 2, 'c7.1', '{"attempts":[{"attempt":"known"}]}');
INSERT INTO public.traces VALUES ('c9', 2, 'c9.1', '{"attempts":[{"attempt":"known"}]}');
INSERT INTO public.traces VALUES ('c10', 2, 'c10.1', '{"attempts":[{"attempt":"known"}]}');
INSERT INTO public.trained_chunks VALUES ('000001-bbbbbbbb', 'entries.jsonl', 0, '\x5b5d0a');
INSERT INTO public.trained_serving VALUES (1, '000001-bbbbbbbb');
INSERT INTO public.trained_sets VALUES ('000001-bbbbbbbb', 1, '{"note":"first"}', '{"entries.jsonl":[3,"37517e5f3dc66819f61f5a7bb8ace1921282415f10551d2defa5c3eb0985b570"]}', '629eda5d5981f208903155eb9ae490d91c87a7865a50b142dc5afe4328515c7a');
INSERT INTO public.turns VALUES ('c0.1', 'c0', 1, 'answered', 1, 0, 1772323208000000, 1772323210000000, NULL, 1);
INSERT INTO public.turns VALUES ('c1.1', 'c1', 1, 'handed_over', 1, 0, 1772323212000000, 1772323214000000, NULL, 1);
INSERT INTO public.turns VALUES ('c2.1', 'c2', 1, 'asked', 0, 0, 1772323218000000, NULL, NULL, 1);
INSERT INTO public.turns VALUES ('c3.1', 'c3', 1, 'answered', 1, 0, 1772323219000000, 1772323221000000, NULL, 1);
INSERT INTO public.turns VALUES ('c4.1', 'c4', 1, 'handed_over', 1, 0, 1772323222000000, 1772323224000000, NULL, 1);
INSERT INTO public.turns VALUES ('c5.1', 'c5', 1, 'handed_over', 0, 0, 1772323225000000, 1772323226000000, NULL, 1);
INSERT INTO public.turns VALUES ('c6.1', 'c6', 1, 'answered', 1, 0, 1772323230000000, 1772323232000000, NULL, 1);
INSERT INTO public.turns VALUES ('c7.1', 'c7', 1, 'handed_over', 1, 0, 1772323233000000, 1772323235000000, NULL, 1);
INSERT INTO public.turns VALUES ('c8.1', 'c8', 1, 'asked', 0, 0, 1772323236000000, NULL, NULL, 1);
INSERT INTO public.turns VALUES ('c9.1', 'c9', 1, 'answered', 1, 0, 1772323237000000, 1772323239000000, NULL, 1);
INSERT INTO public.turns VALUES ('c10.1', 'c10', 1, 'handed_over', 1, 0, 1772323243000000, 1772323245000000, NULL, 1);
INSERT INTO public.turns VALUES ('c11.1', 'c11', 1, 'asked', 0, 0, 1772323247000000, NULL, NULL, 1);
INSERT INTO public.turns VALUES ('c12.1', 'c12', 1, 'handed_over', 0, 0, 1772323248000000, 1772323254000000, NULL, 1);
INSERT INTO public.turns VALUES ('c13.1', 'c13', 1, 'handed_over', 0, 0, 1772323249000000, 1772323255000000, NULL, 1);
INSERT INTO public.turns VALUES ('c16.1', 'c16', 1, 'handed_over', 0, 0, 1772323252000000, 1772323256000000, NULL, 1);
INSERT INTO public.turns VALUES ('c17.1', 'c17', 1, 'handed_over', 0, 0, 1772323253000000, 1772323257000000, NULL, 1);
INSERT INTO public.turns VALUES ('c14.1', 'c14', 1, 'handed_over', 0, 0, 1772323250000000, 1772323265000000, NULL, 1);
INSERT INTO public.turns VALUES ('c15.1', 'c15', 1, 'handed_over', 0, 0, 1772323251000000, 1772323266000000, NULL, 1);
INSERT INTO public.turns VALUES ('c15.2', 'c15', 2, 'asked', 0, 2, 1772323267000000, NULL, NULL, 1);
INSERT INTO public.uploads VALUES ('u1', '{"name":"faq.csv"}', '\x7175657374696f6e2c616e737765720a', 1795816014887330);
INSERT INTO public.widget_scripts VALUES ('0123456789abcdef', '\x2828293d3e7b7d292829', 1772323277000000);
SELECT pg_catalog.setval('public.outbox_id_seq', 23, true);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT pk_audit PRIMARY KEY (number);
ALTER TABLE ONLY public.calendars
    ADD CONSTRAINT pk_calendars PRIMARY KEY (name);
ALTER TABLE ONLY public.canned_replies
    ADD CONSTRAINT pk_canned_replies PRIMARY KEY (id);
ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT pk_conversations PRIMARY KEY (id);
ALTER TABLE ONLY public.installation
    ADD CONSTRAINT pk_installation PRIMARY KEY (id);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT pk_jobs PRIMARY KEY (id);
ALTER TABLE ONLY public.knowledge_serving
    ADD CONSTRAINT pk_knowledge_serving PRIMARY KEY (id);
ALTER TABLE ONLY public.knowledge_versions
    ADD CONSTRAINT pk_knowledge_versions PRIMARY KEY (version);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT pk_outbox PRIMARY KEY (id);
ALTER TABLE ONLY public.retention_times
    ADD CONSTRAINT pk_retention_times PRIMARY KEY (id);
ALTER TABLE ONLY public.roll_call
    ADD CONSTRAINT pk_roll_call PRIMARY KEY (node);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT pk_sessions PRIMARY KEY (digest);
ALTER TABLE ONLY public.staff
    ADD CONSTRAINT pk_staff PRIMARY KEY (id);
ALTER TABLE ONLY public.staff_skills
    ADD CONSTRAINT pk_staff_skills PRIMARY KEY (staff);
ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT pk_tokens PRIMARY KEY (digest);
ALTER TABLE ONLY public.trained_serving
    ADD CONSTRAINT pk_trained_serving PRIMARY KEY (id);
ALTER TABLE ONLY public.trained_sets
    ADD CONSTRAINT pk_trained_sets PRIMARY KEY (version);
ALTER TABLE ONLY public.turns
    ADD CONSTRAINT pk_turns PRIMARY KEY (id);
ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT pk_uploads PRIMARY KEY (id);
ALTER TABLE ONLY public.widget_scripts
    ADD CONSTRAINT pk_widget_scripts PRIMARY KEY (version);
ALTER TABLE ONLY public.canned_replies
    ADD CONSTRAINT uq_canned_replies_shortcut UNIQUE (shortcut);
ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT uq_conversations_begun_with UNIQUE (begun_with);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT uq_events_conversation_client_id UNIQUE (conversation, client_id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT uq_events_conversation_seq UNIQUE (conversation, seq);
ALTER TABLE ONLY public.knowledge_chunks
    ADD CONSTRAINT uq_knowledge_chunks_version_path_position UNIQUE (version, path, "position");
ALTER TABLE ONLY public.knowledge_versions
    ADD CONSTRAINT uq_knowledge_versions_number UNIQUE (number);
ALTER TABLE ONLY public.mentions
    ADD CONSTRAINT uq_mentions_conversation_seq_staff UNIQUE (conversation, seq, staff);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT uq_outbox_key UNIQUE (key);
ALTER TABLE ONLY public.read_marks
    ADD CONSTRAINT uq_read_marks_conversation_reader UNIQUE (conversation, reader);
ALTER TABLE ONLY public.staff
    ADD CONSTRAINT uq_staff_login_key UNIQUE (login_key);
ALTER TABLE ONLY public.traces
    ADD CONSTRAINT uq_traces_conversation_seq UNIQUE (conversation, seq);
ALTER TABLE ONLY public.trained_chunks
    ADD CONSTRAINT uq_trained_chunks_version_path_position UNIQUE (version, path, "position");
ALTER TABLE ONLY public.trained_sets
    ADD CONSTRAINT uq_trained_sets_number UNIQUE (number);
ALTER TABLE ONLY public.turns
    ADD CONSTRAINT uq_turns_conversation_number UNIQUE (conversation, number);
CREATE INDEX ix_conversations_last_at ON public.conversations USING btree (last_at);
CREATE INDEX ix_conversations_left ON public.conversations USING btree (message_left_at) WHERE (message_left_at IS NOT NULL);
CREATE INDEX ix_conversations_stage_waiting_since ON public.conversations USING btree (stage, waiting_since);
CREATE INDEX ix_events_at ON public.events USING btree (at);
CREATE INDEX ix_events_claimed ON public.events USING btree (at) WHERE (kind = 'staff_claimed'::text);
CREATE INDEX ix_mentions_unseen ON public.mentions USING btree (staff) WHERE (seen_at IS NULL);
CREATE INDEX ix_outbox_conversation ON public.outbox USING btree (conversation);
CREATE INDEX ix_outbox_due ON public.outbox USING btree (due_at) WHERE (delivered_at IS NULL);
CREATE INDEX ix_sessions_staff ON public.sessions USING btree (staff);
CREATE INDEX ix_tokens_conversation ON public.tokens USING btree (conversation);
CREATE INDEX ix_turns_open ON public.turns USING btree (conversation) WHERE (ended_at IS NULL);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT fk_events_conversation FOREIGN KEY (conversation) REFERENCES public.conversations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.knowledge_chunks
    ADD CONSTRAINT fk_knowledge_chunks_version FOREIGN KEY (version) REFERENCES public.knowledge_versions(version) ON DELETE CASCADE;
ALTER TABLE ONLY public.knowledge_serving
    ADD CONSTRAINT fk_knowledge_serving_version FOREIGN KEY (version) REFERENCES public.knowledge_versions(version);
ALTER TABLE ONLY public.mentions
    ADD CONSTRAINT fk_mentions_conversation FOREIGN KEY (conversation) REFERENCES public.conversations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT fk_outbox_conversation FOREIGN KEY (conversation) REFERENCES public.conversations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.read_marks
    ADD CONSTRAINT fk_read_marks_conversation FOREIGN KEY (conversation) REFERENCES public.conversations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT fk_sessions_staff FOREIGN KEY (staff) REFERENCES public.staff(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.staff_skills
    ADD CONSTRAINT fk_staff_skills_staff FOREIGN KEY (staff) REFERENCES public.staff(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT fk_tokens_conversation FOREIGN KEY (conversation) REFERENCES public.conversations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.traces
    ADD CONSTRAINT fk_traces_conversation FOREIGN KEY (conversation) REFERENCES public.conversations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.trained_chunks
    ADD CONSTRAINT fk_trained_chunks_version FOREIGN KEY (version) REFERENCES public.trained_sets(version) ON DELETE CASCADE;
ALTER TABLE ONLY public.trained_serving
    ADD CONSTRAINT fk_trained_serving_version FOREIGN KEY (version) REFERENCES public.trained_sets(version);
ALTER TABLE ONLY public.turns
    ADD CONSTRAINT fk_turns_conversation FOREIGN KEY (conversation) REFERENCES public.conversations(id) ON DELETE CASCADE;
