UPDATE programs SET name = left(name, 150) || ' (deleted, ' || id || ')' WHERE deleted_at IS NOT NULL;
DROP INDEX programs_one_per_name;
CREATE UNIQUE INDEX programs_one_per_name ON programs (lower(name));
ALTER TABLE programs DROP COLUMN deleted_at;
