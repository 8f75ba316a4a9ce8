-- in how many bits an agent is to send values (null: f32); how many components its update holds, and
-- what was lost by fewer bits, as it said (null: it was to hold all, in f32)
alter table seat add column upload text;
alter table seat add column kept_components integer;
alter table seat add column quantisation_error double precision;
