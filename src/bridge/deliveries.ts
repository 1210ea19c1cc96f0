import type { ActorId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { DeliveryPayload, NewJob } from '../model/job.ts'
import type { Deps } from './ports.ts'
import type { PublishAction } from '../model/action.ts'
import { suspensionOf } from './domain-blocks.ts'
import { paceOf } from '../model/server.ts'
import { isForAll } from '../translate/audience.ts'
import { undeliveredJob } from './undelivered-job.ts'

/** With whose it is, where it is one person's. */
export type Inboxes = ReadonlyMap<string, ActorId | undefined>

const weekInMs = 604_800_000

type Health = {
  /** It has failed for days, or the admin has blocked it. */
  readonly isClosed: boolean
  /** Milliseconds between two deliveries there. */
  readonly every?: number
  /** Whether what runs there is not known, or was asked long ago. */
  readonly isUnknown: boolean
}

async function healthOf(host: string, deps: Deps): Promise<Health> {
  const { store, deliveries, clock } = deps
  const server = await store.findServer(host)
  // Who is known to need none has none from now on.
  const every = server === undefined ? undefined : (paceOf(server.software) ?? 0)
  return {
    isClosed:
      (await deliveries.isUnavailable(host)) ||
      (await suspensionOf(`https://${host}`, deps)) !== undefined,
    isUnknown: server === undefined || server.fetchedAt < clock.now() - weekInMs,
    ...(every === undefined ? {} : { every }),
  }
}

/** What somebody waits for an answer to: a private message, asking to follow, and a report. */
const isMissed = ({ activity, toFollowers }: PublishAction): boolean =>
  activity.type === 'follow' ||
  activity.type === 'flag' ||
  (activity.type === 'create' && !toFollowers && !isForAll(activity))

/** Servers without a shared inbox may be sent much, one by one: what runs there says how fast. */
function askServer(host: string, now: number): Change {
  const job = {
    kind: 'upkeep',
    key: `server ${host} ${String(Math.floor(now / weekInMs))}`,
    lane: `upkeep:server ${host}`,
    host,
    payload: JSON.stringify({ type: 'server', host }),
  } as const
  return { change: 'enqueue', job }
}

/** What goes to each of the inboxes. */
export type Sending = {
  readonly payload: Omit<DeliveryPayload, 'inbox' | 'reader'>
  /** What it comes in order with. */
  readonly order: string
  /** Where nothing is sent, whoever waits for an answer hears of it. */
  readonly isMissed: boolean
  /** It may go to many one by one, where they share no inbox. */
  readonly isForMany: boolean
  /** What runs there decides what it gets from now on. */
  readonly asksServers?: boolean
}

/** The lane keeps the order of what is about the same thing at that inbox. */
export function deliveryOf(payload: DeliveryPayload, order: string, every?: number): Change {
  const { activityId, inbox } = payload
  const job: NewJob = {
    kind: 'delivery',
    key: `${activityId} ${inbox}`,
    lane: `delivery:${inbox} ${order}`,
    host: new URL(inbox).host,
    payload: JSON.stringify(payload),
    ...(every === undefined ? {} : { every }),
  }
  return { change: 'enqueue', job }
}

/** One delivery per distinct inbox. Nothing is queued for a host that has failed for days or is blocked. */
export async function deliver(
  inboxes: Inboxes,
  { payload: given, order, isMissed, isForMany, asksServers }: Sending,
  deps: Deps,
): Promise<Change[]> {
  const hosts = new Map<string, Health>()
  const changes: Change[] = []
  for (const [inbox, reader] of inboxes) {
    const { host } = new URL(inbox)
    const known = hosts.get(host)
    const health = known ?? (await healthOf(host, deps))
    hosts.set(host, health)
    const payload = { ...given, inbox, ...(reader === undefined ? {} : { reader }) }
    if (health.isClosed) {
      if (isMissed) changes.push(undeliveredJob(payload))
      continue
    }
    const isOwn = isForMany && reader !== undefined
    if (known === undefined && (isOwn || asksServers === true) && health.isUnknown)
      changes.push(askServer(host, deps.clock.now()))
    changes.push(deliveryOf(payload, order, health.every))
  }
  return changes
}

/** An activity of ours to each of those inboxes. */
export async function deliveriesTo(
  inboxes: Inboxes,
  action: PublishAction,
  deps: Deps,
): Promise<Change[]> {
  const { activity, order, toFollowers } = action
  const isOfKeys = activity.type === 'update-actor' && activity.isOfKeys === true
  const payload = {
    activityId: activity.id,
    signer: activity.actor,
    ...(isOfKeys ? ({ withOldKey: true } as const) : {}),
    ...(activity.type === 'pass-on' ? ({ isWhole: true } as const) : {}),
  }
  const asksServers = (await deps.store.findLocalActor(activity.actor))?.group !== undefined
  const sending = {
    ...{ payload, order, asksServers },
    ...{ isMissed: isMissed(action), isForMany: toFollowers },
  }
  return deliver(inboxes, sending, deps)
}
