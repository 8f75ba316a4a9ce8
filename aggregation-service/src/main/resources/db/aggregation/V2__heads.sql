-- how many heads an agent may keep (null: all are in scope), and those it kept with its confidence
alter table seat add column allowance text;
alter table seat add column kept_heads text;

-- what the clients of a combined round made of each head; null where none were pruned
alter table round_session add column heads text;
