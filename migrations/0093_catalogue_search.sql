-- TROUBLESHOOTING.md for free-text search: word forms by full text, mistyped words by trigrams. Each node writes the rows
-- of its own document at its start, so that nodes of two versions can stand beside each other.

DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
    RAISE EXCEPTION 'PostgreSQL does not let WOPR create the extension pg_trgm (%): have an administrator run CREATE EXTENSION pg_trgm in this database, then start WOPR again', SQLERRM;
END
$$;

CREATE TABLE catalogue_entries (
    document text NOT NULL,                          -- SHA-256 of the document
    code     text NOT NULL,
    title    text NOT NULL,
    symptom  text NOT NULL,
    body     text NOT NULL,
    read_at  timestamptz NOT NULL DEFAULT now(),     -- when a node last started with it
    words    tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', symptom), 'B') || setweight(to_tsvector('english', body), 'D')) STORED,
    PRIMARY KEY (document, code)
);
CREATE INDEX catalogue_entries_words ON catalogue_entries USING gin (words);
CREATE INDEX catalogue_entries_like ON catalogue_entries USING gin ((title || ' ' || symptom) gin_trgm_ops);
