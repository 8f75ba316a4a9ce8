-- JSON: who could be chosen and why; what was asked of attention heads; what the last version gave
-- on the data that only it is shown. The first two are absent in rounds drawn before this.
alter table round add column selection text;
alter table round add column heads text;
alter table round add column score_by timestamptz;
alter table round add column final_evaluation text;

-- what an agent measured last for a job, from which a cohort is chosen when it does not answer
create table client_loss (
    job         uuid             not null references job,
    agent       text             not null,
    version     bigint           not null,
    round       integer          not null,
    global_loss double precision not null,
    own_loss    double precision,
    primary key (job, agent)
);
