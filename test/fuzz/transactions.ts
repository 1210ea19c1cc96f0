import type { MatrixEvent } from '../../src/model/event.ts'
import type { KnownEventRow } from '../translate/known-for-fediverse.ts'
import type { OutgoingActivity } from '../../src/model/outgoing.ts'
import { commandLineOf } from '../../src/bridge/receive-event.ts'
import { largestBody } from '../../src/activitypub/inbox.ts'
import { parseActivity } from '../../src/activitypub/parse.ts'
import { createSerializer } from '../../src/activitypub/serialize.ts'
import { isRecord } from '../../src/matrix/fields.ts'
import { isRawEvent, toEventJobs } from '../../src/matrix/intake.ts'
import { parseEvent } from '../../src/matrix/parse.ts'
import { asUserId } from '../../src/model/ids.ts'
import { messageTree } from '../../src/translate/mentions.ts'
import { toActivityPub } from '../../src/translate/to-activitypub.ts'
import type { Chance } from '../simulation/chance.ts'
import { knownForFediverse } from '../translate/known-for-fediverse.ts'
import { publicUrl } from '../translate/people.ts'
import { mangle } from './bytes.ts'
import { hostileWords, validEvents } from './events.ts'
import { mutate, write } from './mutate.ts'
import { promise, type Measure, type Target } from './target.ts'

/** The most that a homeserver lets an event have, bytes (client-server API, "Size limits"). */
const longestEvent = 65_536

/** Rooms and what is known in them: in each a message becomes something else. */
const places: readonly KnownEventRow[] = [
  { portal: { kind: 'profile', of: 'alice' } },
  { portalPosts: 'on' },
  { portal: { kind: 'direct', of: 'alice bob' }, participants: 'bob' },
  { target: { object: 'bob/1', inReplyTo: 'carol/1', mentions: 'carol' } },
  { target: { object: 'alice/1' }, portal: { kind: 'profile', of: 'alice' } },
  { target: { object: 'bob/1', reaction: 'alice' } },
  { portal: null },
]

const { serialize } = createSerializer({
  ...{ publicUrl, handleDomain: 'us.test', bridgeName: 'Footbridge' },
  ...{ findKeys: () => undefined, clock: { now: () => 0 } },
})

const identity = {
  ...{ serverName: 'us.test', bot: asUserId('@apbot:us.test'), prefix: '_ap_' },
  ...{ publicUrl, handleDomain: 'us.test', commandPrefix: '!ap' },
}

function hostileEvent(chance: Chance): unknown {
  if (chance.happens(0.4)) return hostileWords(chance)
  return mutate(chance.pick(validEvents), chance.pick(validEvents), chance)
}

function hostileTransaction(chance: Chance): Buffer {
  const events = Array.from({ length: chance.happens(0.9) ? 1 : chance.int(4) }, () =>
    hostileEvent(chance),
  )
  const short = events.filter((event) => write(event).length < longestEvent)
  const text = write({ events: short, txn: 1 })
  return chance.happens(0.1) ? mangle(text, chance) : Buffer.from(text)
}

/** As the router reads a transaction, and the queue what it kept of it. */
function eventsIn(body: Buffer): readonly MatrixEvent[] {
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    return []
  }
  const listed: readonly unknown[] =
    isRecord(value) && Array.isArray(value['events']) ? value['events'] : []
  const jobs = toEventJobs(listed.filter(isRawEvent), { isOurs: (id) => id.startsWith('@_ap_') })
  return jobs.flatMap(({ payload }) => {
    const event = parseEvent(JSON.parse(payload))
    return 'skip' in event ? [] : [event]
  })
}

function published(event: MatrixEvent, place: KnownEventRow): readonly OutgoingActivity[] {
  const media = 'media' in event ? event.media : []
  const facts = knownForFediverse({}, place)
  const ids = { ...facts.ids, media: media.map((_, index) => `file${index}`) }
  const actions = toActivityPub(event, { ...facts, ids }).actions ?? []
  for (const action of actions)
    if (action.do === 'tell') promise(action.text.trim() !== '', 'the bot says nothing')
  return actions.flatMap((action) => (action.do === 'publish' ? [action.activity] : []))
}

/** JSON writes half a character as if it were one: whoever reads it finds no Unicode. */
function reviver(_key: string, value: unknown): unknown {
  promise(typeof value !== 'string' || value.isWellFormed(), 'half characters')
  return value
}

/** What other servers get is what we would take from them. */
function checkWritten(text: string, activity: OutgoingActivity): void {
  promise(Buffer.byteLength(text) <= largestBody, 'no inbox takes so much')
  const document: unknown = JSON.parse(text, reviver)
  const read = parseActivity(document, 0)
  promise(read.id === activity.id && read.actor === activity.actor, 'it is read as another')
}

function check(body: Buffer, measure: Measure): void {
  // As if the last message had been another one.
  messageTree({ body: '', html: '<b>' })
  for (const event of measure(() => eventsIn(body))) {
    commandLineOf(event, undefined, identity)
    // One for each input, and the same when it is tried again.
    const place = places[body.length % places.length] ?? {}
    const done = measure(() =>
      published(event, place).map((activity) => [serialize(activity), activity] as const),
    )
    for (const [text, activity] of done) checkWritten(text, activity)
  }
}

export const transactionsTarget: Target = {
  name: 'transactions',
  share: 80,
  make: hostileTransaction,
  check,
}
