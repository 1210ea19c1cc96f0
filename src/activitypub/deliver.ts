import { asActivityId, asActorId } from '../model/ids.ts'
import type { ActivityId, ActorId } from '../model/ids.ts'
import type { Clock } from '../model/clock.ts'
import type { DeliveryPayload } from '../model/job.ts'
import type { HttpResponse } from '../model/http.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { readRetryAfter } from './follow.ts'
import { isForFollowers, syncHeaderFor, type FollowersOn } from './followers-sync.ts'
import type { SigningKey } from './key-pairs.ts'
import { createLru } from './lru.ts'
import { hostOf, idOf, isJson } from './parse-values.ts'
import { withoutProof } from './proof.ts'
import { sha256Of } from './signature.ts'
import type { SignedHttp } from './signed-http.ts'

/** `isRepeated`: an earlier try failed. */
export type Deliver = (payload: string, isRepeated?: boolean) => Promise<void>

export type DeliveryDeps = {
  readonly http: SignedHttp
  readonly findActivity: (id: ActivityId) => Promise<{ readonly document: string } | undefined>
  readonly followersOn: FollowersOn
  readonly signingKey: (id: ActorId) => Promise<SigningKey>
  /** The key before that, for a while after it was replaced. */
  readonly oldKey: (id: ActorId) => Promise<SigningKey | undefined>
  /** Names the product and its public URL: some servers refuse the nameless. */
  readonly userAgent: string
  readonly clock: Clock
}

/** Of one try, milliseconds. */
const timeout = 30_000
/** Nobody reads the answer's body: it is only bounded. */
const longestAnswer = 1_000_000
/** Activities of which bytes, digest and audience are kept: a post goes to hundreds of inboxes, one after another. */
const mostBodies = 8

/**
 * Brings one activity to one inbox; doing it twice sends it twice, which receivers know by its id.
 * Throws `TransientError` or `RejectedError` with the status: how often a status is worth another
 * try is for the queue's policy.
 */
export function createDelivery(deps: DeliveryDeps): Deliver {
  const findBody = findingBodies(deps)
  return async (payload, isRepeated = false) => {
    const delivery = readDelivery(payload)
    const { inbox, signer, withOldKey } = delivery
    const { bytes, sha256, isToFollowers } = await findBody(delivery)
    const more = isToFollowers
      ? await syncHeaderFor({ signer, inbox }, deps.followersOn)
      : undefined
    const isOld = withOldKey === true && !isRepeated
    const key = (isOld ? await deps.oldKey(signer) : undefined) ?? (await deps.signingKey(signer))
    const headers = { 'user-agent': deps.userAgent, accept: 'application/activity+json' }
    const post = { method: 'POST', url: inbox, headers, body: bytes } as const
    const response = await deps.http(
      { ...post, timeout, maxBytes: longestAnswer },
      { ...key, sha256, ...(more === undefined ? {} : { more }) },
    )
    judge(response, inbox, deps.clock.now())
  }
}

type Body = {
  readonly document: string
  readonly signer: ActorId
  readonly bytes: Buffer
  readonly sha256: string
  readonly isToFollowers: boolean
}

/** An edit changes what a Create says that is still under way, so the text is read each time. */
function findingBodies({ findActivity }: DeliveryDeps) {
  const known = createLru<Body>(mostBodies)
  const textOf = async (id: ActivityId): Promise<string> => {
    const activity = await findActivity(id)
    if (activity === undefined) throw new RejectedError(`activity ${id} is not stored`)
    return activity.document
  }
  return async ({ activityId: id, signer, isWhole }: DeliveryPayload): Promise<Body> => {
    const text = await textOf(id)
    const document = isWhole === true ? await withObject(text, textOf) : text
    const kept = known.get(id)
    if (kept?.document === document && kept.signer === signer) return kept
    const bytes = Buffer.from(document)
    const isToFollowers = isForFollowers(document, signer)
    const body = { document, signer, bytes, sha256: sha256Of(bytes), isToFollowers }
    known.set(id, body)
    return body
  }
}

/**
 * The activity with the text of the one that it names in the place of its id, as software of groups reads
 * it. Nothing else keeps that text, so it is what it is now; a proof was of the id alone.
 */
async function withObject(
  text: string,
  textOf: (id: ActivityId) => Promise<string>,
): Promise<string> {
  const document: unknown = JSON.parse(text)
  const id = isJson(document) ? idOf(document['object']) : undefined
  if (!isJson(document) || id === undefined) throw new TypeError('the activity names no other one')
  const object: unknown = JSON.parse(await textOf(asActivityId(id)))
  return JSON.stringify({ ...withoutProof(document), object })
}

/** An answer that asks for patience or tells of the other side's own trouble: an inbox redirects only by mistake. */
const isTransient = (status: number): boolean =>
  status < 400 || status === 408 || status === 429 || status >= 500

function judge({ status, headers }: HttpResponse, inbox: string, now: number): void {
  if (status >= 200 && status < 300) return
  const host = hostOf(inbox) ?? inbox
  const message = `${inbox} answered ${status}`
  if (isTransient(status)) {
    const retryAt = readRetryAfter(headers['retry-after'], now)
    throw new TransientError(message, { status, ...(retryAt === undefined ? {} : { retryAt }) })
  }
  throw new RejectedError(message, { status, tell: tellOf(status, host) })
}

function tellOf(status: number, host: string): string {
  if (status === 404 || status === 410) return `${host} says that the account does not exist.`
  if (status === 401 || status === 403) return `${host} refused to take it (${status}).`
  return `${host} answered with an error (${status}).`
}

function readDelivery(payload: string): DeliveryPayload {
  const value: unknown = JSON.parse(payload)
  if (isJson(value)) {
    const { activityId, inbox, signer, withOldKey, isWhole } = value
    if (typeof activityId === 'string' && typeof inbox === 'string' && typeof signer === 'string') {
      return {
        ...{ activityId: asActivityId(activityId), inbox, signer: asActorId(signer) },
        ...(withOldKey === true ? { withOldKey } : {}),
        ...(isWhole === true ? { isWhole } : {}),
      }
    }
  }
  throw new TypeError('the payload is no delivery')
}
