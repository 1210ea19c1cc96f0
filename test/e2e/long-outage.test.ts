import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Account, Sent } from '../fakes/fediverse.ts'
import { type LoopbackFediverse, startLoopbackFediverse } from '../fakes/loopback.ts'
import { findActor, ghostOf } from './support/fediverse.ts'
import type { MatrixEvent } from './support/matrix-client.ts'
import { describeWith } from './support/peers.ts'
import { ask, bodyOf, relationOf } from './support/scene.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

const away = 61_000
const names = ['gwen', 'hugo', 'iris'] as const
/** Messages of each of them. With an edit and a deletion that makes twelve activities. */
const words = Array.from({ length: 10 }, (_, n) => `word ${n}`)
const edited = 2
const deleted = 5

type Chat = { readonly account: Account; readonly roomId: string }

type Scene = {
  readonly stack: Stack
  readonly outside: LoopbackFediverse
  readonly alice: Guest
  readonly me: { readonly id: string; readonly name: string }
  readonly chats: readonly Chat[]
  /** What the bridge answered while the homeserver was away, and after how long. */
  readonly answers: { readonly status: number; readonly ms: number }[]
}

async function setUp(): Promise<Scene> {
  const stack = await startStack()
  const outside = await startLoopbackFediverse(stack.publicUrl, names.length)
  const alice = await stack.meet('alice')
  await ask(alice, 'register', 'On the fediverse you are now')
  const me = { id: await findActor(stack.publicUrl, alice.handle), name: alice.handle }
  const chats: Chat[] = []
  for (const [n, name] of names.entries()) {
    const account = outside.fediverse.account(name, outside.hosts[n] ?? '')
    const invite = [ghostOf({ name, id: account.id })]
    const roomId = await alice.client.createRoom({ is_direct: true, invite })
    await alice.client.text(roomId, 'before')
    chats.push({ account, roomId })
  }
  const { deliveries } = outside.fediverse
  await waitUntil('the chats', () => deliveries.length === names.length)
  return { stack, outside, alice, me, chats, answers: [] }
}

/** Everything that an account does meanwhile, in order. */
function* doings({ account }: Chat, { me }: Scene): Generator<Sent, undefined> {
  const notes: string[] = []
  for (const content of words) {
    const sent = account.post({ content, visibility: 'direct', mentions: [me] })
    notes.push(sent.object)
    yield sent
  }
  yield account.edit(notes[edited] ?? '', 'another word')
  yield account.delete(notes[deleted] ?? '')
  return undefined
}

/** They act in turn, spread over the minute; each activity is sent until it is taken. */
async function actMeanwhile(scene: Scene): Promise<void> {
  const { outside, chats, answers } = scene
  const turns = chats.map((chat) => doings(chat, scene))
  const pause = away / (words.length + 2)
  const end = Date.now() + away
  for (let turn = 1; turn <= words.length + 2; turn++) {
    for (const one of turns) {
      const { value } = one.next()
      if (value !== undefined) outside.fediverse.send(value)
    }
    const { waiting } = await outside.fediverse.flush(async (signed) => {
      const since = Date.now()
      const { status } = await outside.inbox(signed)
      answers.push({ status, ms: Date.now() - since })
      return { status }
    })
    expect(waiting).toBe(0)
    await sleep(Math.max(0, end - (words.length + 2 - turn) * pause - Date.now()))
  }
}

const isEdit = (event: MatrixEvent): boolean => relationOf(event)?.rel_type === 'm.replace'

/** What an account's ghost said since, in the room's order, an edit as `* words`, a deleted one empty. */
async function said({ account, roomId }: Chat, { alice }: Scene): Promise<readonly string[]> {
  const ghost = ghostOf({ name: account.username, id: account.id })
  const events = await alice.client.messages(roomId)
  return events
    .filter(({ sender, type }) => sender === ghost && type === 'm.room.message')
    .filter((event) => event.content['msgtype'] !== 'm.notice')
    .map((event) => (isEdit(event) ? bodyOf(event).slice(0, 20) : bodyOf(event)))
}

const wanted = [...words.with(deleted, ''), '* another word']

describeWith(['synapse'], 'a homeserver that is away for a minute', () => {
  const scenes = new Map<string, Scene>()
  const sceneOf = (name: string): Scene => {
    const scene = scenes.get(name)
    if (scene === undefined) throw new Error(`no scene ${name}`)
    return scene
  }

  beforeAll(async () => {
    const [frozen, killed] = await Promise.all([setUp(), setUp()])
    scenes.set('frozen', frozen).set('killed', killed)
    frozen.stack.homeserver.freeze()
    await killed.stack.homeserver.kill()
    await Promise.all([actMeanwhile(frozen), actMeanwhile(killed)])
    frozen.stack.homeserver.thaw()
    await killed.stack.homeserver.start()
    // That somebody writes tells that it is back; else it is asked again within half a minute.
    const [chat] = killed.chats
    await killed.alice.client.text(chat?.roomId ?? '', 'I am back')
  })
  afterAll(async () => {
    const end = async ({ stack, outside }: Scene): Promise<void> => {
      if (process.env['SHOW'] !== undefined) process.stdout.write(stack.bridge.output())
      stack.homeserver.thaw()
      await outside.stop()
      await stack.stop()
    }
    await Promise.all([...scenes.values()].map(end))
  })

  describe.each(['frozen', 'killed'])('and was %s', (name) => {
    test('keeps nobody on the fediverse waiting', () => {
      const { answers } = sceneOf(name)
      expect(answers.map(({ status }) => status)).toEqual(Array(36).fill(202))
      expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(5_000)
    })

    test('has everything once and in order when it is back', async () => {
      const scene = sceneOf(name)
      for (const chat of scene.chats) {
        const isDone = async (): Promise<boolean> => {
          const now = await said(chat, scene)
          return now.length >= wanted.length && now[deleted] === ''
        }
        await waitUntil(`all of ${chat.account.username}`, isDone, 60_000)
      }
      for (const chat of scene.chats) expect(await said(chat, scene)).toEqual(wanted)
    })

    test('takes what is written next, in both directions', async () => {
      const scene = sceneOf(name)
      const { outside, alice, me, chats } = scene
      const [chat] = chats
      if (chat === undefined) throw new Error('no chat')
      await alice.client.text(chat.roomId, 'after')
      const { deliveries } = outside.fediverse
      await waitUntil('the next message', () =>
        deliveries.some(
          ({ inbox, activity }) =>
            inbox === chat.account.inbox && JSON.stringify(activity).includes('after'),
        ),
      )
      outside.fediverse.send(
        chat.account.post({ content: 'and back', visibility: 'direct', mentions: [me] }),
      )
      await outside.fediverse.flush(outside.inbox)
      await waitUntil('the answer', async () => (await said(chat, scene)).at(-1) === 'and back')
      expect(outside.fediverse.refusals).toEqual([])
    })
  })
})
