import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What collections, followers of one server and NodeInfo are read by. */
const statements = [
  `create index object_context on object (context, seq)
    where context is not null and visibility in ('public', 'unlisted') and deleted_at is null`,
  // An expression: whether it is an answer is all that is counted.
  `create index object_counted on object (in_reply_to is not null)
    where is_local = 1 and deleted_at is null and visibility <> 'direct'`,
  'create index follow_pair on follow (followed, follower)',
  `create index activity_done on activity (actor, created_at)
    where type in ('Create', 'Announce', 'Like', 'EmojiReact', 'Dislike', 'Follow')`,
]

export const collections: Migration = {
  async up(database) {
    for (const statement of statements) await sql.raw(statement).execute(database)
  },
}
