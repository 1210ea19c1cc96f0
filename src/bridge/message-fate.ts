import type { ActivityId, EventId, RoomId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import type { JobFate } from '../model/job.ts'
import type { Mapping, ObjectRecord } from '../model/note.ts'
import { asObjectId } from '../model/ids.ts'
import { behindBoost } from './answered.ts'
import { announceBy, passedOn } from './groups-told.ts'

/** How long the queue knows what it did, milliseconds. */
const known = 30 * 86_400_000
/** Versions of a post that are looked at, and places that each was sent to. */
const [mostVersions, mostInboxes] = [20, 2_000]

/** Not even tried: what was known of the server spoke against it; or too long ago to be known. */
export type Fate = JobFate | { readonly state: 'untried' | 'unknown' }

/** What came of a post at one server: of several inboxes there, at the one where it fares worst. */
export type ServerFate = { readonly host: string; readonly fate: Fate }

export type MessageFate =
  | {
      readonly kind: 'bridged'
      readonly mapping: Mapping
      readonly post: ObjectRecord | undefined
      /** Of posts of ours: the servers they were for, the worst first. */
      readonly servers: readonly ServerFate[]
      /** There were more places to send it to than are looked at. */
      readonly isCut: boolean
    }
  /** It waits for its author's word, or for what it is to be joined with. */
  | { readonly kind: 'held' | 'draft' }
  /** It stands on Matrix alone; what came of the attempt to bridge it. */
  | { readonly kind: 'alone'; readonly fate: JobFate | undefined }

const ranks = ['failed', 'dropped', 'untried', 'stopped', 'waiting', 'unknown', 'done'] as const

const rankOf = ({ state }: Fate): number => ranks.indexOf(state)

/** Of the newest version that was for that inbox. */
async function fateAt(
  inbox: string,
  { versions, post, deps }: { versions: readonly ActivityId[]; post: ObjectRecord; deps: Deps },
): Promise<Fate> {
  for (const version of versions) {
    const fate = await deps.jobs.fateOf('delivery', `${version} ${inbox}`)
    if (fate !== undefined) return fate
  }
  const isRecent = (post.updated ?? post.published) > deps.clock.now() - known
  return { state: isRecent ? 'untried' : 'unknown' }
}

/** What the group in which it was written told of it: its boost, and versions that it passed on. */
async function groupTellings(
  { id, note }: ObjectRecord,
  versions: readonly ActivityId[],
  deps: Deps,
): Promise<readonly ActivityId[]> {
  if (note?.group === undefined) return []
  const { group } = note
  const announced = await announceBy(group, id, deps)
  return [
    ...(announced === undefined ? [] : [announced.activityId]),
    ...versions.map((version) => passedOn(group, version, deps)),
  ]
}

/** The servers that a post of ours was for, the worst first. */
export async function serversOf(
  post: ObjectRecord,
  deps: Deps,
): Promise<{ readonly servers: readonly ServerFate[]; readonly isCut: boolean }> {
  const own = await deps.store.activitiesAbout(post.id, mostVersions)
  const versions = [...own, ...(await groupTellings(post, own, deps))]
  const inboxes = await deps.store.recipientsOf(post.id)
  const byHost = new Map<string, Fate>()
  for (const inbox of inboxes.slice(0, mostInboxes)) {
    const { host } = new URL(inbox)
    const fate = await fateAt(inbox, { versions, post, deps })
    const other = byHost.get(host)
    if (other === undefined || rankOf(fate) < rankOf(other)) byHost.set(host, fate)
  }
  const servers = [...byHost].map(([host, fate]) => ({ host, fate }))
  return {
    servers: servers.toSorted((a, b) => rankOf(a.fate) - rankOf(b.fate)),
    isCut: inboxes.length > mostInboxes,
  }
}

/** What is known of one message of a room: where it stands on both networks, and who has it. */
export async function fateOfMessage(
  { roomId, eventId }: { readonly roomId: RoomId; readonly eventId: EventId },
  deps: Deps,
): Promise<MessageFate> {
  const { store, jobs } = deps
  const mapping = await behindBoost(await store.findMappingByEvent(roomId, eventId), deps)
  if (mapping !== undefined) {
    const post = await store.findObject(asObjectId(mapping.remoteId))
    const none = { servers: [], isCut: false }
    const sent = post?.isLocal === true ? await serversOf(post, deps) : none
    return { kind: 'bridged', mapping, post, ...sent }
  }
  if ((await store.findHeld(roomId, eventId)) !== undefined) return { kind: 'held' }
  if ((await store.findDraft(roomId, eventId)) !== undefined) return { kind: 'draft' }
  return { kind: 'alone', fate: await jobs.fateOf('event', eventId) }
}
