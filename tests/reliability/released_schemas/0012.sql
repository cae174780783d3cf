BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0012');
CREATE TABLE audit (
	number INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	who TEXT NOT NULL, 
	act TEXT NOT NULL, 
	about TEXT NOT NULL, 
	details TEXT NOT NULL, 
	previous TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	CONSTRAINT pk_audit PRIMARY KEY (number)
);
INSERT INTO "audit" VALUES(1,1772323203000000,'li','sign_in','','{}','0000000000000000000000000000000000000000000000000000000000000000','fac7fdbf98824c7f536d5f4269f3c079d144e6dbcfd4ad2548de53ada825318c');
INSERT INTO "audit" VALUES(2,1772323204000000,'li','publish','000001-aaaaaaaa','{"entries":3}','fac7fdbf98824c7f536d5f4269f3c079d144e6dbcfd4ad2548de53ada825318c','12233909784a9d41fa6eb71d4acfb17330bc8af522619168e5ac1dfdcbf13818');
CREATE TABLE calendars (
	name TEXT NOT NULL, 
	rules TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	CONSTRAINT pk_calendars PRIMARY KEY (name)
);
INSERT INTO "calendars" VALUES('desk','{"special":{"2026-10-01":[]},"weekly":{"0":[["09:00","18:00"]],"1":[["09:00","18:00"]],"2":[["09:00","18:00"]],"3":[["09:00","18:00"]],"4":[["09:00","18:00"]]},"zone":"Asia/Shanghai"}','li',1772323206000000);
CREATE TABLE canned_replies (
	id TEXT NOT NULL, 
	shortcut TEXT NOT NULL, 
	texts TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	CONSTRAINT pk_canned_replies PRIMARY KEY (id), 
	CONSTRAINT uq_canned_replies_shortcut UNIQUE (shortcut)
);
INSERT INTO "canned_replies" VALUES('r1','hi','{"en":"hello, {shopper_name}","zh":"\u60a8\u597d\uff0c{shopper_name}"}','li',1772323205000000);
CREATE TABLE conversations (
	id TEXT NOT NULL, 
	begun_with TEXT, 
	stage TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	last_at BIGINT NOT NULL, 
	last_seq INTEGER NOT NULL, 
	language TEXT, 
	holder TEXT, 
	holder_name TEXT, 
	claim_epoch INTEGER NOT NULL, 
	waiting_since BIGINT, 
	failures INTEGER NOT NULL, 
	memory TEXT NOT NULL, 
	offered TEXT NOT NULL, 
	reason TEXT, 
	mood TEXT NOT NULL, 
	intent TEXT, 
	subject_order TEXT, 
	turn_count INTEGER NOT NULL, 
	last_text TEXT NOT NULL, 
	page TEXT NOT NULL, 
	closed_at BIGINT, contact TEXT DEFAULT '{}' NOT NULL, tags TEXT DEFAULT '[]' NOT NULL, score INTEGER, staff_spoke BOOLEAN DEFAULT 0 NOT NULL, late_since BIGINT, message_left_at BIGINT, unanswered_from INTEGER, 
	CONSTRAINT pk_conversations PRIMARY KEY (id), 
	CONSTRAINT uq_conversations_begun_with UNIQUE (begun_with)
);
INSERT INTO "conversations" VALUES('c0','m0-0','closed',1772323208000000,1772323211000000,3,'en',NULL,NULL,1,NULL,0,'{"a":1}','[]',NULL,'neutral',NULL,NULL,1,'Three days.','{"title":"Tea","url":"https://shop.example/"}',1772323211000000,'{}','[]',NULL,0,NULL,NULL,NULL);
INSERT INTO "conversations" VALUES('c1','m1-0','with_staff',1772323212000000,1772323217000000,6,'en','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','Li',2,NULL,0,'{"a":1}','[]','wish','neutral',NULL,NULL,1,'hello, Li here','{"title":"Tea","url":"https://shop.example/"}',NULL,'{}','[]',NULL,1,NULL,NULL,NULL);
INSERT INTO "conversations" VALUES('c2','m2-0','with_bot',1772323218000000,1772323218000000,1,'en',NULL,NULL,0,NULL,0,'{}','[]',NULL,'neutral',NULL,NULL,1,'你好 hello 2','{"title":"Tea","url":"https://shop.example/"}',NULL,'{}','[]',NULL,0,NULL,NULL,NULL);
INSERT INTO "conversations" VALUES('c3','m3-0','with_bot',1772323219000000,1772323221000000,2,'en',NULL,NULL,0,NULL,0,'{"a":1}','[]',NULL,'neutral',NULL,NULL,1,'Three days.','{"title":"Tea","url":"https://shop.example/"}',NULL,'{}','[]',NULL,0,NULL,NULL,NULL);
INSERT INTO "conversations" VALUES('c4','m4-0','waiting_for_staff',1772323222000000,1772323224000000,3,'en',NULL,NULL,1,1772323224000000,0,'{"a":1}','[]','wish','neutral',NULL,NULL,1,'你好 hello 4','{"title":"Tea","url":"https://shop.example/"}',NULL,'{}','[]',NULL,0,NULL,NULL,NULL);
INSERT INTO "conversations" VALUES('c5','m5-0','closed',1772323225000000,1772323229000000,5,'en',NULL,NULL,2,NULL,0,'{}','[]',NULL,'neutral',NULL,NULL,1,'hello, Li here','{"title":"Tea","url":"https://shop.example/"}',1772323229000000,'{}','[]',NULL,1,NULL,NULL,NULL);
INSERT INTO "conversations" VALUES('c6','m6-0','with_bot',1772323230000000,1772323232000000,2,'en',NULL,NULL,0,NULL,0,'{"a":1}','[]',NULL,'neutral',NULL,NULL,1,'Three days.','{"title":"Tea","url":"https://shop.example/"}',NULL,'{}','[]',NULL,0,NULL,NULL,NULL);
INSERT INTO "conversations" VALUES('c7','m7-0','waiting_for_staff',1772323233000000,1772323235000000,3,'en',NULL,NULL,1,1772323235000000,0,'{"a":1}','[]','wish','neutral',NULL,NULL,1,'你好 hello 7','{"title":"Tea","url":"https://shop.example/"}',NULL,'{}','[]',NULL,0,NULL,NULL,NULL);
INSERT INTO "conversations" VALUES('c8','m8-0','with_bot',1772323236000000,1772323236000000,1,'en',NULL,NULL,0,NULL,0,'{}','[]',NULL,'neutral',NULL,NULL,1,'你好 hello 8','{"title":"Tea","url":"https://shop.example/"}',NULL,'{}','[]',NULL,0,NULL,NULL,NULL);
INSERT INTO "conversations" VALUES('c9','m9-0','with_staff',1772323237000000,1772323242000000,5,'en','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','Li',1,NULL,0,'{"a":1}','[]',NULL,'neutral',NULL,NULL,1,'hello, Li here','{"title":"Tea","url":"https://shop.example/"}',NULL,'{}','[]',NULL,1,NULL,NULL,NULL);
INSERT INTO "conversations" VALUES('c10','m10-0','closed',1772323243000000,1772323246000000,4,'en',NULL,NULL,2,NULL,0,'{"a":1}','[]','wish','neutral',NULL,NULL,1,'你好 hello 10','{"title":"Tea","url":"https://shop.example/"}',1772323246000000,'{}','[]',NULL,0,NULL,NULL,NULL);
INSERT INTO "conversations" VALUES('c11','m11-0','with_bot',1772323247000000,1772323247000000,1,'zh',NULL,NULL,0,NULL,0,'{}','[]',NULL,'neutral',NULL,NULL,1,'你好 hello 11','{"title":"Tea","url":"https://shop.example/"}',NULL,'{}','[]',NULL,0,NULL,NULL,NULL);
INSERT INTO "conversations" VALUES('c12','m12-0','with_staff',1772323248000000,1772323261000000,6,'en','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','Li',4,1772323254000000,0,'{}','[]','wish','neutral',NULL,NULL,1,'你好 hello 12','{"title":"Tea","url":"https://shop.example/"}',NULL,'{}','["refund","\u6025"]',NULL,0,NULL,NULL,1);
INSERT INTO "conversations" VALUES('c13','m13-0','closed',1772323249000000,1772323264000000,5,'en',NULL,NULL,3,NULL,0,'{}','[]','wish','neutral',NULL,NULL,1,'谢谢','{"title":"Tea","url":"https://shop.example/"}',1772323263000000,'{}','[]',4,0,NULL,NULL,NULL);
INSERT INTO "conversations" VALUES('c14','m14-0','waiting_for_staff',1772323250000000,1772323265000000,3,'en',NULL,NULL,1,1772323265000000,0,'{}','[]','message_left','neutral',NULL,NULL,1,'call me','{"title":"Tea","url":"https://shop.example/"}',NULL,'{"email":"shopper@example.org"}','[]',NULL,0,NULL,1772323265000000,1);
INSERT INTO "conversations" VALUES('c15','m15-0','with_bot',1772323251000000,1772323267000000,3,'en',NULL,NULL,2,NULL,0,'{}','[]',NULL,'neutral',NULL,NULL,2,'你好 hello 15','{"title":"Tea","url":"https://shop.example/"}',NULL,'{}','[]',NULL,0,NULL,NULL,NULL);
INSERT INTO "conversations" VALUES('c16','m16-0','waiting_for_staff',1772323252000000,1772323271000000,3,'zh',NULL,NULL,1,1772323256000000,0,'{}','[]','wish','neutral',NULL,NULL,1,'你好 hello 16','{"title":"Tea","url":"https://shop.example/"}',NULL,'{}','[]',NULL,0,1772323256000000,NULL,1);
INSERT INTO "conversations" VALUES('c17','m17-0','with_staff',1772323253000000,1772323270000000,6,'en','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','Li',4,NULL,0,'{}','[]',NULL,'neutral',NULL,NULL,1,'你好 hello 17','{"title":"Tea","url":"https://shop.example/"}',NULL,'{}','[]',NULL,0,NULL,NULL,NULL);
CREATE TABLE events (
	conversation TEXT NOT NULL, 
	seq INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	author TEXT NOT NULL, 
	text TEXT NOT NULL, 
	client_id TEXT, 
	turn TEXT, 
	body TEXT NOT NULL, 
	CONSTRAINT fk_events_conversation FOREIGN KEY(conversation) REFERENCES conversations (id) ON DELETE CASCADE, 
	CONSTRAINT uq_events_conversation_seq UNIQUE (conversation, seq), 
	CONSTRAINT uq_events_conversation_client_id UNIQUE (conversation, client_id)
);
INSERT INTO "events" VALUES('c0',1,'shopper_said',1772323208000000,'shopper','你好 hello 0','m0-0','c0.1','{}');
INSERT INTO "events" VALUES('c0',2,'bot_answered',1772323210000000,'bot','Three days.',NULL,'c0.1','{"choices":[],"confidence":0.9,"entry":"shipping","language":"en","source":"known"}');
INSERT INTO "events" VALUES('c0',3,'closed',1772323211000000,'shopper','',NULL,NULL,'{}');
INSERT INTO "events" VALUES('c1',1,'shopper_said',1772323212000000,'shopper','你好 hello 1','m1-0','c1.1','{}');
INSERT INTO "events" VALUES('c1',2,'bot_gave_up',1772323214000000,'bot','Three days.',NULL,'c1.1','{"choices":[],"confidence":0.9,"entry":"shipping","language":"en","source":"known"}');
INSERT INTO "events" VALUES('c1',3,'handoff_requested',1772323214000000,'bot','',NULL,NULL,'{"intent":null,"mood":"neutral","reason":"wish"}');
INSERT INTO "events" VALUES('c1',4,'staff_claimed',1772323215000000,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','',NULL,NULL,'{"name":"Li"}');
INSERT INTO "events" VALUES('c1',5,'staff_said',1772323216000000,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','hello, Li here','s1',NULL,'{"name":"Li"}');
INSERT INTO "events" VALUES('c1',6,'staff_noted',1772323217000000,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','a note @mei','n1',NULL,'{"mentions":["bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"],"name":"Li"}');
INSERT INTO "events" VALUES('c2',1,'shopper_said',1772323218000000,'shopper','你好 hello 2','m2-0','c2.1','{}');
INSERT INTO "events" VALUES('c3',1,'shopper_said',1772323219000000,'shopper','你好 hello 3','m3-0','c3.1','{}');
INSERT INTO "events" VALUES('c3',2,'bot_answered',1772323221000000,'bot','Three days.',NULL,'c3.1','{"choices":[],"confidence":0.9,"entry":"shipping","language":"en","source":"known"}');
INSERT INTO "events" VALUES('c4',1,'shopper_said',1772323222000000,'shopper','你好 hello 4','m4-0','c4.1','{}');
INSERT INTO "events" VALUES('c4',2,'bot_gave_up',1772323224000000,'bot','Three days.',NULL,'c4.1','{"choices":[],"confidence":0.9,"entry":"shipping","language":"en","source":"known"}');
INSERT INTO "events" VALUES('c4',3,'handoff_requested',1772323224000000,'bot','',NULL,NULL,'{"intent":null,"mood":"neutral","reason":"wish"}');
INSERT INTO "events" VALUES('c5',1,'shopper_said',1772323225000000,'shopper','你好 hello 5','m5-0','c5.1','{}');
INSERT INTO "events" VALUES('c5',2,'staff_claimed',1772323226000000,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','',NULL,NULL,'{"name":"Li"}');
INSERT INTO "events" VALUES('c5',3,'staff_said',1772323227000000,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','hello, Li here','s5',NULL,'{"name":"Li"}');
INSERT INTO "events" VALUES('c5',4,'staff_noted',1772323228000000,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','a note @mei','n5',NULL,'{"mentions":["bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"],"name":"Li"}');
INSERT INTO "events" VALUES('c5',5,'closed',1772323229000000,'shopper','',NULL,NULL,'{}');
INSERT INTO "events" VALUES('c6',1,'shopper_said',1772323230000000,'shopper','你好 hello 6','m6-0','c6.1','{}');
INSERT INTO "events" VALUES('c6',2,'bot_answered',1772323232000000,'bot','Three days.',NULL,'c6.1','{"choices":[],"confidence":0.9,"entry":"shipping","language":"en","source":"known"}');
INSERT INTO "events" VALUES('c7',1,'shopper_said',1772323233000000,'shopper','你好 hello 7','m7-0','c7.1','{}');
INSERT INTO "events" VALUES('c7',2,'bot_gave_up',1772323235000000,'bot','Three days.',NULL,'c7.1','{"choices":[],"confidence":0.9,"entry":"shipping","language":"en","source":"known"}');
INSERT INTO "events" VALUES('c7',3,'handoff_requested',1772323235000000,'bot','',NULL,NULL,'{"intent":null,"mood":"neutral","reason":"wish"}');
INSERT INTO "events" VALUES('c8',1,'shopper_said',1772323236000000,'shopper','你好 hello 8','m8-0','c8.1','{}');
INSERT INTO "events" VALUES('c9',1,'shopper_said',1772323237000000,'shopper','你好 hello 9','m9-0','c9.1','{}');
INSERT INTO "events" VALUES('c9',2,'bot_answered',1772323239000000,'bot','Three days.',NULL,'c9.1','{"choices":[],"confidence":0.9,"entry":"shipping","language":"en","source":"known"}');
INSERT INTO "events" VALUES('c9',3,'staff_claimed',1772323240000000,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','',NULL,NULL,'{"name":"Li"}');
INSERT INTO "events" VALUES('c9',4,'staff_said',1772323241000000,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','hello, Li here','s9',NULL,'{"name":"Li"}');
INSERT INTO "events" VALUES('c9',5,'staff_noted',1772323242000000,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','a note @mei','n9',NULL,'{"mentions":["bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"],"name":"Li"}');
INSERT INTO "events" VALUES('c10',1,'shopper_said',1772323243000000,'shopper','你好 hello 10','m10-0','c10.1','{}');
INSERT INTO "events" VALUES('c10',2,'bot_gave_up',1772323245000000,'bot','Three days.',NULL,'c10.1','{"choices":[],"confidence":0.9,"entry":"shipping","language":"en","source":"known"}');
INSERT INTO "events" VALUES('c10',3,'handoff_requested',1772323245000000,'bot','',NULL,NULL,'{"intent":null,"mood":"neutral","reason":"wish"}');
INSERT INTO "events" VALUES('c10',4,'closed',1772323246000000,'shopper','',NULL,NULL,'{}');
INSERT INTO "events" VALUES('c11',1,'shopper_said',1772323247000000,'shopper','你好 hello 11','m11-0','c11.1','{}');
INSERT INTO "events" VALUES('c12',1,'shopper_said',1772323248000000,'shopper','你好 hello 12','m12-0','c12.1','{}');
INSERT INTO "events" VALUES('c13',1,'shopper_said',1772323249000000,'shopper','你好 hello 13','m13-0','c13.1','{}');
INSERT INTO "events" VALUES('c14',1,'shopper_said',1772323250000000,'shopper','你好 hello 14','m14-0','c14.1','{}');
INSERT INTO "events" VALUES('c15',1,'shopper_said',1772323251000000,'shopper','你好 hello 15','m15-0','c15.1','{}');
INSERT INTO "events" VALUES('c16',1,'shopper_said',1772323252000000,'shopper','你好 hello 16','m16-0','c16.1','{}');
INSERT INTO "events" VALUES('c17',1,'shopper_said',1772323253000000,'shopper','你好 hello 17','m17-0','c17.1','{}');
INSERT INTO "events" VALUES('c12',2,'handoff_requested',1772323254000000,'bot','',NULL,NULL,'{"intent":null,"mood":"neutral","reason":"wish"}');
INSERT INTO "events" VALUES('c13',2,'handoff_requested',1772323255000000,'bot','',NULL,NULL,'{"intent":null,"mood":"neutral","reason":"wish"}');
INSERT INTO "events" VALUES('c16',2,'handoff_requested',1772323256000000,'bot','',NULL,NULL,'{"intent":null,"mood":"neutral","reason":"wish"}');
INSERT INTO "events" VALUES('c17',2,'handoff_requested',1772323257000000,'bot','',NULL,NULL,'{"intent":null,"mood":"neutral","reason":"wish"}');
INSERT INTO "events" VALUES('c12',3,'staff_claimed',1772323258000000,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','',NULL,NULL,'{"name":"Li"}');
INSERT INTO "events" VALUES('c12',4,'staff_transferred',1772323259000000,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','',NULL,NULL,'{"name":"Li","to":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","to_name":"Mei"}');
INSERT INTO "events" VALUES('c12',5,'tagged',1772323260000000,'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','',NULL,NULL,'{"added":["refund","\u6025"],"name":"Mei","removed":[]}');
INSERT INTO "events" VALUES('c12',6,'staff_took_over',1772323261000000,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','',NULL,NULL,'{"from":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","from_name":"Mei","name":"Li","right":"admin"}');
INSERT INTO "events" VALUES('c13',3,'staff_claimed',1772323262000000,'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','',NULL,NULL,'{"name":"Mei"}');
INSERT INTO "events" VALUES('c13',4,'closed',1772323263000000,'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','',NULL,NULL,'{"name":"Mei"}');
INSERT INTO "events" VALUES('c13',5,'rated',1772323264000000,'shopper','谢谢',NULL,NULL,'{"score":4}');
INSERT INTO "events" VALUES('c14',2,'message_left',1772323265000000,'shopper','call me','left',NULL,'{"contact":{"email":"shopper@example.org"}}');
INSERT INTO "events" VALUES('c14',3,'handoff_requested',1772323265000000,'bot','',NULL,NULL,'{"intent":null,"mood":"neutral","reason":"message_left"}');
INSERT INTO "events" VALUES('c15',2,'handoff_requested',1772323266000000,'bot','',NULL,NULL,'{"intent":null,"mood":"neutral","reason":"wish"}');
INSERT INTO "events" VALUES('c15',3,'went_on_with_bot',1772323267000000,'shopper','',NULL,NULL,'{}');
INSERT INTO "events" VALUES('c17',3,'staff_claimed',1772323268000000,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','',NULL,NULL,'{"name":"Li"}');
INSERT INTO "events" VALUES('c17',4,'closed',1772323269000000,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','',NULL,NULL,'{"name":"Li"}');
INSERT INTO "events" VALUES('c17',5,'reopened',1772323270000000,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','',NULL,NULL,'{"name":"Li"}');
INSERT INTO "events" VALUES('c17',6,'staff_claimed',1772323270000000,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','',NULL,NULL,'{"name":"Li"}');
INSERT INTO "events" VALUES('c16',3,'reply_late',1772323271000000,'bot','',NULL,NULL,'{"late":"first_reply"}');
CREATE TABLE installation (
	id INTEGER NOT NULL, 
	epoch TEXT NOT NULL, 
	CONSTRAINT pk_installation PRIMARY KEY (id)
);
INSERT INTO "installation" VALUES(1,'0123456789abcdef');
CREATE TABLE jobs (
	id TEXT NOT NULL, 
	told TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_jobs PRIMARY KEY (id)
);
CREATE TABLE knowledge_chunks (
	version TEXT NOT NULL, 
	path TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	content BLOB NOT NULL, 
	CONSTRAINT fk_knowledge_chunks_version FOREIGN KEY(version) REFERENCES knowledge_versions (version) ON DELETE CASCADE, 
	CONSTRAINT uq_knowledge_chunks_version_path_position UNIQUE (version, path, position)
);
CREATE TABLE knowledge_serving (
	id INTEGER NOT NULL, 
	version TEXT NOT NULL, 
	CONSTRAINT pk_knowledge_serving PRIMARY KEY (id), 
	CONSTRAINT fk_knowledge_serving_version FOREIGN KEY(version) REFERENCES knowledge_versions (version)
);
CREATE TABLE knowledge_versions (
	version TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	about TEXT NOT NULL, 
	files TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	CONSTRAINT pk_knowledge_versions PRIMARY KEY (version), 
	CONSTRAINT uq_knowledge_versions_number UNIQUE (number)
);
CREATE TABLE mentions (
	conversation TEXT NOT NULL, 
	seq INTEGER NOT NULL, 
	staff TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	seen_at BIGINT, 
	CONSTRAINT fk_mentions_conversation FOREIGN KEY(conversation) REFERENCES conversations (id) ON DELETE CASCADE, 
	CONSTRAINT uq_mentions_conversation_seq_staff UNIQUE (conversation, seq, staff)
);
INSERT INTO "mentions" VALUES('c1',6,'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',1772323217000000,NULL);
INSERT INTO "mentions" VALUES('c5',4,'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',1772323228000000,1772323275000000);
INSERT INTO "mentions" VALUES('c9',5,'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',1772323242000000,NULL);
CREATE TABLE outbox (
	id INTEGER NOT NULL, 
	conversation TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	due_at BIGINT NOT NULL, 
	attempts INTEGER NOT NULL, 
	delivered_at BIGINT, delivered_to TEXT DEFAULT '[]' NOT NULL, failed_at BIGINT, last_error TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_outbox PRIMARY KEY (id), 
	CONSTRAINT fk_outbox_conversation FOREIGN KEY(conversation) REFERENCES conversations (id) ON DELETE CASCADE, 
	CONSTRAINT uq_outbox_key UNIQUE ("key")
);
INSERT INTO "outbox" VALUES(1,'c0','closed','c0:3:closed','{"by":"shopper","conversation":"c0","seq":3}',1772323211000000,1772323332000000,1,1772323273000000,'[]',NULL,'');
INSERT INTO "outbox" VALUES(2,'c1','waiting','c1:3:waiting','{"conversation":"c1","language":"en","reason":"wish","seq":3}',1772323214000000,1772323332000000,1,1772323274000000,'[]',NULL,'');
INSERT INTO "outbox" VALUES(3,'c1','mentioned','c1:6:mentioned:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','{"by":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","conversation":"c1","seq":6,"to":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}',1772323217000000,1772323217000000,0,NULL,'[]',NULL,'');
INSERT INTO "outbox" VALUES(4,'c4','waiting','c4:3:waiting','{"conversation":"c4","language":"en","reason":"wish","seq":3}',1772323224000000,1772323224000000,0,NULL,'[]',NULL,'');
INSERT INTO "outbox" VALUES(5,'c5','mentioned','c5:4:mentioned:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','{"by":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","conversation":"c5","seq":4,"to":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}',1772323228000000,1772323228000000,0,NULL,'[]',NULL,'');
INSERT INTO "outbox" VALUES(6,'c5','closed','c5:5:closed','{"by":"shopper","conversation":"c5","seq":5}',1772323229000000,1772323229000000,0,NULL,'[]',NULL,'');
INSERT INTO "outbox" VALUES(7,'c7','waiting','c7:3:waiting','{"conversation":"c7","language":"en","reason":"wish","seq":3}',1772323235000000,1772323235000000,0,NULL,'[]',NULL,'');
INSERT INTO "outbox" VALUES(8,'c9','mentioned','c9:5:mentioned:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','{"by":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","conversation":"c9","seq":5,"to":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}',1772323242000000,1772323242000000,0,NULL,'[]',NULL,'');
INSERT INTO "outbox" VALUES(9,'c10','waiting','c10:3:waiting','{"conversation":"c10","language":"en","reason":"wish","seq":3}',1772323245000000,1772323245000000,0,NULL,'[]',NULL,'');
INSERT INTO "outbox" VALUES(10,'c10','closed','c10:4:closed','{"by":"shopper","conversation":"c10","seq":4}',1772323246000000,1772323246000000,0,NULL,'[]',NULL,'');
INSERT INTO "outbox" VALUES(11,'c12','waiting','c12:2:waiting','{"conversation":"c12","language":"en","reason":"wish","seq":2}',1772323254000000,1772323254000000,0,NULL,'[]',NULL,'');
INSERT INTO "outbox" VALUES(12,'c13','waiting','c13:2:waiting','{"conversation":"c13","language":"en","reason":"wish","seq":2}',1772323255000000,1772323255000000,0,NULL,'[]',NULL,'');
INSERT INTO "outbox" VALUES(13,'c16','waiting','c16:2:waiting','{"conversation":"c16","language":"zh","reason":"wish","seq":2}',1772323256000000,1772323256000000,0,NULL,'[]',NULL,'');
INSERT INTO "outbox" VALUES(14,'c17','waiting','c17:2:waiting','{"conversation":"c17","language":"en","reason":"wish","seq":2}',1772323257000000,1772323257000000,0,NULL,'[]',NULL,'');
INSERT INTO "outbox" VALUES(15,'c12','transferred','c12:4:transferred','{"by":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","conversation":"c12","seq":4,"to":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}',1772323259000000,1772323259000000,0,NULL,'[]',NULL,'');
INSERT INTO "outbox" VALUES(16,'c12','taken_over','c12:6:taken_over','{"by":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","conversation":"c12","from":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","seq":6}',1772323261000000,1772323261000000,0,NULL,'[]',NULL,'');
INSERT INTO "outbox" VALUES(17,'c13','closed','c13:4:closed','{"by":"staff","conversation":"c13","seq":4}',1772323263000000,1772323263000000,0,NULL,'[]',NULL,'');
INSERT INTO "outbox" VALUES(18,'c13','rated','c13:5:rated','{"conversation":"c13","score":4,"seq":5}',1772323264000000,1772323264000000,0,NULL,'[]',NULL,'');
INSERT INTO "outbox" VALUES(19,'c14','message_left','c14:2:message_left','{"conversation":"c14","language":"en","seq":2}',1772323265000000,1772323265000000,0,NULL,'[]',NULL,'');
INSERT INTO "outbox" VALUES(20,'c14','waiting','c14:3:waiting','{"conversation":"c14","language":"en","reason":"message_left","seq":3}',1772323265000000,1772323265000000,0,NULL,'[]',NULL,'');
INSERT INTO "outbox" VALUES(21,'c15','waiting','c15:2:waiting','{"conversation":"c15","language":"en","reason":"wish","seq":2}',1772323266000000,1772323266000000,0,NULL,'[]',NULL,'');
INSERT INTO "outbox" VALUES(22,'c17','closed','c17:4:closed','{"by":"staff","conversation":"c17","seq":4}',1772323269000000,1772323269000000,0,NULL,'[]',NULL,'');
INSERT INTO "outbox" VALUES(23,'c16','reply_late','c16:3:reply_late','{"conversation":"c16","deadline":"first_reply","seq":3}',1772323271000000,1772323271000000,0,NULL,'[]',NULL,'');
CREATE TABLE read_marks (
	conversation TEXT NOT NULL, 
	reader TEXT NOT NULL, 
	up_to INTEGER NOT NULL, 
	CONSTRAINT fk_read_marks_conversation FOREIGN KEY(conversation) REFERENCES conversations (id) ON DELETE CASCADE, 
	CONSTRAINT uq_read_marks_conversation_reader UNIQUE (conversation, reader)
);
INSERT INTO "read_marks" VALUES('c0','shopper',1);
INSERT INTO "read_marks" VALUES('c1','shopper',1);
INSERT INTO "read_marks" VALUES('c2','shopper',1);
INSERT INTO "read_marks" VALUES('c3','shopper',1);
INSERT INTO "read_marks" VALUES('c4','shopper',1);
INSERT INTO "read_marks" VALUES('c5','shopper',1);
INSERT INTO "read_marks" VALUES('c6','shopper',1);
INSERT INTO "read_marks" VALUES('c7','shopper',1);
INSERT INTO "read_marks" VALUES('c8','shopper',1);
INSERT INTO "read_marks" VALUES('c9','shopper',1);
INSERT INTO "read_marks" VALUES('c10','shopper',1);
INSERT INTO "read_marks" VALUES('c11','shopper',1);
INSERT INTO "read_marks" VALUES('c12','shopper',1);
INSERT INTO "read_marks" VALUES('c13','shopper',1);
INSERT INTO "read_marks" VALUES('c14','shopper',1);
INSERT INTO "read_marks" VALUES('c15','shopper',1);
INSERT INTO "read_marks" VALUES('c16','shopper',1);
INSERT INTO "read_marks" VALUES('c17','shopper',1);
CREATE TABLE retention_times (
	id INTEGER NOT NULL, 
	closed_days INTEGER NOT NULL, 
	traces_days INTEGER NOT NULL, 
	delivered_days INTEGER NOT NULL, 
	"by" TEXT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	CONSTRAINT pk_retention_times PRIMARY KEY (id)
);
INSERT INTO "retention_times" VALUES(1,365,90,30,'li',1772323276000000);
CREATE TABLE roll_call (
	node TEXT NOT NULL, 
	beat INTEGER NOT NULL, 
	staff TEXT NOT NULL, 
	CONSTRAINT pk_roll_call PRIMARY KEY (node)
);
INSERT INTO "roll_call" VALUES('node-a',3,'{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":true,"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb":false}');
CREATE TABLE sessions (
	digest BLOB NOT NULL, 
	staff TEXT NOT NULL, 
	csrf TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	last_seen_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	revoked_at BIGINT, 
	CONSTRAINT pk_sessions PRIMARY KEY (digest), 
	CONSTRAINT fk_sessions_staff FOREIGN KEY(staff) REFERENCES staff (id) ON DELETE CASCADE
);
INSERT INTO "sessions" VALUES(X'6464646464646464646464646464646464646464646464646464646464646464','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','csrf',1772323202000000,1772323202000000,1775001600000000,NULL);
CREATE TABLE staff (
	id TEXT NOT NULL, 
	login TEXT NOT NULL, 
	login_key TEXT NOT NULL, 
	name TEXT NOT NULL, 
	password_hash TEXT NOT NULL, 
	roles TEXT NOT NULL, 
	disabled BOOLEAN NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_staff PRIMARY KEY (id), 
	CONSTRAINT uq_staff_login_key UNIQUE (login_key)
);
INSERT INTO "staff" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','li','li','Li','$argon2id$not-a-hash','["admin","staff"]',0,1772323200000000);
INSERT INTO "staff" VALUES('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','mei','mei','Mei','$argon2id$not-a-hash','["staff"]',0,1772323201000000);
CREATE TABLE staff_skills (
	staff TEXT NOT NULL, 
	languages TEXT NOT NULL, 
	skills TEXT NOT NULL, 
	capacity INTEGER, 
	changed_at BIGINT NOT NULL, 
	CONSTRAINT pk_staff_skills PRIMARY KEY (staff), 
	CONSTRAINT fk_staff_skills_staff FOREIGN KEY(staff) REFERENCES staff (id) ON DELETE CASCADE
);
INSERT INTO "staff_skills" VALUES('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','["zh"]','["refund"]',3,1772323207000000);
CREATE TABLE tokens (
	digest BLOB NOT NULL, 
	conversation TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_tokens PRIMARY KEY (digest), 
	CONSTRAINT fk_tokens_conversation FOREIGN KEY(conversation) REFERENCES conversations (id) ON DELETE CASCADE
);
INSERT INTO "tokens" VALUES(X'0000000000000000000000000000000000000000000000000000000000000000','c0',1772323208000000);
INSERT INTO "tokens" VALUES(X'0000000000000000000000000000000000000000000000000000000000000001','c1',1772323212000000);
INSERT INTO "tokens" VALUES(X'0000000000000000000000000000000000000000000000000000000000000002','c2',1772323218000000);
INSERT INTO "tokens" VALUES(X'0000000000000000000000000000000000000000000000000000000000000003','c3',1772323219000000);
INSERT INTO "tokens" VALUES(X'0000000000000000000000000000000000000000000000000000000000000004','c4',1772323222000000);
INSERT INTO "tokens" VALUES(X'0000000000000000000000000000000000000000000000000000000000000005','c5',1772323225000000);
INSERT INTO "tokens" VALUES(X'0000000000000000000000000000000000000000000000000000000000000006','c6',1772323230000000);
INSERT INTO "tokens" VALUES(X'0000000000000000000000000000000000000000000000000000000000000007','c7',1772323233000000);
INSERT INTO "tokens" VALUES(X'0000000000000000000000000000000000000000000000000000000000000008','c8',1772323236000000);
INSERT INTO "tokens" VALUES(X'0000000000000000000000000000000000000000000000000000000000000009','c9',1772323237000000);
INSERT INTO "tokens" VALUES(X'000000000000000000000000000000000000000000000000000000000000000A','c10',1772323243000000);
INSERT INTO "tokens" VALUES(X'000000000000000000000000000000000000000000000000000000000000000B','c11',1772323247000000);
INSERT INTO "tokens" VALUES(X'000000000000000000000000000000000000000000000000000000000000000C','c12',1772323248000000);
INSERT INTO "tokens" VALUES(X'000000000000000000000000000000000000000000000000000000000000000D','c13',1772323249000000);
INSERT INTO "tokens" VALUES(X'000000000000000000000000000000000000000000000000000000000000000E','c14',1772323250000000);
INSERT INTO "tokens" VALUES(X'000000000000000000000000000000000000000000000000000000000000000F','c15',1772323251000000);
INSERT INTO "tokens" VALUES(X'0000000000000000000000000000000000000000000000000000000000000010','c16',1772323252000000);
INSERT INTO "tokens" VALUES(X'0000000000000000000000000000000000000000000000000000000000000011','c17',1772323253000000);
CREATE TABLE traces (
	conversation TEXT NOT NULL, 
	seq INTEGER NOT NULL, 
	turn TEXT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT fk_traces_conversation FOREIGN KEY(conversation) REFERENCES conversations (id) ON DELETE CASCADE, 
	CONSTRAINT uq_traces_conversation_seq UNIQUE (conversation, seq)
);
INSERT INTO "traces" VALUES('c0',2,'c0.1','{"attempts":[{"attempt":"known"}]}');
INSERT INTO "traces" VALUES('c1',2,'c1.1','{"attempts":[{"attempt":"known"}]}');
INSERT INTO "traces" VALUES('c3',2,'c3.1','{"attempts":[{"attempt":"known"}]}');
INSERT INTO "traces" VALUES('c4',2,'c4.1','{"attempts":[{"attempt":"known"}]}');
INSERT INTO "traces" VALUES('c6',2,'c6.1','{"attempts":[{"attempt":"known"}]}');
INSERT INTO "traces" VALUES('c7',2,'c7.1','{"attempts":[{"attempt":"known"}]}');
INSERT INTO "traces" VALUES('c9',2,'c9.1','{"attempts":[{"attempt":"known"}]}');
INSERT INTO "traces" VALUES('c10',2,'c10.1','{"attempts":[{"attempt":"known"}]}');
CREATE TABLE trained_chunks (
	version TEXT NOT NULL, 
	path TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	content BLOB NOT NULL, 
	CONSTRAINT fk_trained_chunks_version FOREIGN KEY(version) REFERENCES trained_sets (version) ON DELETE CASCADE, 
	CONSTRAINT uq_trained_chunks_version_path_position UNIQUE (version, path, position)
);
CREATE TABLE trained_serving (
	id INTEGER NOT NULL, 
	version TEXT NOT NULL, 
	CONSTRAINT pk_trained_serving PRIMARY KEY (id), 
	CONSTRAINT fk_trained_serving_version FOREIGN KEY(version) REFERENCES trained_sets (version)
);
CREATE TABLE trained_sets (
	version TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	about TEXT NOT NULL, 
	files TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	CONSTRAINT pk_trained_sets PRIMARY KEY (version), 
	CONSTRAINT uq_trained_sets_number UNIQUE (number)
);
CREATE TABLE turns (
	id TEXT NOT NULL, 
	conversation TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	attempt INTEGER NOT NULL, 
	claim_epoch INTEGER NOT NULL, 
	asked_at BIGINT NOT NULL, 
	ended_at BIGINT, 
	choice TEXT, first_seq INTEGER, 
	CONSTRAINT pk_turns PRIMARY KEY (id), 
	CONSTRAINT fk_turns_conversation FOREIGN KEY(conversation) REFERENCES conversations (id) ON DELETE CASCADE, 
	CONSTRAINT uq_turns_conversation_number UNIQUE (conversation, number)
);
INSERT INTO "turns" VALUES('c0.1','c0',1,'answered',1,0,1772323208000000,1772323210000000,NULL,1);
INSERT INTO "turns" VALUES('c1.1','c1',1,'handed_over',1,0,1772323212000000,1772323214000000,NULL,1);
INSERT INTO "turns" VALUES('c2.1','c2',1,'asked',0,0,1772323218000000,NULL,NULL,1);
INSERT INTO "turns" VALUES('c3.1','c3',1,'answered',1,0,1772323219000000,1772323221000000,NULL,1);
INSERT INTO "turns" VALUES('c4.1','c4',1,'handed_over',1,0,1772323222000000,1772323224000000,NULL,1);
INSERT INTO "turns" VALUES('c5.1','c5',1,'handed_over',0,0,1772323225000000,1772323226000000,NULL,1);
INSERT INTO "turns" VALUES('c6.1','c6',1,'answered',1,0,1772323230000000,1772323232000000,NULL,1);
INSERT INTO "turns" VALUES('c7.1','c7',1,'handed_over',1,0,1772323233000000,1772323235000000,NULL,1);
INSERT INTO "turns" VALUES('c8.1','c8',1,'asked',0,0,1772323236000000,NULL,NULL,1);
INSERT INTO "turns" VALUES('c9.1','c9',1,'answered',1,0,1772323237000000,1772323239000000,NULL,1);
INSERT INTO "turns" VALUES('c10.1','c10',1,'handed_over',1,0,1772323243000000,1772323245000000,NULL,1);
INSERT INTO "turns" VALUES('c11.1','c11',1,'asked',0,0,1772323247000000,NULL,NULL,1);
INSERT INTO "turns" VALUES('c12.1','c12',1,'handed_over',0,0,1772323248000000,1772323254000000,NULL,1);
INSERT INTO "turns" VALUES('c13.1','c13',1,'handed_over',0,0,1772323249000000,1772323255000000,NULL,1);
INSERT INTO "turns" VALUES('c14.1','c14',1,'handed_over',0,0,1772323250000000,1772323265000000,NULL,1);
INSERT INTO "turns" VALUES('c15.1','c15',1,'handed_over',0,0,1772323251000000,1772323266000000,NULL,1);
INSERT INTO "turns" VALUES('c16.1','c16',1,'handed_over',0,0,1772323252000000,1772323256000000,NULL,1);
INSERT INTO "turns" VALUES('c17.1','c17',1,'handed_over',0,0,1772323253000000,1772323257000000,NULL,1);
INSERT INTO "turns" VALUES('c15.2','c15',2,'asked',0,2,1772323267000000,NULL,NULL,1);
CREATE TABLE uploads (
	id TEXT NOT NULL, 
	facts TEXT NOT NULL, 
	content BLOB NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_uploads PRIMARY KEY (id)
);
CREATE TABLE widget_scripts (
	version TEXT NOT NULL, 
	content BLOB NOT NULL, 
	first_at BIGINT NOT NULL, 
	CONSTRAINT pk_widget_scripts PRIMARY KEY (version)
);
INSERT INTO "widget_scripts" VALUES('0123456789abcdef',X'2828293D3E7B7D292829',1772323277000000);
CREATE INDEX ix_conversations_stage_waiting_since ON conversations (stage, waiting_since);
CREATE INDEX ix_conversations_last_at ON conversations (last_at);
CREATE INDEX ix_events_at ON events (at);
CREATE INDEX ix_turns_open ON turns (conversation) WHERE ended_at IS NULL;
CREATE INDEX ix_tokens_conversation ON tokens (conversation);
CREATE INDEX ix_outbox_conversation ON outbox (conversation);
CREATE INDEX ix_outbox_due ON outbox (due_at) WHERE delivered_at IS NULL;
CREATE INDEX ix_sessions_staff ON sessions (staff);
CREATE INDEX ix_conversations_left ON conversations (message_left_at) WHERE message_left_at IS NOT NULL;
CREATE INDEX ix_mentions_unseen ON mentions (staff) WHERE seen_at IS NULL;
CREATE INDEX ix_events_claimed ON events (at) WHERE kind = 'staff_claimed';
COMMIT;
