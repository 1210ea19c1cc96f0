import { afterEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { asActorId, type RoomId } from '../../src/model/ids.ts'
import { bot, createFlow, type Flow } from './setup.ts'

type Json = Readonly<Record<string, unknown>>
type Version = '10' | '11' | '12'

let flow: Flow
let alice: FakeUser
let admin: FakeUser
let self: FakeUser
let bob: Account
let from: RoomId
let oldPost: string

/** What stands in a room's state now. */
function stateOf(roomId: RoomId, type: string, stateKey = ''): Json | undefined {
  const found = flow.homeserver
    .timeline(roomId)
    .findLast((event) => event['type'] === type && event['state_key'] === stateKey)
  return found?.['content'] as Json | undefined
}

const levelsIn = (roomId: RoomId): Json => stateOf(roomId, 'm.room.power_levels') ?? {}
const usersIn = (roomId: RoomId): Json => (levelsIn(roomId)['users'] ?? {}) as Json

/** As Synapse's admin API gives somebody the power of a room. */
const empower = (user: FakeUser, power: number): void => {
  const users = { ...usersIn(from), [user.userId]: power }
  self.setState(from, 'm.room.power_levels', { ...levelsIn(from), users })
}

type Upgrade = {
  readonly version?: Version
  readonly predecessor?: string
  readonly creators?: readonly string[]
  readonly state?: Readonly<Record<string, Json>>
  readonly levels?: Json
  readonly isMuted?: boolean
}

/** As Synapse does it: a copy, the tombstone, and nobody speaks in the old room any more. */
function upgrade(user: FakeUser, options: Upgrade = {}): RoomId {
  const { version = '11', predecessor = from, creators, state = {}, isMuted = true } = options
  const copied = ['m.room.join_rules', 'm.room.history_visibility', 'm.room.guest_access']
  const above = version === '12' ? [user.userId, ...(creators ?? [])] : []
  const users = Object.fromEntries(
    Object.entries({
      ...usersIn(from),
      ...(version === '12' ? {} : { [user.userId]: 100 }),
    }).filter(([userId]) => !above.includes(userId)),
  )
  const to = user.createRoom({
    room_version: version,
    creation_content: {
      predecessor: { room_id: predecessor },
      ...(creators === undefined ? {} : { additional_creators: creators }),
    },
    power_level_content_override: { ...levelsIn(from), users, ...options.levels },
    initial_state: copied.map((type) => ({
      type,
      state_key: '',
      content: state[type] ?? stateOf(from, type) ?? {},
    })),
  })
  user.setState(from, 'm.room.tombstone', { body: 'replaced', replacement_room: to })
  if (isMuted) user.setState(from, 'm.room.power_levels', { ...levelsIn(from), events_default: 50 })
  return to
}

async function begin(
  roomVersion: Version,
  options: Parameters<typeof createFlow>[1] = {},
): Promise<void> {
  flow = await createFlow({}, { ...options, roomVersion })
  alice = flow.user('alice')
  admin = flow.user('admin')
  self = flow.homeserver.addUser(bot)
  bob = flow.account('bob', 'remote.example')
  from = await flow.follow(alice, bob)
  await flow.follow(admin, bob)
  const sent = bob.post({ content: 'in the old room' })
  oldPost = sent.object
  await flow.tell(sent)
}
afterEach(() => flow.close())

async function roomNow(): Promise<RoomId | undefined> {
  return (await flow.store.findPortal({ kind: 'actor', actorId: asActorId(bob.id) }))?.roomId
}

/** All of it: the portal, its readers, its alias and what it says of itself. */
async function expectMoved(to: RoomId): Promise<void> {
  expect(await roomNow()).toBe(to)
  expect(flow.portalOf(bob)).toBe(to)
  expect(flow.invitesOf(alice)).toContain(to)
  alice.join(to)
  await flow.tell(bob.post({ content: 'in the new room' }))
  expect(flow.bodies(to)).toContain('in the new room')
  const bridged = flow.homeserver.timeline(to).filter(({ type }) => type === 'm.bridge')
  expect(bridged).toHaveLength(1)
  expect(flow.bodies(from).filter((body) => body.includes('goes on in another one'))).toHaveLength(
    1,
  )
  // What was deleted stands in neither room.
  await flow.tell(bob.delete(oldPost))
  expect(flow.bodies(from).join()).not.toContain('in the old room')
  // What is answered there reaches the account.
  alice.reply(to, flow.eventOf(to, 'in the new room'), 'an answer')
  await flow.quiet()
  expect(flow.received(bob, 'Create')).toHaveLength(1)
  expect(await flow.failures()).toEqual([])
}

describe.each(['10', '11', '12'] as const)('a room of version %s', (version) => {
  test.each(['10', '11', '12'] as const)(
    'that a tool upgrades in the name of the bot to version %s is followed',
    async (next) => {
      await begin(version)
      const to = upgrade(self, { version: next })
      await flow.minutes(1)
      await expectMoved(to)
    },
  )

  test('that an admin upgrades is followed once the bot is invited, across a crash', async () => {
    await begin(version)
    empower(admin, version === '12' ? 150 : 100)
    const to = upgrade(admin, version === '12' ? { version, creators: [bot] } : { version })
    await flow.minutes(5)
    expect(await roomNow()).toBe(from)
    flow.crash(1_000)
    admin.invite(to, bot)
    await flow.minutes(2)
    await expectMoved(to)
    // It is no chat with the bot, although both are in it alone at first.
    expect((await flow.command(admin, 'help')).length).toBeGreaterThan(0)
  })

  test('with posts under way loses none of them', async () => {
    await begin(version)
    flow.senders.send(bob.post({ content: 'just before' }))
    const to = upgrade(self, { version, isMuted: false })
    flow.senders.send(bob.post({ content: 'just after' }))
    flow.crash(1_000)
    await flow.minutes(2)
    await flow.tell(bob.post({ content: 'later' }))
    const said = [...flow.bodies(from), ...flow.bodies(to)]
    for (const word of ['just before', 'just after', 'later'])
      expect(said.filter((body) => body === word)).toHaveLength(1)
    expect(flow.bodies(to)).toContain('later')
  })
})

test.each(['roomState', 'join', 'moveAlias', 'setState', 'members', 'findImagePacks'] as const)(
  'a bridge that dies after %s goes on with the upgrade when it is back',
  async (name) => {
    let isArmed = false
    await begin('11', {
      sabotage({ deps: { homeserver } }) {
        const before = homeserver[name] as (...given: readonly unknown[]) => Promise<unknown>
        const dying = async (...given: readonly unknown[]): Promise<unknown> => {
          const result = await before(...given)
          if (isArmed) flow.crash(1_000)
          isArmed = false
          return result
        }
        Object.assign(homeserver, { [name]: dying })
      },
    })
    const to = upgrade(self)
    isArmed = true
    await flow.minutes(5)
    expect(isArmed).toBe(false)
    await expectMoved(to)
  },
)

describe('is not followed', () => {
  type Row = readonly [string, Upgrade]
  test.each<Row>([
    ['a room that does not come after it', { predecessor: '!other:hs.test' }],
    [
      'a room with more power for somebody',
      { levels: { users: { [bot]: 100, '@admin:hs.test': 100, '@alice:hs.test': 50 } } },
    ],
    ['a room where the bot may do nothing', { levels: { users: { '@admin:hs.test': 100 } } }],
    ['a room for everybody', { state: { 'm.room.join_rules': { join_rule: 'public' } } }],
    [
      'a room that everybody may read',
      { state: { 'm.room.history_visibility': { history_visibility: 'world_readable' } } },
    ],
    [
      'a room that admits guests',
      { state: { 'm.room.guest_access': { guest_access: 'can_join' } } },
    ],
    ['a room of another creator', { version: '12', creators: [bot, '@mallory:hs.test'] }],
  ])('%s: posts go on in the old one', async (_title, options) => {
    await begin('11')
    empower(admin, 100)
    const to = upgrade(admin, { isMuted: false, ...options })
    admin.invite(to, bot)
    await flow.minutes(2)
    expect(await roomNow()).toBe(from)
    await flow.tell(bob.post({ content: 'stays here' }))
    expect(flow.bodies(from)).toContain('stays here')
    expect(flow.bodies(from).filter((body) => body.includes('I do not follow'))).toHaveLength(1)
    expect(self.rooms('join')).not.toContain(to)
  })

  test('and where nobody may speak any more, the next post opens another room', async () => {
    await begin('11')
    empower(admin, 100)
    const to = upgrade(admin, { predecessor: '!other:hs.test' })
    admin.invite(to, bot)
    await flow.minutes(2)
    await flow.tell(bob.post({ content: 'somewhere else' }))
    await flow.minutes(1)
    const next = await roomNow()
    expect([from, to, undefined]).not.toContain(next)
    expect(flow.bodies(next ?? from)).toEqual(['somewhere else'])
    expect(flow.invitesOf(alice)).toContain(next)
  })

  test('a tombstone that does not stand there, by somebody without power, or in a circle', async () => {
    await begin('11')
    const to = alice.createRoom({ creation_content: { predecessor: { room_id: from } } })
    alice.invite(to, bot)
    const head = { room_id: from, sender: alice.userId, type: 'm.room.tombstone', state_key: '' }
    const at = { origin_server_ts: flow.time.now(), event_id: '$forged' }
    const push = async (replacement: string, more: Json = {}): Promise<void> => {
      const event = { ...head, ...at, content: { replacement_room: replacement }, ...more }
      const answered = flow.push([event])
      await flow.quiet()
      await answered
    }
    await push(to)
    await push(to, { event_id: '$forged2', sender: bot })
    self.setState(from, 'm.room.tombstone', { replacement_room: from })
    await flow.minutes(3)
    expect(await roomNow()).toBe(from)
    await flow.tell(bob.post({ content: 'stays here' }))
    expect(flow.bodies(from)).toContain('stays here')
    expect(await flow.failures()).toEqual([])
  })
})

test('a home room and a profile are followed, with their owner', async () => {
  await begin('11')
  const home = await flow.followHome(alice, flow.account('carl', 'remote.example'))
  from = home
  const nextHome = upgrade(self)
  await flow.minutes(1)
  expect(flow.invitesOf(alice)).toContain(nextHome)
  alice.join(nextHome)
  await flow.tell(flow.account('carl', 'remote.example').post({ content: 'at home' }))
  expect(flow.bodies(nextHome)).toContain('at home')
  const profile = await flow.publish(alice)
  await flow.gain(alice, bob)
  from = profile
  const next = upgrade(self)
  await flow.minutes(1)
  alice.join(next)
  alice.say(next, 'from the new room')
  await flow.quiet()
  expect(flow.received(bob, 'Create')).toHaveLength(1)
  alice.say(profile, 'from the old one')
  await flow.quiet()
  expect(flow.received(bob, 'Create')).toHaveLength(1)
})

test('a chat that its owner upgrades goes on where its people are invited', async () => {
  await begin('11')
  const ghost = flow.ghostOf(bob)
  const chat = alice.createDm(ghost)
  await flow.quiet()
  alice.say(chat, 'hello')
  await flow.quiet()
  const to = alice.createRoom({
    creation_content: { predecessor: { room_id: chat } },
    preset: 'trusted_private_chat',
    is_direct: true,
  })
  alice.setState(chat, 'm.room.tombstone', { replacement_room: to })
  alice.invite(to, ghost)
  await flow.quiet()
  alice.say(to, 'hello again')
  await flow.quiet()
  expect(flow.received(bob, 'Create')).toHaveLength(2)
  const alices = { id: await flow.actorOf(alice), name: '@alice@bridge.example' }
  await flow.tell(bob.post({ content: 'hello back', visibility: 'direct', mentions: [alices] }))
  expect([flow.bodies(chat).includes('hello back'), flow.bodies(to).at(-1)]).toEqual([
    false,
    'hello back',
  ])
})
