-- name: tables
-- Every table and view of ours with its description; Procrastinate describes its own elsewhere.
SELECT relname::text AS name, obj_description(oid, 'pg_class') AS about
FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')
    AND (relname NOT LIKE 'procrastinate\_%%' OR relname = 'procrastinate_schema')
ORDER BY relname;

-- name: columns
-- Every column of a table or view, in its order, with type, whether it may be empty, description.
SELECT attname::text AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS filled,
    coalesce(col_description(attrelid, attnum), '') AS about
FROM pg_attribute
WHERE attrelid = %(table)s::text::regclass AND attnum > 0 AND NOT attisdropped
ORDER BY attnum;

-- name: links
-- Which table refers to which by a foreign key; the link that every table has to its user is left
-- out, unless it is the only one.
SELECT DISTINCT conrelid::regclass::text AS source, confrelid::regclass::text AS target
FROM pg_constraint
WHERE contype = 'f' AND connamespace = 'public'::regnamespace
    AND conrelid::regclass::text NOT LIKE 'procrastinate\_%%'
    AND (confrelid <> 'users'::regclass OR NOT EXISTS (
        SELECT FROM pg_constraint AS other
        WHERE other.conrelid = pg_constraint.conrelid AND other.contype = 'f'
            AND other.confrelid <> 'users'::regclass))
ORDER BY target, source;
