import { beforeEach, describe, expect, test } from '@jest/globals'
import { createManualClock, type ManualClock } from '../support/clock.ts'
import { createTurns, type Release, type Turns } from '../../src/web/turns.ts'

const limits = {
  perClient: 2,
  inAll: 3,
  longestWait: 1_000,
  waitingPerClient: 2,
  waitingInAll: 3,
}
const never = new AbortController().signal

let clock: ManualClock
let turns: Turns
beforeEach(() => {
  clock = createManualClock()
  turns = createTurns(limits, clock)
})

/** Lets everything happen that waits for nothing. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

async function taken(client: string): Promise<Release> {
  const release = await turns.take(client, never)
  if (release === undefined) throw new Error(`no turn for ${client}`)
  return release
}

/** Joins the line; what came of it so far. */
function joins(client: string, signal = never): () => string {
  let outcome = 'waits'
  void turns.take(client, signal).then((release) => {
    outcome = release === undefined ? 'refused' : 'works'
  })
  return () => outcome
}

describe('turns', () => {
  test('one client does not take them all', async () => {
    await taken('a')
    await taken('a')
    const third = joins('a')
    const other = joins('b')
    await settle()
    expect([third(), other()]).toEqual(['waits', 'works'])
  })

  test('who waits goes on when another ends, in the order of coming', async () => {
    const [first] = [await taken('a'), await taken('a'), await taken('b')]
    const waiting = [joins('b'), joins('c'), joins('a')]
    await settle()
    first()
    await settle()
    expect(waiting.map((one) => one())).toEqual(['works', 'waits', 'waits'])
  })

  test('a turn that ends twice frees one place', async () => {
    const [first] = [await taken('a'), await taken('b'), await taken('c')]
    first()
    first()
    const waiting = [joins('d'), joins('e')]
    await settle()
    expect(waiting.map((one) => one())).toEqual(['works', 'waits'])
  })

  test('nobody waits for ever', async () => {
    await taken('a')
    await taken('a')
    const waiting = joins('a')
    await settle()
    await clock.advance(limits.longestWait)
    await settle()
    expect(waiting()).toBe('refused')
  })

  test('who leaves the line takes no turn', async () => {
    const [first] = [await taken('a'), await taken('a')]
    const gone = new AbortController()
    const waiting = joins('a', gone.signal)
    await settle()
    gone.abort()
    await settle()
    first()
    const next = joins('a')
    await settle()
    expect([waiting(), next()]).toEqual(['refused', 'works'])
    expect(await turns.take('b', gone.signal)).toBeUndefined()
  })

  test('the line has an end, for one client and for all', async () => {
    for (const client of ['a', 'a', 'b']) await taken(client)
    const line = ['a', 'a', 'a', 'c', 'd'].map((client) => joins(client))
    await settle()
    expect(line.map((one) => one())).toEqual(['waits', 'waits', 'refused', 'waits', 'refused'])
  })
})
