-- SPDX-License-Identifier: GPL-3.0-or-later
-- Version 1. Times are seconds since 1970 UTC; flags are the bits of StoreFlags; keys are ours and never used again.
-- Where a column has a twin `server_…`, that one is what the service said last, and the plain one what the host sees:
-- local changes that wait in the journal lie over the server's state.

-- home, address, display_name, last_check
CREATE TABLE account (
	name TEXT PRIMARY KEY,
	value TEXT
) WITHOUT ROWID;

CREATE TABLE folders (
	key INTEGER PRIMARY KEY AUTOINCREMENT,
	id TEXT COLLATE BINARY UNIQUE,          -- NULL: made here, the server does not have it yet
	parent INTEGER NOT NULL DEFAULT 0,      -- 0: at the top
	server_parent INTEGER NOT NULL DEFAULT 0,
	name TEXT NOT NULL,
	server_name TEXT NOT NULL DEFAULT '',
	role INTEGER NOT NULL DEFAULT 0,        -- StoreRole
	hidden INTEGER NOT NULL DEFAULT 0,      -- hidden, or a search folder
	deleted INTEGER NOT NULL DEFAULT 0,     -- removed here, the server still has it
	vanished INTEGER NOT NULL DEFAULT 0,    -- not in the last list; goes at the end of the check
	filled INTEGER NOT NULL DEFAULT 0,      -- the first synchronisation reached its end
	next_number INTEGER NOT NULL DEFAULT 1,
	link TEXT,                              -- the next or delta link to go on with
	initial INTEGER NOT NULL DEFAULT 1,     -- the round under way lists everything
	generation INTEGER NOT NULL DEFAULT 1,  -- of the initial round; messages of an older one are swept at its end
	sizes INTEGER NOT NULL DEFAULT 0,       -- delta brought no sizes: they are to be listed
	listed_total INTEGER, listed_unread INTEGER, -- counters of the last list
	synced_total INTEGER, synced_unread INTEGER  -- counters when the messages were last synchronised
);

CREATE TABLE messages (
	key INTEGER PRIMARY KEY AUTOINCREMENT,
	id TEXT COLLATE BINARY UNIQUE,          -- immutable; NULL: the server does not have it yet
	folder INTEGER REFERENCES folders (key),        -- where the host sees it; NULL: nowhere
	number INTEGER,
	server_folder INTEGER REFERENCES folders (key), -- NULL: not where it was, not found elsewhere yet
	flags INTEGER NOT NULL DEFAULT 0,
	server_flags INTEGER NOT NULL DEFAULT 0,
	categories TEXT NOT NULL DEFAULT '',    -- one a line
	server_categories TEXT NOT NULL DEFAULT '',
	origin INTEGER,                         -- which folder it was in, when it is not known where it is
	deleted INTEGER NOT NULL DEFAULT 0,     -- removed here, the server still has it
	generation INTEGER NOT NULL DEFAULT 0,
	subject TEXT, sender TEXT, recipients TEXT, cc TEXT, reply_to TEXT,
	message_id TEXT, in_reply_to TEXT, reference_ids TEXT,
	conversation_id TEXT, conversation_index TEXT,
	sent INTEGER NOT NULL DEFAULT 0,        -- -1: the mail tells no date
	received INTEGER NOT NULL DEFAULT 0,
	size INTEGER                            -- NULL: not asked yet
);
CREATE INDEX messages_by_number ON messages (folder, number, flags);
CREATE INDEX messages_by_server_folder ON messages (server_folder);
CREATE INDEX messages_without_id ON messages (message_id) WHERE id IS NULL;
CREATE INDEX messages_astray ON messages (key) WHERE server_folder IS NULL AND id IS NOT NULL;
CREATE INDEX messages_without_size ON messages (server_folder) WHERE size IS NULL;

-- Local changes in the order they were made; a request each.
CREATE TABLE journal (
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	kind INTEGER NOT NULL,                  -- StoreJournalKind
	state INTEGER NOT NULL DEFAULT 0,       -- StoreJournalState
	created INTEGER NOT NULL,
	attempts INTEGER NOT NULL DEFAULT 0,
	message INTEGER,                        -- key of the message that is changed or made
	source INTEGER,                         -- a copy's original
	folder INTEGER,                         -- key of the folder that is changed or made, or the destination of a message
	mask INTEGER NOT NULL DEFAULT 0,        -- which flags
	value INTEGER NOT NULL DEFAULT 0,       -- and what they become
	categories TEXT,                        -- NULL: unchanged
	parent INTEGER,                         -- of the folder
	name TEXT                               -- of the folder
);
CREATE INDEX journal_by_message ON journal (message);
CREATE INDEX journal_by_source ON journal (source);

-- Mails whose sending began and whose outcome is not known.
CREATE TABLE outbox (
	digest TEXT PRIMARY KEY,                -- SHA-256 of mail and envelope
	message_id TEXT NOT NULL,
	begun INTEGER NOT NULL
) WITHOUT ROWID;
