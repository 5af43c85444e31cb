-- SPDX-License-Identifier: GPL-3.0-or-later
-- Version 2.

-- The message id of the mail that this one answers by its conversation index, where its header names none.
ALTER TABLE messages ADD COLUMN parent_id TEXT;
CREATE INDEX messages_with_parent ON messages (folder) WHERE parent_id IS NOT NULL;
-- More than the 22 bytes of a conversation's first mail, in base64.
CREATE INDEX messages_without_references ON messages (server_folder)
	WHERE in_reply_to IS NULL AND reference_ids IS NULL AND length(conversation_index) > 32;

-- How far the sending of a mail came; its upload sessions are secrets and are not kept.
ALTER TABLE outbox ADD COLUMN state INTEGER NOT NULL DEFAULT 0;  -- StoreOutboxState
ALTER TABLE outbox ADD COLUMN draft TEXT;                        -- its id at the server, once known
ALTER TABLE outbox ADD COLUMN newest INTEGER NOT NULL DEFAULT 0; -- a draft of a higher key came after it was begun
ALTER TABLE outbox ADD COLUMN floor INTEGER NOT NULL DEFAULT 0;  -- and so did any message of a key above this one
ALTER TABLE outbox ADD COLUMN dated TEXT;                        -- the Date of the mail when it was handed over last

-- When the list of the folder's messages was last compared with what is here, seconds since 1970; 0: not filled yet.
ALTER TABLE folders ADD COLUMN reconciled INTEGER NOT NULL DEFAULT 0;
-- How many messages more the folder's counter told then, or last when it was quiet, than are here.
ALTER TABLE folders ADD COLUMN surplus INTEGER NOT NULL DEFAULT 0;

-- The host asks for the categories of all messages with each look at a folder; few have some.
CREATE INDEX messages_with_categories ON messages (folder) WHERE categories != '';

-- Of a draft's deletion: the version that takes its place, and has to be at the server before.
ALTER TABLE journal ADD COLUMN successor INTEGER;
CREATE INDEX journal_by_successor ON journal (successor) WHERE successor IS NOT NULL;

-- Of a draft: when the server changed it last, as far as it is known here; NULL: it did not say.
ALTER TABLE messages ADD COLUMN modified INTEGER;
-- The links of version 1 do not ask for it.
UPDATE folders SET link = NULL, initial = 1, generation = generation + 1 WHERE role = 2;

-- Of a mail sent through a shared mailbox that was removed here since: its address.
ALTER TABLE outbox ADD COLUMN mailbox TEXT;
-- Ids, one a line, of other messages with its Message-ID that were there before it and may not have come here yet.
ALTER TABLE outbox ADD COLUMN earlier TEXT;

-- Originals of a move into another mailbox, which go when the service has their copies.
CREATE TABLE handovers (
	message INTEGER PRIMARY KEY,            -- key of the original
	mailbox TEXT NOT NULL,                  -- which other store
	copy INTEGER NOT NULL                   -- key of its copy there
);

-- Of a draft: lines by which the host finds its way with it, and which the server never gets.
ALTER TABLE messages ADD COLUMN host_lines TEXT;
