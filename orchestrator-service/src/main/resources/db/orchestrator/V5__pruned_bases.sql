-- JSON: which layers each client prunes; absent in rounds that train an adapter
alter table round add column pruning text;

-- JSON: what the version gave on data that clients hold out
alter table round add column client_evaluation text;

-- the version that an evaluation is of, and nothing for other work: a round may make one for each
-- client, and whoever evaluates evaluates them all
alter table assignment add column subject text not null default '';
update assignment set subject = work::json ->> 'adapter'
    where kind in ('EVALUATE', 'EVALUATE_FINALLY');
alter table assignment drop constraint assignment_round_agent_kind_key;
alter table assignment add unique (round, agent, kind, subject);

-- counted before each draw: in how many cohorts of a job an agent was
drop index assignment_visits;
create index assignment_visits on assignment (job, agent) where kind in ('TRAIN', 'PRUNE');
