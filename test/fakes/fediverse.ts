import type { KeyObject } from 'node:crypto'
import type { Clock } from '../../src/model/clock.ts'
import type { Http, HttpRequest, HttpResponse } from '../../src/model/http.ts'
import { TransientError } from '../../src/model/errors.ts'
import { throughSink } from '../support/whole.ts'
import { Account, idOf } from './fediverse-account.ts'
import type { Document, Sent, World } from './fediverse-account.ts'
import { answerGet } from './fediverse-server.ts'
import type { Answer, Server } from './fediverse-server.ts'
import type { Signed } from './fediverse-signature.ts'
import { verifyIncoming } from './fediverse-signature.ts'

export { Account, everybody } from './fediverse-account.ts'
export type { Document, PostOptions, Sent } from './fediverse-account.ts'
export type { Server } from './fediverse-server.ts'

/**
 * A fediverse in memory. It is the `Http` port of the bridge under test: servers with accounts,
 * WebFinger, actors, notes and outboxes to read, and inboxes that check our signatures and record
 * what arrived. In the other direction its accounts make signed activities for our inbox.
 *
 * Everything follows from the clock and the order of calls, so a run repeats exactly.
 *
 *     const fediverse = createFediverse({ clock, publicUrl, findKey })
 *     const bob = fediverse.account('bob', 'remote.example')
 *     const sent = bob.post({ content: 'hi' })
 *     await inbox(sent)                       // by hand, or:
 *     fediverse.send(sent)                    // queued as a server would, and
 *     await fediverse.flush(inbox)            // delivered in order, tried again after a 5xx
 */
export type FakeFediverse = {
  readonly http: Http
  /** Finds or makes a server. The options count when it is made. */
  server(host: string, options?: ServerOptions): Server
  /** Finds or makes an account, and its server. */
  account(username: string, host: string): Account
  /** What inboxes took, in order; repeated deliveries stand here repeatedly. */
  readonly deliveries: readonly Delivery[]
  /** What inboxes refused, and why. A bridge that works right leaves it empty. */
  readonly refusals: readonly { readonly inbox: string; readonly wrong: string }[]
  /** Every request the bridge made, faulty ones too. */
  readonly requests: readonly HttpRequest[]
  /** Asked before each request; replaces the one before. */
  setFault(fault: Fault | undefined): void
  /** Queues an activity for our inbox. An account that accepts by itself does so here. */
  send(sent: Sent): void
  /** Delivers what is queued, signed anew. Each server keeps its order: after a failure the rest of it waits. */
  flush(inbox: BridgeInbox): Promise<FlushReport>
  /** How many activities wait for `flush`. */
  waiting(): number
}

export type ServerOptions = {
  readonly hasSharedInbox?: boolean
  readonly isSecure?: boolean
  readonly isStrict?: boolean
}

export type Delivery = {
  readonly inbox: string
  readonly keyId: string
  readonly activity: Document
  readonly at: number
}

/**
 * `fail-500` and `limit` (429, Retry-After 30): answered, nothing done. `timeout`: nothing
 * answered, nothing done. `cut-answer`: done, but the answer is lost.
 */
export type FaultKind = 'cut-answer' | 'fail-500' | 'timeout' | 'limit'
export type Fault = (request: HttpRequest) => FaultKind | undefined

export type BridgeInbox = (request: Signed) => Promise<{ readonly status: number }>
export type FlushReport = {
  readonly taken: number
  readonly waiting: number
  readonly refused: readonly { readonly id: string; readonly status: number }[]
}

export type FediverseOptions = {
  readonly clock: Pick<Clock, 'now'>
  /** The bridge's. */
  readonly publicUrl: string
  /** Public key of one of the bridge's actors. */
  readonly findKey: (keyId: string) => Promise<KeyObject | undefined>
  /** `http` for servers that really listen, on loopback. */
  readonly scheme?: 'https' | 'http'
}

type State = {
  readonly options: FediverseOptions
  readonly servers: Map<string, Server>
  readonly deliveries: Delivery[]
  readonly refusals: { inbox: string; wrong: string }[]
  readonly requests: HttpRequest[]
  queue: Sent[]
  fault: Fault | undefined
}

export function createFediverse(options: FediverseOptions): FakeFediverse {
  const state: State = {
    options,
    servers: new Map(),
    deliveries: [],
    refusals: [],
    requests: [],
    queue: [],
    fault: undefined,
  }
  let last = 0
  const world: World = {
    now: () => options.clock.now(),
    nextNumber: () => ++last,
    bridgeInbox: `${options.publicUrl}/inbox`,
    scheme: schemeOf(options),
  }
  return {
    http: async (request) => throughSink(request, await exchange(request, state)),
    server: (host, settings) => ensureServer(state, host, settings),
    account: (username, host) => {
      const { accounts } = ensureServer(state, host)
      const account = accounts.get(username) ?? new Account({ username, host }, world)
      accounts.set(username, account)
      return account
    },
    deliveries: state.deliveries,
    refusals: state.refusals,
    requests: state.requests,
    setFault: (fault) => {
      state.fault = fault
    },
    send: (sent) => {
      state.queue.push(sent)
    },
    flush: (inbox) => flush(inbox, state),
    waiting: () => state.queue.length,
  }
}

const schemeOf = ({ scheme = 'https' }: FediverseOptions) => scheme

