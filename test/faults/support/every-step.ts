import { createFlow, type Flow } from '../../flows/setup.ts'
import type { Step } from '../../simulation/life.ts'

/** What is there, what happens while the bridge dies, and what must have come of it. */
type Scene<Given> = {
  /** Of the world; absent: as usual. */
  readonly options?: Parameters<typeof createFlow>[1]
  readonly given: (flow: Flow) => Promise<Given>
  readonly when: (given: Given, flow: Flow) => void | Promise<void>
  /** Throws (`expect`) where something was lost, doubled or put in another order. */
  readonly then: (given: Given, flow: Flow) => void | Promise<void>
}

/** Steps after which something is different: before the next one a death leaves the same. */
const deadly: ReadonlySet<Step> = new Set(['after-commit', 'after-request'])

/** More steps than this in one scene would be a loop. */
const enough = 400
/** Pauses of the homeserver and of other servers after a death, and upkeep that has a time. */
const minutesToSettle = 6

/**
 * Plays the scene in a world of its own, where the bridge dies at that step and the homeserver then
 * forgets its transaction ids. Says how many steps there were.
 */
async function playOnce<Given>(scene: Scene<Given>, at: number): Promise<number> {
  let seen = 0
  let isArmed = false
  const flow: Flow = await createFlow(
    {},
    {
      ...scene.options,
      crashesAt: (step) => isArmed && deadly.has(step) && ++seen === at,
      downtime: () => {
        flow.time.after(1, () => flow.homeserver.restart())
        return 1_000
      },
    },
  )
  try {
    const given = await scene.given(flow)
    isArmed = true
    await scene.when(given, flow)
    await flow.minutes(minutesToSettle)
    isArmed = false
    await expectRest(flow)
    await scene.then(given, flow)
  } catch (cause) {
    throw new Error(`dying at step ${at}: ${cause instanceof Error ? cause.message : ''}`, {
      cause,
    })
  } finally {
    flow.close()
  }
  return seen
}

/** Nothing is left to do, and nothing was given up or refused. */
async function expectRest({ queue, senders, homeserver, fediverse }: Flow): Promise<void> {
  const failed = await queue.listFailed({ limit: 10 })
  const depth = (await queue.depth()).filter(
    ({ kind, waiting }) => kind !== 'upkeep' && waiting > 0,
  )
  const left = [
    ...failed.map(({ kind, key, error }) => `dead letter: ${kind} ${key}: ${error}`),
    ...depth.map(({ kind, waiting }) => `${waiting} jobs ${kind}`),
    ...senders.refused,
    ...fediverse.refusals.map(({ inbox, wrong }) => `${inbox}: ${wrong}`),
    ...(homeserver.pending() + senders.waiting() > 0 ? ['not everything came'] : []),
  ]
  if (left.length > 0) throw new Error(left.join('\n'))
}

/** Plays the scene once for each step at which the bridge can die; says how many there are. */
export async function dieAtEveryStep<Given>(scene: Scene<Given>): Promise<number> {
  for (let at = 1; at <= enough; at++) {
    const steps = await playOnce(scene, at)
    if (steps < at) return steps
  }
  throw new Error(`still at work at step ${enough}`)
}
