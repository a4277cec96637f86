-- A batch of visits says the same words again and again. LZ4 makes it much smaller in less time than it takes to write
-- what it saves, and then it mostly fits into its row: nothing of it is kept beside, with rows and an index of its own. A server that
-- was built without LZ4 keeps batches as before: what it has instead takes longer than it saves.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) THEN
        EXECUTE 'ALTER TABLE visit_batches ALTER visits SET COMPRESSION lz4, ALTER visits SET STORAGE MAIN';
    END IF;
END
$$;
