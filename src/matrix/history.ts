import type { EventId, RoomId, UserId } from '../model/ids.ts'
import type { NewJob } from '../model/job.ts'
import { isRecord, listAt, recordAt, toEventId, toText, type Json } from './fields.ts'
import { isRawEvent, toEventJobs } from './intake.ts'
import { pollTypes } from './parse-poll.ts'
import { v3, type Caller } from './request.ts'

/** Where `send` keeps its transaction id: a homeserver forgets its own record when it restarts. */
export const txnField = 'org.footbridge.txn'

const pageSize = 100

type Page = { readonly events: readonly Json[]; readonly next: string | undefined }

type Walk = {
  readonly as: UserId
  readonly roomId: RoomId
  readonly pages: number
  readonly filter?: Json
}

async function readPage(call: Caller, walk: Walk, from: string | undefined): Promise<Page> {
  const answer = await call({
    method: 'GET',
    path: v3('rooms', walk.roomId, 'messages'),
    as: walk.as,
    query: {
      dir: 'b',
      limit: String(pageSize),
      ...(from === undefined ? {} : { from }),
      ...(walk.filter === undefined ? {} : { filter: JSON.stringify(walk.filter) }),
    },
  })
  // An empty page with an `end` is not the last one (client-server API, GET messages).
  return { events: listAt(answer, 'chunk').filter(isRecord), next: toText(answer['end'], 4096) }
}

/** Newest first; in the end, whether that was all there is. */
async function* walkBack(call: Caller, walk: Walk): AsyncGenerator<Json, boolean> {
  let from: string | undefined
  for (let page = 0; page < walk.pages; page += 1) {
    const { events, next } = await readPage(call, walk, from)
    yield* events
    if (next === undefined || next === from) return true
    from = next
  }
  return false
}

/** Everything that `send` sends. */
const sentTypes = [
  'm.room.message',
  'm.reaction',
  'm.sticker',
  pollTypes.start[0],
  pollTypes.end[0],
  'com.beeper.message_send_status',
]

/** The event that `as` sent with `txnId`, among its newest 300 in the room. */
export async function findSent(
  call: Caller,
  from: { readonly as: UserId; readonly roomId: RoomId },
  txnId: string,
): Promise<EventId | undefined> {
  const filter = { senders: [from.as], types: sentTypes }
  for await (const event of walkBack(call, { ...from, pages: 3, filter })) {
    const isIt = event['sender'] === from.as && recordAt(event, 'content')[txnField] === txnId
    const eventId = isIt ? toEventId(event['event_id']) : undefined
    if (eventId !== undefined) return eventId
  }
  return undefined
}

const isInviteOf = (event: Json, userId: UserId): boolean =>
  event['type'] === 'm.room.member' &&
  event['state_key'] === userId &&
  recordAt(event, 'content')['membership'] === 'invite'

const mostMissed = 500
/** Synapse leaves out of a page what may not be seen, so pages may be short. */
const missedPages = 10

/**
 * What happened since the newest invite of `as`, oldest first, as if it was pushed now. `isCut`: that
 * invite is more than 500 events back, and what stands between is not among the jobs.
 */
export async function jobsSinceInvite(
  call: Caller,
  { as, roomId }: { readonly as: UserId; readonly roomId: RoomId },
  isOurs: (userId: UserId) => boolean,
): Promise<{ readonly jobs: readonly NewJob[]; readonly isCut: boolean }> {
  const found: Json[] = []
  const walk = walkBack(call, { as, roomId, pages: missedPages })
  let step = await walk.next()
  while (step.done !== true && !isInviteOf(step.value, as) && found.length < mostMissed) {
    found.push({ ...step.value, room_id: roomId })
    step = await walk.next()
  }
  const isCut = step.done === true ? !step.value : !isInviteOf(step.value, as)
  return { jobs: toEventJobs(found.reverse().filter(isRawEvent), { isOurs }), isCut }
}
