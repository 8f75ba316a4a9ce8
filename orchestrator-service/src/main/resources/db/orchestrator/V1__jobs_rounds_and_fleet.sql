create table agent (
    name         text        primary key,
    version      bigint      not null,
    secret_hash  text        not null,
    capabilities text        not null,
    enrolled_at  timestamptz not null,
    last_seen    timestamptz not null
);

create table job (
    id              uuid        primary key,
    version         bigint      not null,
    state           text        not null,
    specification   text        not null,
    base            text        not null,
    structure       text        not null,
    idempotency_key text        unique,
    request_digest  text        not null,
    first_adapter   text,
    merged          text,
    waiting_for     text,
    reason          text,
    created_at      timestamptz not null,
    ended_at        timestamptz
);
create index job_newest on job (created_at desc);

create table round (
    id             uuid        primary key,
    version        bigint      not null,
    job            uuid        not null references job,
    number         integer     not null,
    phase          integer     not null,
    stage          text        not null,
    parent         text        not null,
    needed         integer     not null,
    dense_bytes    bigint      not null,
    left_out       text        not null,
    started_at     timestamptz not null,
    deadline       timestamptz not null,
    sealed_at      timestamptz,
    session        text,
    published      text,
    evaluate_by    timestamptz,
    evaluation     text,
    reason         text,
    ended_at       timestamptz,
    session_closed boolean     not null,
    unique (job, number)
);

create table assignment (
    id            uuid        primary key,
    version       bigint      not null,
    job           uuid        not null references job,
    round         uuid        not null references round,
    round_number  integer     not null,
    agent         text        not null,
    kind          text        not null,
    state         text        not null,
    work          text        not null,
    reason        text,
    progress      text,
    progress_told timestamptz,
    outcome       text,
    planned_at    timestamptz not null,
    offered_at    timestamptz,
    fetched_at    timestamptz,
    ended_at      timestamptz,
    unique (round, agent, kind)
);
create index assignment_unsettled on assignment (agent, planned_at)
    where state in ('PLANNED', 'OFFERED', 'FETCHED');

-- one row for each job, locked while an event gets its number
create table event_counter (
    job  uuid   primary key references job,
    last bigint not null
);

create table job_event (
    job      uuid        not null references job,
    sequence bigint      not null,
    at       timestamptz not null,
    type     text        not null,
    message  text        not null,
    data     text        not null,
    primary key (job, sequence)
);

-- the key of the upload tokens, where none is configured
create table token_key (
    id     integer primary key check (id = 1),
    secret bytea   not null
);

-- db-scheduler 16: who takes the next step of which job, and when
create table scheduled_tasks (
    task_name            text        not null,
    task_instance        text        not null,
    task_data            bytea,
    execution_time       timestamptz not null,
    picked               boolean     not null,
    picked_by            text,
    last_success         timestamptz,
    last_failure         timestamptz,
    consecutive_failures integer,
    last_heartbeat       timestamptz,
    version              bigint      not null,
    priority             smallint,
    state                text,
    primary key (task_name, task_instance)
);
create index scheduled_tasks_execution_time on scheduled_tasks (execution_time);
create index scheduled_tasks_last_heartbeat on scheduled_tasks (last_heartbeat);
