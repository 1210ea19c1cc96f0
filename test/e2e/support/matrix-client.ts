import { type Call, call, demand } from './json-http.ts'
import { patience, waitUntil } from './wait.ts'

export type MatrixEvent = {
  readonly room_id: string
  readonly type: string
  readonly sender: string
  readonly content: Readonly<Record<string, unknown>>
  readonly event_id?: string
  readonly state_key?: string
  readonly origin_server_ts?: number
  readonly redacts?: string
  readonly unsigned?: Readonly<Record<string, unknown>>
}

/**
 * A small Matrix client that shares no code with the product. Where a call fails, the error quotes
 * the homeserver's answer.
 */
export type MatrixClient = {
  readonly userId: string
  readonly accessToken: string
  readonly url: string
  /** Any client-server call, for what is not below; `path` begins after `/_matrix/client/`. */
  request<T>(method: Call['method'], path: string, json?: unknown): Promise<T>
  createRoom(options?: Readonly<Record<string, unknown>>): Promise<string>
  invite(roomId: string, userId: string): Promise<unknown>
  join(roomIdOrAlias: string): Promise<string>
  knock(roomIdOrAlias: string): Promise<string>
  leave(roomId: string): Promise<unknown>
  kick(roomId: string, userId: string): Promise<unknown>
  ban(roomId: string, userId: string): Promise<unknown>
  unban(roomId: string, userId: string): Promise<unknown>
  send(roomId: string, content: Readonly<Record<string, unknown>>, type?: string): Promise<string>
  text(roomId: string, body: string): Promise<string>
  reply(roomId: string, target: string, body: string): Promise<string>
  threadReply(roomId: string, root: string, body: string): Promise<string>
  edit(roomId: string, target: string, body: string): Promise<string>
  react(roomId: string, target: string, key: string): Promise<string>
  redact(roomId: string, target: string): Promise<string>
  setState(roomId: string, at: StateKey, content: unknown): Promise<string>
  /** The content of one state event; undefined where there is none. */
  state(roomId: string, at: StateKey): Promise<unknown>
  /** Everybody the room knows, with their membership. */
  members(roomId: string): Promise<ReadonlyMap<string, string>>
  /** All that the user may read of the room, oldest first. */
  messages(roomId: string): Promise<readonly MatrixEvent[]>
  profile(userId: string): Promise<Readonly<Record<string, unknown>>>
  upload(bytes: Uint8Array, contentType: string, name: string): Promise<string>
  /**
   * The first event since this client exists that `predicate` accepts: timeline and state events, and
   * for an invitation the stripped ones (the invitation itself is the `m.room.member` among them).
   */
  waitFor(
    predicate: (event: MatrixEvent) => boolean,
    options?: { readonly what?: string; readonly timeout?: number },
  ): Promise<MatrixEvent>
  /** The room this user is invited to by that person, once they are. */
  waitForInvite(from: string, timeout?: number): Promise<string>
  /** Everything seen up to now; reads what is new first, and waits for nothing. */
  seen(): Promise<readonly MatrixEvent[]>
}

/** A state event's type, or its type and key. */
export type StateKey = string | readonly [type: string, key: string]

const statePath = (at: StateKey): string => {
  const [type, key] = typeof at === 'string' ? [at, ''] : at
  return `state/${type}/${encodeURIComponent(key)}`
}

type Login = { readonly url: string; readonly userId: string; readonly accessToken: string }

let transactions = 0

