-- The registry's own schema. Versions, their files and blobs are written once and never change;
-- what moves is a model's counter and description, its aliases, and the latest metrics of a version.

create table model (
    name        text        primary key,
    -- null until somebody describes the model: publishing creates it without a description
    description text,
    -- how many versions it has. Numbers are drawn under this row's lock, so they have no gaps.
    versions    integer     not null check (versions >= 0),
    created_at  timestamptz not null
);

create table blob (
    -- SHA-256 of the bytes, in hexadecimal; the bytes themselves lie in the blob store
    digest     text        primary key check (digest ~ '^[0-9a-f]{64}$'),
    size       bigint      not null check (size >= 0),
    created_at timestamptz not null
);

create table version (
    model           text        not null references model,
    number          integer     not null check (number >= 1),
    -- the caller's name for the publication, and what was asked for under it
    publication_key text        not null,
    request_digest  text        not null,
    kind            text        not null check (kind in ('BASE', 'ADAPTER', 'MERGED')),
    digest          text        not null,
    base_model      text,
    base_number     integer,
    -- Lineage and ModelStructure as JSON. Not jsonb: it refuses the escape \u0000, which JSON allows.
    lineage         text,
    structure       text,
    created_at      timestamptz not null,
    primary key (model, number),
    unique (model, publication_key),
    foreign key (base_model, base_number) references version
);

create table version_file (
    model  text    not null,
    number integer not null,
    path   text    not null,
    digest text    not null references blob,
    size   bigint  not null,
    primary key (model, number, path),
    foreign key (model, number) references version
);

create index version_file_by_blob on version_file (digest);

-- 'latest' has no row: it is the number of the model's last version
create table alias (
    model   text    not null references model,
    name    text    not null,
    version integer not null,
    primary key (model, name),
    foreign key (model, version) references version
);

create table version_metrics (
    model       text        not null,
    number      integer     not null,
    data        text        not null,
    examples    bigint      not null check (examples >= 0),
    -- value by name, as JSON
    metrics     text        not null,
    measured_at timestamptz not null,
    primary key (model, number, data),
    foreign key (model, number) references version
);
