-- the base that a round made, null where its version sits on the one it had; and what became of the
-- components of its adapter, null where all clients trained all of them
alter table round_session add column published_base varchar(100);
alter table round_session add column components text;
