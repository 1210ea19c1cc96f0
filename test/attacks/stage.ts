import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { KeyObject } from 'node:crypto'
import type { Answer, InboxRequest } from '../../src/activitypub/inbox.ts'
import type { Account, Document, Sent } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createHash, createSign } from 'node:crypto'
import { createFlow, publicUrl, type Flow } from '../flows/setup.ts'

/** Everything that somebody could want to reach, change or take the place of. */
export type Cast = {
  readonly flow: Flow
  readonly alice: FakeUser
  /** The actor of alice, who follows bob, carl and eve, and whom bob follows. */
  readonly me: string
  readonly bob: Account
  readonly carl: Account
  /** The attacker: alice follows her, so nothing is refused for being a stranger's. */
  readonly eve: Account
  /** Of eve's own server. */
  readonly mate: Account
  /** Has blocked alice. */
  readonly dan: Account
  /** Was asked by alice whether she may follow and has not answered. */
  readonly silent: Account
  /** Posts that stand in rooms. */
  readonly posts: {
    readonly bobs: string
    readonly bobsPrivate: string
    readonly carls: string
    readonly mine: string
    readonly poll: string
    /** From alice to bob, for nobody else. */
    readonly direct: string
  }
  /** Ids of activities that took effect. */
  readonly done: {
    readonly followOfBob: string
    readonly followAsked: string
    readonly followByBob: string
    readonly likeByBob: string
    readonly boostByBob: string
    readonly blockByDan: string
  }
}

/** For a test or a hook on a loaded machine, milliseconds. */
export const patience = 60_000

async function createCast(): Promise<Cast> {
  const flow = await createFlow()
  const alice = flow.user('alice')
  const [bob, carl, eve] = [
    flow.account('bob', 'remote.example'),
    flow.account('carl', 'third.example'),
    flow.account('eve', 'evil.example'),
  ]
  const mate = flow.account('mate', 'evil.example')
  const dan = flow.account('dan', 'fifth.example')
  const silent = flow.account('silent', 'fourth.example')
  const profile = await flow.publish(alice)
  const me = await flow.actorOf(alice)
  for (const one of [bob, carl, eve]) await flow.follow(alice, one)
  const followByBob = bob.follow(me)
  const bobs = bob.post({ content: 'by bob' })
  const bobsPrivate = bob.post({ content: 'for followers', visibility: 'followers' })
  const carls = carl.post({ content: 'by carl' })
  await flow.tell(followByBob, bobs, bobsPrivate, carls, eve.post({ content: 'by eve' }))
  alice.say(profile, 'to all')
  await flow.quiet()
  const idOfLast = () => idOf(flow.received(bob, 'Create').at(-1)?.['object'])
  const mine = idOfLast()
  await flow.command(alice, 'poll "Tea or coffee?" Tea Coffee')
  const poll = idOfLast()
  alice.say(alice.createDm(flow.ghostOf(bob)), 'for bob alone')
  await flow.quiet()
  const direct = idOfLast()
  const [likeByBob, boostByBob, blockByDan] = [bob.like(mine), bob.boost(mine), dan.block(me)]
  await flow.tell(likeByBob, boostByBob, blockByDan)
  flow.manners.set(silent.id, 'ignore')
  await flow.command(alice, `follow ${silent.handle}`)
  await flow.tell(mate.post())
  await flow.minutes(10)
  return {
    ...{ flow, alice, me, bob, carl, eve, mate, dan, silent },
    posts: {
      ...{ mine, poll, direct },
      ...{ bobs: bobs.object, bobsPrivate: bobsPrivate.object, carls: carls.object },
    },
    done: {
      followOfBob: idOf(flow.received(bob, 'Follow')[0]),
      followAsked: idOf(flow.received(silent, 'Follow')[0]),
      ...{ followByBob: followByBob.id, likeByBob: likeByBob.id },
      ...{ boostByBob: boostByBob.id, blockByDan: blockByDan.id },
    },
  }
}

const idOf = (value: unknown): string => {
  if (typeof value === 'string') return value
  const id: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'id') : ''
  if (typeof id !== 'string' || id === '') throw new Error('nothing with an id')
  return id
}

let count = 0
/** A new id on the host of whoever it is of. */
export const fresh = (by: Account): string => `${by.id}/attacks/${++count}`

/** An activity of `by`'s own making, well signed by `by`. */
export const says = (by: Account, activity: Document): Sent =>
  by.sign({
    '@context': 'https://www.w3.org/ns/activitystreams',
    id: fresh(by),
    actor: by.id,
    ...activity,
  })

export type Forgery = {
  readonly keyId: string
  readonly key: KeyObject
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly covered?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  /** Further parameters of the signature, as written. */
  readonly more?: string
  readonly algorithm?: string
  readonly target?: string
}

