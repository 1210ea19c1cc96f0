import type { ActorId, ObjectId } from '../model/ids.ts'
import { asActorId, asObjectId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { DeliveryPayload, Job } from '../model/job.ts'
import type { Deps } from './ports.ts'
import type { RemoteActor } from '../model/actor.ts'
import { acceptedOf } from './accepted.ts'
import { deliveryOf } from './deliveries.ts'

const dayInMs = 86_400_000
/** Days on which an inbox has to say that it is gone until whoever has it follows no more. */
const daysOfProof = 3

/** A shared inbox that is gone: the inboxes of its people are used instead. Looked for a month at least. */
const noSharedMark = (inbox: string): string => `no shared ${inbox}`

export const isSharedGone = async (inbox: string, { store }: Deps): Promise<boolean> =>
  (await store.findMark(noSharedMark(inbox))) !== undefined

/** Where that account gets what is not for it alone. */
export async function commonInboxOf(
  { inbox, sharedInbox }: RemoteActor,
  deps: Deps,
): Promise<{ readonly inbox: string; readonly isShared: boolean }> {
  const isShared = sharedInbox !== undefined && !(await isSharedGone(sharedInbox, deps))
  return isShared ? { inbox: sharedInbox, isShared } : { inbox, isShared }
}

const goneMarks = (inbox: string): string => `gone ${inbox} `

type Document = {
  readonly to?: readonly string[]
  readonly cc?: readonly string[]
  readonly object?: { readonly id?: string } | string
}

/** Everybody whom that activity is for and whom we know: followers, and those it names. */
async function readersOf(
  { signer }: DeliveryPayload,
  { to = [], cc = [] }: Document,
  deps: Deps,
): Promise<readonly RemoteActor[]> {
  const named = [...to, ...cc]
  const follows = named.includes(`${signer}/followers`) ? await acceptedOf(signer, deps) : []
  const ids = new Set([...follows.map(({ follower }) => follower), ...named.map(asActorId)])
  const found = await Promise.all([...ids].map((id) => deps.store.findRemoteActor(id)))
  return found.flatMap((actor) => (actor === undefined ? [] : [actor]))
}

const objectOf = ({ object }: Document): ObjectId | undefined => {
  const id = typeof object === 'string' ? object : object?.id
  return id === undefined ? undefined : asObjectId(id)
}

/** The same to each of those inboxes, in the same order as before. */
function toPersonal(job: Job, payload: DeliveryPayload, readers: readonly RemoteActor[]): Change[] {
  const order = job.lane.slice(`delivery:${payload.inbox} `.length)
  return readers.map(({ id, inbox }) => deliveryOf({ ...payload, inbox, reader: id }, order))
}

export type AfterGone = { readonly changes: readonly Change[]; readonly isTold: boolean }

/**
 * What an answer of 404 or 410 comes to. `isTold`: whether the author should hear of it. A shared
 * inbox says nothing of any one account: what it was to get goes to each of them. An account's own
 * inbox has to say so on several days; meanwhile its document says whether it is still there.
 */
export async function afterGone(
  job: Job,
  payload: DeliveryPayload,
  deps: Deps,
): Promise<AfterGone> {
  const { inbox, signer, activityId } = payload
  const activity = await deps.store.findActivity(activityId)
  const document = JSON.parse(activity?.document ?? '{}') as Document
  const shared = (await readersOf(payload, document, deps)).filter(
    (actor) => actor.sharedInbox === inbox && actor.inbox !== inbox,
  )
  if (shared.length > 0) {
    const object = objectOf(document)
    const inboxes = shared.map((actor) => actor.inbox)
    const at = deps.clock.now()
    return {
      isTold: false,
      changes: [
        { change: 'mark', key: noSharedMark(inbox), value: '', at },
        ...(object === undefined
          ? []
          : [{ change: 'add-recipients', id: object, inboxes } as const]),
        ...toPersonal(job, payload, shared),
      ],
    }
  }
  return afterOwn({ inbox, signer, object: objectOf(document) }, deps)
}

type Own = {
  readonly inbox: string
  readonly signer: ActorId
  readonly object: ObjectId | undefined
}

async function afterOwn({ inbox, signer, object }: Own, deps: Deps): Promise<AfterGone> {
  const follows = await deps.store.followersOf(signer)
  const followers = await Promise.all(
    follows.map(({ follower }) => deps.store.findRemoteActor(follower)),
  )
  const isOfMany = followers.some((actor) => actor?.sharedInbox === inbox)
  const own = isOfMany ? [] : followers.flatMap((actor) => (actor?.inbox === inbox ? [actor] : []))
  if (own.length === 0) return { changes: [], isTold: true }
  const now = deps.clock.now()
  const day = Math.floor(now / dayInMs)
  const key = `${goneMarks(inbox)}${String(day)}`
  const before = await deps.store.countMarks(goneMarks(inbox))
  const isNew = (await deps.store.findMark(key)) === undefined
  const isPrivate =
    object !== undefined && (await deps.store.findObject(object))?.visibility === 'direct'
  const isOver = before + (isNew ? 1 : 0) >= daysOfProof
  return {
    isTold: before === 0 || isPrivate,
    changes: [
      { change: 'mark', key, value: '', at: now },
      ...own.flatMap(({ id }): Change[] =>
        isOver ? [{ change: 'remove-follow', follower: id, followed: signer }] : [refetch(id, day)],
      ),
    ],
  }
}

function refetch(actorId: ActorId, day: number): Change {
  const job = {
    kind: 'upkeep',
    key: `refetch ${actorId} gone ${String(day)}`,
    lane: `upkeep:refetch ${actorId}`,
    host: new URL(actorId).host,
    payload: JSON.stringify({ type: 'refetch', actorId }),
  } as const
  return { change: 'enqueue', job }
}
