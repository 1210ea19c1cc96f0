import { expect, test } from '@jest/globals'
import type { Change } from '../../src/model/change.ts'
import type { ActorId } from '../../src/model/ids.ts'
import { asActorId } from '../../src/model/ids.ts'
import { refreshAll, refreshAllJob, type RefreshAll } from '../../src/bridge/refresh-all.ts'

const hour = 3_600_000
const start = Date.UTC(2026, 0, 1)

type Refetch = { readonly type: 'refetch'; readonly actorId: ActorId }

/** Sweeps have gone on for two days; then each was fetched last so long ago, because it said something. */
const begin = start + 48 * hour

/** The longest time from one fetch to the next of so many accounts. */
async function longestGap(count: number, agoOf: (n: number) => number): Promise<number> {
  const ids = Array.from({ length: count }, (_, n) =>
    asActorId(`https://remote.example/${String(n).padStart(6, '0')}`),
  )
  const fetched = new Map(ids.map((id) => [id, start]))
  const state = { now: start, longest: 0 }
  const look = (id: ActorId): void => {
    state.longest = Math.max(state.longest, state.now - (fetched.get(id) ?? 0))
    fetched.set(id, state.now)
  }
  const deps = {
    clock: { now: () => state.now, sleep: () => Promise.resolve() },
    store: {
      shownAccounts: (after: ActorId | undefined, limit: number) => {
        const from = after === undefined ? 0 : Number(after.slice(-6)) + 1
        const shown = ids.slice(from, from + limit)
        return Promise.resolve(
          shown.map((actorId) => ({ actorId, fetchedAt: fetched.get(actorId) ?? 0 })),
        )
      },
    },
  }
  const due = [refreshAllJob(state.now)]
  const goOn = async (until: number): Promise<void> => {
    while (state.now < until) await oneStep()
  }
  const oneStep = async (): Promise<void> => {
    due.sort((a, b) => runAt(a) - runAt(b))
    const next = due.shift()
    if (next === undefined) throw new Error('nothing comes next')
    state.now = Math.max(state.now, runAt(next))
    for (const change of await refreshAll(stepOf(next), deps)) {
      const work = workOf(change)
      if (work.type === 'refetch') look(work.actorId)
      else due.push(change)
    }
  }
  await goOn(begin)
  ids.forEach((id, n) => fetched.set(id, begin - agoOf(n)))
  state.longest = 0
  await goOn(begin + 48 * hour)
  for (const id of ids) look(id)
  return state.longest
}

function jobOf(change: Change) {
  if (change.change !== 'enqueue') throw new Error(`${change.change} is no job`)
  return change.job
}
const runAt = (change: Change): number => jobOf(change).runAt ?? 0
const workOf = (change: Change): RefreshAll | Refetch =>
  JSON.parse(jobOf(change).payload) as RefreshAll | Refetch

function stepOf(change: Change): RefreshAll {
  const work = workOf(change)
  if (work.type === 'refetch') throw new Error('not a step')
  return work
}

test.each([
  ['a few accounts', 30],
  ['as many as a sweep can look at before the next begins', 14_400],
  ['more than that: sweeps overlap', 20_000],
])('%s: each is fetched again within a day', async (_, count) => {
  // A minute apart, so that every hour of the day is somebody's worst one.
  const gap = await longestGap(count, (n) => (n % 960) * 60_000)
  expect(gap).toBeLessThanOrEqual(24 * hour)
  expect(gap).toBeGreaterThan(16 * hour)
})
