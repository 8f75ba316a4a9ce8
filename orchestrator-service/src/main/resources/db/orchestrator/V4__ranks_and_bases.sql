-- JSON: what each client may be given, and which rank-1 components each trains; absent where all
-- train everything
alter table round add column shares text;
alter table round add column ranks text;

-- what the round begins from, and what the version that it became sits on: a round that is merged
-- makes a new base
alter table round add column base text;
alter table round add column published_base text;
update round set base = (select job.base from job where job.id = round.job);
update round set published_base = base where published is not null;
alter table round alter column base set not null;
alter table round add check ((published is null) = (published_base is null));
