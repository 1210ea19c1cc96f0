import type { Clock } from '../../src/model/clock.ts'

/**
 * Virtual time: nothing passes while anybody can still run, then it jumps to the next thing that is
 * due. What is due at one moment happens in the order in which it was asked for.
 */
export type Time = {
  readonly clock: Clock
  now(): number
  /** Calls `run` at that time; the function it gives takes it back. */
  at(time: number, run: () => void): () => void
  after(ms: number, run: () => void): () => void
  /** Lets everything happen that is due until then. */
  runUntil(time: number): Promise<void>
  pass(ms: number): Promise<void>
  /** Calls `look` whenever all has come to rest, before time goes on. */
  afterEach(look: () => void): void
}

type Due = { readonly time: number; readonly order: number; run: (() => void) | undefined }

const isBefore = (a: Due, b: Due): boolean =>
  a.time < b.time || (a.time === b.time && a.order < b.order)

/** A binary heap: the earliest is first. */
function createAgenda() {
  const heap: Due[] = []
  const swapUp = (index: number): void => {
    const parent = (index - 1) >> 1
    const [child, above] = [heap[index], heap[parent]]
    if (index === 0 || !child || !above || !isBefore(child, above)) return
    heap[index] = above
    heap[parent] = child
    swapUp(parent)
  }
  const swapDown = (index: number): void => {
    const [left, right] = [heap[2 * index + 1], heap[2 * index + 2]]
    const next = right && left && isBefore(right, left) ? 2 * index + 2 : 2 * index + 1
    const [above, child] = [heap[index], heap[next]]
    if (!above || !child || !isBefore(child, above)) return
    heap[index] = child
    heap[next] = above
    swapDown(next)
  }
  return {
    first: () => heap[0],
    add(due: Due) {
      heap.push(due)
      swapUp(heap.length - 1)
    },
    takeFirst() {
      const [first, last] = [heap[0], heap.pop()]
      if (first !== last && last !== undefined) {
        heap[0] = last
        swapDown(0)
      }
      return first
    },
  }
}

/**
 * Resolves when nothing can run any more: the event loop turns only after all promises that can go
 * on have gone on, and whoever waits for anything else waits for the agenda.
 */
const untilAllWait = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export function createTime(start: number): Time {
  const agenda = createAgenda()
  let now = start
  let order = 0
  let look = (): void => undefined
  const at = (time: number, run: () => void) => {
    const due: Due = { time: Math.max(time, now), order: order++, run }
    agenda.add(due)
    return () => {
      due.run = undefined
    }
  }
  const after = (ms: number, run: () => void) => at(now + ms, run)
  const runUntil = async (time: number): Promise<void> => {
    await untilAllWait()
    look()
    for (let due = agenda.first(); due && due.time <= time; due = agenda.first()) {
      agenda.takeFirst()
      if (due.run === undefined) continue
      now = due.time
      due.run()
      await untilAllWait()
      look()
    }
    now = Math.max(now, time)
  }
  const sleep: Clock['sleep'] = (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve()
        return
      }
      const cancel = after(Math.max(0, ms), finish)
      signal?.addEventListener('abort', finish)
      function finish(): void {
        cancel()
        signal?.removeEventListener('abort', finish)
        resolve()
      }
    })
  return {
    clock: { now: () => now, sleep },
    now: () => now,
    at,
    after,
    runUntil,
    pass: (ms) => runUntil(now + ms),
    afterEach: (next) => {
      look = next
    },
  }
}
