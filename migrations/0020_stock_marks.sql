-- What the provider refused to sell where: shared by all nodes, and forgotten by the database's clock.
CREATE TABLE stock_marks (
    server_type text NOT NULL,
    location    text NOT NULL,
    code        text NOT NULL,              -- why: HETZ-001 not sold there, HETZ-005 sold out
    until       timestamptz NOT NULL,
    PRIMARY KEY (server_type, location)
);
