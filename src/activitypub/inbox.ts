import { hash } from 'node:crypto'
import { asActorId } from '../model/ids.ts'
import type { ActorId } from '../model/ids.ts'
import type { Log } from '../model/clock.ts'
import type { LocalActor } from '../model/actor.ts'
import type { NewJob, Waiting } from '../model/job.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { deepestDocument } from './depth.ts'
import { syncJobFor, type FollowersOn, type SyncJob } from './followers-sync.ts'
import { scanEnvelope } from './envelope.ts'
import { createAtOnce, type AtOnce, type Most } from './at-once.ts'
import { createQuietLog } from './quiet-log.ts'
import { likelyOwners } from './keyring.ts'
import { documentJob, fetchJob, laneOf } from './parse-payload.ts'
import { readEnvelope } from './parse.ts'
import type { Envelope } from './parse.ts'
import { hostOf, isJson, isSameHost } from './parse-values.ts'
import { createRates, type Rates } from './rates.ts'
import { readSignature } from './signature.ts'
import { findSigner } from './signer.ts'
import type { SignedRequest, Signer, SignerDeps } from './signer.ts'

/** The largest body taken, bytes; as Mastodon. */
export const largestBody = 1_000_000

/**
 * Activities that may wait here to be done. Whoever sends beyond that is asked to come again: the
 * homeserver may be away for days, and no server can fill our disk or hold up all others meanwhile.
 */
export const mostWaiting: Waiting = { lane: 500, host: 2_000, all: 100_000 }

/** What came over the wire. */
export type InboxRequest = Omit<SignedRequest, 'method' | 'body'> & {
  readonly body: Buffer
  /** Whose personal inbox; absent for the shared one. */
  readonly recipient?: ActorId
}

export type Answer = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export type InboxDeps = SignerDeps & {
  /** Durable when it resolves; a key that is known already changes nothing. */
  readonly add: (job: NewJob) => Promise<unknown>
  readonly waitingIn: (lane: string) => Waiting
  readonly isKnownActor: (id: ActorId) => Promise<boolean>
  /** Whether nothing of this actor is wanted here at all. */
  readonly isBlocked: (id: ActorId) => Promise<boolean>
  readonly findLocalActor: (id: ActorId) => Promise<LocalActor | undefined>
  readonly limits: InboxLimits
  /** For what compares followers (FEP-8fcf): it has a time, and no place among the activities. */
  readonly addUpkeep: (job: SyncJob) => Promise<unknown>
  readonly followersOn: FollowersOn
  readonly log: Log
}

/** Signed activities that are taken in a minute; 0: any number. */
export type InboxLimits = { readonly perActor: number; readonly perHost: number }

export type Inbox = (request: InboxRequest) => Promise<Answer>

const answer = (status: number, reason: string): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify({ error: reason }),
})
const accepted: Answer = { status: 202 }

/** Mastodon and Lemmy give up for good on most 4xx, though not on 429: our own trouble must never look like theirs. */
const later = (reason: string, status: 429 | 503 = 503, after = 60_000): Answer => {
  const base = answer(status, reason)
  const seconds = String(Math.ceil(after / 1_000))
  return { ...base, headers: { ...base.headers, 'retry-after': seconds } }
}

const mediaTypes = /^application\/(?:activity\+json|ld\+json|json)\s*(?:;|$)/i

/** What is known before a byte of the body is read. */
export type InboxHead = Pick<InboxRequest, 'headers' | 'recipient'> & {
  /** Bytes of the body, as far as they are told. */
  readonly length: number
}

/** What is refused before its body is read. */
export async function refuseHead(
  { length, headers, recipient }: InboxHead,
  { findLocalActor }: Pick<InboxDeps, 'findLocalActor'>,
): Promise<Answer | undefined> {
  if (length > largestBody) return answer(413, 'the body is larger than 1 MB')
  const type = headers['content-type']
  if (typeof type !== 'string' || !mediaTypes.test(type)) {
    return answer(415, 'the content type must be application/activity+json')
  }
  if (recipient === undefined) return undefined
  const local = await findLocalActor(recipient)
  if (local === undefined) return answer(404, 'no such actor')
  return local.deletedAt === undefined ? undefined : answer(410, 'the actor is deleted')
}

