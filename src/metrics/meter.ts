import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Meter } from '../model/meter.ts'
import {
  buckets,
  calls,
  inboxResults,
  methods,
  metrics,
  otherResult,
  statuses,
  type MetricKey,
} from './table.ts'

/** Numbers that are looked up when somebody asks for them. */
export type Gauges = {
  readonly set: (key: MetricKey, value: number, labels?: Readonly<Record<string, string>>) => void
}

export type Measuring = {
  readonly meter: Meter
  /** Everything as text, in the format of `contentType`; `collect` is called first. */
  readonly read: (collect: (gauges: Gauges) => Promise<void>) => Promise<string>
  readonly contentType: string
}

const wordOf = (method: string): string => methods.find((one) => one === method) ?? 'GET'

const statusClass = (status = 0): string =>
  statuses.find((one) => one === `${Math.floor(status / 100)}xx`) ?? 'none'

const isSuccess = (status: number | undefined): boolean => status !== undefined && status < 400

/** Words of addresses that mean something else than they say. */
const synonyms: Readonly<Record<string, string>> = {
  displayname: 'profile',
  avatar_url: 'profile',
  upload: 'media',
  download: 'media',
  config: 'media',
  joined_members: 'members',
}

/** What a request asks of the homeserver. Ids in the address are none of these words: they have a sigil. */
export function callOf(url: string): string {
  const words = new URL(url).pathname.split('/').map((word) => synonyms[word] ?? word)
  const meant = new Set(words)
  // The most telling first: `rooms/…/state/m.room.member/…` has no other word, a profile's has several.
  return calls.find((call) => meant.has(call)) ?? 'other'
}

/** Made only where metrics are wanted: the library and its numbers take some megabytes. */
export function createMeasuring(version: string): Measuring {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const made = makeAll(registry)
  made.gauge('bridgeInfo').set({ version }, 1)
  return {
    meter: meterOf(made),
    contentType: registry.contentType,
    async read(collect) {
      await collect({ set: (key, value, labels = {}) => made.gauge(key).set(labels, value) })
      return registry.metrics()
    },
  }
}

function makeAll(registry: Registry) {
  const counters = new Map<string, Counter>()
  const gauges = new Map<string, Gauge>()
  const histograms = new Map<string, Histogram>()
  for (const [key, { name, type, help, labels = {} }] of Object.entries(metrics)) {
    const options = { name, help, labelNames: Object.keys(labels), registers: [registry] }
    if (type === 'counter') counters.set(key, new Counter(options))
    else if (type === 'gauge') gauges.set(key, new Gauge(options))
    else histograms.set(key, new Histogram({ ...options, buckets: [...buckets] }))
  }
  const from =
    <T>(all: ReadonlyMap<string, T>) =>
    (key: MetricKey): T => {
      const one = all.get(key)
      if (one === undefined) throw new Error(`${key} is another type of metric`)
      return one
    }
  return { counter: from(counters), gauge: from(gauges), histogram: from(histograms) }
}

function meterOf({ counter, histogram }: ReturnType<typeof makeAll>): Meter {
  return {
    requested(side, { method, url, status, seconds }) {
      const isMatrix = side === 'homeserver'
      const labels = { method: isMatrix ? callOf(url) : wordOf(method) }
      counter(isMatrix ? 'matrixCalls' : 'remoteCalls').inc(labels)
      if (!isSuccess(status)) counter(isMatrix ? 'matrixFailed' : 'remoteFailed').inc(labels)
      counter('requests').inc({ side, status: statusClass(status) })
      histogram('requestSeconds').observe({ side }, seconds)
    },
    receivedAtInbox: (status) =>
      counter('inbox').inc({ result: inboxResults.get(status) ?? otherResult }),
    receivedEvent: (seconds) => histogram('eventLag').observe(Math.max(seconds, 0)),
    jobEnded(kind, end, seconds) {
      counter('jobs').inc({ kind, result: end })
      if (kind === 'delivery') counter('deliveries').inc({ result: end })
      if (end === 'parked' || end === 'retry') return
      if (kind === 'event') histogram('matrixSeconds').observe({ outcome: end }, seconds)
      if (kind === 'activity') histogram('remoteSeconds').observe({ outcome: end }, seconds)
      if (kind === 'delivery' && end === 'done') histogram('deliverySeconds').observe(seconds)
    },
  }
}
