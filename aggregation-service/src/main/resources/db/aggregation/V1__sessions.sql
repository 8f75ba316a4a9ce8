-- one round; terms is the request that opened it, without its cohort
create table round_session (
    round               uuid primary key,
    terms               text not null,
    state               varchar(16) not null,
    deadline            timestamptz not null,
    failures            integer not null,
    due_at              timestamptz,
    published           varchar(100),
    aggregation_seconds double precision not null,
    reason              varchar(2000),
    opened_at           timestamptz not null,
    version             bigint not null,
    check ((state = 'SEALED') = (due_at is not null)),
    check ((state = 'PUBLISHED') = (published is not null)),
    check ((state = 'VOID') = (reason is not null))
);

-- what waits to be combined
create index round_session_due on round_session (due_at) where state = 'SEALED';

-- one agent's place in a round, and what became of its update; order of agents is order of bytes
create table seat (
    round              uuid not null references round_session,
    agent              varchar(63) collate "C" not null,
    token_hash         varchar(64) not null,
    scope              text not null,
    state              varchar(16) not null,
    digest             varchar(64),
    problem            varchar(64),
    reason             varchar(2000),
    received_at        timestamptz,
    examples           bigint not null,
    steps              integer not null,
    loss_before        double precision,
    loss_after         double precision,
    train_seconds      double precision not null,
    change_norm        double precision,
    bytes_up           bigint not null,
    task_head_bytes_up bigint not null,
    wire_bytes_up      bigint not null,
    version            bigint not null,
    primary key (round, agent),
    check ((state = 'MISSING') = (digest is null)),
    check ((state = 'REJECTED') = (problem is not null))
);
