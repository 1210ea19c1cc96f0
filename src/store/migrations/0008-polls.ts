import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  // A choice of a voter in a poll: a remote actor, a local one, or a Matrix user.
  `create table vote (
    seq integer primary key,
    object text not null,
    voter text not null,
    choice text not null,
    event_id text,
    unique (object, voter, choice)
  ) strict`,
  'create index vote_voter on vote (voter)',
  'create index vote_event on vote (event_id) where event_id is not null',
  // What a remote post asks, as JSON: a vote is checked against it.
  'alter table object add column poll text',
  // Which event is the poll of a post that has other events too.
  'alter table mapping add column is_poll integer not null default 0',
  // Chat messages are no notes: whether the server of whom they go to has them.
  'alter table server add column has_chats integer not null default 0',
]

export const polls: Migration = {
  async up(database) {
    for (const statement of statements) await sql.raw(statement).execute(database)
  },
}
