-- counted before each draw: in how many cohorts of a job an agent was
create index assignment_visits on assignment (job, agent) where kind = 'TRAIN';
