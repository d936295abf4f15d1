-- Events lie packed in blocks; numbers for ids that blocks name again and again; who may do what.

-- The events of a commit, packed (edge/kernel/src/ledger/block.rs says how), under the position of the first. The event
-- at a position lies in the block with the greatest `first` up to it. Partitions by position keep each index small enough
-- for memory, and let old years be moved to slower disks.
CREATE TABLE kernel_block (
    first bigint PRIMARY KEY,
    data  bytea NOT NULL
) PARTITION BY RANGE (first);

-- What is sealed does not compress: no time is spent on trying.
ALTER TABLE kernel_block ALTER COLUMN data SET STORAGE EXTERNAL;

-- A row lies here only while an erasure empties events; nothing else may change a block.
CREATE TABLE kernel_erasing (
    id bigint PRIMARY KEY CHECK (id = 1)
);

-- Numbers for ids that blocks name again and again: streams, pseudonyms, keys.
CREATE TABLE kernel_name (
    number bigint PRIMARY KEY,
    id     bytea NOT NULL
);

CREATE FUNCTION kernel_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0];
END $$;

CREATE FUNCTION kernel_only_by_erasure() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NEW.first IS DISTINCT FROM OLD.first OR NOT EXISTS (SELECT 1 FROM kernel_erasing) THEN
        RAISE EXCEPTION 'an event never changes';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER kernel_block_is_append_only BEFORE DELETE ON kernel_block
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse('the log is append-only');
CREATE TRIGGER kernel_block_is_not_emptied BEFORE TRUNCATE ON kernel_block
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse('the log is append-only');
CREATE TRIGGER kernel_block_changes_only_by_erasure BEFORE UPDATE ON kernel_block
    FOR EACH ROW EXECUTE FUNCTION kernel_only_by_erasure();

CREATE TRIGGER kernel_name_is_append_only BEFORE DELETE ON kernel_name
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse('the log is append-only');
CREATE TRIGGER kernel_name_is_not_emptied BEFORE TRUNCATE ON kernel_name
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse('the log is append-only');
CREATE TRIGGER kernel_name_never_changes BEFORE UPDATE ON kernel_name
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse('a name never changes');

-- Makes the partitions of ten million positions each up to and with the one in which a position lies. A table is made by itself
-- and attached, which keeps nobody waiting who reads or appends.
CREATE FUNCTION kernel_make_room(up_to bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    span CONSTANT bigint := 10000000;
    part text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('kernel_make_room'));
    FOR number IN 0 .. up_to / span LOOP
        part := format('kernel_block_%s', number);
        CONTINUE WHEN to_regclass(part) IS NOT NULL;
        EXECUTE format('CREATE TABLE %I (LIKE kernel_block INCLUDING ALL)', part);
        EXECUTE format('CREATE TRIGGER kernel_block_is_not_emptied BEFORE TRUNCATE ON %I
            FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse(''the log is append-only'')', part);
        EXECUTE format('ALTER TABLE kernel_block ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
            part, number * span, (number + 1) * span);
    END LOOP;
END $$;

-- Partitions in whose pages an erasure has left rows of before, until they are written anew.
CREATE TABLE kernel_unwritten (
    part text COLLATE "C" PRIMARY KEY
);

-- Puts a block that an erasure has emptied in the place of the one before; the trigger asks whether there is an erasure.
CREATE FUNCTION kernel_put_emptied(which bigint, emptied bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE kernel_block SET data = emptied WHERE first = which;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such block';
    END IF;
    INSERT INTO kernel_unwritten (part)
        SELECT tableoid::regclass::text FROM kernel_block WHERE first = which ON CONFLICT DO NOTHING;
END $$;

-- Writes anew what erasures have emptied, and what modules keep, so that no page holds a row of before. Twice, there and back, for
-- that is the way to write a partition anew that takes along only rows that still are; CLUSTER and VACUUM take along what somebody
-- who reads an older state may still see. Nobody is kept waiting for long: when somebody reads, it fails, and is tried again.
CREATE FUNCTION kernel_rewrite() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '2s' AS $$
DECLARE
    name text;
BEGIN
    FOR name IN DELETE FROM kernel_unwritten RETURNING part LOOP
        EXECUTE format('ALTER TABLE %s SET UNLOGGED', name);
        EXECUTE format('ALTER TABLE %s SET LOGGED', name);
    END LOOP;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename LIKE '%\_kept' LOOP
        EXECUTE format('ALTER TABLE %I SET UNLOGGED', name);
        EXECUTE format('ALTER TABLE %I SET LOGGED', name);
    END LOOP;
END $$;

REVOKE EXECUTE ON FUNCTION kernel_make_room(bigint), kernel_put_emptied(bigint, bytea), kernel_rewrite() FROM PUBLIC;

-- Gives a role what the server needs, and no more: events, names, tiles and checkpoints are added and never taken away.
-- To be called by the owner, again after every update that brings new tables.
CREATE FUNCTION kernel_grant(server text) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    kept text;
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), server);
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO %I', current_schema(), server);
    EXECUTE format('GRANT INSERT ON kernel_meta, kernel_block, kernel_name, kernel_tile, kernel_checkpoint, kernel_erasure,
        kernel_erasing, kernel_stream, kernel_claim, kernel_once, kernel_cursor TO %I', server);
    EXECUTE format('GRANT UPDATE ON kernel_head, kernel_stream, kernel_cursor, kernel_checkpoint TO %I', server);
    EXECUTE format('GRANT DELETE ON kernel_claim, kernel_once, kernel_erasing TO %I', server);
    FOR kept IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename LIKE '%\_kept' LOOP
        EXECUTE format('GRANT INSERT, UPDATE, DELETE ON %I TO %I', kept, server);
    END LOOP;
    EXECUTE format('GRANT EXECUTE ON FUNCTION kernel_make_room(bigint), kernel_put_emptied(bigint, bytea), kernel_rewrite()
        TO %I', server);
END $$;

SELECT kernel_make_room(10000000);
