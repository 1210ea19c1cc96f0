/** One family of numbers. Each label has few values, and all of them stand here: nobody outside makes up more. */
export type Metric = {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels?: Readonly<Record<string, readonly string[]>>
}

const kinds = ['event', 'activity', 'delivery', 'upkeep'] as const
export const statuses = ['2xx', '3xx', '4xx', '5xx', 'none'] as const
const ends = ['done', 'skipped', 'parked', 'retry', 'failed', 'stuck'] as const

/** What we ask of the homeserver, by the last word of the address that says so. */
export const calls = [
  'send',
  'redact',
  'state',
  'join',
  'leave',
  'invite',
  'kick',
  'ban',
  'createRoom',
  'register',
  'profile',
  'members',
  'messages',
  'event',
  'directory',
  'media',
  'ping',
  'versions',
  'other',
] as const

export const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'] as const

const portalKinds = [
  'management',
  'notifications',
  'direct',
  'actor',
  'profile',
  'group',
  'home',
  'space',
  'moderation',
] as const

/** What became of a request to an inbox, by the status that it was answered with. */
export const inboxResults: ReadonlyMap<number, string> = new Map([
  [202, 'accepted'],
  [400, 'malformed'],
  [401, 'bad_signature'],
  [403, 'blocked'],
  [404, 'no_such_account'],
  [410, 'deleted_account'],
  [413, 'too_large'],
  [415, 'wrong_type'],
  [429, 'too_many'],
  [503, 'come_later'],
])
export const otherResult = 'other'

const table = {
  bridgeInfo: {
    name: 'bridge_info',
    type: 'gauge',
    help: 'Always 1; the label says which version runs.',
    labels: { version: [] },
  },
  bridgeRooms: {
    name: 'bridge_rooms',
    type: 'gauge',
    help: 'Rooms that stand for something on the fediverse, by their kind.',
    labels: { kind: portalKinds },
  },
  bridgeUsers: {
    name: 'bridge_users',
    type: 'gauge',
    help: 'Matrix users with an account on the fediverse.',
  },
  bridgeActiveUsers: {
    name: 'bridge_active_users',
    type: 'gauge',
    help: 'Those of them that published, reacted or followed lately.',
    labels: { within: ['month', 'half_year'] },
  },
  bridgeGhosts: {
    name: 'bridge_ghosts',
    type: 'gauge',
    help: 'Accounts of the fediverse that were seen on Matrix.',
  },
  bridgeMessages: {
    name: 'bridge_messages',
    type: 'gauge',
    help: 'Messages that stand on both networks.',
  },
  matrixCalls: {
    name: 'matrix_api_calls',
    type: 'counter',
    help: 'Requests to the homeserver.',
    labels: { method: calls },
  },
  matrixFailed: {
    name: 'matrix_api_calls_failed',
    type: 'counter',
    help: 'Those that were not answered with success.',
    labels: { method: calls },
  },
  matrixSeconds: {
    name: 'matrix_request_seconds',
    type: 'histogram',
    help: 'Seconds from when an event came in until it was dealt with.',
    labels: { outcome: ends },
  },
  remoteCalls: {
    name: 'remote_api_calls',
    type: 'counter',
    help: 'Requests to servers of the fediverse.',
    labels: { method: methods },
  },
  remoteFailed: {
    name: 'remote_api_calls_failed',
    type: 'counter',
    help: 'Those that were not answered with success.',
    labels: { method: methods },
  },
  remoteSeconds: {
    name: 'remote_request_seconds',
    type: 'histogram',
    help: 'Seconds from when an activity came in until it was dealt with.',
    labels: { outcome: ends },
  },
  requests: {
    name: 'footbridge_http_requests_total',
    type: 'counter',
    help: 'Requests of ours, by whom they were to and how they were answered; none: not at all.',
    labels: { side: ['homeserver', 'fediverse'], status: statuses },
  },
  requestSeconds: {
    name: 'footbridge_http_request_seconds',
    type: 'histogram',
    help: 'Seconds that an answer to them took.',
    labels: { side: ['homeserver', 'fediverse'] },
  },
  inbox: {
    name: 'footbridge_inbox_requests_total',
    type: 'counter',
    help: 'What other servers sent us, and why it was refused where it was; bad_signature: not proven to be theirs.',
    labels: { result: [...inboxResults.values(), otherResult] },
  },
  eventLag: {
    name: 'footbridge_event_lag_seconds',
    type: 'histogram',
    help: 'Seconds from when an event was sent until the homeserver had handed it to us.',
  },
  jobs: {
    name: 'footbridge_jobs_total',
    type: 'counter',
    help: 'Tries of work, and how they ended.',
    labels: { kind: kinds, result: ends },
  },
  deliveries: {
    name: 'footbridge_deliveries_total',
    type: 'counter',
    help: 'Tries to bring one activity to one inbox, and how they ended; skipped: a block stood between.',
    labels: { result: ends },
  },
  deliverySeconds: {
    name: 'footbridge_delivery_seconds',
    type: 'histogram',
    help: 'Seconds from when something was to be delivered until it was, tries and pauses in between.',
  },
  waiting: {
    name: 'footbridge_queue_waiting',
    type: 'gauge',
    help: 'Work that waits to be done.',
    labels: { kind: kinds },
  },
  oldest: {
    name: 'footbridge_queue_oldest_seconds',
    type: 'gauge',
    help: 'Seconds that the oldest of it has waited; 0: nothing waits.',
    labels: { kind: kinds },
  },
  failed: {
    name: 'footbridge_queue_failed',
    type: 'gauge',
    help: 'Work that was given up, until an admin tries it again or drops it.',
    labels: { kind: kinds },
  },
  hosts: {
    name: 'footbridge_hosts_failing',
    type: 'gauge',
    help: 'Servers that something waits for and that answer nothing or only errors; counted up to 1000.',
  },
  databaseSize: {
    name: 'footbridge_database_bytes',
    type: 'gauge',
    help: 'Bytes that the database fills.',
  },
} as const satisfies Readonly<Record<string, Metric>>

export type MetricKey = keyof typeof table

/** Every number that is told, besides those of the process itself (`process_…`, `nodejs_…`). */
export const metrics: Readonly<Record<MetricKey, Metric>> = table

/** Seconds: from what nobody notices to the days that a server may be away. */
export const buckets = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 3_600, 21_600, 86_400, 259_200]