const rememberedActors = 20_000
const rememberedHosts = 5_000
const minute = 60_000
/** Requests that wait for the keys of their senders: each holds a connection and its body, and slow servers have time. */
const mostAtOnce: Most = { all: 1_000, ofHost: 100 }

type Load = {
  readonly perActor: Rates
  readonly perHost: Rates
  readonly atOnce: AtOnce
}

type Inner = InboxDeps & {
  readonly load: Load
  readonly ownHost: string | undefined
}

/**
 * The inbox: 202 only after the activity is durably queued. Checks run from cheap to dear; before
 * the signature nothing is fetched but the signer's key, and of the body nothing is parsed but whose
 * it claims to be.
 */
export function createInbox(deps: InboxDeps): Inbox {
  const { perActor, perHost } = deps.limits
  const load = {
    perActor: createRates({ most: perActor, within: minute }, rememberedActors),
    perHost: createRates({ most: perHost, within: minute }, rememberedHosts),
    atOnce: createAtOnce(mostAtOnce),
  }
  const inner = { ...deps, load, ownHost: hostOf(deps.publicUrl) }
  const tell = createQuietLog(deps)
  return async (request) => {
    try {
      const answer = await accept(request, inner)
      const { status, body: reason } = answer
      if (status !== 202) tell({ target: request.target, status, reason })
      return answer
    } catch (error) {
      deps.log.error({ err: error, target: request.target }, 'inbox failed')
      return later('try again later')
    }
  }
}

async function accept(request: InboxRequest, deps: Inner): Promise<Answer> {
  const { body, headers, recipient } = request
  const head = { headers, length: body.length, ...(recipient === undefined ? {} : { recipient }) }
  const unfit = await refuseHead(head, deps)
  if (unfit !== undefined) return unfit
  const claimed = scanEnvelope(body)
  if (claimed === undefined) {
    return answer(400, `the body is no JSON object, or nests deeper than ${deepestDocument} levels`)
  }
  const { actor, object, type } = claimed
  if (type === undefined || actor === undefined) return answer(400, 'type or actor is missing')
  const author = asActorId(actor)
  // Deleted accounts are announced to everybody; their keys are gone already. An Update of an
  // account that we never met is no news either.
  const isOfItself = object === actor && (type === 'Delete' || type === 'Update')
  if (isOfItself && !(await deps.isKnownActor(author))) return accepted
  if (await deps.isBlocked(author)) return answer(403, 'blocked')

  const proven = await authenticate(request, claimed, deps)
  if (!('signer' in proven)) return proven
  const { signer } = proven
  if (signer !== author && (await deps.isBlocked(signer))) return answer(403, 'blocked')
  const overload = overloadBy(signer, deps)
  if (overload !== undefined) return overload
  return take({ request, claimed, proven }, deps)
}

type Claimed = Omit<Envelope, 'id'>

/** Nothing but the bytes and `claimed` is kept until here: parsed, a body can be a dozen times as large. */
async function take(
  { request, claimed, proven }: { request: InboxRequest; claimed: Claimed; proven: Signer },
  deps: Inner,
): Promise<Answer> {
  const text = request.body.toString()
  const envelope = readText(text)
  if (envelope === undefined) return answer(400, 'the body is no JSON')
  const { actor, type } = envelope
  // What was decided so far was decided for these.
  if (actor === undefined || type === undefined) return answer(400, 'type or actor is missing')
  const isSame = actor === claimed.actor && type === claimed.type
  const isOfSame = claimed.object === undefined || claimed.object === envelope.object
  if (!isSame || !isOfSame) return answer(400, 'the body is ambiguous')
  return enqueue({ envelope, type, actor, ...proven, request, text }, deps)
}

