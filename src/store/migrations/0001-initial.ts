import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * Timestamps are milliseconds since the epoch, flags 0 or 1. `seq` is the order of first
 * insertion: it survives an upsert, so "newest" and page cursors stay where they were.
 * JSON text stands only in columns that nothing is looked up by.
 */
const objects = [
  `create table object (
    seq integer primary key,
    id text not null unique,
    author text not null,
    is_local integer not null,
    visibility text not null,
    in_reply_to text,
    context text,
    url text,
    published integer not null,
    updated integer,
    deleted_at integer,
    document text,
    audience_to text not null,
    audience_cc text not null,
    mentions text not null
  ) strict`,
  `create index object_replies on object (in_reply_to, seq)
    where in_reply_to is not null and visibility in ('public', 'unlisted') and deleted_at is null`,
  `create index object_local on object (seq) where is_local = 1 and deleted_at is null`,

  `create table recipient (
    object_id text not null,
    inbox text not null,
    primary key (object_id, inbox)
  ) strict, without rowid`,

  // The two generated columns let the outbox and a delete find activities by what they say.
  `create table activity (
    seq integer primary key,
    id text not null unique,
    actor text not null,
    document text not null,
    is_public integer not null,
    created_at integer not null,
    type text generated always as
      (case when json_valid(document) then document ->> '$.type' end) virtual,
    object_id text generated always as
      (case when json_valid(document) then document ->> '$.object.id' end) virtual
  ) strict`,
  `create index activity_outbox on activity (actor, seq) where is_public = 1 and type = 'Create'`,
  `create index activity_object on activity (object_id)
    where type in ('Create', 'Update') and object_id is not null`,

  `create table mapping (
    seq integer primary key,
    remote_id text not null,
    room_id text not null,
    part integer not null,
    event_id text not null,
    sender text not null,
    thread_root text,
    unique (remote_id, room_id, part),
    unique (room_id, event_id)
  ) strict`,
  `create index mapping_thread on mapping (room_id, thread_root, seq) where thread_root is not null`,
  `create index mapping_room on mapping (room_id, seq)`,
  `create index mapping_sender on mapping (sender, seq)`,
]

const relations = [
  `create table follow (
    seq integer primary key,
    follower text not null,
    followed text not null,
    activity_id text not null,
    state text not null,
    requested_at integer not null,
    with_replies integer not null,
    unique (follower, followed)
  ) strict`,
  `create index follow_followed on follow (followed, seq)`,
  `create index follow_follower on follow (follower, seq)`,
  `create index follow_activity on follow (activity_id)`,

  `create table block (
    blocker text not null,
    blocked text not null,
    activity_id text not null,
    primary key (blocker, blocked)
  ) strict, without rowid`,
  `create index block_blocked on block (blocked)`,
  `create index block_activity on block (activity_id)`,

  // "like" is a word of SQL.
  `create table liking (
    seq integer primary key,
    activity_id text not null unique,
    actor text not null,
    object text not null,
    unique (object, actor)
  ) strict`,
]

const people = [
  `create table remote_actor (
    id text primary key,
    kind text not null,
    username text not null collate nocase,
    host text not null,
    name text,
    summary text,
    url text,
    icon text,
    inbox text not null,
    shared_inbox text,
    outbox text,
    followers text,
    fetched_at integer not null
  ) strict`,
  // Not unique: a handle can pass to a new actor id, and the newest fetch knows best.
  `create index remote_actor_handle on remote_actor (host, username, fetched_at)`,
  `create table public_key (
    actor_id text not null references remote_actor (id) on delete cascade,
    position integer not null,
    id text not null,
    owner text not null,
    pem text not null,
    primary key (actor_id, position)
  ) strict, without rowid`,
  `create index public_key_id on public_key (id)`,

  `create table local_actor (
    id text primary key,
    user_id text not null unique,
    username text not null collate nocase unique,
    display_name text,
    avatar text,
    created_at integer not null,
    deleted_at integer
  ) strict`,
  // No reference to local_actor: the instance actor has a key and no Matrix user.
  `create table key_pair (
    actor_id text primary key,
    key_id text not null,
    public_pem text not null,
    private_pem text not null,
    created_at integer not null
  ) strict`,
  // No reference to remote_actor: a ghost outlives its actor until it has left every room.
  `create table ghost (
    actor_id text primary key,
    user_id text not null unique,
    registered integer not null,
    display_name text,
    avatar_url text,
    avatar text
  ) strict`,
]

const rooms = [
  `create table portal (
    room_id text primary key,
    kind text not null,
    key text not null,
    user_id text,
    actor_id text,
    participants text,
    context text,
    unique (kind, key)
  ) strict`,
  `create table membership (
    room_id text not null,
    user_id text not null,
    membership text not null,
    primary key (room_id, user_id)
  ) strict, without rowid`,
  `create index membership_user on membership (user_id, membership)`,
  `create table setting (
    user_id text not null,
    name text not null,
    value text not null,
    primary key (user_id, name)
  ) strict, without rowid`,
  `create table mark (
    key text primary key,
    value text not null,
    at integer not null
  ) strict, without rowid`,
  `create table held (
    event_id text primary key,
    room_id text not null,
    prompt_id text not null unique,
    message text not null
  ) strict`,
]

/** docs/adr/0002-queue.md explains these tables. */
const queue = [
  `create table pace (
    id integer primary key,
    kind text not null,
    host text not null,
    next_at integer not null,
    failures integer not null default 0,
    failing_since integer,
    blocked_until integer not null default 0,
    unique (kind, host)
  ) strict`,
  `create index pace_next on pace (kind, next_at, id)`,

  `create table lane (
    id integer primary key,
    kind text not null,
    name text not null,
    pace_id integer not null references pace (id),
    head integer not null,
    ready_at integer not null,
    lease integer,
    since integer not null default 0,
    unique (kind, name)
  ) strict`,
  `create index lane_ready on lane (pace_id, ready_at, head) where lease is null`,
  `create index lane_running on lane (pace_id) where lease is not null`,
  `create index lane_lease on lane (lease) where lease is not null`,

  // AUTOINCREMENT: an id names one job for ever, also in logs and in a late answer.
  `create table job (
    id integer primary key autoincrement,
    hash blob not null unique,
    kind text not null,
    key text not null,
    lane_id integer not null references lane (id),
    lane text not null,
    host text,
    run_at integer not null,
    attempts integer not null default 0,
    claims integer not null default 0,
    added_at integer not null,
    waits_for text,
    last_error text,
    payload text not null
  ) strict`,
  `create index job_lane on job (lane_id, id)`,
  `create index job_waiting on job (waits_for) where waits_for is not null`,
  `create index job_age on job (kind, added_at)`,

  `create table done (
    hash blob primary key,
    at integer not null
  ) strict, without rowid`,

  `create table released (
    seq integer primary key autoincrement,
    waits_for text not null,
    at integer not null
  ) strict`,
  `create index released_name on released (waits_for, seq)`,

  `create table failed_job (
    id integer primary key,
    kind text not null,
    key text not null,
    lane text not null,
    host text,
    attempts integer not null,
    claims integer not null,
    added_at integer not null,
    failed_at integer not null,
    error text not null,
    payload text not null
  ) strict`,
]

export const initial: Migration = {
  async up(database) {
    for (const statement of [...objects, ...relations, ...people, ...rooms, ...queue])
      await sql.raw(statement).execute(database)
  },
}