export function makeMatrixClient(login: Login): MatrixClient {
  const { url, accessToken: token, userId } = login
  const request = <T>(method: Call['method'], path: string, json?: unknown): Promise<T> =>
    demand<T>({ method: method ?? 'GET', url: `${url}/_matrix/client/${path}`, token, json })
  const room = (roomId: string): string => `v3/rooms/${encodeURIComponent(roomId)}`
  const put = async (path: string, json: unknown): Promise<string> =>
    (await request<{ event_id: string }>('PUT', path, json)).event_id
  const post = async (path: string, json: unknown): Promise<string> =>
    (await request<{ room_id?: string }>('POST', path, json)).room_id ?? ''
  const send: MatrixClient['send'] = (roomId, content, type = 'm.room.message') =>
    put(`${room(roomId)}/send/${type}/${(++transactions).toString()}`, content)
  const message = (roomId: string, body: string, relation?: unknown): Promise<string> =>
    send(roomId, {
      msgtype: 'm.text',
      body,
      ...(relation !== undefined && { 'm.relates_to': relation }),
    })
  const sync = makeSync({ ...login, request })

  return {
    ...login,
    request,
    send,
    createRoom: (options = {}) => post('v3/createRoom', options),
    invite: (roomId, user) => post(`${room(roomId)}/invite`, { user_id: user }),
    join: (target) => post(`v3/join/${encodeURIComponent(target)}`, {}),
    knock: (target) => post(`v3/knock/${encodeURIComponent(target)}`, {}),
    leave: (roomId) => post(`${room(roomId)}/leave`, {}),
    kick: (roomId, user) => post(`${room(roomId)}/kick`, { user_id: user }),
    ban: (roomId, user) => post(`${room(roomId)}/ban`, { user_id: user }),
    unban: (roomId, user) => post(`${room(roomId)}/unban`, { user_id: user }),
    text: message,
    reply: (roomId, target, body) =>
      message(roomId, body, { 'm.in_reply_to': { event_id: target } }),
    threadReply: (roomId, root, body) =>
      message(roomId, body, {
        rel_type: 'm.thread',
        event_id: root,
        is_falling_back: true,
        'm.in_reply_to': { event_id: root },
      }),
    edit: (roomId, target, body) =>
      send(roomId, {
        msgtype: 'm.text',
        body: `* ${body}`,
        'm.new_content': { msgtype: 'm.text', body },
        'm.relates_to': { rel_type: 'm.replace', event_id: target },
      }),
    react: (roomId, target, key) =>
      send(
        roomId,
        { 'm.relates_to': { rel_type: 'm.annotation', event_id: target, key } },
        'm.reaction',
      ),
    redact: (roomId, target) =>
      put(
        `${room(roomId)}/redact/${encodeURIComponent(target)}/${(++transactions).toString()}`,
        {},
      ),
    setState: (roomId, at, content) => put(`${room(roomId)}/${statePath(at)}`, content),
    state: async (roomId, at) => {
      const path = `${room(roomId)}/${statePath(at)}`
      const { status, body } = await call({ url: `${url}/_matrix/client/${path}`, token })
      return status === 200 ? body : undefined
    },
    members: async (roomId) => {
      const { chunk } = await request<{ chunk: MatrixEvent[] }>('GET', `${room(roomId)}/members`)
      return new Map(chunk.map((e) => [e.state_key ?? '', String(e.content['membership'])]))
    },
    messages: (roomId) => readMessages(roomId, (path) => request('GET', `${room(roomId)}/${path}`)),
    profile: (user) => request('GET', `v3/profile/${encodeURIComponent(user)}`),
    upload: (bytes, contentType, name) => upload(login, { bytes, contentType, name }),
    waitFor: (predicate, { what = 'an event', timeout = patience } = {}) =>
      waitUntil(
        `${userId} sees ${what}`,
        async () => sync.find(predicate) ?? (await sync.next(), sync.find(predicate)),
        timeout,
      ),
    waitForInvite: async (from, timeout = patience) => {
      const isInvite = (e: MatrixEvent): boolean =>
        e.type === 'm.room.member' &&
        e.state_key === userId &&
        e.sender === from &&
        e.content['membership'] === 'invite'
      const found = async (): Promise<MatrixEvent | undefined> =>
        sync.find(isInvite) ?? (await sync.next(), sync.find(isInvite))
      return (await waitUntil(`${userId} invited by ${from}`, found, timeout)).room_id
    },
    seen: async () => {
      await sync.next(0)
      return sync.all()
    },
  }
}

type Sync = {
  find(predicate: (event: MatrixEvent) => boolean): MatrixEvent | undefined
  all(): readonly MatrixEvent[]
  /** One /sync; callers at the same time share it. */
  next(timeout?: number): Promise<void>
}

type RoomUpdate = {
  readonly state?: { readonly events?: MatrixEvent[] }
  readonly timeline?: { readonly events?: MatrixEvent[] }
  readonly invite_state?: { readonly events?: MatrixEvent[] }
}
type SyncAnswer = {
  readonly next_batch: string
  readonly rooms?: Readonly<
    Record<'join' | 'invite' | 'leave', Readonly<Record<string, RoomUpdate>> | undefined>
  >
}

function makeSync({ request }: Pick<MatrixClient, 'request'>): Sync {
  const events: MatrixEvent[] = []
  const filter = encodeURIComponent(JSON.stringify({ room: { timeline: { limit: 500 } } }))
  let since: string | undefined
  let inFlight: Promise<void> | undefined

  async function read(timeout: number): Promise<void> {
    const wait = since === undefined ? 'timeout=0' : `timeout=${timeout}&since=${since}`
    const answer = await request<SyncAnswer>('GET', `v3/sync?filter=${filter}&${wait}`)
    since = answer.next_batch
    for (const rooms of Object.values(answer.rooms ?? {})) {
      for (const [roomId, update] of Object.entries(rooms ?? {})) take(roomId, update)
    }
  }

  function take(roomId: string, update: RoomUpdate): void {
    for (const part of [update.invite_state, update.state, update.timeline]) {
      for (const event of part?.events ?? []) events.push({ ...event, room_id: roomId })
    }
  }

  return {
    find: (predicate) => events.find(predicate),
    all: () => [...events],
    next: (timeout = 1000) => {
      inFlight ??= read(timeout).finally(() => (inFlight = undefined))
      return inFlight
    },
  }
}

type Page = { readonly chunk: MatrixEvent[]; readonly end?: string }

async function readMessages(
  roomId: string,
  get: (path: string) => Promise<Page>,
): Promise<readonly MatrixEvent[]> {
  const newestFirst: MatrixEvent[] = []
  let from = ''
  for (;;) {
    const page = await get(`messages?dir=b&limit=100${from && `&from=${encodeURIComponent(from)}`}`)
    newestFirst.push(...page.chunk.map((event) => ({ ...event, room_id: roomId })))
    if (page.end === undefined) return newestFirst.reverse()
    from = page.end
  }
}

type Upload = { readonly bytes: Uint8Array; readonly contentType: string; readonly name: string }

async function upload(login: Login, { bytes, contentType, name }: Upload): Promise<string> {
  const response = await fetch(
    `${login.url}/_matrix/media/v3/upload?filename=${encodeURIComponent(name)}`,
    {
      method: 'POST',
      headers: { authorization: `Bearer ${login.accessToken}`, 'content-type': contentType },
      body: Buffer.from(bytes),
    },
  )
  const { content_uri } = (await response.json()) as { content_uri: string }
  return content_uri
}
