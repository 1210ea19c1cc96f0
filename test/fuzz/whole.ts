import { largestBody } from '../../src/activitypub/inbox.ts'
import type { Chance } from '../simulation/chance.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import type { Account } from '../fakes/fediverse.ts'
import { signPost } from '../fakes/fediverse-signature.ts'
import { createFlow, publicUrl, type Flow } from '../flows/setup.ts'
import { dangersInMessage } from '../support/dangers.ts'
import { hostileWords, validEvents } from './events.ts'
import { hostileDocument } from './inbox.ts'
import { mutate, write } from './mutate.ts'
import { fromInput, promise, toInput, type Measure, type Target } from './target.ts'
import { oddText, pickFrom } from './values.ts'

/** A bridge that runs, somebody who reads bob there, and what bob reads. */
type Stage = {
  readonly flow: Flow
  readonly alice: FakeUser
  readonly me: string
  readonly bob: Account
  readonly rooms: readonly RoomId[]
  uses: number
}

const usesOfStage = 40

async function createStage(): Promise<Stage> {
  const flow = await createFlow()
  const alice = flow.user('alice')
  const bob = flow.account('bob', 'social.test')
  const profile = await flow.publish(alice)
  const me = await flow.actorOf(alice)
  const room = await flow.follow(alice, bob)
  await flow.tell(bob.follow(me), bob.post({ content: 'by bob' }))
  return { flow, alice, me, bob, rooms: [profile, room, await flow.chat(alice)], uses: 0 }
}

let stage: Stage | undefined

/** Ends what the inputs before have left. */
export function closeStage(): void {
  stage?.flow.close()
  stage = undefined
}

async function freshStage(): Promise<Stage> {
  closeStage()
  stage = await createStage()
  return stage
}

const statuses: ReadonlySet<number> = new Set([202, 400, 401, 403, 404, 410, 413, 415, 429])

/** Documents name alice as she is called in the tables. */
const addressed = (body: string, { me }: Stage): string =>
  body.replaceAll('https://us.test/alice', me).replaceAll('https://us.test', publicUrl)

async function takeDocument(text: string, on: Stage): Promise<void> {
  const { flow, bob } = on
  const body = Buffer.from(addressed(text, on), 'latin1').subarray(0, largestBody)
  const by = { keyId: bob.keyId, key: bob.key.privateKey, now: flow.time.now() }
  const answering = flow.ask(signPost(`${publicUrl}/inbox`, body, by))
  await flow.quiet()
  const { status } = await answering
  promise(statuses.has(status), `the inbox answers ${status}`)
}

let count = 0

async function takeEvent(text: string, { flow, alice, rooms }: Stage): Promise<void> {
  const ids = {
    event_id: `$fuzz${++count}`,
    room_id: rooms[text.length % rooms.length],
    sender: alice.userId,
  }
  const given: unknown = JSON.parse(text)
  const own = typeof given === 'object' && given !== null ? given : {}
  // A homeserver vouches for who said what where.
  const pushing = flow.push([{ ...own, ...ids, origin_server_ts: flow.time.now() }])
  await flow.quiet()
  await pushing
}

/** Bugs are remembered with where they are; what is refused has a name of its own. */
const bugs = /^\{.*"error":"(?!RejectedError)[A-Z]\w*Error\b/

function checkStage({ flow, rooms }: Stage): void {
  const failed = (flow.rows()['failed_job'] ?? []).filter((row) => bugs.test(row))
  promise(failed.length === 0, `a job failed: ${failed[0]?.slice(0, 3_000) ?? ''}`)
  for (const room of rooms)
    for (const { content, sender, type } of flow.messages(room)) {
      if (!sender.startsWith('@_ap_') || type !== 'm.room.message') continue
      const dangers = dangersInMessage(content, (mxc) => mxc.startsWith('mxc://hs.test/'))
      const acts = dangers.filter((one) => !one.startsWith('rings for'))
      promise(acts.length === 0, `a message in the room: ${acts.join(', ')}`)
    }
}

type Input = { readonly kind: 'document' | 'event' | 'line'; readonly text: string }

async function take({ kind, text }: Input, on: Stage): Promise<void> {
  if (kind === 'document') await takeDocument(text, on)
  else if (kind === 'event') await takeEvent(text, on)
  else await on.flow.command(on.alice, text)
  await on.flow.quiet()
}

async function check(input: Buffer, measure: Measure): Promise<void> {
  const on = stage === undefined || stage.uses >= usesOfStage ? await freshStage() : stage
  on.uses += 1
  try {
    await measure(() => take(fromInput(input) as Input, on))
    checkStage(on)
  } catch (error) {
    closeStage()
    throw error
  }
}

function hostileText(kind: Input['kind'], chance: Chance): string {
  if (kind === 'document') return hostileDocument(chance).toString('latin1')
  if (kind === 'line')
    return `${pickFrom(chance, ['follow', 'post', 'dm', 'poll', 'open', 'profile', ''], '')} ${oddText(chance)}`
  const isWords = chance.happens(0.4)
  const event = isWords
    ? hostileWords(chance)
    : mutate(chance.pick(validEvents), chance.pick(validEvents), chance)
  const text = write(event)
  return text.length < 65_536 ? text : '{}'
}

/** The running bridge: inbox, queue, database and homeserver together. */
export const wholeTarget: Target = {
  name: 'whole',
  share: 2,
  make(chance) {
    const kind = pickFrom(chance, ['document', 'document', 'event', 'line'] as const, 'document')
    return toInput({ kind, text: hostileText(kind, chance) })
  },
  check,
}
