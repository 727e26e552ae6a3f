SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.account (
    platform character varying(12) NOT NULL,
    workspace character varying(40) NOT NULL,
    user_id character varying(64) NOT NULL,
    person_id bigint NOT NULL,
    name character varying(60) NOT NULL,
    dm_channel_id character varying(64) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    dm_seen character varying(64) DEFAULT ''::character varying NOT NULL
);
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.answer (
    id bigint NOT NULL,
    person_id bigint NOT NULL,
    prompt_id bigint NOT NULL,
    group_id bigint,
    occurrence_id bigint,
    attempt integer NOT NULL,
    track character varying(16) NOT NULL,
    text text NOT NULL,
    parts json,
    outcome character varying(12) NOT NULL,
    words integer NOT NULL,
    counts boolean NOT NULL,
    at timestamp with time zone NOT NULL,
    day date NOT NULL,
    shared_at timestamp with time zone,
    anonymous boolean NOT NULL,
    withdrawn_at timestamp with time zone,
    source character varying(80),
    saved_at timestamp with time zone
);
CREATE SEQUENCE public.answer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.answer_id_seq OWNED BY public.answer.id;
CREATE TABLE public.aside (
    id bigint NOT NULL,
    person_id bigint NOT NULL,
    text character varying(500) NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.aside_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.aside_id_seq OWNED BY public.aside.id;
CREATE TABLE public.ask (
    id bigint NOT NULL,
    person_id bigint NOT NULL,
    prompt_id bigint NOT NULL,
    group_id bigint,
    occurrence_id bigint,
    at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.ask_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.ask_id_seq OWNED BY public.ask.id;
CREATE TABLE public.audit (
    id bigint NOT NULL,
    group_id bigint NOT NULL,
    person_id bigint,
    action character varying(40) NOT NULL,
    detail character varying(200) NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.audit_id_seq OWNED BY public.audit.id;
CREATE TABLE public.checklist (
    answer_id bigint NOT NULL,
    method character varying(40) NOT NULL,
    checks json NOT NULL,
    met json NOT NULL,
    newly_met integer NOT NULL,
    ticked json NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE TABLE public.clarification (
    person_id bigint NOT NULL,
    prompt_id bigint NOT NULL,
    detail character varying(60) NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE TABLE public.code (
    digest character varying(64) NOT NULL,
    kind character varying(10) NOT NULL,
    person_id bigint,
    group_id bigint,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    home_id bigint
);
CREATE TABLE public.correction (
    answer_id bigint NOT NULL,
    place character varying(40) NOT NULL,
    was character varying(10) NOT NULL,
    now character varying(10) NOT NULL,
    sentence text NOT NULL,
    method character varying(40) NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE TABLE public.delivery (
    key character varying(25) NOT NULL,
    kind character varying(10) NOT NULL,
    occurrence_id bigint,
    home_id bigint,
    person_id bigint,
    platform character varying(12) NOT NULL,
    scope character varying(60) NOT NULL,
    state character varying(10) NOT NULL,
    body json,
    due_at timestamp with time zone NOT NULL,
    not_before timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    attempt integer NOT NULL,
    worker character varying(60) NOT NULL,
    lease_until timestamp with time zone,
    sending_at timestamp with time zone,
    settled_at timestamp with time zone,
    message_id character varying(64) NOT NULL,
    channel_id character varying(64) NOT NULL,
    reason character varying(200) NOT NULL,
    edits character varying(25),
    rank integer DEFAULT 0 NOT NULL
);
CREATE TABLE public.draft (
    person_id bigint NOT NULL,
    action character varying(100) NOT NULL,
    fields json NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE TABLE public.home (
    id bigint NOT NULL,
    group_id bigint NOT NULL,
    platform character varying(12) NOT NULL,
    server_id character varying(64) NOT NULL,
    channel_id character varying(64) NOT NULL,
    name character varying(100) NOT NULL,
    state character varying(10) NOT NULL,
    reason character varying(200) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    gone_at timestamp with time zone,
    weekly_at timestamp with time zone
);
CREATE SEQUENCE public.home_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.home_id_seq OWNED BY public.home.id;
CREATE TABLE public.lease (
    scope character varying(60) NOT NULL,
    holder character varying(60) NOT NULL,
    until timestamp with time zone NOT NULL
);
CREATE TABLE public.member (
    group_id bigint NOT NULL,
    person_id bigint NOT NULL,
    hidden boolean NOT NULL,
    joined_at timestamp with time zone NOT NULL,
    left_at timestamp with time zone
);
CREATE TABLE public.meta (
    key character varying(40) NOT NULL,
    value text NOT NULL
);
CREATE TABLE public.occurrence (
    id bigint NOT NULL,
    schedule_id bigint NOT NULL,
    local_date date NOT NULL,
    due_at timestamp with time zone NOT NULL,
    closes_at timestamp with time zone NOT NULL,
    state character varying(10) NOT NULL,
    prompt_id bigint
);
CREATE SEQUENCE public.occurrence_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.occurrence_id_seq OWNED BY public.occurrence.id;
CREATE TABLE public.pack (
    id bigint NOT NULL,
    group_id bigint,
    slug character varying(60) NOT NULL,
    version character varying(20) NOT NULL,
    title character varying(100) NOT NULL,
    license character varying(60) NOT NULL,
    sha256 character varying(64) NOT NULL,
    imported_at timestamp with time zone NOT NULL,
    removed_at timestamp with time zone
);
CREATE SEQUENCE public.pack_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.pack_id_seq OWNED BY public.pack.id;
CREATE TABLE public.person (
    id bigint NOT NULL,
    name character varying(60) NOT NULL,
    zone character varying(64) NOT NULL,
    cutoff integer NOT NULL,
    rest_days integer NOT NULL,
    level character varying(12) NOT NULL,
    zone_set boolean NOT NULL,
    active_group_id bigint,
    created_at timestamp with time zone NOT NULL,
    gives_corrections boolean DEFAULT false NOT NULL,
    coach_since timestamp with time zone
);
CREATE TABLE public.person_change (
    id bigint NOT NULL,
    person_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    kind character varying(12) NOT NULL,
    value json NOT NULL
);
CREATE SEQUENCE public.person_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.person_change_id_seq OWNED BY public.person_change.id;
CREATE SEQUENCE public.person_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.person_id_seq OWNED BY public.person.id;
CREATE TABLE public.point (
    id bigint NOT NULL,
    person_id bigint NOT NULL,
    group_id bigint NOT NULL,
    answer_id bigint,
    kind character varying(12) NOT NULL,
    track character varying(16) NOT NULL,
    points integer NOT NULL,
    improved integer NOT NULL,
    at timestamp with time zone NOT NULL,
    day date NOT NULL
);
CREATE SEQUENCE public.point_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.point_id_seq OWNED BY public.point.id;
CREATE TABLE public.practice_log (
    id bigint NOT NULL,
    person_id bigint NOT NULL,
    kind character varying(10) NOT NULL,
    track character varying(16) NOT NULL,
    answer_id bigint,
    counts boolean NOT NULL,
    at timestamp with time zone NOT NULL,
    day date NOT NULL,
    zone character varying(64) NOT NULL,
    cutoff integer NOT NULL
);
CREATE SEQUENCE public.practice_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.practice_log_id_seq OWNED BY public.practice_log.id;
CREATE TABLE public.prompt (
    id bigint NOT NULL,
    pack_id bigint NOT NULL,
    slug character varying(60) NOT NULL,
    "position" integer NOT NULL,
    track character varying(16) NOT NULL,
    levels character varying(60) NOT NULL,
    title character varying(100) NOT NULL,
    text text NOT NULL,
    minutes integer NOT NULL,
    rubric character varying(60) NOT NULL,
    body json NOT NULL,
    retired boolean NOT NULL
);
CREATE SEQUENCE public.prompt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.prompt_id_seq OWNED BY public.prompt.id;
CREATE TABLE public.review (
    id bigint NOT NULL,
    answer_id bigint NOT NULL,
    reviewer_id bigint NOT NULL,
    seen json NOT NULL,
    missing json NOT NULL,
    words text NOT NULL,
    at timestamp with time zone NOT NULL,
    helpful_at timestamp with time zone,
    withdrawn_at timestamp with time zone,
    edited_at timestamp with time zone
);
CREATE SEQUENCE public.review_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.review_id_seq OWNED BY public.review.id;
CREATE TABLE public.rollup (
    group_id bigint NOT NULL,
    period character varying(8) NOT NULL,
    bucket character varying(8) NOT NULL,
    track character varying(16) NOT NULL,
    person_id bigint NOT NULL,
    points integer NOT NULL,
    improved integer NOT NULL,
    points_at timestamp with time zone NOT NULL,
    improved_at timestamp with time zone NOT NULL,
    shown boolean NOT NULL
);
CREATE TABLE public.schedule (
    id bigint NOT NULL,
    group_id bigint,
    person_id bigint,
    platform character varying(12) NOT NULL,
    local_time integer NOT NULL,
    zone character varying(64) NOT NULL,
    weekdays integer NOT NULL,
    tracks json NOT NULL,
    packs json NOT NULL,
    role_id character varying(64) NOT NULL,
    state character varying(10) NOT NULL,
    reason character varying(200) NOT NULL,
    next_date date,
    next_due_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    thread boolean DEFAULT false NOT NULL,
    recap boolean DEFAULT false NOT NULL
);
CREATE TABLE public.schedule_home (
    schedule_id bigint NOT NULL,
    home_id bigint NOT NULL,
    channel_id character varying(64) NOT NULL
);
CREATE SEQUENCE public.schedule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.schedule_id_seq OWNED BY public.schedule.id;
CREATE TABLE public.schedule_span (
    id bigint NOT NULL,
    schedule_id bigint NOT NULL,
    local_time integer NOT NULL,
    zone character varying(64) NOT NULL,
    weekdays integer NOT NULL,
    since timestamp with time zone NOT NULL,
    until timestamp with time zone
);
CREATE SEQUENCE public.schedule_span_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.schedule_span_id_seq OWNED BY public.schedule_span.id;
CREATE TABLE public.streak (
    person_id bigint NOT NULL,
    current integer NOT NULL,
    best integer NOT NULL,
    savers integer NOT NULL,
    lapses_at timestamp with time zone,
    reached_at timestamp with time zone NOT NULL,
    told_lost_at timestamp with time zone,
    stale boolean DEFAULT false NOT NULL
);
CREATE TABLE public.study_group (
    id bigint NOT NULL,
    name character varying(60) NOT NULL,
    zone character varying(64) NOT NULL,
    cutoff integer NOT NULL,
    points json NOT NULL,
    created_at timestamp with time zone NOT NULL,
    gone_at timestamp with time zone
);
CREATE SEQUENCE public.study_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.study_group_id_seq OWNED BY public.study_group.id;
ALTER TABLE ONLY public.answer ALTER COLUMN id SET DEFAULT nextval('public.answer_id_seq'::regclass);
ALTER TABLE ONLY public.aside ALTER COLUMN id SET DEFAULT nextval('public.aside_id_seq'::regclass);
ALTER TABLE ONLY public.ask ALTER COLUMN id SET DEFAULT nextval('public.ask_id_seq'::regclass);
ALTER TABLE ONLY public.audit ALTER COLUMN id SET DEFAULT nextval('public.audit_id_seq'::regclass);
ALTER TABLE ONLY public.home ALTER COLUMN id SET DEFAULT nextval('public.home_id_seq'::regclass);
ALTER TABLE ONLY public.occurrence ALTER COLUMN id SET DEFAULT nextval('public.occurrence_id_seq'::regclass);
ALTER TABLE ONLY public.pack ALTER COLUMN id SET DEFAULT nextval('public.pack_id_seq'::regclass);
ALTER TABLE ONLY public.person ALTER COLUMN id SET DEFAULT nextval('public.person_id_seq'::regclass);
ALTER TABLE ONLY public.person_change ALTER COLUMN id SET DEFAULT nextval('public.person_change_id_seq'::regclass);
ALTER TABLE ONLY public.point ALTER COLUMN id SET DEFAULT nextval('public.point_id_seq'::regclass);
ALTER TABLE ONLY public.practice_log ALTER COLUMN id SET DEFAULT nextval('public.practice_log_id_seq'::regclass);
ALTER TABLE ONLY public.prompt ALTER COLUMN id SET DEFAULT nextval('public.prompt_id_seq'::regclass);
ALTER TABLE ONLY public.review ALTER COLUMN id SET DEFAULT nextval('public.review_id_seq'::regclass);
ALTER TABLE ONLY public.schedule ALTER COLUMN id SET DEFAULT nextval('public.schedule_id_seq'::regclass);
ALTER TABLE ONLY public.schedule_span ALTER COLUMN id SET DEFAULT nextval('public.schedule_span_id_seq'::regclass);
ALTER TABLE ONLY public.study_group ALTER COLUMN id SET DEFAULT nextval('public.study_group_id_seq'::regclass);
INSERT INTO public.account VALUES ('x', 'x', 'x', 1, 'x', 'x', '2026-03-02 09:00:00+00', 'x');
INSERT INTO public.alembic_version VALUES ('0004');
INSERT INTO public.answer VALUES (1, 1, 1, 1, 1, 1, 'x', 'x', '{}', 'x', 1, true, '2026-03-02 09:00:00+00', '2026-03-02', '2026-03-02 09:00:00+00', true, '2026-03-02 09:00:00+00', 'x', '2026-03-02 09:00:00+00');
INSERT INTO public.aside VALUES (1, 1, 'x', '2026-03-02 09:00:00+00');
INSERT INTO public.ask VALUES (1, 1, 1, 1, 1, '2026-03-02 09:00:00+00');
INSERT INTO public.audit VALUES (1, 1, 1, 'x', 'x', '2026-03-02 09:00:00+00');
INSERT INTO public.checklist VALUES (1, 'x', '{}', '{}', 1, '{}', '2026-03-02 09:00:00+00');
INSERT INTO public.clarification VALUES (1, 1, 'x', '2026-03-02 09:00:00+00');
INSERT INTO public.code VALUES ('x', 'x', 1, 1, '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00', 1);
INSERT INTO public.correction VALUES (1, 'x', 'x', 'x', 'x', 'x', '2026-03-02 09:00:00+00');
INSERT INTO public.delivery VALUES ('x', 'x', 1, 1, 1, 'x', 'x', 'x', '{}', '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00', 1, 'x', '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00', 'x', 'x', 'x', 'x', 1);
INSERT INTO public.draft VALUES (1, 'x', '{}', '2026-03-02 09:00:00+00');
INSERT INTO public.home VALUES (1, 1, 'x', 'x', 'x', 'x', 'x', 'x', '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00');
INSERT INTO public.lease VALUES ('x', 'x', '2026-03-02 09:00:00+00');
INSERT INTO public.member VALUES (1, 1, true, '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00');
INSERT INTO public.meta VALUES ('x', 'x');
INSERT INTO public.occurrence VALUES (1, 1, '2026-03-02', '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00', 'x', 1);
INSERT INTO public.pack VALUES (1, 1, 'x', 'x', 'x', 'x', 'x', '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00');
INSERT INTO public.person VALUES (1, 'x', 'x', 1, 1, 'x', true, 1, '2026-03-02 09:00:00+00', true, '2026-03-02 09:00:00+00');
INSERT INTO public.person_change VALUES (1, 1, '2026-03-02 09:00:00+00', 'x', '{}');
INSERT INTO public.point VALUES (1, 1, 1, 1, 'x', 'x', 1, 1, '2026-03-02 09:00:00+00', '2026-03-02');
INSERT INTO public.practice_log VALUES (1, 1, 'x', 'x', 1, true, '2026-03-02 09:00:00+00', '2026-03-02', 'x', 1);
INSERT INTO public.prompt VALUES (1, 1, 'x', 1, 'x', 'x', 'x', 'x', 1, 'x', '{}', true);
INSERT INTO public.review VALUES (1, 1, 1, '{}', '{}', 'x', '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00');
INSERT INTO public.rollup VALUES (1, 'x', 'x', 'x', 1, 1, 1, '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00', true);
INSERT INTO public.schedule VALUES (1, 1, 1, 'x', 1, 'x', 1, '{}', '{}', 'x', 'x', 'x', '2026-03-02', '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00', true, true);
INSERT INTO public.schedule_home VALUES (1, 1, 'x');
INSERT INTO public.schedule_span VALUES (1, 1, 1, 'x', 1, '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00');
INSERT INTO public.streak VALUES (1, 1, 1, 1, '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00', true);
INSERT INTO public.study_group VALUES (1, 'x', 'x', 1, '{}', '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00');
SELECT pg_catalog.setval('public.answer_id_seq', 1, false);
SELECT pg_catalog.setval('public.aside_id_seq', 1, false);
SELECT pg_catalog.setval('public.ask_id_seq', 1, false);
SELECT pg_catalog.setval('public.audit_id_seq', 1, false);
SELECT pg_catalog.setval('public.home_id_seq', 1, false);
SELECT pg_catalog.setval('public.occurrence_id_seq', 1, false);
SELECT pg_catalog.setval('public.pack_id_seq', 1, false);
SELECT pg_catalog.setval('public.person_change_id_seq', 1, false);
SELECT pg_catalog.setval('public.person_id_seq', 1, false);
SELECT pg_catalog.setval('public.point_id_seq', 1, false);
SELECT pg_catalog.setval('public.practice_log_id_seq', 1, false);
SELECT pg_catalog.setval('public.prompt_id_seq', 1, false);
SELECT pg_catalog.setval('public.review_id_seq', 1, false);
SELECT pg_catalog.setval('public.schedule_id_seq', 1, false);
SELECT pg_catalog.setval('public.schedule_span_id_seq', 1, false);
SELECT pg_catalog.setval('public.study_group_id_seq', 1, false);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.account
    ADD CONSTRAINT pk_account PRIMARY KEY (platform, workspace, user_id);
ALTER TABLE ONLY public.answer
    ADD CONSTRAINT pk_answer PRIMARY KEY (id);
ALTER TABLE ONLY public.aside
    ADD CONSTRAINT pk_aside PRIMARY KEY (id);
ALTER TABLE ONLY public.ask
    ADD CONSTRAINT pk_ask PRIMARY KEY (id);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT pk_audit PRIMARY KEY (id);
ALTER TABLE ONLY public.checklist
    ADD CONSTRAINT pk_checklist PRIMARY KEY (answer_id);
ALTER TABLE ONLY public.clarification
    ADD CONSTRAINT pk_clarification PRIMARY KEY (person_id, prompt_id, detail);
ALTER TABLE ONLY public.code
    ADD CONSTRAINT pk_code PRIMARY KEY (digest);
ALTER TABLE ONLY public.correction
    ADD CONSTRAINT pk_correction PRIMARY KEY (answer_id, place);
ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT pk_delivery PRIMARY KEY (key);
ALTER TABLE ONLY public.draft
    ADD CONSTRAINT pk_draft PRIMARY KEY (person_id, action);
ALTER TABLE ONLY public.home
    ADD CONSTRAINT pk_home PRIMARY KEY (id);
ALTER TABLE ONLY public.lease
    ADD CONSTRAINT pk_lease PRIMARY KEY (scope);
ALTER TABLE ONLY public.member
    ADD CONSTRAINT pk_member PRIMARY KEY (group_id, person_id);
ALTER TABLE ONLY public.meta
    ADD CONSTRAINT pk_meta PRIMARY KEY (key);
ALTER TABLE ONLY public.occurrence
    ADD CONSTRAINT pk_occurrence PRIMARY KEY (id);
ALTER TABLE ONLY public.pack
    ADD CONSTRAINT pk_pack PRIMARY KEY (id);
ALTER TABLE ONLY public.person
    ADD CONSTRAINT pk_person PRIMARY KEY (id);
ALTER TABLE ONLY public.person_change
    ADD CONSTRAINT pk_person_change PRIMARY KEY (id);
ALTER TABLE ONLY public.point
    ADD CONSTRAINT pk_point PRIMARY KEY (id);
ALTER TABLE ONLY public.practice_log
    ADD CONSTRAINT pk_practice_log PRIMARY KEY (id);
ALTER TABLE ONLY public.prompt
    ADD CONSTRAINT pk_prompt PRIMARY KEY (id);
ALTER TABLE ONLY public.review
    ADD CONSTRAINT pk_review PRIMARY KEY (id);
ALTER TABLE ONLY public.rollup
    ADD CONSTRAINT pk_rollup PRIMARY KEY (group_id, period, bucket, track, person_id);
ALTER TABLE ONLY public.schedule
    ADD CONSTRAINT pk_schedule PRIMARY KEY (id);
ALTER TABLE ONLY public.schedule_home
    ADD CONSTRAINT pk_schedule_home PRIMARY KEY (schedule_id, home_id);
ALTER TABLE ONLY public.schedule_span
    ADD CONSTRAINT pk_schedule_span PRIMARY KEY (id);
ALTER TABLE ONLY public.streak
    ADD CONSTRAINT pk_streak PRIMARY KEY (person_id);
ALTER TABLE ONLY public.study_group
    ADD CONSTRAINT pk_study_group PRIMARY KEY (id);
ALTER TABLE ONLY public.answer
    ADD CONSTRAINT uq_answer_person_id_prompt_id_attempt UNIQUE (person_id, prompt_id, attempt);
ALTER TABLE ONLY public.home
    ADD CONSTRAINT uq_home_platform_server_id_channel_id UNIQUE (platform, server_id, channel_id);
ALTER TABLE ONLY public.occurrence
    ADD CONSTRAINT uq_occurrence_schedule_id_local_date UNIQUE (schedule_id, local_date);
ALTER TABLE ONLY public.prompt
    ADD CONSTRAINT uq_prompt_pack_id_slug UNIQUE (pack_id, slug);
ALTER TABLE ONLY public.review
    ADD CONSTRAINT uq_review_answer_id_reviewer_id UNIQUE (answer_id, reviewer_id);
CREATE INDEX ix_account_person_id ON public.account USING btree (person_id);
CREATE INDEX ix_answer_occurrence_id ON public.answer USING btree (occurrence_id);
CREATE INDEX ix_answer_person_id_at ON public.answer USING btree (person_id, at);
CREATE INDEX ix_answer_shared ON public.answer USING btree (group_id, shared_at) WHERE ((shared_at IS NOT NULL) AND (withdrawn_at IS NULL));
CREATE INDEX ix_aside_person_id ON public.aside USING btree (person_id);
CREATE INDEX ix_ask_person_id_at ON public.ask USING btree (person_id, at);
CREATE INDEX ix_audit_group_id_at ON public.audit USING btree (group_id, at);
CREATE INDEX ix_code_person_id ON public.code USING btree (person_id);
CREATE INDEX ix_delivery_expires_at ON public.delivery USING btree (expires_at) WHERE ((state)::text = 'pending'::text);
CREATE INDEX ix_delivery_home_id ON public.delivery USING btree (home_id) WHERE (home_id IS NOT NULL);
CREATE INDEX ix_delivery_lost ON public.delivery USING btree (occurrence_id) WHERE (((kind)::text = 'drop'::text) AND (((state)::text = 'expired'::text) OR ((state)::text = 'failed'::text)));
CREATE INDEX ix_delivery_occurrence_id ON public.delivery USING btree (occurrence_id);
CREATE INDEX ix_delivery_person_id ON public.delivery USING btree (person_id);
CREATE INDEX ix_delivery_queue ON public.delivery USING btree (scope, rank, not_before, key) WHERE ((state)::text = 'pending'::text);
CREATE INDEX ix_delivery_sending ON public.delivery USING btree (lease_until) WHERE ((state)::text = 'sending'::text);
CREATE INDEX ix_delivery_state_settled_at ON public.delivery USING btree (state, settled_at) WHERE (settled_at IS NOT NULL);
CREATE INDEX ix_delivery_tried ON public.delivery USING btree (sending_at) WHERE (((state)::text = 'pending'::text) AND (sending_at IS NOT NULL));
CREATE INDEX ix_delivery_unreached ON public.delivery USING btree (person_id) WHERE (((kind)::text = 'remind'::text) AND (((state)::text = 'expired'::text) OR ((state)::text = 'failed'::text)));
CREATE INDEX ix_home_group_id ON public.home USING btree (group_id);
CREATE INDEX ix_home_weekly_at ON public.home USING btree (weekly_at);
CREATE INDEX ix_member_person_id ON public.member USING btree (person_id);
CREATE INDEX ix_occurrence_closes_at ON public.occurrence USING btree (closes_at);
CREATE INDEX ix_pack_slug ON public.pack USING btree (slug);
CREATE INDEX ix_person_change_person_id_at ON public.person_change USING btree (person_id, at);
CREATE INDEX ix_point_group_id_day ON public.point USING btree (group_id, day);
CREATE INDEX ix_point_person_id_day ON public.point USING btree (person_id, day);
CREATE INDEX ix_practice_log_person_id_at ON public.practice_log USING btree (person_id, at);
CREATE INDEX ix_prompt_track ON public.prompt USING btree (track);
CREATE INDEX ix_review_reviewer_id ON public.review USING btree (reviewer_id);
CREATE INDEX ix_rollup_improved ON public.rollup USING btree (group_id, period, bucket, track, shown, improved DESC, improved_at, person_id);
CREATE INDEX ix_rollup_person_id ON public.rollup USING btree (person_id);
CREATE INDEX ix_rollup_points ON public.rollup USING btree (group_id, period, bucket, track, shown, points DESC, points_at, person_id);
CREATE INDEX ix_schedule_group_id ON public.schedule USING btree (group_id);
CREATE INDEX ix_schedule_next_due_at ON public.schedule USING btree (next_due_at) WHERE ((state)::text = 'active'::text);
CREATE INDEX ix_schedule_person_id ON public.schedule USING btree (person_id);
CREATE INDEX ix_schedule_span_schedule_id ON public.schedule_span USING btree (schedule_id);
CREATE INDEX ix_streak_current ON public.streak USING btree (current DESC, reached_at, person_id, lapses_at);
CREATE INDEX ix_streak_stale ON public.streak USING btree (person_id) WHERE stale;
CREATE UNIQUE INDEX uq_answer_source ON public.answer USING btree (source);
ALTER TABLE ONLY public.account
    ADD CONSTRAINT fk_account_person_id FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.answer
    ADD CONSTRAINT fk_answer_group_id FOREIGN KEY (group_id) REFERENCES public.study_group(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.answer
    ADD CONSTRAINT fk_answer_occurrence_id FOREIGN KEY (occurrence_id) REFERENCES public.occurrence(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.answer
    ADD CONSTRAINT fk_answer_person_id FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.answer
    ADD CONSTRAINT fk_answer_prompt_id FOREIGN KEY (prompt_id) REFERENCES public.prompt(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.aside
    ADD CONSTRAINT fk_aside_person_id FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.ask
    ADD CONSTRAINT fk_ask_group_id FOREIGN KEY (group_id) REFERENCES public.study_group(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.ask
    ADD CONSTRAINT fk_ask_occurrence_id FOREIGN KEY (occurrence_id) REFERENCES public.occurrence(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.ask
    ADD CONSTRAINT fk_ask_person_id FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.ask
    ADD CONSTRAINT fk_ask_prompt_id FOREIGN KEY (prompt_id) REFERENCES public.prompt(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT fk_audit_group_id FOREIGN KEY (group_id) REFERENCES public.study_group(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT fk_audit_person_id FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.checklist
    ADD CONSTRAINT fk_checklist_answer_id FOREIGN KEY (answer_id) REFERENCES public.answer(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.clarification
    ADD CONSTRAINT fk_clarification_person_id FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.clarification
    ADD CONSTRAINT fk_clarification_prompt_id FOREIGN KEY (prompt_id) REFERENCES public.prompt(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.code
    ADD CONSTRAINT fk_code_group_id FOREIGN KEY (group_id) REFERENCES public.study_group(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.code
    ADD CONSTRAINT fk_code_person_id FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.correction
    ADD CONSTRAINT fk_correction_answer_id FOREIGN KEY (answer_id) REFERENCES public.answer(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT fk_delivery_home_id FOREIGN KEY (home_id) REFERENCES public.home(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT fk_delivery_occurrence_id FOREIGN KEY (occurrence_id) REFERENCES public.occurrence(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT fk_delivery_person_id FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.draft
    ADD CONSTRAINT fk_draft_person_id FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.home
    ADD CONSTRAINT fk_home_group_id FOREIGN KEY (group_id) REFERENCES public.study_group(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.member
    ADD CONSTRAINT fk_member_group_id FOREIGN KEY (group_id) REFERENCES public.study_group(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.member
    ADD CONSTRAINT fk_member_person_id FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.occurrence
    ADD CONSTRAINT fk_occurrence_prompt_id FOREIGN KEY (prompt_id) REFERENCES public.prompt(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.occurrence
    ADD CONSTRAINT fk_occurrence_schedule_id FOREIGN KEY (schedule_id) REFERENCES public.schedule(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.pack
    ADD CONSTRAINT fk_pack_group_id FOREIGN KEY (group_id) REFERENCES public.study_group(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.person_change
    ADD CONSTRAINT fk_person_change_person_id FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.point
    ADD CONSTRAINT fk_point_answer_id FOREIGN KEY (answer_id) REFERENCES public.answer(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.point
    ADD CONSTRAINT fk_point_group_id FOREIGN KEY (group_id) REFERENCES public.study_group(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.point
    ADD CONSTRAINT fk_point_person_id FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.practice_log
    ADD CONSTRAINT fk_practice_log_answer_id FOREIGN KEY (answer_id) REFERENCES public.answer(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.practice_log
    ADD CONSTRAINT fk_practice_log_person_id FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.prompt
    ADD CONSTRAINT fk_prompt_pack_id FOREIGN KEY (pack_id) REFERENCES public.pack(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.review
    ADD CONSTRAINT fk_review_answer_id FOREIGN KEY (answer_id) REFERENCES public.answer(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.review
    ADD CONSTRAINT fk_review_reviewer_id FOREIGN KEY (reviewer_id) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.rollup
    ADD CONSTRAINT fk_rollup_group_id FOREIGN KEY (group_id) REFERENCES public.study_group(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.rollup
    ADD CONSTRAINT fk_rollup_person_id FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.schedule
    ADD CONSTRAINT fk_schedule_group_id FOREIGN KEY (group_id) REFERENCES public.study_group(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.schedule_home
    ADD CONSTRAINT fk_schedule_home_home_id FOREIGN KEY (home_id) REFERENCES public.home(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.schedule_home
    ADD CONSTRAINT fk_schedule_home_schedule_id FOREIGN KEY (schedule_id) REFERENCES public.schedule(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.schedule
    ADD CONSTRAINT fk_schedule_person_id FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.schedule_span
    ADD CONSTRAINT fk_schedule_span_schedule_id FOREIGN KEY (schedule_id) REFERENCES public.schedule(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.streak
    ADD CONSTRAINT fk_streak_person_id FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE CASCADE;