function ensureServer(
  { servers, options: world }: State,
  host: string,
  options: ServerOptions = {},
): Server {
  const known = servers.get(host)
  if (known !== undefined) return known
  const { hasSharedInbox = true, isSecure = false, isStrict = false } = options
  const sharedInbox = hasSharedInbox ? `${schemeOf(world)}://${host}/inbox` : undefined
  const server = {
    host,
    accounts: new Map(),
    files: new Map(),
    sharedInbox,
    isSecure,
    isStrict,
    isAway: false,
  }
  servers.set(host, server)
  return server
}

async function exchange(request: HttpRequest, state: State): Promise<HttpResponse> {
  state.requests.push(request)
  const fault = state.fault?.(request)
  if (fault === 'timeout') throw new TransientError(`${request.url} did not answer`)
  if (fault === 'fail-500') return toResponse({ status: 500 })
  if (fault === 'limit') return toResponse({ status: 429 }, { 'retry-after': '30' })
  const server = state.servers.get(new URL(request.url).host)
  if (server === undefined || server.isAway) {
    throw new TransientError(`${request.url} cannot be reached`)
  }
  const answer =
    request.method === 'POST'
      ? await takeDelivery(request, state)
      : answerGet(server, new URL(request.url), await askerOf(request, state))
  if (fault === 'cut-answer') throw new TransientError(`${request.url}: the answer was cut off`)
  return toResponse(answer)
}

function toResponse(
  { status, type, document, bytes, location }: Answer,
  more: Record<string, string> = {},
) {
  const body = bytes ?? Buffer.from(document === undefined ? '' : JSON.stringify(document))
  const headers = {
    ...(type ? { 'content-type': type } : {}),
    ...(location === undefined ? {} : { location }),
    ...more,
  }
  return { status, headers, body }
}

const verify = (request: HttpRequest, { options }: State) =>
  verifyIncoming(
    { ...request, body: Buffer.from(request.body ?? '') },
    options.clock.now(),
    options.findKey,
  )

async function askerOf(request: HttpRequest, state: State): Promise<string | undefined> {
  const proof = await verify(request, state)
  return 'keyId' in proof ? proof.keyId.split('#')[0] : undefined
}

async function takeDelivery(request: HttpRequest, state: State): Promise<Answer> {
  const { url } = request
  const refuse = (status: number, wrong: string): Answer => {
    state.refusals.push({ inbox: url, wrong })
    return { status }
  }
  const recipient = inboxOwner(url, state)
  if (recipient === undefined) return refuse(404, 'no such inbox')
  if (recipient !== 'shared' && recipient.isDeleted) return { status: 410 }
  const proof = await verify(request, state)
  if ('wrong' in proof) return refuse(401, proof.wrong)
  const activity = JSON.parse(Buffer.from(request.body ?? '').toString()) as Document
  const { actor } = activity
  const isOwn = actor === proof.keyId.split('#')[0]
  // What others said may be passed on to us (ActivityPub 7.1.2); what ours say is signed by them.
  if (!isOwn && String(actor).startsWith(`${state.options.publicUrl}/`))
    return refuse(401, 'not the actor')
  const at = state.options.clock.now()
  state.deliveries.push({ inbox: url, keyId: proof.keyId, activity, at })
  if (isOwn) react(activity, state)
  return { status: 202 }
}

function inboxOwner(url: string, { servers }: State): Account | 'shared' | undefined {
  const server = servers.get(new URL(url).host)
  if (server?.sharedInbox === url) return 'shared'
  return [...(server?.accounts.values() ?? [])].find((account) => account.inbox === url)
}

const accountOf = (id: string, { servers }: State): Account | undefined =>
  [...servers.values()].flatMap((s) => [...s.accounts.values()]).find((a) => a.id === id)

/** What a Mastodon does on its own: it answers a Follow, and forgets a follower who leaves. */
function react(activity: Document, state: State): void {
  const { type, object, actor } = activity
  if (type === 'Follow') {
    const account = accountOf(idOf(object), state)
    if (account?.autoAccept === true) state.queue.push(account.accept(activity))
  }
  const isObject = typeof object === 'object' && object !== null
  if (type === 'Undo' && isObject && 'type' in object && object.type === 'Follow') {
    const followed = 'object' in object ? idOf(object.object) : ''
    accountOf(followed, state)?.followers.delete(String(actor))
  }
}

/** Statuses after which Mastodon tries again. */
const isWorthAnotherTry = (status: number): boolean =>
  status >= 500 || status === 401 || status === 408 || status === 429

/** To the sender, a bridge that crashes in the middle is one that does not answer. */
const noAnswer = 503

const statusOf = (inbox: BridgeInbox, request: Signed): Promise<number> =>
  inbox(request).then(
    ({ status }) => status,
    () => noAnswer,
  )

async function flush(inbox: BridgeInbox, state: State): Promise<FlushReport> {
  const queue = state.queue
  state.queue = []
  const held = new Set<string>()
  const kept: Sent[] = []
  const refused: { id: string; status: number }[] = []
  let taken = 0
  for (const sent of queue) {
    const { host } = sent.by
    const status = held.has(host) ? noAnswer : await statusOf(inbox, sent.by.sign(sent.activity))
    if (isWorthAnotherTry(status)) {
      held.add(host)
      kept.push(sent)
    } else if (status >= 400) refused.push({ id: sent.id, status })
    else taken++
  }
  state.queue = [...kept, ...state.queue]
  return { taken, waiting: state.queue.length, refused }
}
