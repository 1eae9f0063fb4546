-- Who may sign in to the console: keys have a role, people have accounts of their own.
ALTER TABLE operator_keys ADD COLUMN role text NOT NULL DEFAULT 'admin' CHECK (role IN ('viewer', 'operator', 'admin'));

CREATE TABLE operator_accounts (
    name        text PRIMARY KEY,
    password    text NOT NULL,                     -- PBKDF2 with its salt and count, never the password
    role        text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    stamp       uuid NOT NULL,                     -- changes with the password and the role: older sessions end
    created_at  timestamptz NOT NULL DEFAULT now(),
    disabled_at timestamptz
);

-- Attempts to sign in, by address and by name, both only as hashes: one count for all nodes.
CREATE TABLE sign_in_attempts (
    subject bytea PRIMARY KEY,
    count   integer NOT NULL,
    since   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sign_in_attempts_since ON sign_in_attempts (since);

-- What signs the cookies of sessions and forms: the same for all nodes, so that a cookie of one is good at another.
CREATE TABLE cookie_keys (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL,
    xml        text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
