-- A program that no order used may be deleted. Its versions are append-only and stay; it is no longer
-- shown, nobody can be enrolled in it, and its name is free.

ALTER TABLE programs ADD COLUMN deleted_at timestamptz;
COMMENT ON COLUMN programs.deleted_at IS 'When it was deleted; null = it is there. A deleted program has no partners and was used by no order.';
DROP INDEX programs_one_per_name;
CREATE UNIQUE INDEX programs_one_per_name ON programs (lower(name)) WHERE deleted_at IS NULL;
