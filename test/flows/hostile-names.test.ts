import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse-account.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { dangersInMessage, dangersInName } from '../support/dangers.ts'
import { createFlow, type Flow } from './setup.ts'

const patience = 60_000

let flow: Flow
let alice: FakeUser
let eve: Account
let room: RoomId

beforeAll(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  eve = flow.account('eve', 'evil.example')
  await flow.publish(alice)
  room = await flow.follow(alice, eve)
  await flow.gain(alice, eve)
}, patience)
afterAll(() => flow.close())

/** What stands last in a room under that name. */
function stateOf(type: string, stateKey = ''): Readonly<Record<string, unknown>> {
  const found = flow.homeserver
    .timeline(room)
    .findLast((event) => event['type'] === type && event['state_key'] === stateKey)
  return { ...(found?.['content'] as object) }
}

/** Everything that every user of ours reads in any room since then. */
const noticesSince = (before: ReadonlyMap<RoomId, number>) =>
  alice
    .rooms('join')
    .flatMap((roomId) => flow.messages(roomId).slice(before.get(roomId) ?? 0))
    .map(({ content }) => content)
const lengths = () =>
  new Map(alice.rooms('join').map((roomId) => [roomId, flow.messages(roomId).length]))

test.each([
  ['Footbridge', '@eve@evil.example'],
  ['Fооtbridge\u200b', '@eve@evil.example'],
  ['@alice:hs.test', '@eve@evil.example'],
  ['!ap unfollow @eve@evil.example', '@eve@evil.example'],
  ['@room', '@eve@evil.example'],
  ['\u202eecilA', 'ecilA'],
  ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ['`</code>` [x](javascript:alert(1))', '`</code>` [x](javascript:alert(1))'],
  ['Eve\n\nFootbridge: your session ended', 'Eve Footbridge: your session ended'],
  ['\u3164', 'eve'],
  [`Z${'\u0336'.repeat(300)}`, `Z${'\u0336'.repeat(4)}`],
  ['\ud800Eve\u0000', '\ufffdEve'],
])(
  'an account that calls itself %j passes for nobody',
  async (name, shown) => {
    const before = lengths()
    const profile = { name, summary: `<p>\u202e${name}</p><script>alert(1)</script>` }
    await flow.tell(eve.updateProfile(profile))
    await flow.minutes(10)
    await flow.tell(
      eve.post({
        content: `hello ${name}`,
        mentions: [{ id: await flow.actorOf(alice), name }],
      }),
    )
    await flow.command(alice, 'following')
    await flow.command(alice, `info ${eve.handle}`)
    const member = stateOf('m.room.member', flow.ghostOf(eve))
    expect([member['displayname'], stateOf('m.room.name')['name']]).toEqual([shown, shown])
    expect(dangersInName(String(stateOf('m.room.topic')['topic']))).toEqual([])
    const notices = noticesSince(before)
    expect(notices.length).toBeGreaterThan(1)
    const ours = (mxc: string): boolean => mxc.startsWith('mxc://hs.test/')
    expect(notices.flatMap((content) => dangersInMessage(content, ours, false))).toEqual([])
    for (const content of notices.filter(({ msgtype }) => msgtype === 'm.notice'))
      expect(dangersInName(String(content['body']).replaceAll('\n', ' '))).toEqual([])
  },
  patience,
)
