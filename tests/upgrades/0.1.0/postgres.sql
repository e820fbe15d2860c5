CREATE TYPE public.stored_event_uuid AS (
	originator_id uuid,
	originator_version bigint,
	topic text,
	state bytea
);
CREATE FUNCTION public.es_insert_events_uuid(events public.stored_event_uuid[]) RETURNS SETOF bigint
    LANGUAGE plpgsql
    AS $$BEGIN    SET LOCAL lock_timeout = '0s';    NOTIFY "stored_events";    RETURN QUERY    INSERT INTO "public"."stored_events" AS t (    originator_id, originator_version, topic, state)    SELECT originator_id, originator_version, topic, state    FROM unnest(events)    RETURNING notification_id;END;$$;
CREATE TABLE public.command_keys (
    source text NOT NULL,
    id text NOT NULL,
    digest bytea NOT NULL,
    "position" bigint NOT NULL
);
CREATE TABLE public.evidence_objects_v1 (
    label text NOT NULL COLLATE pg_catalog."C",
    object character varying NOT NULL
);
CREATE TABLE public.evidence_providers_v1 (
    provider text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.evidence_town_v1 (
    place text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.matching_listings_v2 (
    category text NOT NULL COLLATE pg_catalog."C",
    area text NOT NULL COLLATE pg_catalog."C",
    provider text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.matching_loads_v2 (
    provider text NOT NULL COLLATE pg_catalog."C",
    in_hand bigint NOT NULL,
    last_given bigint NOT NULL
);
CREATE TABLE public.matching_orders_v2 (
    order_id uuid NOT NULL,
    category text NOT NULL COLLATE pg_catalog."C",
    area text NOT NULL COLLATE pg_catalog."C",
    stage text NOT NULL COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    wanted text COLLATE pg_catalog."C",
    provider text COLLATE pg_catalog."C",
    wanted_at bigint,
    urgency text NOT NULL COLLATE pg_catalog."C",
    declined_by text NOT NULL COLLATE pg_catalog."C",
    waiting_since bigint,
    "position" bigint NOT NULL
);
CREATE TABLE public.matching_providers_v2 (
    provider text NOT NULL COLLATE pg_catalog."C",
    name_zh text NOT NULL COLLATE pg_catalog."C",
    name_en text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    contact text NOT NULL COLLATE pg_catalog."C",
    standing text NOT NULL COLLATE pg_catalog."C",
    capacity integer NOT NULL,
    areas text NOT NULL COLLATE pg_catalog."C",
    offers text NOT NULL COLLATE pg_catalog."C",
    hours text NOT NULL COLLATE pg_catalog."C",
    skills text NOT NULL COLLATE pg_catalog."C",
    volunteers text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL
);
CREATE TABLE public.menu_areas_v1 (
    area text NOT NULL COLLATE pg_catalog."C",
    name_zh text NOT NULL COLLATE pg_catalog."C",
    name_en text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.menu_items_v1 (
    category text NOT NULL COLLATE pg_catalog."C",
    name_zh text NOT NULL COLLATE pg_catalog."C",
    name_en text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    accept_hours integer NOT NULL,
    finish_hours integer NOT NULL
);
CREATE TABLE public.menu_offers_v1 (
    area text NOT NULL COLLATE pg_catalog."C",
    category text NOT NULL COLLATE pg_catalog."C",
    provider text NOT NULL COLLATE pg_catalog."C",
    duty text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.menu_providers_v1 (
    provider text NOT NULL COLLATE pg_catalog."C",
    name_zh text NOT NULL COLLATE pg_catalog."C",
    name_en text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    contact text NOT NULL COLLATE pg_catalog."C",
    standing text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL
);
CREATE TABLE public.needs_areas_v1 (
    provider text NOT NULL COLLATE pg_catalog."C",
    area text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.needs_providers_v1 (
    provider text NOT NULL COLLATE pg_catalog."C",
    name_zh text NOT NULL COLLATE pg_catalog."C",
    name_en text NOT NULL COLLATE pg_catalog."C",
    standing text NOT NULL COLLATE pg_catalog."C",
    offers text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL
);
CREATE TABLE public.needs_takers_v1 (
    need text NOT NULL COLLATE pg_catalog."C",
    provider text NOT NULL COLLATE pg_catalog."C",
    since bigint NOT NULL,
    note character varying
);
CREATE TABLE public.needs_v1 (
    need text NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL COLLATE pg_catalog."C",
    stated_at bigint NOT NULL,
    title_zh text NOT NULL COLLATE pg_catalog."C",
    title_en text NOT NULL COLLATE pg_catalog."C",
    category text COLLATE pg_catalog."C",
    area text NOT NULL COLLATE pg_catalog."C",
    takers_wanted integer,
    until bigint,
    takers integer NOT NULL,
    stage text NOT NULL COLLATE pg_catalog."C",
    closed_at bigint,
    version integer NOT NULL,
    "position" bigint NOT NULL
);
CREATE TABLE public.order_board_counts_v2 (
    area text NOT NULL COLLATE pg_catalog."C",
    category text NOT NULL COLLATE pg_catalog."C",
    stage text NOT NULL COLLATE pg_catalog."C",
    orders bigint NOT NULL
);
CREATE TABLE public.order_board_texts_v2 (
    order_id uuid NOT NULL,
    details character varying,
    contact character varying,
    address character varying,
    said character varying,
    notice character varying,
    progress character varying,
    result character varying,
    comment character varying
);
CREATE TABLE public.order_board_v2 (
    order_id uuid NOT NULL,
    number text NOT NULL COLLATE pg_catalog."C",
    placed_at bigint NOT NULL,
    category text NOT NULL COLLATE pg_catalog."C",
    area text NOT NULL COLLATE pg_catalog."C",
    stage text NOT NULL COLLATE pg_catalog."C",
    stage_since bigint NOT NULL,
    resident text COLLATE pg_catalog."C",
    wanted text COLLATE pg_catalog."C",
    wanted_at bigint,
    urgency text COLLATE pg_catalog."C",
    channel text COLLATE pg_catalog."C",
    entered_by text COLLATE pg_catalog."C",
    source text COLLATE pg_catalog."C",
    provider text COLLATE pg_catalog."C",
    accountable text COLLATE pg_catalog."C",
    declines integer NOT NULL,
    round integer NOT NULL,
    accept_by bigint,
    due_at bigint,
    deadline bigint,
    closed_at bigint,
    closed_how text COLLATE pg_catalog."C",
    in_time boolean,
    resolved boolean,
    level text COLLATE pg_catalog."C",
    bad boolean,
    bad_ratings integer NOT NULL,
    seconders integer NOT NULL,
    reason text COLLATE pg_catalog."C",
    duplicate_of uuid,
    proposal text COLLATE pg_catalog."C",
    version integer NOT NULL,
    "position" bigint NOT NULL
);
CREATE TABLE public.parked_facts (
    model text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    stream uuid NOT NULL,
    version integer NOT NULL,
    event text NOT NULL COLLATE pg_catalog."C",
    why character varying NOT NULL
);
CREATE TABLE public.positions (
    name text NOT NULL,
    "position" bigint NOT NULL
);
CREATE TABLE public.rating_orders_v1 (
    order_id uuid NOT NULL,
    category text NOT NULL COLLATE pg_catalog."C",
    area text NOT NULL COLLATE pg_catalog."C",
    provider text COLLATE pg_catalog."C",
    accept_by bigint,
    due_at bigint,
    resolved boolean NOT NULL,
    "position" bigint NOT NULL
);
CREATE TABLE public.rating_sums_v1 (
    provider text NOT NULL COLLATE pg_catalog."C",
    category text NOT NULL COLLATE pg_catalog."C",
    area text NOT NULL COLLATE pg_catalog."C",
    responded bigint NOT NULL,
    responded_in_time bigint NOT NULL,
    missed bigint NOT NULL,
    accepted bigint NOT NULL,
    claimed bigint NOT NULL,
    declined bigint NOT NULL,
    completed bigint NOT NULL,
    in_time bigint NOT NULL,
    late bigint NOT NULL,
    stated bigint NOT NULL,
    resolved bigint NOT NULL,
    reopened bigint NOT NULL,
    very_satisfied bigint NOT NULL,
    satisfied bigint NOT NULL,
    basically_satisfied bigint NOT NULL,
    dissatisfied bigint NOT NULL,
    very_dissatisfied bigint NOT NULL,
    bad bigint NOT NULL,
    imported_ratings bigint NOT NULL,
    unrated bigint NOT NULL,
    seconder_very_satisfied bigint NOT NULL,
    seconder_satisfied bigint NOT NULL,
    seconder_basically_satisfied bigint NOT NULL,
    seconder_dissatisfied bigint NOT NULL,
    seconder_very_dissatisfied bigint NOT NULL,
    seconder_bad bigint NOT NULL,
    answered bigint NOT NULL,
    not_accepted bigint NOT NULL,
    duplicate bigint NOT NULL,
    withdrawn bigint NOT NULL
);
CREATE TABLE public.reactor_bus_providers (
    provider character varying NOT NULL
);
CREATE TABLE public.reactor_called_orders (
    order_id character varying NOT NULL,
    provider character varying NOT NULL,
    accept_by bigint NOT NULL,
    "position" bigint NOT NULL,
    correlation character varying NOT NULL,
    asked boolean NOT NULL
);
CREATE TABLE public.reactor_held_orders (
    order_id character varying NOT NULL,
    provider character varying NOT NULL
);
CREATE TABLE public.reactor_last_looks (
    reactor character varying NOT NULL,
    at bigint NOT NULL
);
CREATE TABLE public.reactor_leaving_providers (
    provider character varying NOT NULL,
    "returning" integer NOT NULL
);
CREATE TABLE public.reactor_need_ties (
    need character varying NOT NULL,
    provider character varying NOT NULL,
    own boolean NOT NULL
);
CREATE TABLE public.reactor_outbox (
    number bigint NOT NULL,
    topic character varying NOT NULL,
    id character varying NOT NULL,
    source character varying NOT NULL,
    type character varying NOT NULL,
    subject character varying NOT NULL,
    "time" character varying NOT NULL,
    data bytea NOT NULL,
    correlation character varying NOT NULL
);
CREATE SEQUENCE public.reactor_outbox_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.reactor_outbox_number_seq OWNED BY public.reactor_outbox.number;
CREATE TABLE public.reactor_positions (
    reactor character varying NOT NULL,
    "position" bigint NOT NULL
);
CREATE TABLE public.reactor_waiting_orders (
    order_id character varying NOT NULL,
    since bigint NOT NULL,
    category character varying NOT NULL,
    area character varying NOT NULL,
    asked character varying,
    call boolean NOT NULL
);
CREATE TABLE public.read_generations (
    model text NOT NULL COLLATE pg_catalog."C",
    live integer NOT NULL,
    previous integer
);
CREATE TABLE public.read_positions (
    model text NOT NULL COLLATE pg_catalog."C",
    partition text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    kafka_offset bigint
);
CREATE TABLE public.stored_events (
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    topic text,
    state bytea,
    notification_id bigint NOT NULL
)
WITH (autovacuum_enabled='true', autovacuum_vacuum_threshold='100000000', autovacuum_vacuum_scale_factor='0.5', autovacuum_analyze_threshold='1000', autovacuum_analyze_scale_factor='0.01');
CREATE SEQUENCE public.stored_events_notification_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.stored_events_notification_id_seq OWNED BY public.stored_events.notification_id;
CREATE TABLE public.town_secret (
    only_one integer NOT NULL,
    value bytea NOT NULL,
    CONSTRAINT town_secret_only_one_check CHECK ((only_one = 1))
);
ALTER TABLE ONLY public.reactor_outbox ALTER COLUMN number SET DEFAULT nextval('public.reactor_outbox_number_seq'::regclass);
ALTER TABLE ONLY public.stored_events ALTER COLUMN notification_id SET DEFAULT nextval('public.stored_events_notification_id_seq'::regclass);
ALTER TABLE ONLY public.command_keys
    ADD CONSTRAINT command_keys_pkey PRIMARY KEY (source, id);
ALTER TABLE ONLY public.evidence_objects_v1
    ADD CONSTRAINT evidence_objects_v1_pkey PRIMARY KEY (label);
ALTER TABLE ONLY public.evidence_providers_v1
    ADD CONSTRAINT evidence_providers_v1_pkey PRIMARY KEY (provider);
ALTER TABLE ONLY public.evidence_town_v1
    ADD CONSTRAINT evidence_town_v1_pkey PRIMARY KEY (place);
ALTER TABLE ONLY public.matching_listings_v2
    ADD CONSTRAINT matching_listings_v2_pkey PRIMARY KEY (category, area, provider);
ALTER TABLE ONLY public.matching_loads_v2
    ADD CONSTRAINT matching_loads_v2_pkey PRIMARY KEY (provider);
ALTER TABLE ONLY public.matching_orders_v2
    ADD CONSTRAINT matching_orders_v2_pkey PRIMARY KEY (order_id);
ALTER TABLE ONLY public.matching_providers_v2
    ADD CONSTRAINT matching_providers_v2_pkey PRIMARY KEY (provider);
ALTER TABLE ONLY public.menu_areas_v1
    ADD CONSTRAINT menu_areas_v1_pkey PRIMARY KEY (area);
ALTER TABLE ONLY public.menu_items_v1
    ADD CONSTRAINT menu_items_v1_pkey PRIMARY KEY (category);
ALTER TABLE ONLY public.menu_offers_v1
    ADD CONSTRAINT menu_offers_v1_pkey PRIMARY KEY (area, category, provider);
ALTER TABLE ONLY public.menu_providers_v1
    ADD CONSTRAINT menu_providers_v1_pkey PRIMARY KEY (provider);
ALTER TABLE ONLY public.needs_areas_v1
    ADD CONSTRAINT needs_areas_v1_pkey PRIMARY KEY (provider, area);
ALTER TABLE ONLY public.needs_providers_v1
    ADD CONSTRAINT needs_providers_v1_pkey PRIMARY KEY (provider);
ALTER TABLE ONLY public.needs_takers_v1
    ADD CONSTRAINT needs_takers_v1_pkey PRIMARY KEY (need, provider);
ALTER TABLE ONLY public.needs_v1
    ADD CONSTRAINT needs_v1_pkey PRIMARY KEY (need);
ALTER TABLE ONLY public.order_board_counts_v2
    ADD CONSTRAINT order_board_counts_v2_pkey PRIMARY KEY (area, category, stage);
ALTER TABLE ONLY public.order_board_texts_v2
    ADD CONSTRAINT order_board_texts_v2_pkey PRIMARY KEY (order_id);
ALTER TABLE ONLY public.order_board_v2
    ADD CONSTRAINT order_board_v2_pkey PRIMARY KEY (order_id);
ALTER TABLE ONLY public.parked_facts
    ADD CONSTRAINT parked_facts_pkey PRIMARY KEY (model, "position");
ALTER TABLE ONLY public.positions
    ADD CONSTRAINT positions_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.rating_orders_v1
    ADD CONSTRAINT rating_orders_v1_pkey PRIMARY KEY (order_id);
ALTER TABLE ONLY public.rating_sums_v1
    ADD CONSTRAINT rating_sums_v1_pkey PRIMARY KEY (provider, category, area);
ALTER TABLE ONLY public.reactor_bus_providers
    ADD CONSTRAINT reactor_bus_providers_pkey PRIMARY KEY (provider);
ALTER TABLE ONLY public.reactor_called_orders
    ADD CONSTRAINT reactor_called_orders_pkey PRIMARY KEY (order_id);
ALTER TABLE ONLY public.reactor_held_orders
    ADD CONSTRAINT reactor_held_orders_pkey PRIMARY KEY (order_id);
ALTER TABLE ONLY public.reactor_last_looks
    ADD CONSTRAINT reactor_last_looks_pkey PRIMARY KEY (reactor);
ALTER TABLE ONLY public.reactor_leaving_providers
    ADD CONSTRAINT reactor_leaving_providers_pkey PRIMARY KEY (provider);
ALTER TABLE ONLY public.reactor_need_ties
    ADD CONSTRAINT reactor_need_ties_pkey PRIMARY KEY (need, provider);
ALTER TABLE ONLY public.reactor_outbox
    ADD CONSTRAINT reactor_outbox_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.reactor_positions
    ADD CONSTRAINT reactor_positions_pkey PRIMARY KEY (reactor);
ALTER TABLE ONLY public.reactor_waiting_orders
    ADD CONSTRAINT reactor_waiting_orders_pkey PRIMARY KEY (order_id);
ALTER TABLE ONLY public.read_generations
    ADD CONSTRAINT read_generations_pkey PRIMARY KEY (model);
ALTER TABLE ONLY public.read_positions
    ADD CONSTRAINT read_positions_pkey PRIMARY KEY (model, partition);
ALTER TABLE ONLY public.stored_events
    ADD CONSTRAINT stored_events_pkey PRIMARY KEY (originator_id, originator_version);
ALTER TABLE ONLY public.town_secret
    ADD CONSTRAINT town_secret_pkey PRIMARY KEY (only_one);
CREATE INDEX ix_reactor_called_orders_accept_by ON public.reactor_called_orders USING btree (accept_by);
CREATE INDEX ix_reactor_held_orders_provider ON public.reactor_held_orders USING btree (provider);
CREATE INDEX ix_reactor_need_ties_provider ON public.reactor_need_ties USING btree (provider);
CREATE INDEX ix_reactor_waiting_orders_asked ON public.reactor_waiting_orders USING btree (asked);
CREATE INDEX ix_reactor_waiting_orders_since ON public.reactor_waiting_orders USING btree (since);
CREATE INDEX matching_listings_v2_provider ON public.matching_listings_v2 USING btree (provider);
CREATE INDEX matching_orders_v2_waiting ON public.matching_orders_v2 USING btree (area, category) WHERE (waiting_since IS NOT NULL);
CREATE INDEX menu_offers_v1_provider ON public.menu_offers_v1 USING btree (provider);
CREATE INDEX needs_takers_v1_provider ON public.needs_takers_v1 USING btree (provider);
CREATE INDEX needs_v1_area ON public.needs_v1 USING btree (area, stage);
CREATE INDEX needs_v1_newest ON public.needs_v1 USING btree (stage, stated_at);
CREATE INDEX needs_v1_owner ON public.needs_v1 USING btree (owner, stage);
CREATE INDEX order_board_v2_deadline ON public.order_board_v2 USING btree (deadline) WHERE (deadline IS NOT NULL);
CREATE INDEX order_board_v2_newest ON public.order_board_v2 USING btree (placed_at);
CREATE INDEX order_board_v2_number ON public.order_board_v2 USING btree (number);
CREATE INDEX order_board_v2_provider ON public.order_board_v2 USING btree (provider, stage, placed_at);
CREATE INDEX order_board_v2_resident ON public.order_board_v2 USING btree (resident) WHERE (closed_at IS NULL);
CREATE INDEX order_board_v2_stage ON public.order_board_v2 USING btree (stage, placed_at);
CREATE INDEX rating_orders_v1_due ON public.rating_orders_v1 USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX rating_orders_v1_offered ON public.rating_orders_v1 USING btree (accept_by) WHERE (accept_by IS NOT NULL);
CREATE INDEX reactor_waiting_calls ON public.reactor_waiting_orders USING btree (since) WHERE (call IS TRUE);
CREATE UNIQUE INDEX stored_events_notification_id_idx ON public.stored_events USING btree (notification_id);
