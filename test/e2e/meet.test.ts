import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { call } from './support/json-http.ts'
import { describeWith } from './support/peers.ts'
import {
  ask,
  bodiesIn,
  bodyOf,
  faultsOf,
  idOf,
  openProfile,
  relationOf,
  shown,
} from './support/scene.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

describeWith(['synapse'], 'meeting the bot', () => {
  let stack: Stack
  let alice: Guest

  beforeAll(async () => {
    stack = await startStack()
    alice = await stack.meet('alice')
  })
  afterAll(() => stack.stop())

  const finger = async (name: string): Promise<number> => {
    const resource = `acct:${name}@${stack.handleDomain}`
    const url = `${stack.publicUrl}/.well-known/webfinger?resource=${encodeURIComponent(resource)}`
    return (await call({ url })).status
  }

  test('it joins and says in five lines who one is and how to begin', async () => {
    const [welcome = ''] = await bodiesIn(alice.client, alice.management)
    const lines = welcome.split('\n')
    expect(lines).toHaveLength(5)
    expect(welcome).toContain(alice.handle)
    for (const command of ['`follow @user@host`', '`publish`', '`help`'])
      expect(welcome).toContain(command)
    expect(await finger('alice')).toBe(404)
  })

  test('it explains all commands, one command, and what was mistyped', async () => {
    expect(await ask(alice, 'help', 'unfollow')).toContain('`follow <@user@host>')
    expect(await ask(alice, '!help publish', 'publish')).toContain('`publish`')
    expect(await ask(alice, 'folow @a@b.example', 'Did you mean')).toContain('`follow`')
  })

  test('it answers in other rooms to what begins with its prefix, and to nothing else', async () => {
    const bob = await stack.homeserver.register('prefix')
    const room = await alice.client.createRoom({
      preset: 'trusted_private_chat',
      invite: [stack.botId, bob.userId],
    })
    await bob.join(room)
    await waitUntil(
      'the bot in the room',
      async () => (await alice.client.members(room)).get(stack.botId) === 'join',
    )
    await alice.client.text(room, 'whoami')
    const asked = await alice.client.text(room, '!ap whoami')
    const answer = await shown(alice.client, room, 'Nobody on the fediverse knows you yet')
    expect(relationOf(answer)).toEqual({ 'm.in_reply_to': { event_id: asked } })
    expect(answer.content['msgtype']).toBe('m.notice')
    const said = (await alice.client.messages(room)).filter((e) => e.sender === stack.botId)
    expect(said.filter(({ type }) => type === 'm.room.message')).toHaveLength(1)
  })

  test('register makes an account and shows its address', async () => {
    expect(await ask(alice, 'register', 'you are now')).toContain(alice.handle)
    expect(await finger('alice')).toBe(200)
    expect(await ask(alice, 'register', 'already')).toContain(alice.handle)
    expect(await ask(alice, 'whoami', 'you are')).toContain(alice.handle)
  })

  test('who is nobody and writes where it would be published is told once, and nothing is sent', async () => {
    const bob = await stack.homeserver.register('bob')
    const profile = await openProfile(alice)
    await alice.client.text(profile, 'a post')
    await alice.client.invite(profile, bob.userId)
    await bob.join(profile)
    const first = await bob.text(profile, 'who hears this?')
    const notice = await shown(bob, profile, 'Not sent')
    expect(bodyOf(notice)).toContain(`@bob@${stack.handleDomain}`)
    expect(relationOf(notice)).toEqual({ 'm.in_reply_to': { event_id: first } })
    await bob.text(profile, 'and this?')
    await alice.client.text(profile, '!a line for the bot')
    await alice.client.text(profile, 'the last post')
    const published = await waitUntil('the last post in the outbox', async () => {
      const actor = await call({
        url: `${stack.publicUrl}/@alice`,
        accept: 'application/activity+json',
      })
      const { outbox } = actor.body as { outbox: string }
      const { text } = await call({ url: `${outbox}?page=1`, accept: 'application/activity+json' })
      return text.includes('the last post') && text
    })
    expect(published).toContain('a post')
    expect(published).not.toContain('hears this')
    expect(published).not.toContain('for the bot')
    expect((await bodiesIn(bob, profile)).filter((body) => body.includes('Not sent'))).toHaveLength(
      1,
    )
    expect(await finger('bob')).toBe(404)
    expect((await bob.seen()).map(idOf)).toContain(idOf(notice))
  })

  test('all it says are notices that ping nobody by accident', async () => {
    expect(faultsOf(await alice.client.seen(), stack.botId)).toEqual([])
  })
})
