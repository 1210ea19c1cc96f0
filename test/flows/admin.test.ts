import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Account } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import { createFlow, type Flow } from './setup.ts'

let flow: Flow
let alice: FakeUser
let admin: FakeUser
let bob: Account

beforeEach(async () => {
  flow = await createFlow()
  alice = flow.user('alice')
  admin = flow.user('admin')
  flow.permissions.set(admin.userId, 'admin')
  bob = flow.account('bob', 'remote.example')
})
afterEach(() => flow.close())

const ask = async (line: string) => (await flow.command(admin, line)).at(-1) ?? ''
const typed = (...words: readonly string[]) => flow.typed(words)

describe('what is typed at the machine', () => {
  test('is answered as in the chat', async () => {
    await flow.follow(alice, bob)
    for (const line of [
      'failed',
      'blocked-domains',
      'reports',
      'actor @bob@remote.example',
      'log-level',
    ])
      expect([line, await typed(...line.split(' '))]).toEqual([
        line,
        { end: 'done', text: await ask(line) },
      ])
  })

  test('is done, with every word of free text', async () => {
    const { end } = await typed('block-domain', 'spam.example', '--silence', 'so much spam')
    expect(end).toBe('done')
    expect(await ask('blocked-domains')).toContain(
      'spam.example: its people reach only those who follow them, and ask before they follow (so much spam)',
    )
  })

  test('lists what there is: nothing of what people do for themselves', async () => {
    const { text } = await typed('help')
    expect(text).toContain('failed [number]')
    expect(text).not.toContain('follow')
    expect(text).not.toContain('import-blocks')
    expect((await typed('help', 'prune')).text).toContain('Posts in rooms stay.')
  })

  test.each([
    [['folow'], /^There is no `folow` here\. `footbridge admin` lists what there is\.$/],
    [['follow', '@bob@remote.example'], /^There is no `follow` here\. [^\n]+$/],
    [['faild'], /^There is no `faild` here\. Did you mean `failed`\?$/],
    [['help', 'faild'], /^There is no `faild` here\. Did you mean `failed`\?$/],
    [['blocklist', 'add', 'http://lists.example/a.csv'], /: `blocklist \[try <https:/],
    [['import-blocks'], /^`import-blocks` takes a file: ask the bot in your chat with it\.$/],
    [['import-blocks', '--try'], /^`import-blocks` takes a file/],
    [['help', 'import-blocks'], /^`import-blocks` takes a file/],
    [['failed', 'show'], /It is written like this/],
    [['queue', 'x'], /It is written like this/],
    [['prune', 'later'], /It is written like this/],
    [['log-level', 'loud'], /It is written like this/],
    [['room', 'x'], /It is written like this/],
  ])('%j is no command', async (words, text) => {
    expect(await typed(...words)).toEqual({ end: 'usage', text: expect.stringMatching(text) })
  })

  test('that cannot be done failed, and says why', async () => {
    expect(await typed('refresh', '@nobody@remote.example')).toEqual({
      end: 'failed',
      text: expect.stringContaining('nobody@remote.example answers no fediverse lookup'),
    })
  })

  test('that needs a server which is away failed', async () => {
    flow.close()
    flow = await createFlow({ isAway: (side) => side === 'remote.example' })
    expect(await flow.typed(['refresh', '@bob@remote.example'])).toEqual({
      end: 'failed',
      text: 'remote.example does not answer right now. Try it later.',
    })
  })
})

test('an account of another server: what is known, and its new name after a refresh', async () => {
  const portal = await flow.follow(alice, bob)
  const known = await ask('actor @bob@remote.example')
  expect(known.split('\n')).toEqual([
    expect.stringMatching(
      /^@bob@remote\.example, a person( called .+)?: https:\/\/remote\.example\//,
    ),
    `On Matrix: ${flow.ghostOf(bob)}`,
    expect.stringMatching(/^Server: remote\.example, \S+/),
    expect.stringMatching(/^As of 2026-01-05/),
    'Here: followed by 1, follows 0',
    `Its room: \`${portal}\``,
    '`refresh @bob@remote.example` asks its server anew.',
  ])
  expect(await ask(`actor ${flow.ghostOf(bob)}`)).toBe(known)
  Object.assign(bob.profile, { name: 'Robert' })
  expect(await ask('refresh @bob@remote.example')).toContain('Its server is asked.')
  await flow.minutes(1)
  expect(await ask('actor @bob@remote.example')).toContain('a person called Robert: ')
})

test('somebody here, and somebody who has no account', async () => {
  const profile = await flow.publish(alice)
  await flow.gain(alice, bob)
  const facts = await ask('user @alice:hs.test')
  expect(facts).toContain('@alice@bridge.example: https://bridge.example/actors/')
  expect(facts).toContain('On Matrix: @alice:hs.test, with the permission `user`')
  expect(facts).toContain('Followed by 1, follows 0')
  expect(facts).toContain(`Public room: \`${profile}\``)
  expect(await ask('user @alice@bridge.example')).toBe(facts)
  expect(await ask('actor @alice@bridge.example')).toContain('is on this server')
  expect(await ask('user @nobody:hs.test')).toBe(
    '`@nobody:hs.test` has no account here. Their permission is `user`.',
  )
  expect(await ask('user nobody')).toBe('There is no account `nobody` on this server.')
})

test('a room: what it is for and who is in it', async () => {
  const portal = await flow.follow(alice, bob)
  await flow.tell(bob.post())
  const text =
    'The room of @bob@remote.example\nIn it: 1 of Matrix, 1 of the fediverse, and me; invited: 0'
  expect(await ask(`room ${portal}`)).toBe(text)
  expect(await ask(`room #${flow.ghostOf(bob).slice(1)}`)).toBe(text)
  expect(await ask('room !other:hs.test')).toContain('is no room of mine')
  expect(await ask('room #other:hs.test')).toContain('leads to no room')
  expect(await ask(`room ${await flow.chat(alice)}`)).toContain(
    'The chat of @alice:hs.test with me',
  )
})

test('a room of an account is ended: its readers follow it no more, and all of ours are out', async () => {
  const carol = flow.user('carol')
  const portal = await flow.follow(alice, bob)
  await flow.command(carol, `follow ${bob.handle} --home`)
  await flow.tell(bob.post({ content: 'before' }))
  expect(await ask(`unbridge ${portal}`)).toBe('The room of @bob@remote.example ends now.')
  await flow.minutes(1)
  expect(flow.received(bob, 'Undo')).toHaveLength(1)
  expect(flow.homeserver.members(portal, 'join').filter((one) => one !== alice.userId)).toEqual([])
  expect(flow.bodies(await flow.chat(alice)).at(-1)).toContain(
    'The admin of this server has ended the room of @bob@remote.example',
  )
  expect(flow.bodies(portal)).toContain('before')
  const lines = flow.bodies(portal).length
  await flow.tell(bob.post({ content: 'after' }))
  expect(flow.bodies(portal)).toHaveLength(lines)
  expect(await ask(`unbridge ${portal}`)).toContain('is no room of mine')
  // Who reads it at home goes on.
  expect(await flow.command(carol, 'following')).toEqual([expect.stringContaining('@bob')])
})

test('a public room is ended, and may be opened anew', async () => {
  const profile = await flow.publish(alice)
  await flow.gain(alice, bob)
  expect(await ask(`unbridge ${profile}`)).toBe('The public room of @alice:hs.test ends now.')
  await flow.minutes(1)
  alice.say(profile, 'anybody there')
  await flow.quiet()
  expect(flow.received(bob, 'Create')).toEqual([])
  const next = await flow.publish(alice)
  expect(next).not.toBe(profile)
  alice.say(next, 'here again')
  await flow.quiet()
  expect(flow.received(bob, 'Create')).toHaveLength(1)
})

test('the chat of somebody with the bot is not ended', async () => {
  expect(await ask(`unbridge ${await flow.chat(alice)}`)).toContain('it cannot be ended')
})

test('what nobody uses is counted first, and forgotten when it is said so', async () => {
  flow.fediverse.server('remote.example')
  await flow.command(alice, `follow ${bob.handle}`)
  await flow.command(alice, `unfollow ${bob.handle}`)
  const carl = flow.account('carl', 'other.example')
  await flow.follow(alice, carl)
  await ask(`refresh ${flow.account('dora', 'third.example').handle}`)
  await flow.hours(24 * 40)
  const counted = await ask('prune --days 30')
  expect(counted).toMatch(
    /^Unused for 30 days, and forgotten by `prune now --days 30`:\n1 account of another server\n/,
  )
  expect(await ask('prune')).toMatch(/^Unused for 90 days, .*\n0 accounts/)
  expect(await ask('prune --days 30')).toBe(counted)
  expect(await ask('prune now --days 30')).toMatch(/^Forgotten:\n1 account of another server\n/)
  expect(await ask('prune --days 30')).toMatch(/\n0 accounts/)
  expect(await ask('actor @dora@third.example')).toContain('is not known here')
  expect(await ask('actor @carl@other.example')).toContain('Here: followed by 1')
})

test('nobody else is told any of it', async () => {
  for (const line of ['stats', 'actor @bob@remote.example', 'backup', 'prune now', 'log-level'])
    expect((await flow.command(alice, line)).at(-1)).toContain('I do not know')
})
