-- The same in PostgreSQL, by pg_dump.
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE FUNCTION public.audit_is_only_added_to() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'the audit is only added to'; END $$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.accounts (
    id bigint NOT NULL,
    phone text NOT NULL,
    password_hash text NOT NULL,
    person bigint NOT NULL,
    level text NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT accounts_level_check CHECK ((level = 'register-match'::text))
);
ALTER TABLE public.accounts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.accounts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.appeals (
    id bytea NOT NULL,
    account bigint NOT NULL,
    person bigint NOT NULL,
    member bigint,
    words text NOT NULL,
    opened_at bigint NOT NULL,
    state bigint DEFAULT 0 NOT NULL,
    answer text,
    decided_by bigint,
    decided_at bigint,
    CONSTRAINT appeals_id_check CHECK ((octet_length(id) = 16)),
    CONSTRAINT appeals_state_check CHECK (((state >= 0) AND (state <= 2)))
);
CREATE TABLE public.arrivals (
    id bigint NOT NULL,
    taken bigint NOT NULL,
    CONSTRAINT arrivals_id_check CHECK ((id = 1))
);
CREATE TABLE public.audit (
    place bigint NOT NULL,
    at bigint NOT NULL,
    clerk bigint NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    deed text NOT NULL,
    subject text NOT NULL,
    reason text,
    detail text NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_hash_check CHECK ((octet_length(hash) = 32))
);
CREATE TABLE public.claim_counts (
    claim_group bigint NOT NULL,
    city bigint NOT NULL,
    issued bigint NOT NULL,
    in_force bigint NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE public.clerk_sites (
    clerk bigint NOT NULL,
    site text NOT NULL
);
CREATE TABLE public.clerks (
    id bigint NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    token_hash bytea,
    created_at bigint NOT NULL,
    revoked_at bigint,
    otp_seed bytea,
    otp_since bigint,
    otp_last_step bigint DEFAULT 0 NOT NULL,
    CONSTRAINT clerks_role_check CHECK ((role = ANY (ARRAY['clerk'::text, 'department'::text, 'epidemiologist'::text, 'site-manager'::text, 'administrator'::text, 'auditor'::text])))
);
ALTER TABLE public.clerks ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.clerks_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.colour_scheme (
    id bigint NOT NULL,
    generation bigint NOT NULL,
    rules text NOT NULL,
    since bigint NOT NULL,
    done_type bigint,
    done_number text NOT NULL,
    CONSTRAINT colour_scheme_id_check CHECK ((id = 1))
);
CREATE TABLE public.declarations (
    holder bigint NOT NULL,
    departure text,
    household text,
    contact text,
    declared_at bigint NOT NULL
);
CREATE TABLE public.department_keys (
    public_key bytea NOT NULL,
    clerk bigint NOT NULL,
    added_at bigint NOT NULL,
    revoked_at bigint,
    CONSTRAINT department_keys_public_key_check CHECK ((octet_length(public_key) = 32))
);
CREATE TABLE public.enrolments (
    code_hash bytea NOT NULL,
    site text NOT NULL,
    station_name text,
    scene text NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint
);
CREATE TABLE public.entrants (
    person bigint NOT NULL,
    entered_on text NOT NULL
);
CREATE TABLE public.entries (
    place bigint NOT NULL,
    id bytea NOT NULL,
    station text NOT NULL,
    at bigint NOT NULL,
    received_at bigint NOT NULL,
    subject_issuer bigint,
    subject_index bigint,
    upload text NOT NULL,
    CONSTRAINT entries_id_check CHECK ((octet_length(id) = 16))
)
PARTITION BY RANGE (id);
CREATE TABLE public.entries_20261124 (
    place bigint NOT NULL,
    id bytea NOT NULL,
    station text NOT NULL,
    at bigint NOT NULL,
    received_at bigint NOT NULL,
    subject_issuer bigint,
    subject_index bigint,
    upload text NOT NULL,
    CONSTRAINT entries_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.entries_20261125 (
    place bigint NOT NULL,
    id bytea NOT NULL,
    station text NOT NULL,
    at bigint NOT NULL,
    received_at bigint NOT NULL,
    subject_issuer bigint,
    subject_index bigint,
    upload text NOT NULL,
    CONSTRAINT entries_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.entries_20261126 (
    place bigint NOT NULL,
    id bytea NOT NULL,
    station text NOT NULL,
    at bigint NOT NULL,
    received_at bigint NOT NULL,
    subject_issuer bigint,
    subject_index bigint,
    upload text NOT NULL,
    CONSTRAINT entries_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.entries_20261127 (
    place bigint NOT NULL,
    id bytea NOT NULL,
    station text NOT NULL,
    at bigint NOT NULL,
    received_at bigint NOT NULL,
    subject_issuer bigint,
    subject_index bigint,
    upload text NOT NULL,
    CONSTRAINT entries_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.entries_20261128 (
    place bigint NOT NULL,
    id bytea NOT NULL,
    station text NOT NULL,
    at bigint NOT NULL,
    received_at bigint NOT NULL,
    subject_issuer bigint,
    subject_index bigint,
    upload text NOT NULL,
    CONSTRAINT entries_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.entries_20261129 (
    place bigint NOT NULL,
    id bytea NOT NULL,
    station text NOT NULL,
    at bigint NOT NULL,
    received_at bigint NOT NULL,
    subject_issuer bigint,
    subject_index bigint,
    upload text NOT NULL,
    CONSTRAINT entries_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.entries_20261130 (
    place bigint NOT NULL,
    id bytea NOT NULL,
    station text NOT NULL,
    at bigint NOT NULL,
    received_at bigint NOT NULL,
    subject_issuer bigint,
    subject_index bigint,
    upload text NOT NULL,
    CONSTRAINT entries_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.entries_20261201 (
    place bigint NOT NULL,
    id bytea NOT NULL,
    station text NOT NULL,
    at bigint NOT NULL,
    received_at bigint NOT NULL,
    subject_issuer bigint,
    subject_index bigint,
    upload text NOT NULL,
    CONSTRAINT entries_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.entries_20261202 (
    place bigint NOT NULL,
    id bytea NOT NULL,
    station text NOT NULL,
    at bigint NOT NULL,
    received_at bigint NOT NULL,
    subject_issuer bigint,
    subject_index bigint,
    upload text NOT NULL,
    CONSTRAINT entries_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.entries_other (
    place bigint NOT NULL,
    id bytea NOT NULL,
    station text NOT NULL,
    at bigint NOT NULL,
    received_at bigint NOT NULL,
    subject_issuer bigint,
    subject_index bigint,
    upload text NOT NULL,
    CONSTRAINT entries_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.facts (
    id bytea NOT NULL,
    document_type bigint NOT NULL,
    number text NOT NULL,
    kind text NOT NULL,
    occurred_at bigint NOT NULL,
    received_at bigint NOT NULL,
    reporter bigint NOT NULL,
    detail text,
    retracts bytea,
    CONSTRAINT facts_document_type_check CHECK (((document_type >= 1) AND (document_type <= 15))),
    CONSTRAINT facts_id_check CHECK ((octet_length(id) = 16)),
    CONSTRAINT facts_retracts_check CHECK ((octet_length(retracts) = 16))
);
CREATE TABLE public.fills (
    id bigint NOT NULL,
    holders bigint NOT NULL,
    seed bigint NOT NULL,
    done bigint NOT NULL,
    CONSTRAINT fills_id_check CHECK ((id = 1))
);
CREATE TABLE public.holders (
    serial bigint NOT NULL,
    status_index bigint NOT NULL,
    person bigint NOT NULL,
    account bigint NOT NULL,
    document_hash bigint NOT NULL,
    colour bigint NOT NULL,
    colour_since bigint NOT NULL,
    next_change_at bigint,
    claimed_at bigint NOT NULL,
    withdrawn_at bigint,
    shown_count bigint DEFAULT 0 NOT NULL,
    revision bigint NOT NULL,
    claim_group bigint DEFAULT 1 NOT NULL,
    relation bigint DEFAULT 0 NOT NULL,
    city bigint,
    medium bigint DEFAULT 0 NOT NULL,
    CONSTRAINT holders_claim_group_check CHECK (((claim_group >= 1) AND (claim_group <= 3))),
    CONSTRAINT holders_colour_check CHECK (((colour >= 0) AND (colour <= 3))),
    CONSTRAINT holders_medium_check CHECK ((medium = ANY (ARRAY[(0)::bigint, (1)::bigint]))),
    CONSTRAINT holders_relation_check CHECK (((relation >= 0) AND (relation <= 4)))
)
WITH (fillfactor='80');
CREATE TABLE public.issuing (
    id bigint NOT NULL,
    permutation_key bytea NOT NULL,
    next_serial bigint NOT NULL,
    revision bigint NOT NULL,
    CONSTRAINT issuing_id_check CHECK ((id = 1)),
    CONSTRAINT issuing_permutation_key_check CHECK ((octet_length(permutation_key) = 32))
);
CREATE TABLE public.persons (
    id bigint NOT NULL,
    document_type bigint NOT NULL,
    number text NOT NULL,
    name text NOT NULL,
    imported_at bigint NOT NULL,
    source bigint DEFAULT 1 NOT NULL,
    CONSTRAINT persons_document_type_check CHECK (((document_type >= 1) AND (document_type <= 15))),
    CONSTRAINT persons_source_check CHECK (((source >= 1) AND (source <= 3)))
);
ALTER TABLE public.persons ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.persons_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.policies (
    scene text NOT NULL,
    version bigint NOT NULL,
    policy text NOT NULL,
    put_at bigint NOT NULL,
    clerk bigint NOT NULL
);
CREATE TABLE public.proofs (
    account bigint NOT NULL,
    level bigint NOT NULL,
    proven_at bigint NOT NULL,
    CONSTRAINT proofs_level_check CHECK ((level = ANY (ARRAY[(2)::bigint, (3)::bigint])))
);
CREATE TABLE public.published (
    id bigint NOT NULL,
    head_number bigint NOT NULL,
    CONSTRAINT published_id_check CHECK ((id = 1))
);
CREATE TABLE public.regions (
    issuer bigint NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    url text NOT NULL,
    root_key bytea NOT NULL,
    trust text,
    removed bigint DEFAULT 0 NOT NULL,
    changed_at bigint NOT NULL,
    revision bigint NOT NULL,
    CONSTRAINT regions_issuer_check CHECK (((issuer >= 0) AND (issuer <= 255))),
    CONSTRAINT regions_removed_check CHECK ((removed = ANY (ARRAY[(0)::bigint, (1)::bigint]))),
    CONSTRAINT regions_root_key_check CHECK ((octet_length(root_key) = 32))
);
CREATE TABLE public.schema_version (
    version bigint NOT NULL
);
CREATE TABLE public.sessions (
    token_hash bytea NOT NULL,
    account bigint NOT NULL,
    expires_at bigint NOT NULL
);
CREATE TABLE public.show_total (
    id bigint NOT NULL,
    total bigint NOT NULL,
    CONSTRAINT show_total_id_check CHECK ((id = 1))
)
WITH (fillfactor='50');
CREATE TABLE public.shown_by_day (
    day bigint NOT NULL,
    shard bigint NOT NULL,
    count bigint NOT NULL
);
CREATE TABLE public.shows (
    id bytea NOT NULL,
    at bigint NOT NULL,
    count bigint NOT NULL,
    CONSTRAINT shows_id_check CHECK ((octet_length(id) = 16))
)
PARTITION BY RANGE (id);
CREATE TABLE public.shows_20261124 (
    id bytea NOT NULL,
    at bigint NOT NULL,
    count bigint NOT NULL,
    CONSTRAINT shows_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.shows_20261125 (
    id bytea NOT NULL,
    at bigint NOT NULL,
    count bigint NOT NULL,
    CONSTRAINT shows_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.shows_20261126 (
    id bytea NOT NULL,
    at bigint NOT NULL,
    count bigint NOT NULL,
    CONSTRAINT shows_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.shows_20261127 (
    id bytea NOT NULL,
    at bigint NOT NULL,
    count bigint NOT NULL,
    CONSTRAINT shows_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.shows_20261128 (
    id bytea NOT NULL,
    at bigint NOT NULL,
    count bigint NOT NULL,
    CONSTRAINT shows_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.shows_20261129 (
    id bytea NOT NULL,
    at bigint NOT NULL,
    count bigint NOT NULL,
    CONSTRAINT shows_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.shows_20261130 (
    id bytea NOT NULL,
    at bigint NOT NULL,
    count bigint NOT NULL,
    CONSTRAINT shows_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.shows_20261201 (
    id bytea NOT NULL,
    at bigint NOT NULL,
    count bigint NOT NULL,
    CONSTRAINT shows_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.shows_20261202 (
    id bytea NOT NULL,
    at bigint NOT NULL,
    count bigint NOT NULL,
    CONSTRAINT shows_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.shows_other (
    id bytea NOT NULL,
    at bigint NOT NULL,
    count bigint NOT NULL,
    CONSTRAINT shows_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.sites (
    id text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    scene text NOT NULL
);
CREATE TABLE public.stations (
    id text NOT NULL,
    site text NOT NULL,
    name text NOT NULL,
    scene text NOT NULL,
    token_hash bytea NOT NULL,
    enrolled_at bigint NOT NULL,
    revoked_at bigint
);
CREATE TABLE public.stations_seen (
    station text NOT NULL,
    seen_at bigint NOT NULL,
    version text,
    list_epoch bigint,
    list_sequence bigint,
    list_age_seconds bigint
)
WITH (fillfactor='70');
CREATE TABLE public.verifications (
    id bytea NOT NULL,
    item bigint NOT NULL,
    station text NOT NULL,
    at bigint NOT NULL,
    basis text,
    outcome text NOT NULL,
    issuer bigint,
    status_index bigint,
    colour bigint,
    CONSTRAINT verifications_id_check CHECK ((octet_length(id) = 16))
)
PARTITION BY RANGE (id);
CREATE TABLE public.verifications_20261124 (
    id bytea NOT NULL,
    item bigint NOT NULL,
    station text NOT NULL,
    at bigint NOT NULL,
    basis text,
    outcome text NOT NULL,
    issuer bigint,
    status_index bigint,
    colour bigint,
    CONSTRAINT verifications_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.verifications_20261125 (
    id bytea NOT NULL,
    item bigint NOT NULL,
    station text NOT NULL,
    at bigint NOT NULL,
    basis text,
    outcome text NOT NULL,
    issuer bigint,
    status_index bigint,
    colour bigint,
    CONSTRAINT verifications_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.verifications_20261126 (
    id bytea NOT NULL,
    item bigint NOT NULL,
    station text NOT NULL,
    at bigint NOT NULL,
    basis text,
    outcome text NOT NULL,
    issuer bigint,
    status_index bigint,
    colour bigint,
    CONSTRAINT verifications_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.verifications_20261127 (
    id bytea NOT NULL,
    item bigint NOT NULL,
    station text NOT NULL,
    at bigint NOT NULL,
    basis text,
    outcome text NOT NULL,
    issuer bigint,
    status_index bigint,
    colour bigint,
    CONSTRAINT verifications_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.verifications_20261128 (
    id bytea NOT NULL,
    item bigint NOT NULL,
    station text NOT NULL,
    at bigint NOT NULL,
    basis text,
    outcome text NOT NULL,
    issuer bigint,
    status_index bigint,
    colour bigint,
    CONSTRAINT verifications_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.verifications_20261129 (
    id bytea NOT NULL,
    item bigint NOT NULL,
    station text NOT NULL,
    at bigint NOT NULL,
    basis text,
    outcome text NOT NULL,
    issuer bigint,
    status_index bigint,
    colour bigint,
    CONSTRAINT verifications_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.verifications_20261130 (
    id bytea NOT NULL,
    item bigint NOT NULL,
    station text NOT NULL,
    at bigint NOT NULL,
    basis text,
    outcome text NOT NULL,
    issuer bigint,
    status_index bigint,
    colour bigint,
    CONSTRAINT verifications_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.verifications_20261201 (
    id bytea NOT NULL,
    item bigint NOT NULL,
    station text NOT NULL,
    at bigint NOT NULL,
    basis text,
    outcome text NOT NULL,
    issuer bigint,
    status_index bigint,
    colour bigint,
    CONSTRAINT verifications_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.verifications_20261202 (
    id bytea NOT NULL,
    item bigint NOT NULL,
    station text NOT NULL,
    at bigint NOT NULL,
    basis text,
    outcome text NOT NULL,
    issuer bigint,
    status_index bigint,
    colour bigint,
    CONSTRAINT verifications_id_check CHECK ((octet_length(id) = 16))
);
CREATE TABLE public.verifications_other (
    id bytea NOT NULL,
    item bigint NOT NULL,
    station text NOT NULL,
    at bigint NOT NULL,
    basis text,
    outcome text NOT NULL,
    issuer bigint,
    status_index bigint,
    colour bigint,
    CONSTRAINT verifications_id_check CHECK ((octet_length(id) = 16))
);
ALTER TABLE ONLY public.entries ATTACH PARTITION public.entries_20261124 FOR VALUES FROM ('\x01a20ada2c0000000000000000000000') TO ('\x01a21000880000000000000000000000');
ALTER TABLE ONLY public.entries ATTACH PARTITION public.entries_20261125 FOR VALUES FROM ('\x01a21000880000000000000000000000') TO ('\x01a21526e40000000000000000000000');
ALTER TABLE ONLY public.entries ATTACH PARTITION public.entries_20261126 FOR VALUES FROM ('\x01a21526e40000000000000000000000') TO ('\x01a21a4d400000000000000000000000');
ALTER TABLE ONLY public.entries ATTACH PARTITION public.entries_20261127 FOR VALUES FROM ('\x01a21a4d400000000000000000000000') TO ('\x01a21f739c0000000000000000000000');
ALTER TABLE ONLY public.entries ATTACH PARTITION public.entries_20261128 FOR VALUES FROM ('\x01a21f739c0000000000000000000000') TO ('\x01a22499f80000000000000000000000');
ALTER TABLE ONLY public.entries ATTACH PARTITION public.entries_20261129 FOR VALUES FROM ('\x01a22499f80000000000000000000000') TO ('\x01a229c0540000000000000000000000');
ALTER TABLE ONLY public.entries ATTACH PARTITION public.entries_20261130 FOR VALUES FROM ('\x01a229c0540000000000000000000000') TO ('\x01a22ee6b00000000000000000000000');
ALTER TABLE ONLY public.entries ATTACH PARTITION public.entries_20261201 FOR VALUES FROM ('\x01a22ee6b00000000000000000000000') TO ('\x01a2340d0c0000000000000000000000');
ALTER TABLE ONLY public.entries ATTACH PARTITION public.entries_20261202 FOR VALUES FROM ('\x01a2340d0c0000000000000000000000') TO ('\x01a23933680000000000000000000000');
ALTER TABLE ONLY public.entries ATTACH PARTITION public.entries_other DEFAULT;
ALTER TABLE ONLY public.shows ATTACH PARTITION public.shows_20261124 FOR VALUES FROM ('\x01a20ada2c0000000000000000000000') TO ('\x01a21000880000000000000000000000');
ALTER TABLE ONLY public.shows ATTACH PARTITION public.shows_20261125 FOR VALUES FROM ('\x01a21000880000000000000000000000') TO ('\x01a21526e40000000000000000000000');
ALTER TABLE ONLY public.shows ATTACH PARTITION public.shows_20261126 FOR VALUES FROM ('\x01a21526e40000000000000000000000') TO ('\x01a21a4d400000000000000000000000');
ALTER TABLE ONLY public.shows ATTACH PARTITION public.shows_20261127 FOR VALUES FROM ('\x01a21a4d400000000000000000000000') TO ('\x01a21f739c0000000000000000000000');
ALTER TABLE ONLY public.shows ATTACH PARTITION public.shows_20261128 FOR VALUES FROM ('\x01a21f739c0000000000000000000000') TO ('\x01a22499f80000000000000000000000');
ALTER TABLE ONLY public.shows ATTACH PARTITION public.shows_20261129 FOR VALUES FROM ('\x01a22499f80000000000000000000000') TO ('\x01a229c0540000000000000000000000');
ALTER TABLE ONLY public.shows ATTACH PARTITION public.shows_20261130 FOR VALUES FROM ('\x01a229c0540000000000000000000000') TO ('\x01a22ee6b00000000000000000000000');
ALTER TABLE ONLY public.shows ATTACH PARTITION public.shows_20261201 FOR VALUES FROM ('\x01a22ee6b00000000000000000000000') TO ('\x01a2340d0c0000000000000000000000');
ALTER TABLE ONLY public.shows ATTACH PARTITION public.shows_20261202 FOR VALUES FROM ('\x01a2340d0c0000000000000000000000') TO ('\x01a23933680000000000000000000000');
ALTER TABLE ONLY public.shows ATTACH PARTITION public.shows_other DEFAULT;
ALTER TABLE ONLY public.verifications ATTACH PARTITION public.verifications_20261124 FOR VALUES FROM ('\x01a20ada2c0000000000000000000000') TO ('\x01a21000880000000000000000000000');
ALTER TABLE ONLY public.verifications ATTACH PARTITION public.verifications_20261125 FOR VALUES FROM ('\x01a21000880000000000000000000000') TO ('\x01a21526e40000000000000000000000');
ALTER TABLE ONLY public.verifications ATTACH PARTITION public.verifications_20261126 FOR VALUES FROM ('\x01a21526e40000000000000000000000') TO ('\x01a21a4d400000000000000000000000');
ALTER TABLE ONLY public.verifications ATTACH PARTITION public.verifications_20261127 FOR VALUES FROM ('\x01a21a4d400000000000000000000000') TO ('\x01a21f739c0000000000000000000000');
ALTER TABLE ONLY public.verifications ATTACH PARTITION public.verifications_20261128 FOR VALUES FROM ('\x01a21f739c0000000000000000000000') TO ('\x01a22499f80000000000000000000000');
ALTER TABLE ONLY public.verifications ATTACH PARTITION public.verifications_20261129 FOR VALUES FROM ('\x01a22499f80000000000000000000000') TO ('\x01a229c0540000000000000000000000');
ALTER TABLE ONLY public.verifications ATTACH PARTITION public.verifications_20261130 FOR VALUES FROM ('\x01a229c0540000000000000000000000') TO ('\x01a22ee6b00000000000000000000000');
ALTER TABLE ONLY public.verifications ATTACH PARTITION public.verifications_20261201 FOR VALUES FROM ('\x01a22ee6b00000000000000000000000') TO ('\x01a2340d0c0000000000000000000000');
ALTER TABLE ONLY public.verifications ATTACH PARTITION public.verifications_20261202 FOR VALUES FROM ('\x01a2340d0c0000000000000000000000') TO ('\x01a23933680000000000000000000000');
ALTER TABLE ONLY public.verifications ATTACH PARTITION public.verifications_other DEFAULT;
COPY public.accounts (id, phone, password_hash, person, level, created_at) FROM stdin;
1	10000000001	$argon2id$v=19$m=19456,t=2,p=1$XTCFg6KtvAmmIF7WirIpsA$Plmj3ze441C3SFdiOX0GY9E+P/0S+EbaM5VZB3sciO4	1	register-match	1795612897313
2	10000000002	$argon2id$v=19$m=19456,t=2,p=1$gAF8EBGu65YlB+BUCEB6sg$SHKiss2nzQ/f3l8dva906DZ7qKKzArqdYlOoaA9SuQY	2	register-match	1795612897313
3	10000000003	$argon2id$v=19$m=19456,t=2,p=1$71c87Vj9U+2+68+IqkQ3dw$AM23Kxph+X5uXCp235lvVEbrbNpr2IysjzUOt+qfqiE	3	register-match	1795612897313
4	10000000005	$argon2id$v=19$m=19456,t=2,p=1$rKq2HSEk+qifab9SsqaOWw$RhNa6O7VTZhBrGJBdtFb4h0UhVUkDTqqBIuVwrrDDbg	5	register-match	1795612897313
5	10000000006	$argon2id$v=19$m=19456,t=2,p=1$mquvWihj8jZB5dILdt/Ktg$aGwhopokrbJ/5wZbEVju6ZgzNEeUNp6/k4dia/0uh8w	6	register-match	1795612897313
6	10000000008	$argon2id$v=19$m=19456,t=2,p=1$wOX0IP2EhRdsTYE3tmy/aA$zOOvV1qWj/ttOTgXTzQPX0XEMrRbH22vvyVW8yzLOw8	7	register-match	1795612897313
7	10000000009	$argon2id$v=19$m=19456,t=2,p=1$zxSF3acLLh/srmGO3oCerA$2zvsL0F2tcZ5CYUJfBUNRoew09K7g7xnkdTkpwR1ohg	8	register-match	1795612897313
8	10000000010	$argon2id$v=19$m=19456,t=2,p=1$i0DCGmkHB5pUmFAweDLjhQ$Qp5KlJFxrtvOPYlTz0lJGOr4Yyi1zH7w2BfgMkENXQo	9	register-match	1795612897313
9	10000000011	$argon2id$v=19$m=19456,t=2,p=1$Z8WhL8EB2E5pNjbDUTovqg$sw/h0iikF5Vog2CNQRqmZq/eilyh2LbOEwJV7ZW7lo0	10	register-match	1795612897313
10	10000000012	$argon2id$v=19$m=19456,t=2,p=1$0jvBPLzkCAa46+/bmmbvug$2OExy3KQTIrsrCN4yD9oZ+QcEUHGcYG0ldY1ivVAt/s	11	register-match	1795612897313
11	10000000013	$argon2id$v=19$m=19456,t=2,p=1$KFjT9lrtSBKug0bYzY7O4A$cPGO1TrR2SOr2rxcxgMcD+lJ78rG3b1MS59xJjCbnjo	12	register-match	1795612897313
12	10000000014	$argon2id$v=19$m=19456,t=2,p=1$tnOtbql27R/sZCTWa8o/kA$7A9Nw3GpiLREEcgBXLAflJiVZ+mh8pRaXOdLNJhqEyQ	13	register-match	1795612897313
13	10000000015	$argon2id$v=19$m=19456,t=2,p=1$x820y2g7IZ2sGkZDTJLK9Q$wD72gz/9Yn9Wkf8KoTukFLMa+eZkx48Ka6cX+N+CN4M	14	register-match	1795612897313
14	10000000016	$argon2id$v=19$m=19456,t=2,p=1$5sKnAfseLRd7BvWsludAig$3oAdOVjwieieAdWp2ojM4DVCx1gkrkP1Prf1DKxgYPM	15	register-match	1795612897313
15	10000000017	$argon2id$v=19$m=19456,t=2,p=1$OeKkKUs3UMUW9M9N2/4zQQ$kRcJkFET7yYIG9xcZbzsgJ9+dAkDODvG/HiC/2estdM	16	register-match	1795612897313
16	10000000018	$argon2id$v=19$m=19456,t=2,p=1$lvPriH930uBTIjY6KAvoNQ$1HbNwNxHmHMAw0E9+JblDW2hl0dWYQ9jymsMhZNjjxA	17	register-match	1795612897313
17	10000000019	$argon2id$v=19$m=19456,t=2,p=1$8XOflh3Alnvv6BMkfKjAxw$fRzc7Y9YYmNNDl2vJldzfz3QfGGiMpwdimTeeW9p5Fs	18	register-match	1795612897313
18	10000000020	$argon2id$v=19$m=19456,t=2,p=1$Id/o4Tza0830cElUiB66yw$YB7k7wtzG+mRfPK3W8zdKScB2l9QXXtpLzrLOfW4J5U	19	register-match	1795612897313
19	10000000021	$argon2id$v=19$m=19456,t=2,p=1$xIZq8oX71qTjeaDv+abY7Q$WaHzTepts5Td+qud/v1r7ZekRAk99vkIeIeckveEniM	20	register-match	1795612897313
20	10000000022	$argon2id$v=19$m=19456,t=2,p=1$MDpw4Drp3kqCRxbtOTOnkQ$DsuVGmKF50ymIHolqpF4kAAjm0B4LfiHRS/ymrWKnLk	21	register-match	1795612897313
21	10000000023	$argon2id$v=19$m=19456,t=2,p=1$Bwucu0GECkMMp+pwYxUyew$i5S4cBjDIU4moJSEvlK7VIRgD7iQKakH/t26+Trnhl4	22	register-match	1795612897313
\.
COPY public.appeals (id, account, person, member, words, opened_at, state, answer, decided_by, decided_at) FROM stdin;
\.
COPY public.arrivals (id, taken) FROM stdin;
1	3
\.
COPY public.audit (place, at, clerk, name, role, deed, subject, reason, detail, hash) FROM stdin;
1	1795612898703	1	command line	clerk	create-clerk	clerk 2	\N	{"role":"clerk"}	\\xc86328664083b3619d6c2397b787d08cf1d83506b7749738aea34055b9b6640a
2	1795612898709	1	command line	clerk	create-clerk	clerk 3	\N	{"role":"department"}	\\x4e84390c0eeb632053925ff06644642abe078e9bd6e8bad6c59d575977274464
3	1795612898719	1	command line	clerk	put-site	demo-hospital	\N	{"scene":"hospital"}	\\xfb36110a240ba179c9abf9aede1eb77089f39560c622e76d75c3c94fad8d813d
4	1795612898723	1	command line	clerk	put-site	demo-hotel	\N	{"scene":"hotel"}	\\x82c0ac01c030e11a4aa66a7f194526f8532fc650f1324734ebb4c6dbadaf75fb
5	1795612898727	1	command line	clerk	put-site	demo-airport	\N	{"scene":"airport"}	\\x2a84447cfa4541b6819b5d49af2e0008d3e5e4457757258d8545063b2e508eb7
6	1795612898730	1	command line	clerk	put-site	demo-hall	\N	{"scene":"general"}	\\xe267529bd07d4d202678f35c6b73f8c63a87a47058a41db46d05e3c78ef7a107
\.
COPY public.claim_counts (claim_group, city, issued, in_force) FROM stdin;
1	3501	13	12
1	0	7	7
\.
COPY public.clerk_sites (clerk, site) FROM stdin;
\.
COPY public.clerks (id, name, role, token_hash, created_at, revoked_at, otp_seed, otp_since, otp_last_step) FROM stdin;
1	command line	clerk	\N	1795612897428	\N	\N	\N	0
2	demo clerk	clerk	\\x19932bb63eb5bf4b6e6e1ed6c7a21613bd13a2758b4af375b683577b3b5c2dc8	1795612898703	\N	\N	\N	0
3	demo department	department	\\x44ea3fd87da3bf3de19562f91977707b8c611847345e3a1949a3fd6eb7a68c35	1795612898709	\N	\N	\N	0
\.
COPY public.colour_scheme (id, generation, rules, since, done_type, done_number) FROM stdin;
1	1	{\n  "id": "fujian-2020",\n  "name": { "zh": "福建 2020 年码色制", "en": "Fujian 2020" },\n  "amber_name": "orange",\n  "source": "八闽健康码 colour rules published February to July 2020: six conditions turn a code orange",\n  "rules": [\n    {\n      "kind": "fever-clinic",\n      "colour": "amber",\n      "days": 14,\n      "words": { "zh": "14 天内曾到发热门诊就诊", "en": "Seen at a fever clinic within 14 days" }\n    },\n    {\n      "kind": "high-incidence-area",\n      "colour": "amber",\n      "days": 14,\n      "words": { "zh": "来自疫情高发地区", "en": "Came from an area of high incidence" }\n    },\n    {\n      "kind": "confirmed",\n      "colour": "amber",\n      "days": null,\n      "words": { "zh": "确诊病例", "en": "Confirmed case" }\n    },\n    {\n      "kind": "suspected",\n      "colour": "amber",\n      "days": null,\n      "words": { "zh": "疑似病例", "en": "Suspected case" }\n    },\n    {\n      "kind": "close-contact",\n      "colour": "amber",\n      "days": 14,\n      "words": { "zh": "密切接触者", "en": "Close contact of a case" }\n    },\n    {\n      "kind": "sealed-compound",\n      "colour": "amber",\n      "days": null,\n      "words": { "zh": "居住在封闭管理的小区", "en": "Lives in a sealed-off compound" }\n    },\n    {\n      "kind": "antipyretic",\n      "colour": "amber",\n      "days": 14,\n      "words": { "zh": "14 天内曾购买退烧药", "en": "Bought fever medicine within 14 days" }\n    }\n  ]\n}\n	1795612897240	\N	
\.
COPY public.declarations (holder, departure, household, contact, declared_at) FROM stdin;
13	420100	420100	\N	1795612897313
\.
COPY public.department_keys (public_key, clerk, added_at, revoked_at) FROM stdin;
\.
COPY public.enrolments (code_hash, site, station_name, scene, expires_at, used_at) FROM stdin;
\\xb038330261b8a452ba8a3c42c2cf93fc7283a0abb4758e5ab46302c5494c8425	demo-hotel	\N	hotel	1795872098734	\N
\\x2300005ff8adee7e09aa213ddb40cfb64bcf32846a91472367dac19ea5ae58a9	demo-airport	\N	airport	1795872098735	\N
\\x2cc30650dafad0e0856e99ecc4d7e94a2842b47456266041e6ff200a8227b4b7	demo-hall	\N	general	1795872098739	\N
\\x3cae0336f93bfeb8d70c42ee77e80aee2aeb5b2539f3fed25a2c14e2419619a0	demo-hospital	\N	hospital	1795872098732	1795612901535
\.
COPY public.entrants (person, entered_on) FROM stdin;
\.
COPY public.entries_20261124 (place, id, station, at, received_at, subject_issuer, subject_index, upload) FROM stdin;
\.
COPY public.entries_20261125 (place, id, station, at, received_at, subject_issuer, subject_index, upload) FROM stdin;
\.
COPY public.entries_20261126 (place, id, station, at, received_at, subject_issuer, subject_index, upload) FROM stdin;
\.
COPY public.entries_20261127 (place, id, station, at, received_at, subject_issuer, subject_index, upload) FROM stdin;
\.
COPY public.entries_20261128 (place, id, station, at, received_at, subject_issuer, subject_index, upload) FROM stdin;
\.
COPY public.entries_20261129 (place, id, station, at, received_at, subject_issuer, subject_index, upload) FROM stdin;
\.
COPY public.entries_20261130 (place, id, station, at, received_at, subject_issuer, subject_index, upload) FROM stdin;
\.
COPY public.entries_20261201 (place, id, station, at, received_at, subject_issuer, subject_index, upload) FROM stdin;
\.
COPY public.entries_20261202 (place, id, station, at, received_at, subject_issuer, subject_index, upload) FROM stdin;
\.
COPY public.entries_other (place, id, station, at, received_at, subject_issuer, subject_index, upload) FROM stdin;
1	\\x01730000000070008000000000000001	desk-e9e2b67332	1593590401000	1795612901542	35	7	{"id":"01730000-0000-7000-8000-000000000001","station":"desk-e9e2b67332","at":"2020-07-01T08:00:01Z","scene":"hospital","decision":"admit","reasons":[],"colour":"green","subject":{"issuer":35,"index":7},"method":["code"],"action":"none","basis":{"online":true,"status_epoch":1,"status_sequence":1,"age_seconds":3,"policy":"hospital/1"}}
2	\\x01730000000070008000000000000002	desk-e9e2b67332	1593590401000	1795612901542	35	7	{"id":"01730000-0000-7000-8000-000000000002","station":"desk-e9e2b67332","at":"2020-07-01T08:00:01Z","scene":"hospital","decision":"admit","reasons":[],"colour":"green","subject":{"issuer":35,"index":7},"method":["code"],"action":"none","basis":{"online":true,"status_epoch":1,"status_sequence":1,"age_seconds":3,"policy":"hospital/1"}}
3	\\x01730000000070008000000000000003	desk-e9e2b67332	1593590401000	1795612901553	35	7	{"id":"01730000-0000-7000-8000-000000000003","station":"desk-e9e2b67332","at":"2020-07-01T08:00:01Z","scene":"hospital","decision":"admit","reasons":[],"colour":"green","subject":{"issuer":35,"index":7},"method":["code"],"action":"none","basis":{"online":true,"status_epoch":1,"status_sequence":1,"age_seconds":3,"policy":"hospital/1"}}
\.
COPY public.facts (id, document_type, number, kind, occurred_at, received_at, reporter, detail, retracts) FROM stdin;
\\x01a212de709471cbb3abd5742dafbc21	1	350100198711150024	fever-clinic	1795504897313	1795612897428	1	\N	\N
\\x01a212de71e07539b2cf48cc323ea164	1	350100199502050099	high-incidence-area	1795504897313	1795612897760	1	\N	\N
\\x01a212de721b7f33ac6566e6b3f96881	1	350100199204070104	confirmed	1795504897313	1795612897819	1	\N	\N
\\x01a212de725f7ef89b02f6484df23cee	1	35010019880315011X	suspected	1795504897313	1795612897887	1	\N	\N
\\x01a212de729f7ba381ba06320573ecb2	1	350100196507280121	close-contact	1795504897313	1795612897951	1	\N	\N
\\x01a212de72e37b5eb873d19b8a8ca0d9	1	350100193807190132	sealed-compound	1795504897313	1795612898019	1	\N	\N
\\x01a212de73277de5b6f50517bb90b96e	1	350100198910200143	antipyretic	1795504897313	1795612898087	1	\N	\N
\\x01a212de737a7767929f20fd9192a18f	1	35010019840609015X	fever-clinic	1793884897313	1795612898170	1	\N	\N
\\x01a212de73d47d22b56788a4b871146f	1	35010019790721016X	suspected	1794835297313	1795612898260	1	\N	\N
\\x01a212de73e07c35a9be4f9b17e34bbe	1	35010019790721016X	cleared	1795440097313	1795612898272	1	\N	\N
\\x01a212de755872ca8e0a21020f290932	3	83000019990701022X	high-incidence-area	1795504897313	1795612898648	1	\N	\N
\\x01a212de7581739d939a4219a5eaa336	4	935398198809030230	close-contact	1795504897313	1795612898689	1	\N	\N
\\x01a212de82b373efbd7e7e202e2267d1	1	350100196901150018	confirmed	1795612902067	1795612902067	1	\N	\N
\.
COPY public.fills (id, holders, seed, done) FROM stdin;
\.
COPY public.holders (serial, status_index, person, account, document_hash, colour, colour_since, next_change_at, claimed_at, withdrawn_at, shown_count, revision, claim_group, relation, city, medium) FROM stdin;
1	47827	2	2	-8822341800143459676	1	1795612897428	1796714497313	1795612897313	\N	0	3	1	0	3501	0
2	43394	3	3	2049739276651060803	3	1795612897313	\N	1795612897313	1795612897313	0	5	1	0	3501	0
3	45511	5	4	-4885301514890878209	0	1795612897313	\N	1795612897313	\N	0	6	1	0	3501	0
4	58939	6	5	-1987158900921076979	0	1795612897313	\N	1795612897313	\N	0	7	1	0	3501	0
5	64252	8	7	2394710085880850716	1	1795612897760	1796714497313	1795612897313	\N	0	9	1	0	3501	0
6	16531	9	8	7672343133412161380	1	1795612897819	\N	1795612897313	\N	0	11	1	0	3501	0
7	17596	10	9	-3260223424858320993	1	1795612897887	\N	1795612897313	\N	0	13	1	0	3501	0
8	28909	11	10	8010711303156858269	1	1795612897951	1796714497313	1795612897313	\N	0	15	1	0	3501	0
9	1552	12	11	1851950880927250875	1	1795612898019	\N	1795612897313	\N	0	17	1	0	3501	0
10	10453	13	12	5523118544841083441	1	1795612898087	1796714497313	1795612897313	\N	0	19	1	0	3501	0
11	62353	14	13	-3408525826136454132	0	1795612897313	\N	1795612897313	\N	0	20	1	0	3501	0
12	43704	15	14	-1560119756500028297	0	1795612898272	\N	1795612897313	\N	0	23	1	0	3501	0
13	43250	16	15	-7896187093978948853	0	1795612897313	\N	1795612897313	\N	0	24	1	0	\N	0
14	44472	17	16	-2766273808559787231	0	1795612897313	\N	1795612897313	\N	0	25	1	0	\N	0
15	3409	18	17	-5449065594758626812	0	1795612897313	\N	1795612897313	\N	0	26	1	0	\N	0
16	5534	19	18	-2510203068894394786	0	1795612897313	\N	1795612897313	\N	0	27	1	0	\N	0
17	49432	20	19	6998017551940869583	0	1795612897313	\N	1795612897313	\N	0	28	1	0	\N	0
18	47285	21	20	3816263030921227575	1	1795612898648	1796714497313	1795612897313	\N	0	30	1	0	\N	0
19	3812	22	21	2514786838083220144	1	1795612898689	1796714497313	1795612897313	\N	0	32	1	0	\N	0
0	6213	1	1	-7559851338582219219	1	1795612902067	\N	1795612897313	\N	5	33	1	0	3501	0
\.
COPY public.issuing (id, permutation_key, next_serial, revision) FROM stdin;
1	\\x6b3fd20bf8e6f353f061673c93380d6736d995953ea72649987d5df986e37fa3	20	33
\.
COPY public.persons (id, document_type, number, name, imported_at, source) FROM stdin;
1	1	350100196901150018	张国例	1795612897313	1
2	1	350100198711150024	李丽样	1795612897313	1
3	1	350100196505070032	吴样	1795612897313	1
4	1	350100193208200044	李志样	1795612897313	1
5	1	350100193906180052	王样本	1795612897313	1
6	1	350100201307040063	张玉例	1795612897313	1
7	1	350100197309100083	王秀例	1795612897313	1
8	1	350100199502050099	刘试二	1795612897313	1
9	1	350100199204070104	郑志样	1795612897313	1
10	1	35010019880315011X	黄秀例	1795612897313	1
11	1	350100196507280121	黄试二	1795612897313	1
12	1	350100193807190132	林丽样	1795612897313	1
13	1	350100198910200143	王样	1795612897313	1
14	1	35010019840609015X	李芳例	1795612897313	1
15	1	35010019790721016X	吴秀例	1795612897313	1
16	2	810000197307120174	黄样	1795612897313	1
17	2	820000198507140184	郑玉例	1795612897313	1
18	3	830000196202060194	黄明样	1795612897313	1
19	4	UTO350176012792	EXAMPLE, AMINA	1795612897313	1
20	4	935398199508240212	SAMPLE, MARIA	1795612897313	1
21	3	83000019990701022X	吴例	1795612897313	1
22	4	935398198809030230	SAMPLE, MARIA	1795612897313	1
23	2	810000194002100240	张小例	1795612897313	1
\.
COPY public.policies (scene, version, policy, put_at, clerk) FROM stdin;
\.
COPY public.proofs (account, level, proven_at) FROM stdin;
\.
COPY public.published (id, head_number) FROM stdin;
1	1795612902
\.
COPY public.regions (issuer, name_zh, name_en, url, root_key, trust, removed, changed_at, revision) FROM stdin;
\.
COPY public.schema_version (version) FROM stdin;
1
2
\.
COPY public.sessions (token_hash, account, expires_at) FROM stdin;
\\xc6ee056879a2742653fd64e9e8833cd7bf6b1224e0043af8493aaaf359bbf7a1	1	1795656097313
\\x73774047d627d4e5270c7d0f22f9ff68755354302b48ba11fbcfc29c5d5a575e	2	1795656097313
\\xa6083172ce0c778939907897a74a1bce2d380379181a69e21b781a1a632f19fe	3	1795656097313
\\x488789b99fb9bd5ad3a2818a6952a025dadadf18d75c984166790d2de434d94b	4	1795656097313
\\xb5a3683b94cfa685c934783390ff252a997669f4b6bab59c237f84c45ba6b99f	5	1795656097313
\\x0510370f03cbbafd2a86053e402e674c04427455f604491a6e7ee5e75d77efa6	6	1795656097313
\\x4fe68373ffd679c2b5dd301f3b34a05b5a998ab76908f194ecb3f876d58ce2bb	7	1795656097313
\\xb785d7de86cc82e7c7eeef203e1ff718165ee31f4e12ec06ee080ecf469df1d0	8	1795656097313
\\x39dbf0414739634486681a2371648f8eab2c30b33589603f16aa1d6957f767b0	9	1795656097313
\\xa00924111998e7d99a8368d765139a2e93eb687eb47e4cd092537436f137e6ac	10	1795656097313
\\xb1dbbc1dc80b1f2d85cb38a5030703b9abc2be70600fb422af5cf538f6325dbe	11	1795656097313
\\x264fd091a0a26ad997a0b02cd9d3c48dc4e3c6c41efa24328b29cf254f48dd9c	12	1795656097313
\\x0470e2b65637435dc2d2a8b07a64e31245ae1149965ad3b802e00fed77ca0290	13	1795656097313
\\xf6f4f8451da0a1cd0c07640b2f41ce20e0731ade13e5d1adb3b1f9ace6939dea	14	1795656097313
\\xd7d49b0ff7fe31aa31048b8c1d5f89988d8bccb4bbabd84ad177f2c56fb14602	15	1795656097313
\\xda27cfd85540baa3e5025c53cec467f0cc40e901eee04e866047025fd4b0581c	16	1795656097313
\\xe75e7364343a78bc03ecd2d80b720de7fc319330d1e3990c183e175f1daef8aa	17	1795656097313
\\x726580973ce6c86e02999dd0db2c1997cbd1e7e9abb6f67a210c08f29377250e	18	1795656097313
\\x5edf78c3841bfccc0279719759290cdf000ba79d1edd2f508fead36d8b4bedfa	19	1795656097313
\\x45eff8075f09b9def270ddc524a690556a23715640c7b9fd4a77a66d2c2f74c4	20	1795656097313
\\xf1313275dba6c2203d8521efb25076ef708854027f44a02034dd439139bac972	21	1795656097313
\\xf806457b1fc9c4d182df4a44a54ada6603fb7fe7a9e130e3183ac1d55192c054	1	1795656101567
\.
COPY public.show_total (id, total) FROM stdin;
1	5
\.
COPY public.shown_by_day (day, shard, count) FROM stdin;
20782	3	5
\.
COPY public.shows_20261124 (id, at, count) FROM stdin;
\.
COPY public.shows_20261125 (id, at, count) FROM stdin;
\\x01a212de817471829033652ed296fcd3	1795612901748	5
\.
COPY public.shows_20261126 (id, at, count) FROM stdin;
\.
COPY public.shows_20261127 (id, at, count) FROM stdin;
\.
COPY public.shows_20261128 (id, at, count) FROM stdin;
\.
COPY public.shows_20261129 (id, at, count) FROM stdin;
\.
COPY public.shows_20261130 (id, at, count) FROM stdin;
\.
COPY public.shows_20261201 (id, at, count) FROM stdin;
\.
COPY public.shows_20261202 (id, at, count) FROM stdin;
\.
COPY public.shows_other (id, at, count) FROM stdin;
\.
COPY public.sites (id, name_zh, name_en, scene) FROM stdin;
demo-hospital	示例医院一号门	Demo Hospital, Gate 1	hospital
demo-hotel	示例宾馆前台	Demo Hotel, Front Desk	hotel
demo-airport	示例机场二号航站楼	Demo Airport, Terminal 2	airport
demo-hall	示例政务大厅	Demo Service Hall	general
\.
COPY public.stations (id, site, name, scene, token_hash, enrolled_at, revoked_at) FROM stdin;
desk-e9e2b67332	demo-hospital	desk	hospital	\\x5eb946650ebc4dcceac5b9d4019dba63a64070ab1c562ec0637f9d3ea5992bbf	1795612901535	\N
\.
COPY public.stations_seen (station, seen_at, version, list_epoch, list_sequence, list_age_seconds) FROM stdin;
\.
COPY public.verifications_20261124 (id, item, station, at, basis, outcome, issuer, status_index, colour) FROM stdin;
\.
COPY public.verifications_20261125 (id, item, station, at, basis, outcome, issuer, status_index, colour) FROM stdin;
\\x01a212de80ec78429317fc0000000001	0	desk-e9e2b67332	1795612901612	\N	known	35	6213	0
\.
COPY public.verifications_20261126 (id, item, station, at, basis, outcome, issuer, status_index, colour) FROM stdin;
\.
COPY public.verifications_20261127 (id, item, station, at, basis, outcome, issuer, status_index, colour) FROM stdin;
\.
COPY public.verifications_20261128 (id, item, station, at, basis, outcome, issuer, status_index, colour) FROM stdin;
\.
COPY public.verifications_20261129 (id, item, station, at, basis, outcome, issuer, status_index, colour) FROM stdin;
\.
COPY public.verifications_20261130 (id, item, station, at, basis, outcome, issuer, status_index, colour) FROM stdin;
\.
COPY public.verifications_20261201 (id, item, station, at, basis, outcome, issuer, status_index, colour) FROM stdin;
\.
COPY public.verifications_20261202 (id, item, station, at, basis, outcome, issuer, status_index, colour) FROM stdin;
\.
COPY public.verifications_other (id, item, station, at, basis, outcome, issuer, status_index, colour) FROM stdin;
\.
SELECT pg_catalog.setval('public.accounts_id_seq', 21, true);
SELECT pg_catalog.setval('public.clerks_id_seq', 3, true);
SELECT pg_catalog.setval('public.persons_id_seq', 23, true);
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_person_key UNIQUE (person);
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_phone_key UNIQUE (phone);
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.appeals
    ADD CONSTRAINT appeals_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.arrivals
    ADD CONSTRAINT arrivals_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (place);
ALTER TABLE ONLY public.claim_counts
    ADD CONSTRAINT claim_counts_pkey PRIMARY KEY (claim_group, city);
ALTER TABLE ONLY public.clerk_sites
    ADD CONSTRAINT clerk_sites_pkey PRIMARY KEY (clerk, site);
ALTER TABLE ONLY public.clerks
    ADD CONSTRAINT clerks_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.clerks
    ADD CONSTRAINT clerks_token_hash_key UNIQUE (token_hash);
ALTER TABLE ONLY public.colour_scheme
    ADD CONSTRAINT colour_scheme_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.declarations
    ADD CONSTRAINT declarations_pkey PRIMARY KEY (holder);
ALTER TABLE ONLY public.department_keys
    ADD CONSTRAINT department_keys_pkey PRIMARY KEY (public_key);
ALTER TABLE ONLY public.enrolments
    ADD CONSTRAINT enrolments_pkey PRIMARY KEY (code_hash);
ALTER TABLE ONLY public.entrants
    ADD CONSTRAINT entrants_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.entries_20261124
    ADD CONSTRAINT entries_20261124_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.entries_20261125
    ADD CONSTRAINT entries_20261125_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.entries_20261126
    ADD CONSTRAINT entries_20261126_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.entries_20261127
    ADD CONSTRAINT entries_20261127_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.entries_20261128
    ADD CONSTRAINT entries_20261128_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.entries_20261129
    ADD CONSTRAINT entries_20261129_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.entries_20261130
    ADD CONSTRAINT entries_20261130_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.entries_20261201
    ADD CONSTRAINT entries_20261201_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.entries_20261202
    ADD CONSTRAINT entries_20261202_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.entries_other
    ADD CONSTRAINT entries_other_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.facts
    ADD CONSTRAINT facts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.fills
    ADD CONSTRAINT fills_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.holders
    ADD CONSTRAINT holders_pkey PRIMARY KEY (serial);
ALTER TABLE ONLY public.holders
    ADD CONSTRAINT holders_status_index_key UNIQUE (status_index);
ALTER TABLE ONLY public.issuing
    ADD CONSTRAINT issuing_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.persons
    ADD CONSTRAINT persons_document_type_number_key UNIQUE (document_type, number);
ALTER TABLE ONLY public.persons
    ADD CONSTRAINT persons_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.policies
    ADD CONSTRAINT policies_pkey PRIMARY KEY (scene, version);
ALTER TABLE ONLY public.proofs
    ADD CONSTRAINT proofs_pkey PRIMARY KEY (account, level);
ALTER TABLE ONLY public.published
    ADD CONSTRAINT published_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.regions
    ADD CONSTRAINT regions_pkey PRIMARY KEY (issuer);
ALTER TABLE ONLY public.regions
    ADD CONSTRAINT regions_revision_key UNIQUE (revision);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (token_hash);
ALTER TABLE ONLY public.show_total
    ADD CONSTRAINT show_total_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.shown_by_day
    ADD CONSTRAINT shown_by_day_pkey PRIMARY KEY (day, shard);
ALTER TABLE ONLY public.shows
    ADD CONSTRAINT shows_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.shows_20261124
    ADD CONSTRAINT shows_20261124_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.shows_20261125
    ADD CONSTRAINT shows_20261125_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.shows_20261126
    ADD CONSTRAINT shows_20261126_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.shows_20261127
    ADD CONSTRAINT shows_20261127_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.shows_20261128
    ADD CONSTRAINT shows_20261128_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.shows_20261129
    ADD CONSTRAINT shows_20261129_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.shows_20261130
    ADD CONSTRAINT shows_20261130_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.shows_20261201
    ADD CONSTRAINT shows_20261201_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.shows_20261202
    ADD CONSTRAINT shows_20261202_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.shows_other
    ADD CONSTRAINT shows_other_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sites
    ADD CONSTRAINT sites_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stations
    ADD CONSTRAINT stations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stations_seen
    ADD CONSTRAINT stations_seen_pkey PRIMARY KEY (station);
ALTER TABLE ONLY public.stations
    ADD CONSTRAINT stations_token_hash_key UNIQUE (token_hash);
ALTER TABLE ONLY public.verifications
    ADD CONSTRAINT verifications_pkey PRIMARY KEY (id, item);
ALTER TABLE ONLY public.verifications_20261124
    ADD CONSTRAINT verifications_20261124_pkey PRIMARY KEY (id, item);
ALTER TABLE ONLY public.verifications_20261125
    ADD CONSTRAINT verifications_20261125_pkey PRIMARY KEY (id, item);
ALTER TABLE ONLY public.verifications_20261126
    ADD CONSTRAINT verifications_20261126_pkey PRIMARY KEY (id, item);
ALTER TABLE ONLY public.verifications_20261127
    ADD CONSTRAINT verifications_20261127_pkey PRIMARY KEY (id, item);
ALTER TABLE ONLY public.verifications_20261128
    ADD CONSTRAINT verifications_20261128_pkey PRIMARY KEY (id, item);
ALTER TABLE ONLY public.verifications_20261129
    ADD CONSTRAINT verifications_20261129_pkey PRIMARY KEY (id, item);
ALTER TABLE ONLY public.verifications_20261130
    ADD CONSTRAINT verifications_20261130_pkey PRIMARY KEY (id, item);
ALTER TABLE ONLY public.verifications_20261201
    ADD CONSTRAINT verifications_20261201_pkey PRIMARY KEY (id, item);
ALTER TABLE ONLY public.verifications_20261202
    ADD CONSTRAINT verifications_20261202_pkey PRIMARY KEY (id, item);
ALTER TABLE ONLY public.verifications_other
    ADD CONSTRAINT verifications_other_pkey PRIMARY KEY (id, item);
CREATE INDEX appeals_by_account ON public.appeals USING btree (account, id);
CREATE UNIQUE INDEX appeals_open ON public.appeals USING btree (person) WHERE (state = 0);
CREATE INDEX audit_by_clerk ON public.audit USING btree (clerk, place);
CREATE INDEX audit_by_deed ON public.audit USING btree (deed, place);
CREATE INDEX clerks_by_name ON public.clerks USING btree (name);
CREATE INDEX entries_by_place ON ONLY public.entries USING btree (place);
CREATE INDEX entries_20261124_place_idx ON public.entries_20261124 USING btree (place);
CREATE INDEX entries_by_station ON ONLY public.entries USING btree (station, at);
CREATE INDEX entries_20261124_station_at_idx ON public.entries_20261124 USING btree (station, at);
CREATE INDEX entries_by_subject ON ONLY public.entries USING btree (subject_issuer, subject_index, at) WHERE (subject_index IS NOT NULL);
CREATE INDEX entries_20261124_subject_issuer_subject_index_at_idx ON public.entries_20261124 USING btree (subject_issuer, subject_index, at) WHERE (subject_index IS NOT NULL);
CREATE INDEX entries_20261125_place_idx ON public.entries_20261125 USING btree (place);
CREATE INDEX entries_20261125_station_at_idx ON public.entries_20261125 USING btree (station, at);
CREATE INDEX entries_20261125_subject_issuer_subject_index_at_idx ON public.entries_20261125 USING btree (subject_issuer, subject_index, at) WHERE (subject_index IS NOT NULL);
CREATE INDEX entries_20261126_place_idx ON public.entries_20261126 USING btree (place);
CREATE INDEX entries_20261126_station_at_idx ON public.entries_20261126 USING btree (station, at);
CREATE INDEX entries_20261126_subject_issuer_subject_index_at_idx ON public.entries_20261126 USING btree (subject_issuer, subject_index, at) WHERE (subject_index IS NOT NULL);
CREATE INDEX entries_20261127_place_idx ON public.entries_20261127 USING btree (place);
CREATE INDEX entries_20261127_station_at_idx ON public.entries_20261127 USING btree (station, at);
CREATE INDEX entries_20261127_subject_issuer_subject_index_at_idx ON public.entries_20261127 USING btree (subject_issuer, subject_index, at) WHERE (subject_index IS NOT NULL);
CREATE INDEX entries_20261128_place_idx ON public.entries_20261128 USING btree (place);
CREATE INDEX entries_20261128_station_at_idx ON public.entries_20261128 USING btree (station, at);
CREATE INDEX entries_20261128_subject_issuer_subject_index_at_idx ON public.entries_20261128 USING btree (subject_issuer, subject_index, at) WHERE (subject_index IS NOT NULL);
CREATE INDEX entries_20261129_place_idx ON public.entries_20261129 USING btree (place);
CREATE INDEX entries_20261129_station_at_idx ON public.entries_20261129 USING btree (station, at);
CREATE INDEX entries_20261129_subject_issuer_subject_index_at_idx ON public.entries_20261129 USING btree (subject_issuer, subject_index, at) WHERE (subject_index IS NOT NULL);
CREATE INDEX entries_20261130_place_idx ON public.entries_20261130 USING btree (place);
CREATE INDEX entries_20261130_station_at_idx ON public.entries_20261130 USING btree (station, at);
CREATE INDEX entries_20261130_subject_issuer_subject_index_at_idx ON public.entries_20261130 USING btree (subject_issuer, subject_index, at) WHERE (subject_index IS NOT NULL);
CREATE INDEX entries_20261201_place_idx ON public.entries_20261201 USING btree (place);
CREATE INDEX entries_20261201_station_at_idx ON public.entries_20261201 USING btree (station, at);
CREATE INDEX entries_20261201_subject_issuer_subject_index_at_idx ON public.entries_20261201 USING btree (subject_issuer, subject_index, at) WHERE (subject_index IS NOT NULL);
CREATE INDEX entries_20261202_place_idx ON public.entries_20261202 USING btree (place);
CREATE INDEX entries_20261202_station_at_idx ON public.entries_20261202 USING btree (station, at);
CREATE INDEX entries_20261202_subject_issuer_subject_index_at_idx ON public.entries_20261202 USING btree (subject_issuer, subject_index, at) WHERE (subject_index IS NOT NULL);
CREATE INDEX entries_other_place_idx ON public.entries_other USING btree (place);
CREATE INDEX entries_other_station_at_idx ON public.entries_other USING btree (station, at);
CREATE INDEX entries_other_subject_issuer_subject_index_at_idx ON public.entries_other USING btree (subject_issuer, subject_index, at) WHERE (subject_index IS NOT NULL);
CREATE INDEX facts_by_document ON public.facts USING btree (document_type, number, occurred_at);
CREATE UNIQUE INDEX facts_retracted ON public.facts USING btree (retracts) WHERE (retracts IS NOT NULL);
CREATE INDEX holders_by_person ON public.holders USING btree (person);
CREATE UNIQUE INDEX holders_by_revision ON public.holders USING btree (revision);
CREATE INDEX holders_due ON public.holders USING btree (next_change_at) WHERE ((next_change_at IS NOT NULL) AND (withdrawn_at IS NULL));
CREATE UNIQUE INDEX holders_in_force ON public.holders USING btree (person, medium) WHERE (withdrawn_at IS NULL);
CREATE INDEX holders_of_account ON public.holders USING btree (account) WHERE (withdrawn_at IS NULL);
CREATE INDEX sessions_by_account ON public.sessions USING btree (account);
CREATE INDEX sessions_by_end ON public.sessions USING btree (expires_at);
CREATE INDEX stations_by_site ON public.stations USING btree (site);
ALTER INDEX public.entries_pkey ATTACH PARTITION public.entries_20261124_pkey;
ALTER INDEX public.entries_by_place ATTACH PARTITION public.entries_20261124_place_idx;
ALTER INDEX public.entries_by_station ATTACH PARTITION public.entries_20261124_station_at_idx;
ALTER INDEX public.entries_by_subject ATTACH PARTITION public.entries_20261124_subject_issuer_subject_index_at_idx;
ALTER INDEX public.entries_pkey ATTACH PARTITION public.entries_20261125_pkey;
ALTER INDEX public.entries_by_place ATTACH PARTITION public.entries_20261125_place_idx;
ALTER INDEX public.entries_by_station ATTACH PARTITION public.entries_20261125_station_at_idx;
ALTER INDEX public.entries_by_subject ATTACH PARTITION public.entries_20261125_subject_issuer_subject_index_at_idx;
ALTER INDEX public.entries_pkey ATTACH PARTITION public.entries_20261126_pkey;
ALTER INDEX public.entries_by_place ATTACH PARTITION public.entries_20261126_place_idx;
ALTER INDEX public.entries_by_station ATTACH PARTITION public.entries_20261126_station_at_idx;
ALTER INDEX public.entries_by_subject ATTACH PARTITION public.entries_20261126_subject_issuer_subject_index_at_idx;
ALTER INDEX public.entries_pkey ATTACH PARTITION public.entries_20261127_pkey;
ALTER INDEX public.entries_by_place ATTACH PARTITION public.entries_20261127_place_idx;
ALTER INDEX public.entries_by_station ATTACH PARTITION public.entries_20261127_station_at_idx;
ALTER INDEX public.entries_by_subject ATTACH PARTITION public.entries_20261127_subject_issuer_subject_index_at_idx;
ALTER INDEX public.entries_pkey ATTACH PARTITION public.entries_20261128_pkey;
ALTER INDEX public.entries_by_place ATTACH PARTITION public.entries_20261128_place_idx;
ALTER INDEX public.entries_by_station ATTACH PARTITION public.entries_20261128_station_at_idx;
ALTER INDEX public.entries_by_subject ATTACH PARTITION public.entries_20261128_subject_issuer_subject_index_at_idx;
ALTER INDEX public.entries_pkey ATTACH PARTITION public.entries_20261129_pkey;
ALTER INDEX public.entries_by_place ATTACH PARTITION public.entries_20261129_place_idx;
ALTER INDEX public.entries_by_station ATTACH PARTITION public.entries_20261129_station_at_idx;
ALTER INDEX public.entries_by_subject ATTACH PARTITION public.entries_20261129_subject_issuer_subject_index_at_idx;
ALTER INDEX public.entries_pkey ATTACH PARTITION public.entries_20261130_pkey;
ALTER INDEX public.entries_by_place ATTACH PARTITION public.entries_20261130_place_idx;
ALTER INDEX public.entries_by_station ATTACH PARTITION public.entries_20261130_station_at_idx;
ALTER INDEX public.entries_by_subject ATTACH PARTITION public.entries_20261130_subject_issuer_subject_index_at_idx;
ALTER INDEX public.entries_pkey ATTACH PARTITION public.entries_20261201_pkey;
ALTER INDEX public.entries_by_place ATTACH PARTITION public.entries_20261201_place_idx;
ALTER INDEX public.entries_by_station ATTACH PARTITION public.entries_20261201_station_at_idx;
ALTER INDEX public.entries_by_subject ATTACH PARTITION public.entries_20261201_subject_issuer_subject_index_at_idx;
ALTER INDEX public.entries_pkey ATTACH PARTITION public.entries_20261202_pkey;
ALTER INDEX public.entries_by_place ATTACH PARTITION public.entries_20261202_place_idx;
ALTER INDEX public.entries_by_station ATTACH PARTITION public.entries_20261202_station_at_idx;
ALTER INDEX public.entries_by_subject ATTACH PARTITION public.entries_20261202_subject_issuer_subject_index_at_idx;
ALTER INDEX public.entries_pkey ATTACH PARTITION public.entries_other_pkey;
ALTER INDEX public.entries_by_place ATTACH PARTITION public.entries_other_place_idx;
ALTER INDEX public.entries_by_station ATTACH PARTITION public.entries_other_station_at_idx;
ALTER INDEX public.entries_by_subject ATTACH PARTITION public.entries_other_subject_issuer_subject_index_at_idx;
ALTER INDEX public.shows_pkey ATTACH PARTITION public.shows_20261124_pkey;
ALTER INDEX public.shows_pkey ATTACH PARTITION public.shows_20261125_pkey;
ALTER INDEX public.shows_pkey ATTACH PARTITION public.shows_20261126_pkey;
ALTER INDEX public.shows_pkey ATTACH PARTITION public.shows_20261127_pkey;
ALTER INDEX public.shows_pkey ATTACH PARTITION public.shows_20261128_pkey;
ALTER INDEX public.shows_pkey ATTACH PARTITION public.shows_20261129_pkey;
ALTER INDEX public.shows_pkey ATTACH PARTITION public.shows_20261130_pkey;
ALTER INDEX public.shows_pkey ATTACH PARTITION public.shows_20261201_pkey;
ALTER INDEX public.shows_pkey ATTACH PARTITION public.shows_20261202_pkey;
ALTER INDEX public.shows_pkey ATTACH PARTITION public.shows_other_pkey;
ALTER INDEX public.verifications_pkey ATTACH PARTITION public.verifications_20261124_pkey;
ALTER INDEX public.verifications_pkey ATTACH PARTITION public.verifications_20261125_pkey;
ALTER INDEX public.verifications_pkey ATTACH PARTITION public.verifications_20261126_pkey;
ALTER INDEX public.verifications_pkey ATTACH PARTITION public.verifications_20261127_pkey;
ALTER INDEX public.verifications_pkey ATTACH PARTITION public.verifications_20261128_pkey;
ALTER INDEX public.verifications_pkey ATTACH PARTITION public.verifications_20261129_pkey;
ALTER INDEX public.verifications_pkey ATTACH PARTITION public.verifications_20261130_pkey;
ALTER INDEX public.verifications_pkey ATTACH PARTITION public.verifications_20261201_pkey;
ALTER INDEX public.verifications_pkey ATTACH PARTITION public.verifications_20261202_pkey;
ALTER INDEX public.verifications_pkey ATTACH PARTITION public.verifications_other_pkey;
CREATE TRIGGER audit_is_not_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit FOR EACH STATEMENT EXECUTE FUNCTION public.audit_is_only_added_to();
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_person_fkey FOREIGN KEY (person) REFERENCES public.persons(id);
ALTER TABLE ONLY public.appeals
    ADD CONSTRAINT appeals_account_fkey FOREIGN KEY (account) REFERENCES public.accounts(id);
ALTER TABLE ONLY public.appeals
    ADD CONSTRAINT appeals_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES public.clerks(id);
ALTER TABLE ONLY public.appeals
    ADD CONSTRAINT appeals_person_fkey FOREIGN KEY (person) REFERENCES public.persons(id);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_clerk_fkey FOREIGN KEY (clerk) REFERENCES public.clerks(id);
ALTER TABLE ONLY public.clerk_sites
    ADD CONSTRAINT clerk_sites_clerk_fkey FOREIGN KEY (clerk) REFERENCES public.clerks(id);
ALTER TABLE ONLY public.clerk_sites
    ADD CONSTRAINT clerk_sites_site_fkey FOREIGN KEY (site) REFERENCES public.sites(id);
ALTER TABLE ONLY public.declarations
    ADD CONSTRAINT declarations_holder_fkey FOREIGN KEY (holder) REFERENCES public.holders(serial);
ALTER TABLE ONLY public.department_keys
    ADD CONSTRAINT department_keys_clerk_fkey FOREIGN KEY (clerk) REFERENCES public.clerks(id);
ALTER TABLE ONLY public.enrolments
    ADD CONSTRAINT enrolments_site_fkey FOREIGN KEY (site) REFERENCES public.sites(id);
ALTER TABLE ONLY public.entrants
    ADD CONSTRAINT entrants_person_fkey FOREIGN KEY (person) REFERENCES public.persons(id);
ALTER TABLE public.entries
    ADD CONSTRAINT entries_station_fkey FOREIGN KEY (station) REFERENCES public.stations(id);
ALTER TABLE ONLY public.facts
    ADD CONSTRAINT facts_reporter_fkey FOREIGN KEY (reporter) REFERENCES public.clerks(id);
ALTER TABLE ONLY public.holders
    ADD CONSTRAINT holders_account_fkey FOREIGN KEY (account) REFERENCES public.accounts(id);
ALTER TABLE ONLY public.holders
    ADD CONSTRAINT holders_person_fkey FOREIGN KEY (person) REFERENCES public.persons(id);
ALTER TABLE ONLY public.policies
    ADD CONSTRAINT policies_clerk_fkey FOREIGN KEY (clerk) REFERENCES public.clerks(id);
ALTER TABLE ONLY public.proofs
    ADD CONSTRAINT proofs_account_fkey FOREIGN KEY (account) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_account_fkey FOREIGN KEY (account) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.stations_seen
    ADD CONSTRAINT stations_seen_station_fkey FOREIGN KEY (station) REFERENCES public.stations(id);
ALTER TABLE ONLY public.stations
    ADD CONSTRAINT stations_site_fkey FOREIGN KEY (site) REFERENCES public.sites(id);
