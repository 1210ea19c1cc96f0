import { setTimeout as sleep } from 'node:timers/promises'
import type { Account } from '../../fakes/fediverse.ts'
import { type LoopbackFediverse, startLoopbackFediverse } from '../../fakes/loopback.ts'
import { findActor, ghostOf } from './fediverse.ts'
import type { MatrixClient } from './matrix-client.ts'
import { bodyOf } from './scene.ts'
import type { Guest, Stack } from './stack.ts'
import { waitUntil } from './wait.ts'

export type SoakOptions = {
  /** In each direction. */
  readonly events: number
  /** Between a start of the bridge and its death, milliseconds: at least, at most. */
  readonly life: readonly [number, number]
  readonly rooms?: number
  /** After the last event was sent, milliseconds. */
  readonly patience?: number
  readonly say?: (line: string) => void
}

/** What became of the events of one direction. */
export type Tally = {
  readonly sent: number
  readonly arrived: number
  readonly lost: number
  readonly doubled: number
  /** Rooms in which something stands before what was sent earlier. */
  readonly disordered: number
}

export type SoakReport = {
  readonly toMatrix: Tally
  readonly toFediverse: Tally
  readonly kills: number
  /** Deliveries repeated under the same id because their answer was cut off. */
  readonly repeated: number
  readonly seconds: number
}

type Chat = { readonly client: MatrixClient; readonly roomId: string; readonly account: Account }

/** Starts a chat of this user with that account. */
async function startChat(guest: Guest, account: Account): Promise<Chat> {
  const { client } = guest
  const ghost = ghostOf({ name: account.username, id: account.id })
  const roomId = await client.createRoom({ is_direct: true, invite: [ghost] })
  await client.text(roomId, 'hello')
  return { client, roomId, account }
}

const textFor = (n: number): string => `number ${n}`
const numberIn = (text: string): number => Number(/number (\d+)/.exec(text)?.[1])

function tally(sent: number, rooms: readonly (readonly number[])[]): Tally {
  const all = rooms.flat()
  const distinct = rooms.reduce((sum, room) => sum + new Set(room).size, 0)
  const isDisordered = (room: readonly number[]) =>
    [...new Set(room)].some((n, i, list) => i > 0 && n < (list[i - 1] ?? 0))
  return {
    sent,
    arrived: distinct,
    lost: sent - distinct,
    doubled: all.length - distinct,
    disordered: rooms.filter(isDisordered).length,
  }
}

/** What a room shows of the account, oldest first. */
async function shownIn({ client, roomId, account }: Chat): Promise<number[]> {
  const ghost = ghostOf({ name: account.username, id: account.id })
  return (await client.messages(roomId))
    .filter(({ sender, type }) => sender === ghost && type === 'm.room.message')
    .map((event) => numberIn(bodyOf(event)))
    .filter((n) => !Number.isNaN(n))
}

/** What an account got, in order; a repetition under the same id is the same delivery. */
function deliveredTo({ account }: Chat, outside: LoopbackFediverse) {
  const found = outside.fediverse.deliveries.filter(
    ({ inbox, activity }) => inbox === account.inbox && activity['type'] === 'Create',
  )
  const texts = new Map(
    found.map(({ activity }) => [activity['id'], JSON.stringify(activity['object'])]),
  )
  const numbers = [...texts.values()].map(numberIn).filter((n) => !Number.isNaN(n))
  return { numbers, repeated: found.length - texts.size }
}

/** Kills the bridge again and again, until `isOver`; answers how often. */
async function killAtRandom(
  { bridge }: Stack,
  [least, most]: SoakOptions['life'],
  isOver: () => boolean,
): Promise<number> {
  let kills = 0
  for (;;) {
    await sleep(least + Math.random() * (most - least))
    if (isOver()) return kills
    await bridge.kill9()
    await bridge.restart()
    kills += 1
  }
}

type Talk = {
  readonly chats: readonly Chat[]
  readonly events: number
  readonly outside: LoopbackFediverse
  readonly me: { readonly id: string; readonly name: string }
}

/** Each room gets every n-th event, one after another. */
async function talk({ chats, events, outside, me }: Talk): Promise<void> {
  const { fediverse, inbox } = outside
  let isTalking = true
  const pump = async (): Promise<void> => {
    while (isTalking || fediverse.waiting() > 0) {
      const { taken } = await fediverse.flush(inbox)
      if (taken === 0) await sleep(100)
    }
  }
  const converse = async (chat: Chat, first: number): Promise<void> => {
    for (let n = first; n < events; n += chats.length) {
      await chat.client.text(chat.roomId, textFor(n))
      const post = { content: textFor(n), visibility: 'direct', mentions: [me] } as const
      fediverse.send(chat.account.post(post))
    }
  }
  const pumping = pump()
  await Promise.all(chats.map(converse))
  isTalking = false
  await pumping
}

/** Talks in both directions while the bridge is killed at random, and counts what arrived. */
export async function soak(stack: Stack, options: SoakOptions): Promise<SoakReport> {
  const { events, life, rooms = 10, patience = 120_000, say = () => undefined } = options
  const outside = await startLoopbackFediverse(stack.publicUrl, 2)
  const alice = await stack.meet('alice')
  await alice.command('register')
  const me = { id: await findActor(stack.publicUrl, alice.handle), name: alice.handle }
  const accounts = Array.from({ length: rooms }, (_, i) =>
    outside.fediverse.account(`bob${i}`, outside.hosts[i % outside.hosts.length] ?? ''),
  )
  const chats: Chat[] = []
  for (const account of accounts) chats.push(await startChat(alice, account))
  await waitUntil('the chats', () => outside.fediverse.deliveries.length >= rooms)
  say(`${rooms} chats; ${events} events in each direction`)

  const started = Date.now()
  let isOver = false
  const killing = killAtRandom(stack, life, () => isOver)
  await talk({ chats, events, outside, me }).finally(() => (isOver = true))
  say(`all sent after ${Math.round((Date.now() - started) / 1000)} s`)
  const kills = await killing
  const report = async (): Promise<SoakReport> => {
    const shown = await Promise.all(chats.map(shownIn))
    const delivered = chats.map((chat) => deliveredTo(chat, outside))
    return {
      toMatrix: tally(events, shown),
      toFediverse: tally(
        events,
        delivered.map(({ numbers }) => numbers),
      ),
      kills,
      repeated: delivered.reduce((sum, { repeated }) => sum + repeated, 0),
      seconds: Math.round((Date.now() - started) / 1000),
    }
  }
  const isComplete = ({ toMatrix, toFediverse }: SoakReport): boolean =>
    toMatrix.lost + toFediverse.lost === 0
  await waitUntil('everything to arrive', async () => isComplete(await report()), patience).catch(
    () => undefined,
  )
  await outside.stop()
  return report()
}
