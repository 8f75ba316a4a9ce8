-- how many layers an update prunes, and how sparse they are; null where it trains an adapter
alter table seat add column layers integer;
alter table seat add column sparsity double precision;

-- of a round that pruned a base: each client's own one, null where they were combined, and how sparse
-- each matrix became; null where an adapter was trained
alter table round_session add column standalone text;
alter table round_session add column matrices text;