function readText(text: string): Envelope | undefined {
  try {
    return readEnvelope(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** The proven signer, or the answer to whoever could not prove to be one. */
async function authenticate(
  request: InboxRequest,
  claimed: Claimed,
  deps: Inner,
): Promise<Signer | Answer> {
  const signature = readSignature(request.headers)
  if (signature === undefined) return answer(401, 'no usable signature')
  // Ours never post to us: whoever names a key of ours would have us ask ourselves.
  const host = hostOf(signature.keyId)
  if (host !== undefined && host === deps.ownHost) return answer(401, 'a key of this server')
  const leave = deps.load.atOnce.enter(host ?? '')
  if (leave === undefined) return later('too many requests wait for keys', 503, 5_000)
  try {
    const found = await findSigner({ ...request, method: 'POST' }, signature, deps)
    return 'signer' in found ? found : answer(401, `signature: ${found.wrong}`)
  } catch (error) {
    if (error instanceof TransientError) return later('the key cannot be fetched now')
    if (!(error instanceof RejectedError)) throw error
    const { actor, type, object } = claimed
    const isOfActor =
      actor !== undefined && likelyOwners(signature.keyId).some((id) => id === actor)
    // The actor's own server says that it is gone, which is what the Delete says.
    if (isOfActor && error.code === 'gone' && type === 'Delete' && object === actor) {
      return { signer: asActorId(actor), signedAt: deps.clock.now() }
    }
    return answer(401, 'the key cannot be used')
  } finally {
    leave()
  }
}

/** Everything comes into the lane of its signer. */
function overloadBy(signer: ActorId, { waitingIn, load, clock }: Inner): Answer | undefined {
  const ofHost = load.perHost.take(hostOf(signer) ?? '', clock.now())
  if (ofHost > 0) return later('this server sends too much in a minute', 429, ofHost)
  const ofActor = load.perActor.take(signer, clock.now())
  if (ofActor > 0) return later('this account sends too much in a minute', 429, ofActor)
  const { lane, host, all } = waitingIn(laneOf(signer))
  if (all >= mostWaiting.all) return later('too much waits here to be done')
  if (host >= mostWaiting.host) return later('too much of this server waits here to be done', 429)
  if (lane < mostWaiting.lane) return undefined
  return later('too much of this account waits here to be done', 429)
}

type Received = {
  readonly envelope: Envelope
  readonly type: string
  readonly actor: string
  readonly signer: ActorId
  readonly signedAt: number
  readonly request: InboxRequest
  /** The body of the request. */
  readonly text: string
}

async function enqueue(received: Received, deps: InboxDeps): Promise<Answer> {
  const { add, publicUrl } = deps
  const { envelope, actor, signer, request, text } = received
  const { id } = envelope
  const isOwn = actor === signer
  // What our own actors did we know; done again in their name, it would undo or repeat something.
  if (isSameHost(actor, publicUrl)) return accepted
  if (id === undefined)
    return isOwn ? enqueueWithoutId(received, add) : answer(400, 'id is missing')
  if (!isSameHost(id, actor)) {
    // snac names the end of a follow after the followed, for as long as those have not answered.
    if (isOwn && received.type === 'Undo') return enqueueWithoutId(received, add)
    return answer(400, 'the id is not on the host of the actor')
  }
  // In the lane of whoever forwards it: what cannot be fetched must hold up nobody else's posts.
  const job = isOwn
    ? documentJob({ id, actor }, text)
    : fetchJob({ id, actor: signer }, request.body)
  await add(job)
  if (isOwn) await compareFollowers(signer, request, deps)
  return accepted
}

async function compareFollowers(
  signer: ActorId,
  { headers }: InboxRequest,
  { publicUrl, clock, followersOn, addUpkeep, isKnownActor }: InboxDeps,
): Promise<void> {
  const job = await syncJobFor(signer, headers, { publicUrl, now: clock.now, followersOn })
  // Nobody here can follow whom we never met.
  if (job !== undefined && (await isKnownActor(signer))) await addUpkeep(job)
}

/** Nobody refers to these, and doing them twice changes nothing. */
const nameless: ReadonlySet<string> = new Set([
  ...['Accept', 'Reject', 'Undo', 'Delete', 'Block', 'Follow'],
])

/**
 * The signed time is part of the name: the same words mean something new another day (following,
 * leaving, and following again).
 */
async function enqueueWithoutId(
  { type, actor, signedAt, text }: Received,
  add: InboxDeps['add'],
): Promise<Answer> {
  const document: unknown = JSON.parse(text)
  if (!nameless.has(type) || !isJson(document)) return answer(400, 'id is missing')
  const name = hash('sha256', `${new Date(signedAt).toUTCString()}\n${text}`).slice(0, 32)
  const id = `${actor}#${type.toLowerCase()}-${name}`
  await add(documentJob({ id, actor }, JSON.stringify({ ...document, id })))
  return accepted
}
