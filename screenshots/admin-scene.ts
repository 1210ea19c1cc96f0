import { root, startAdminPage, type AdminStage } from '../test/support/admin-page.ts'
import { remoteOf } from '../test/support/pages.ts'
import { asActivityId, asActorId, asObjectId, asUserId } from '../src/model/ids.ts'
import type { Change } from '../src/model/change.ts'
import type { NewJob } from '../src/model/job.ts'
import type { QueueSample } from '../src/model/queue-sample.ts'
import type { AdminPageDeps } from '../src/web/admin/routes.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const ours = (name: string) => asActorId(`https://fedi.hs.test/actors/${name}`)

function people(now: number): readonly Change[] {
  return ['alice', 'bob', 'carol', 'dave'].map((name, n) => ({
    change: 'put-local-actor',
    actor: {
      id: ours(name),
      userId: asUserId(`@${name}:hs.test`),
      username: name,
      createdAt: now - (n * 37 + 12) * day,
    },
  }))
}

const strangers = [
  remoteOf('ursa', 'social.example'),
  remoteOf('deals', 'spam.example'),
  remoteOf('troll', 'loud.example'),
]

function follows(): readonly Change[] {
  return Array.from({ length: 48 }, (_, n): Change => {
    const followed = ours(['alice', 'alice', 'bob', 'carol'][n % 4] ?? 'alice')
    return {
      change: 'put-follow',
      follow: {
        ...{ follower: asActorId(`https://social.example/users/u${n}`), followed },
        activityId: asActivityId(`https://social.example/follows/${n}`),
        ...{ state: 'accepted', requestedAt: 0, withReplies: false, withBoosts: true },
        shownIn: 'room',
      },
    }
  })
}

function moderation(now: number): readonly Change[] {
  const block = { by: root, rejectsMedia: false, rejectsReports: false }
  return [
    ...strangers.map((actor): Change => ({ change: 'put-remote-actor', actor })),
    {
      change: 'put-domain-block',
      block: {
        ...{ ...block, domain: 'spam.example', severity: 'suspend' },
        ...{ reason: 'Carol asked them twice to stop', publicComment: 'Nothing but advertising' },
        ...{ isObfuscated: true, at: now - 12 * day },
      },
    },
    {
      change: 'put-domain-block',
      block: {
        ...{ ...block, domain: 'loud.example', severity: 'silence' },
        ...{ rejectsMedia: true, at: now - 3 * day },
      },
    },
    {
      change: 'mark',
      key: 'barred https://loud.example/users/troll',
      value: root,
      at: now - 2 * day,
    },
    {
      change: 'put-report',
      report: {
        activityId: asActivityId('https://social.example/flags/1'),
        ...{ host: 'social.example', actor: asActorId('https://social.example/actor') },
        accounts: [ours('dave')],
        posts: [asObjectId('https://fedi.hs.test/objects/1')],
        ...{ text: 'He answers every post of mine with the same link.', at: now - 5 * hour },
      },
    },
    {
      change: 'put-report',
      report: {
        activityId: asActivityId('https://fedi.hs.test/flags/2'),
        ...{ host: 'fedi.hs.test', actor: asActorId('https://fedi.hs.test/actor') },
        reporter: asUserId('@alice:hs.test'),
        accounts: [asActorId('https://social.example/users/ursa')],
        posts: [asObjectId('https://social.example/notes/7')],
        ...{ text: 'This is not a bridge.\nIt never was one.', at: now - 50 * minute },
      },
    },
  ]
}

const delivery = (host: string, n: number): NewJob => {
  const inbox = `https://${host}/inbox`
  const signer = ours('alice')
  const activityId = `https://fedi.hs.test/activities/${n}`
  return {
    kind: 'delivery',
    key: `${activityId} ${inbox}`,
    lane: `delivery:${inbox} https://fedi.hs.test/objects/${n}`,
    host,
    payload: JSON.stringify({ activityId, inbox, signer }),
  }
}

const activity = (host: string, n: number): NewJob => ({
  kind: 'activity',
  key: `https://${host}/activities/${n}`,
  lane: `activity:https://${host}/users/ursa`,
  host,
  payload: '{}',
})

async function givenUp({ giveUp }: AdminStage): Promise<void> {
  const gone = 'TransientError: gone.example does not answer: connect ETIMEDOUT 203.0.113.9:443'
  await giveUp(delivery('gone.example', 1), gone)
  await giveUp(
    activity('social.example', 2),
    "TypeError: Cannot read properties of undefined (reading 'content')\n    at toMatrix (src/translate/to-matrix.ts:120:14)",
  )
  await giveUp(
    delivery('strict.example', 3),
    'RejectedError: strict.example answered 403: signature refused',
  )
}

/** Deliveries to a server that is away, and to others. */
async function waiting({ queue, bridge }: AdminStage): Promise<void> {
  await queue.add([delivery('away.example', 10)])
  const [job] = await queue.claim('delivery', 1)
  if (job === undefined) throw new Error('nothing to claim')
  const now = bridge.clock.now()
  const runAt = now + 40 * minute
  await queue.retry(job, { runAt, error: 'no answer', counts: true, hostFailed: runAt })
  await bridge.clock.advance(7 * hour)
  for (let n = 11; n < 38; n++) await queue.add([delivery('away.example', n)])
  for (let n = 40; n < 44; n++) await queue.add([delivery('social.example', n)])
  await queue.add([activity('social.example', 50)])
}

/** A day with a busy noon, and a server that went away seven hours ago. */
function samplesUntil(now: number): readonly QueueSample[] {
  return Array.from({ length: 8 * 288 }, (_, n): QueueSample => {
    const at = now - n * 5 * minute
    const ago = (now - at) / hour
    const hours = (at % day) / hour
    const busy = Math.max(0, Math.sin(((hours - 6) / 15) * Math.PI))
    const rough = (step: number) => 1 + Math.sin(n / step) * 0.35 + Math.sin(n / 2.3 / step) * 0.25
    const away = ago < 7 ? Math.floor((7 - ago) * 4) : 0
    return {
      at,
      waiting: {
        activity: Math.round(busy * 13 * rough(5)),
        event: Math.round(busy * 4 * rough(9)),
        delivery: Math.round(busy * 9 * rough(7)) + away,
        upkeep: Math.round(1.5 * rough(11)),
      },
      failed: ago < 5 ? 3 : 1,
    }
  })
}

/** The page of a bridge to which something has happened. */
export async function startAdminScene(given: Partial<AdminPageDeps> = {}): Promise<AdminStage> {
  const stage = await startAdminPage(given)
  const { store, clock } = stage.bridge
  const start = clock.now()
  await store.commit([...people(start), ...follows(), ...moderation(start)])
  await givenUp(stage)
  await waiting(stage)
  const now = clock.now()
  for (const sample of samplesUntil(now).toReversed())
    await store.addQueueSample(sample, now - 7 * day)
  return stage
}
