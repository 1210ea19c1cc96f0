import type { Generated, Insertable, Selectable } from 'kysely'

/** Columns as SQLite returns them: flags are 0 or 1, times milliseconds since the epoch. */
export type Tables = {
  queue_sample: {
    at: number
    activity: number
    event: number
    delivery: number
    upkeep: number
    failed: number
  }
  object: {
    seq: Generated<number>
    id: string
    author: string
    is_local: number
    visibility: string
    in_reply_to: string | null
    context: string | null
    url: string | null
    published: number
    updated: number | null
    deleted_at: number | null
    document: string | null
    audience_to: string
    audience_cc: string
    mentions: string
    note: string | null
    came_along: number
    poll: string | null
  }
  activity: {
    seq: Generated<number>
    id: string
    actor: string
    document: string
    is_public: number
    created_at: number
    type: string | null
    object_id: string | null
  }
  mapping: {
    seq: Generated<number>
    remote_id: string
    room_id: string
    part: number
    event_id: string
    sender: string
    thread_root: string | null
    media: string | null
    is_poll: number
  }
  follow: {
    seq: Generated<number>
    follower: string
    followed: string
    activity_id: string
    state: string
    requested_at: number
    with_replies: number
    with_boosts: number
    shown_in: string
  }
  block: { blocker: string; blocked: string; activity_id: string }
  reaction: {
    seq: Generated<number>
    activity_id: string
    actor: string
    object: string
    type: string
    key: string
    emoji_url: string | null
  }
  vote: {
    seq: Generated<number>
    object: string
    voter: string
    choice: string
    event_id: string | null
  }
  quotation: {
    quoting: string
    quoted: string
    quoted_author: string | null
    authorization: string | null
    request: string | null
    note: string | null
  }
  stamp: {
    seq: Generated<number>
    id: string
    author: string
    quoting: string
    quoted: string
    quoter: string
    created_at: number
    revoked_at: number | null
  }
  report: {
    number: Generated<number>
    activity_id: string
    host: string
    actor: string
    reporter: string | null
    accounts: string
    posts: string
    content: string
    at: number
    resolved_by: string | null
    resolved_at: number | null
  }
  report_deed: { report: number; deed: string; by_user: string; at: number }
  server: {
    host: string
    software: string | null
    version: string | null
    fetched_at: number
    has_chats: number
  }
  remote_actor: {
    id: string
    kind: string
    username: string
    host: string
    name: string | null
    summary: string | null
    url: string | null
    icon: string | null
    inbox: string
    shared_inbox: string | null
    outbox: string | null
    followers: string | null
    details: string | null
    featured: string | null
    fetched_at: number
    seen_at: number | null
  }
  account_word: { word: string; actor_id: string }
  public_key: { actor_id: string; position: number; id: string; owner: string; pem: string }
  local_actor: {
    id: string
    user_id: string
    username: string
    display_name: string | null
    avatar: string | null
    profile: string | null
    on_matrix: string | null
    is_group: number
    room_alias: string | null
    created_at: number
    deleted_at: number | null
  }
  consent: { room_id: string; user_id: string; at: number }
  actor_key: {
    key_id: string
    actor_id: string
    kind: string
    public_pem: string
    sealed: string
    made_at: number
    retired_at: number | null
  }
  forwarded: { activity_id: string; document: string; at: number }
  ghost: {
    actor_id: string
    user_id: string
    registered: number
    display_name: string | null
    avatar_url: string | null
    avatar: string | null
    told: string | null
  }
  portal: {
    room_id: string
    kind: string
    key: string
    user_id: string | null
    actor_id: string | null
    participants: string | null
    context: string | null
  }
  held: { event_id: string; room_id: string; prompt_id: string; message: string }
  draft: { seq: Generated<number>; event_id: string; room_id: string; message: string; at: number }
  told: { actor: string; inbox: string; state: string }
  import: {
    id: string
    user_id: string
    kind: string
    is_in_rooms: number
    room_id: string
    began_at: number
    notice: string | null
    ended_at: number | null
  }
  import_row: {
    import_id: string
    position: number
    account: string
    with_boosts: number
    state: string
    reason: string | null
  }
  domain_block: {
    domain: string
    severity: string
    rejects_media: number
    rejects_reports: number
    reason: string | null
    by_user: string
    at: number
    is_obfuscated: number
    public_comment: string | null
  }
  listed_block: {
    domain: string
    list: string
    severity: string
    rejects_media: number
    rejects_reports: number
    is_obfuscated: number
    reason: string | null
    at: number
    public_comment: string | null
  }
  blocklist: {
    url: string
    by_user: string
    added_at: number
    checked_at: number
    trouble: string | null
  }
  policy_list: {
    room_id: string
    name: string
    by_user: string
    added_at: number
    read_at: number
    ignored: number
    next_room: string | null
    trouble: string | null
  }
  policy_rule: {
    list: string
    kind: string
    state_key: string
    entity: string
    reason: string | null
    refused: string | null
    room_id: string | null
    at: number
  }
  personal_rule: { owner: string; rule: string; target: string; at: number }
  job: {
    id: Generated<number>
    hash: Buffer
    kind: string
    key: string
    lane_id: number
    lane: string
    host: string | null
    run_at: number
    attempts: number
    claims: number
    added_at: number
    waits_for: string | null
    last_error: string | null
    payload: string
    trace: string | null
  }
  failed_job: {
    id: number
    kind: string
    key: string
    lane: string
    host: string | null
    attempts: number
    claims: number
    added_at: number
    failed_at: number
    error: string
    payload: string
  }
}

export type Row<Table extends keyof Tables> = Selectable<Tables[Table]>
export type NewRow<Table extends keyof Tables> = Insertable<Tables[Table]>
