import type { Sent } from '../fakes/fediverse.ts'
import type { Time } from './time.ts'
import type { Weather } from './weather.ts'

/** Brings one signed request to the bridge. Rejects when it does not answer. */
export type DeliverToBridge = (sent: Sent, recipient?: string) => Promise<number>

export type Senders = {
  /** At the end of the queue of its server; `isFirst`: overtakes what waits. */
  send(sent: Sent, options?: { readonly isFirst?: boolean }): void
  waiting(): number
  /** Final refusals. A bridge that works right gives none. */
  readonly refused: readonly string[]
  /** When the bridge first answered 2xx, by activity id. */
  readonly takenAt: ReadonlyMap<string, number>
}

/** Statuses after which Mastodon tries again. */
const isWorthAnotherTry = (status: number): boolean =>
  status === 0 || status >= 500 || status === 401 || status === 408 || status === 429

const longestPause = 3_600_000
const most401 = 8

/**
 * The queues of remote servers: each brings its activities in order, one after another, until each
 * was taken. Copies of one may arrive at the same moment, at the shared and at personal inboxes.
 */
export function createSenders(deps: {
  readonly time: Time
  readonly weather: Weather
  readonly deliver: DeliverToBridge
  readonly personalInboxes: (sent: Sent) => readonly string[]
  readonly trace: (line: () => string) => void
}): Senders {
  const { time, weather } = deps
  const queues = new Map<string, Sent[]>()
  const busy = new Set<string>()
  const refused: string[] = []
  const takenAt = new Map<string, number>()

  const attempt = async (host: string, sent: Sent, recipient?: string): Promise<number> => {
    await time.clock.sleep(weather.latency())
    const trouble = weather.troubleToBridge(host)
    if (trouble === 'timeout') return 0
    const inbox = recipient === undefined ? undefined : `${recipient}/inbox`
    const status = await deps.deliver(sent.by.sign(sent.activity, inbox), recipient).catch(() => 0)
    if (status >= 200 && status < 300 && !takenAt.has(sent.id)) takenAt.set(sent.id, time.now())
    return trouble === 'cut-answer' ? 0 : status
  }
  const attemptCopies = async (host: string, sent: Sent): Promise<number> => {
    const copies = weather.extraCopies()
    const inboxes = copies === 0 ? [] : deps.personalInboxes(sent)
    const all = [attempt(host, sent)]
    for (let n = 0; n < copies; n++) all.push(attempt(host, sent, inboxes[n % inboxes.length]))
    const [first = 0] = await Promise.all(all)
    return first
  }
  const work = async (host: string, queue: Sent[]): Promise<void> => {
    let tries = 0
    for (let sent = queue[0]; sent !== undefined; sent = queue[0]) {
      const status = weather.isAway(host) ? 0 : await attemptCopies(host, sent)
      const isRefusedKey = status === 401 && tries >= most401
      const what = `${host} → bridge ${String(sent.activity['type'])} ${sent.id}: ${status}`
      deps.trace(() => what)
      if (isWorthAnotherTry(status) && !isRefusedKey) {
        tries += 1
        await time.clock.sleep(Math.min(5_000 * 2 ** tries, longestPause))
        continue
      }
      if (status >= 400) refused.push(`${sent.id}: ${status}`)
      tries = 0
      queue.splice(queue.indexOf(sent), 1)
    }
  }
  return {
    send(sent, { isFirst = false } = {}) {
      const { host } = sent.by
      const queue = queues.get(host) ?? []
      queues.set(host, queue)
      if (isFirst) queue.unshift(sent)
      else queue.push(sent)
      if (busy.has(host)) return
      busy.add(host)
      void work(host, queue).finally(() => busy.delete(host))
    },
    waiting: () => [...queues.values()].reduce((sum, queue) => sum + queue.length, 0),
    refused,
    takenAt,
  }
}
