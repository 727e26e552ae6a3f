BEGIN TRANSACTION;
CREATE TABLE account (
	platform VARCHAR(12) NOT NULL, 
	workspace VARCHAR(40) NOT NULL, 
	user_id VARCHAR(64) NOT NULL, 
	person_id INTEGER NOT NULL, 
	name VARCHAR(60) NOT NULL, 
	dm_channel_id VARCHAR(64) NOT NULL, 
	created_at DATETIME NOT NULL, dm_seen VARCHAR(64) DEFAULT '' NOT NULL, 
	CONSTRAINT pk_account PRIMARY KEY (platform, workspace, user_id), 
	CONSTRAINT fk_account_person_id FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE
);
INSERT INTO "account" VALUES('x','x','x',1,'x','x','2026-03-02 09:00:00.000000','x');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0004');
CREATE TABLE answer (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	person_id INTEGER NOT NULL, 
	prompt_id INTEGER NOT NULL, 
	group_id INTEGER, 
	occurrence_id INTEGER, 
	attempt INTEGER NOT NULL, 
	track VARCHAR(16) NOT NULL, 
	text TEXT NOT NULL, 
	parts JSON, 
	outcome VARCHAR(12) NOT NULL, 
	words INTEGER NOT NULL, 
	counts BOOLEAN NOT NULL, 
	at DATETIME NOT NULL, 
	day DATE NOT NULL, 
	shared_at DATETIME, 
	anonymous BOOLEAN NOT NULL, 
	withdrawn_at DATETIME, source VARCHAR(80), saved_at DATETIME, 
	CONSTRAINT fk_answer_group_id FOREIGN KEY(group_id) REFERENCES study_group (id) ON DELETE SET NULL, 
	CONSTRAINT fk_answer_occurrence_id FOREIGN KEY(occurrence_id) REFERENCES occurrence (id) ON DELETE SET NULL, 
	CONSTRAINT fk_answer_person_id FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE, 
	CONSTRAINT fk_answer_prompt_id FOREIGN KEY(prompt_id) REFERENCES prompt (id) ON DELETE CASCADE, 
	CONSTRAINT uq_answer_person_id_prompt_id_attempt UNIQUE (person_id, prompt_id, attempt)
);
INSERT INTO "answer" VALUES(1,1,1,1,1,1,'x','x','{}','x',1,1,'2026-03-02 09:00:00.000000','2026-03-02','2026-03-02 09:00:00.000000',1,'2026-03-02 09:00:00.000000','x','2026-03-02 09:00:00.000000');
CREATE TABLE aside (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	person_id INTEGER NOT NULL, 
	text VARCHAR(500) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT fk_aside_person_id FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE
);
INSERT INTO "aside" VALUES(1,1,'x','2026-03-02 09:00:00.000000');
CREATE TABLE ask (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	person_id INTEGER NOT NULL, 
	prompt_id INTEGER NOT NULL, 
	group_id INTEGER, 
	occurrence_id INTEGER, 
	at DATETIME NOT NULL, 
	CONSTRAINT fk_ask_group_id FOREIGN KEY(group_id) REFERENCES study_group (id) ON DELETE SET NULL, 
	CONSTRAINT fk_ask_occurrence_id FOREIGN KEY(occurrence_id) REFERENCES occurrence (id) ON DELETE SET NULL, 
	CONSTRAINT fk_ask_person_id FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE, 
	CONSTRAINT fk_ask_prompt_id FOREIGN KEY(prompt_id) REFERENCES prompt (id) ON DELETE CASCADE
);
INSERT INTO "ask" VALUES(1,1,1,1,1,'2026-03-02 09:00:00.000000');
CREATE TABLE audit (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	group_id INTEGER NOT NULL, 
	person_id INTEGER, 
	action VARCHAR(40) NOT NULL, 
	detail VARCHAR(200) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT fk_audit_group_id FOREIGN KEY(group_id) REFERENCES study_group (id) ON DELETE CASCADE, 
	CONSTRAINT fk_audit_person_id FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE SET NULL
);
INSERT INTO "audit" VALUES(1,1,1,'x','x','2026-03-02 09:00:00.000000');
CREATE TABLE checklist (
	answer_id INTEGER NOT NULL, 
	method VARCHAR(40) NOT NULL, 
	checks JSON NOT NULL, 
	met JSON NOT NULL, 
	newly_met INTEGER NOT NULL, 
	ticked JSON NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_checklist PRIMARY KEY (answer_id), 
	CONSTRAINT fk_checklist_answer_id FOREIGN KEY(answer_id) REFERENCES answer (id) ON DELETE CASCADE
);
INSERT INTO "checklist" VALUES(1,'x','{}','{}',1,'{}','2026-03-02 09:00:00.000000');
CREATE TABLE clarification (
	person_id INTEGER NOT NULL, 
	prompt_id INTEGER NOT NULL, 
	detail VARCHAR(60) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_clarification PRIMARY KEY (person_id, prompt_id, detail), 
	CONSTRAINT fk_clarification_person_id FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE, 
	CONSTRAINT fk_clarification_prompt_id FOREIGN KEY(prompt_id) REFERENCES prompt (id) ON DELETE CASCADE
);
INSERT INTO "clarification" VALUES(1,1,'x','2026-03-02 09:00:00.000000');
CREATE TABLE code (
	digest VARCHAR(64) NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	person_id INTEGER, 
	group_id INTEGER, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, home_id INTEGER, 
	CONSTRAINT pk_code PRIMARY KEY (digest), 
	CONSTRAINT fk_code_group_id FOREIGN KEY(group_id) REFERENCES study_group (id) ON DELETE CASCADE, 
	CONSTRAINT fk_code_person_id FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE
);
INSERT INTO "code" VALUES('x','x',1,1,'2026-03-02 09:00:00.000000','2026-03-02 09:00:00.000000',1);
CREATE TABLE correction (
	answer_id INTEGER NOT NULL, 
	place VARCHAR(40) NOT NULL, 
	was VARCHAR(10) NOT NULL, 
	now VARCHAR(10) NOT NULL, 
	sentence TEXT NOT NULL, 
	method VARCHAR(40) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_correction PRIMARY KEY (answer_id, place), 
	CONSTRAINT fk_correction_answer_id FOREIGN KEY(answer_id) REFERENCES answer (id) ON DELETE CASCADE
);
INSERT INTO "correction" VALUES(1,'x','x','x','x','x','2026-03-02 09:00:00.000000');
CREATE TABLE delivery (
	"key" VARCHAR(25) NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	occurrence_id INTEGER, 
	home_id INTEGER, 
	person_id INTEGER, 
	platform VARCHAR(12) NOT NULL, 
	scope VARCHAR(60) NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	body JSON, 
	due_at DATETIME NOT NULL, 
	not_before DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	attempt INTEGER NOT NULL, 
	worker VARCHAR(60) NOT NULL, 
	lease_until DATETIME, 
	sending_at DATETIME, 
	settled_at DATETIME, 
	message_id VARCHAR(64) NOT NULL, 
	channel_id VARCHAR(64) NOT NULL, 
	reason VARCHAR(200) NOT NULL, edits VARCHAR(25), rank INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_delivery PRIMARY KEY ("key"), 
	CONSTRAINT fk_delivery_home_id FOREIGN KEY(home_id) REFERENCES home (id) ON DELETE CASCADE, 
	CONSTRAINT fk_delivery_occurrence_id FOREIGN KEY(occurrence_id) REFERENCES occurrence (id) ON DELETE CASCADE, 
	CONSTRAINT fk_delivery_person_id FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE
);
INSERT INTO "delivery" VALUES('x','x',1,1,1,'x','x','x','{}','2026-03-02 09:00:00.000000','2026-03-02 09:00:00.000000','2026-03-02 09:00:00.000000',1,'x','2026-03-02 09:00:00.000000','2026-03-02 09:00:00.000000','2026-03-02 09:00:00.000000','x','x','x','x',1);
CREATE TABLE draft (
	person_id INTEGER NOT NULL, 
	action VARCHAR(100) NOT NULL, 
	fields JSON NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_draft PRIMARY KEY (person_id, action), 
	CONSTRAINT fk_draft_person_id FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE
);
INSERT INTO "draft" VALUES(1,'x','{}','2026-03-02 09:00:00.000000');
CREATE TABLE home (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	group_id INTEGER NOT NULL, 
	platform VARCHAR(12) NOT NULL, 
	server_id VARCHAR(64) NOT NULL, 
	channel_id VARCHAR(64) NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	reason VARCHAR(200) NOT NULL, 
	created_at DATETIME NOT NULL, gone_at DATETIME, weekly_at DATETIME, 
	CONSTRAINT fk_home_group_id FOREIGN KEY(group_id) REFERENCES study_group (id) ON DELETE CASCADE, 
	CONSTRAINT uq_home_platform_server_id_channel_id UNIQUE (platform, server_id, channel_id)
);
INSERT INTO "home" VALUES(1,1,'x','x','x','x','x','x','2026-03-02 09:00:00.000000','2026-03-02 09:00:00.000000','2026-03-02 09:00:00.000000');
CREATE TABLE lease (
	scope VARCHAR(60) NOT NULL, 
	holder VARCHAR(60) NOT NULL, 
	until DATETIME NOT NULL, 
	CONSTRAINT pk_lease PRIMARY KEY (scope)
);
INSERT INTO "lease" VALUES('x','x','2026-03-02 09:00:00.000000');
CREATE TABLE member (
	group_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	hidden BOOLEAN NOT NULL, 
	joined_at DATETIME NOT NULL, 
	left_at DATETIME, 
	CONSTRAINT pk_member PRIMARY KEY (group_id, person_id), 
	CONSTRAINT fk_member_group_id FOREIGN KEY(group_id) REFERENCES study_group (id) ON DELETE CASCADE, 
	CONSTRAINT fk_member_person_id FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE
);
INSERT INTO "member" VALUES(1,1,1,'2026-03-02 09:00:00.000000','2026-03-02 09:00:00.000000');
CREATE TABLE meta (
	"key" VARCHAR(40) NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_meta PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('x','x');
CREATE TABLE occurrence (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	schedule_id INTEGER NOT NULL, 
	local_date DATE NOT NULL, 
	due_at DATETIME NOT NULL, 
	closes_at DATETIME NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	prompt_id INTEGER, 
	CONSTRAINT fk_occurrence_prompt_id FOREIGN KEY(prompt_id) REFERENCES prompt (id) ON DELETE CASCADE, 
	CONSTRAINT fk_occurrence_schedule_id FOREIGN KEY(schedule_id) REFERENCES schedule (id) ON DELETE CASCADE, 
	CONSTRAINT uq_occurrence_schedule_id_local_date UNIQUE (schedule_id, local_date)
);
INSERT INTO "occurrence" VALUES(1,1,'2026-03-02','2026-03-02 09:00:00.000000','2026-03-02 09:00:00.000000','x',1);
CREATE TABLE pack (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	group_id INTEGER, 
	slug VARCHAR(60) NOT NULL, 
	version VARCHAR(20) NOT NULL, 
	title VARCHAR(100) NOT NULL, 
	license VARCHAR(60) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	imported_at DATETIME NOT NULL, 
	removed_at DATETIME, 
	CONSTRAINT fk_pack_group_id FOREIGN KEY(group_id) REFERENCES study_group (id) ON DELETE CASCADE
);
INSERT INTO "pack" VALUES(1,1,'x','x','x','x','x','2026-03-02 09:00:00.000000','2026-03-02 09:00:00.000000');
CREATE TABLE person (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name VARCHAR(60) NOT NULL, 
	zone VARCHAR(64) NOT NULL, 
	cutoff INTEGER NOT NULL, 
	rest_days INTEGER NOT NULL, 
	level VARCHAR(12) NOT NULL, 
	zone_set BOOLEAN NOT NULL, 
	active_group_id INTEGER, 
	created_at DATETIME NOT NULL
, gives_corrections BOOLEAN DEFAULT 0 NOT NULL, coach_since DATETIME);
INSERT INTO "person" VALUES(1,'x','x',1,1,'x',1,1,'2026-03-02 09:00:00.000000',1,'2026-03-02 09:00:00.000000');
CREATE TABLE person_change (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	person_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	kind VARCHAR(12) NOT NULL, 
	value JSON NOT NULL, 
	CONSTRAINT fk_person_change_person_id FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE
);
INSERT INTO "person_change" VALUES(1,1,'2026-03-02 09:00:00.000000','x','{}');
CREATE TABLE point (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	person_id INTEGER NOT NULL, 
	group_id INTEGER NOT NULL, 
	answer_id INTEGER, 
	kind VARCHAR(12) NOT NULL, 
	track VARCHAR(16) NOT NULL, 
	points INTEGER NOT NULL, 
	improved INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	day DATE NOT NULL, 
	CONSTRAINT fk_point_answer_id FOREIGN KEY(answer_id) REFERENCES answer (id) ON DELETE SET NULL, 
	CONSTRAINT fk_point_group_id FOREIGN KEY(group_id) REFERENCES study_group (id) ON DELETE CASCADE, 
	CONSTRAINT fk_point_person_id FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE
);
INSERT INTO "point" VALUES(1,1,1,1,'x','x',1,1,'2026-03-02 09:00:00.000000','2026-03-02');
CREATE TABLE practice_log (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	person_id INTEGER NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	track VARCHAR(16) NOT NULL, 
	answer_id INTEGER, 
	counts BOOLEAN NOT NULL, 
	at DATETIME NOT NULL, 
	day DATE NOT NULL, 
	zone VARCHAR(64) NOT NULL, 
	cutoff INTEGER NOT NULL, 
	CONSTRAINT fk_practice_log_answer_id FOREIGN KEY(answer_id) REFERENCES answer (id) ON DELETE SET NULL, 
	CONSTRAINT fk_practice_log_person_id FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE
);
INSERT INTO "practice_log" VALUES(1,1,'x','x',1,1,'2026-03-02 09:00:00.000000','2026-03-02','x',1);
CREATE TABLE prompt (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	pack_id INTEGER NOT NULL, 
	slug VARCHAR(60) NOT NULL, 
	position INTEGER NOT NULL, 
	track VARCHAR(16) NOT NULL, 
	levels VARCHAR(60) NOT NULL, 
	title VARCHAR(100) NOT NULL, 
	text TEXT NOT NULL, 
	minutes INTEGER NOT NULL, 
	rubric VARCHAR(60) NOT NULL, 
	body JSON NOT NULL, 
	retired BOOLEAN NOT NULL, 
	CONSTRAINT fk_prompt_pack_id FOREIGN KEY(pack_id) REFERENCES pack (id) ON DELETE CASCADE, 
	CONSTRAINT uq_prompt_pack_id_slug UNIQUE (pack_id, slug)
);
INSERT INTO "prompt" VALUES(1,1,'x',1,'x','x','x','x',1,'x','{}',1);
CREATE TABLE review (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	answer_id INTEGER NOT NULL, 
	reviewer_id INTEGER NOT NULL, 
	seen JSON NOT NULL, 
	missing JSON NOT NULL, 
	words TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	helpful_at DATETIME, 
	withdrawn_at DATETIME, edited_at DATETIME, 
	CONSTRAINT fk_review_answer_id FOREIGN KEY(answer_id) REFERENCES answer (id) ON DELETE CASCADE, 
	CONSTRAINT fk_review_reviewer_id FOREIGN KEY(reviewer_id) REFERENCES person (id) ON DELETE CASCADE, 
	CONSTRAINT uq_review_answer_id_reviewer_id UNIQUE (answer_id, reviewer_id)
);
INSERT INTO "review" VALUES(1,1,1,'{}','{}','x','2026-03-02 09:00:00.000000','2026-03-02 09:00:00.000000','2026-03-02 09:00:00.000000','2026-03-02 09:00:00.000000');
CREATE TABLE rollup (
	group_id INTEGER NOT NULL, 
	period VARCHAR(8) NOT NULL, 
	bucket VARCHAR(8) NOT NULL, 
	track VARCHAR(16) NOT NULL, 
	person_id INTEGER NOT NULL, 
	points INTEGER NOT NULL, 
	improved INTEGER NOT NULL, 
	points_at DATETIME NOT NULL, 
	improved_at DATETIME NOT NULL, 
	shown BOOLEAN NOT NULL, 
	CONSTRAINT pk_rollup PRIMARY KEY (group_id, period, bucket, track, person_id), 
	CONSTRAINT fk_rollup_group_id FOREIGN KEY(group_id) REFERENCES study_group (id) ON DELETE CASCADE, 
	CONSTRAINT fk_rollup_person_id FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "rollup" VALUES(1,'x','x','x',1,1,1,'2026-03-02 09:00:00.000000','2026-03-02 09:00:00.000000',1);
CREATE TABLE schedule (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	group_id INTEGER, 
	person_id INTEGER, 
	platform VARCHAR(12) NOT NULL, 
	local_time INTEGER NOT NULL, 
	zone VARCHAR(64) NOT NULL, 
	weekdays INTEGER NOT NULL, 
	tracks JSON NOT NULL, 
	packs JSON NOT NULL, 
	role_id VARCHAR(64) NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	reason VARCHAR(200) NOT NULL, 
	next_date DATE, 
	next_due_at DATETIME, 
	created_at DATETIME NOT NULL, thread BOOLEAN DEFAULT 0 NOT NULL, recap BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT fk_schedule_group_id FOREIGN KEY(group_id) REFERENCES study_group (id) ON DELETE CASCADE, 
	CONSTRAINT fk_schedule_person_id FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE
);
INSERT INTO "schedule" VALUES(1,1,1,'x',1,'x',1,'{}','{}','x','x','x','2026-03-02','2026-03-02 09:00:00.000000','2026-03-02 09:00:00.000000',1,1);
CREATE TABLE schedule_home (
	schedule_id INTEGER NOT NULL, 
	home_id INTEGER NOT NULL, 
	channel_id VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_schedule_home PRIMARY KEY (schedule_id, home_id), 
	CONSTRAINT fk_schedule_home_home_id FOREIGN KEY(home_id) REFERENCES home (id) ON DELETE CASCADE, 
	CONSTRAINT fk_schedule_home_schedule_id FOREIGN KEY(schedule_id) REFERENCES schedule (id) ON DELETE CASCADE
);
INSERT INTO "schedule_home" VALUES(1,1,'x');
CREATE TABLE schedule_span (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	schedule_id INTEGER NOT NULL, 
	local_time INTEGER NOT NULL, 
	zone VARCHAR(64) NOT NULL, 
	weekdays INTEGER NOT NULL, 
	since DATETIME NOT NULL, 
	until DATETIME, 
	CONSTRAINT fk_schedule_span_schedule_id FOREIGN KEY(schedule_id) REFERENCES schedule (id) ON DELETE CASCADE
);
INSERT INTO "schedule_span" VALUES(1,1,1,'x',1,'2026-03-02 09:00:00.000000','2026-03-02 09:00:00.000000');
CREATE TABLE streak (
	person_id INTEGER NOT NULL, 
	current INTEGER NOT NULL, 
	best INTEGER NOT NULL, 
	savers INTEGER NOT NULL, 
	lapses_at DATETIME, 
	reached_at DATETIME NOT NULL, 
	told_lost_at DATETIME, stale BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_streak PRIMARY KEY (person_id), 
	CONSTRAINT fk_streak_person_id FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE
);
INSERT INTO "streak" VALUES(1,1,1,1,'2026-03-02 09:00:00.000000','2026-03-02 09:00:00.000000','2026-03-02 09:00:00.000000',1);
CREATE TABLE study_group (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name VARCHAR(60) NOT NULL, 
	zone VARCHAR(64) NOT NULL, 
	cutoff INTEGER NOT NULL, 
	points JSON NOT NULL, 
	created_at DATETIME NOT NULL
, gone_at DATETIME);
INSERT INTO "study_group" VALUES(1,'x','x',1,'{}','2026-03-02 09:00:00.000000','2026-03-02 09:00:00.000000');
CREATE INDEX ix_account_person_id ON account (person_id);
CREATE INDEX ix_audit_group_id_at ON audit (group_id, at);
CREATE INDEX ix_member_person_id ON member (person_id);
CREATE INDEX ix_pack_slug ON pack (slug);
CREATE INDEX ix_person_change_person_id_at ON person_change (person_id, at);
CREATE INDEX ix_schedule_group_id ON schedule (group_id);
CREATE INDEX ix_schedule_person_id ON schedule (person_id);
CREATE INDEX ix_prompt_track ON prompt (track);
CREATE INDEX ix_schedule_span_schedule_id ON schedule_span (schedule_id);
CREATE INDEX ix_occurrence_closes_at ON occurrence (closes_at);
CREATE INDEX ix_answer_occurrence_id ON answer (occurrence_id);
CREATE INDEX ix_answer_person_id_at ON answer (person_id, at);
CREATE INDEX ix_ask_person_id_at ON ask (person_id, at);
CREATE INDEX ix_delivery_occurrence_id ON delivery (occurrence_id);
CREATE INDEX ix_delivery_person_id ON delivery (person_id);
CREATE INDEX ix_point_group_id_day ON point (group_id, day);
CREATE INDEX ix_point_person_id_day ON point (person_id, day);
CREATE INDEX ix_practice_log_person_id_at ON practice_log (person_id, at);
CREATE INDEX ix_review_reviewer_id ON review (reviewer_id);
CREATE INDEX ix_aside_person_id ON aside (person_id);
CREATE UNIQUE INDEX uq_answer_source ON answer (source);
CREATE INDEX ix_delivery_expires_at ON delivery (expires_at) WHERE state = 'pending';
CREATE INDEX ix_delivery_queue ON delivery (scope, rank, not_before, "key") WHERE state = 'pending';
CREATE INDEX ix_delivery_sending ON delivery (lease_until) WHERE state = 'sending';
CREATE INDEX ix_delivery_state_settled_at ON delivery (state, settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX ix_delivery_home_id ON delivery (home_id) WHERE home_id IS NOT NULL;
CREATE INDEX ix_delivery_tried ON delivery (sending_at) WHERE state = 'pending' AND sending_at IS NOT NULL;
CREATE INDEX ix_delivery_unreached ON delivery (person_id) WHERE kind = 'remind' AND (state = 'expired' OR state = 'failed');
CREATE INDEX ix_delivery_lost ON delivery (occurrence_id) WHERE kind = 'drop' AND (state = 'expired' OR state = 'failed');
CREATE INDEX ix_schedule_next_due_at ON schedule (next_due_at) WHERE state = 'active';
CREATE INDEX ix_home_group_id ON home (group_id);
CREATE INDEX ix_home_weekly_at ON home (weekly_at);
CREATE INDEX ix_rollup_person_id ON rollup (person_id);
CREATE INDEX ix_rollup_improved ON rollup (group_id, period, bucket, track, shown, improved DESC, improved_at, person_id);
CREATE INDEX ix_rollup_points ON rollup (group_id, period, bucket, track, shown, points DESC, points_at, person_id);
CREATE INDEX ix_streak_current ON streak (current DESC, reached_at, person_id, lapses_at);
CREATE INDEX ix_streak_stale ON streak (person_id) WHERE stale;
CREATE INDEX ix_code_person_id ON code (person_id);
CREATE INDEX ix_answer_shared ON answer (group_id, shared_at) WHERE shared_at IS NOT NULL AND withdrawn_at IS NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('person',1);
INSERT INTO "sqlite_sequence" VALUES('study_group',1);
INSERT INTO "sqlite_sequence" VALUES('aside',1);
INSERT INTO "sqlite_sequence" VALUES('audit',1);
INSERT INTO "sqlite_sequence" VALUES('home',1);
INSERT INTO "sqlite_sequence" VALUES('pack',1);
INSERT INTO "sqlite_sequence" VALUES('person_change',1);
INSERT INTO "sqlite_sequence" VALUES('schedule',1);
INSERT INTO "sqlite_sequence" VALUES('prompt',1);
INSERT INTO "sqlite_sequence" VALUES('schedule_span',1);
INSERT INTO "sqlite_sequence" VALUES('occurrence',1);
INSERT INTO "sqlite_sequence" VALUES('answer',1);
INSERT INTO "sqlite_sequence" VALUES('ask',1);
INSERT INTO "sqlite_sequence" VALUES('point',1);
INSERT INTO "sqlite_sequence" VALUES('practice_log',1);
INSERT INTO "sqlite_sequence" VALUES('review',1);
COMMIT;