/** A request signed in every detail as the attacker likes. */
export function forge(activity: Document | string, by: Forgery): InboxRequest {
  const body = Buffer.from(typeof activity === 'string' ? activity : JSON.stringify(activity))
  const target = by.target ?? '/inbox'
  const headers: Record<string, string> = {
    host: new URL(publicUrl).host,
    date: new Date(by.now).toUTCString(),
    digest: `SHA-256=${createHash('sha256').update(body).digest('base64')}`,
    'content-type': 'application/activity+json',
    ...by.headers,
  }
  const covered = by.covered ?? ['(request-target)', 'host', 'date', 'digest']
  const lines = covered.map((name) =>
    name === '(request-target)' ? `${name}: post ${target}` : `${name}: ${headers[name] ?? ''}`,
  )
  const signature = createSign('sha256').update(lines.join('\n')).sign(by.key, 'base64')
  const value = `keyId="${by.keyId}",algorithm="${by.algorithm ?? 'rsa-sha256'}",headers="${covered.join(' ')}",signature="${signature}"${by.more ?? ''}`
  return { target, headers: { ...headers, signature: value }, body }
}

/** How work is done and remembered, and how hosts answer: an attack may leave its traces there. */
const ofWork: ReadonlySet<string> = new Set([
  ...['job', 'done', 'lane', 'pace', 'released', 'mark', 'server', 'sqlite_sequence'],
])

const kept = (flow: Flow) =>
  Object.fromEntries(Object.entries(flow.rows()).filter(([table]) => !ofWork.has(table)))

/** What people see, what we keep, and what we told others. */
const seen = ({ flow, alice }: Cast) => ({
  ...kept(flow),
  said: Object.fromEntries(
    [...alice.rooms('join'), ...alice.rooms('invite')].map((roomId: RoomId) => [
      roomId,
      flow.homeserver.timeline(roomId).length,
    ]),
  ),
  deliveries: flow.fediverse.deliveries.length,
})

const isThere = (url: string, { bob, carl, eve, me }: Cast): boolean =>
  [bob.id, carl.id, eve.id, me].some((id) => new URL(id).origin === new URL(url).origin)

export type Attack = readonly [
  what: string,
  send: (cast: Cast) => InboxRequest | Promise<InboxRequest>,
  status: number,
  /** Beginnings of what may be asked for meanwhile: nothing, where it is not said. */
  asks?: (cast: Cast) => readonly string[],
]

/** Sends it; answers as it should, changes nothing, and fetches nothing but what is named. */
export async function expectNothing(cast: Cast, [, send, status, asks]: Attack): Promise<Answer> {
  const { flow } = cast
  const { target, headers, body, recipient } = await send(cast)
  const before = seen(cast)
  const asked = flow.fediverse.requests.length
  const answering = flow.ask({
    ...{ target, headers, body },
    ...(recipient === undefined ? {} : { recipient }),
  })
  await flow.minutes(2)
  const answer = await answering
  expect({ status: answer.status, ...seen(cast) }).toEqual({ status, ...before })
  const urls = flow.fediverse.requests.slice(asked).map(({ url }) => url)
  const earlier = new Set(flow.fediverse.requests.slice(0, asked).map(({ url }) => url))
  // An earlier attack named a server that is not there: it is asked again.
  const isTriedAgain = (url: string): boolean => earlier.has(url) && !isThere(url, cast)
  const allowed = asks?.(cast) ?? []
  const isAllowed = (url: string): boolean => allowed.some((one) => url.startsWith(one))
  expect(urls.filter((url) => !isAllowed(url) && !isTriedAgain(url))).toEqual([])
  return answer
}

/** The cast that all tests of a file share, once the first of them runs. */
export function shareCast(): () => Cast {
  let cast: Cast
  beforeAll(async () => {
    cast = await createCast()
  }, patience)
  afterAll(() => cast.flow.close())
  return () => cast
}

/** A test for each attack, named by what it is. */
export function testAttacks(cast: () => Cast, attacks: readonly Attack[]): void {
  test.each(attacks)(
    '%s',
    async (...attack) => {
      await expectNothing(cast(), attack)
    },
    patience,
  )
}

export const everybody = ['https://www.w3.org/ns/activitystreams#Public']

/** A note as `author` would write it. */
export const noteOf = (author: Account, more: Document = {}): Document => ({
  id: fresh(author),
  type: 'Note',
  attributedTo: author.id,
  content: '<p>forged</p>',
  to: everybody,
  ...more,
})

/** What eve says of what is not hers. */
export const eveSays =
  (activity: (cast: Cast) => Document) =>
  (cast: Cast): ReturnType<Attack[1]> =>
    says(cast.eve, activity(cast))

export const bobsHost = () => ['https://remote.example/']
export const carlsHost = () => ['https://third.example/']
export const evesHost = () => ['https://evil.example/']
