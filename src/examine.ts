import type { Config } from './config/config.ts'
import { machineOf, patientOf, someSignatures, usualReach, type Place } from './build-doctor.ts'
import { databasePathOf } from './config/database-path.ts'
import { examine } from './doctor/examine.ts'
import type { Finding } from './model/finding.ts'
import { createSystemClock, createSystemRandom } from './net/clock.ts'
import { createGuardedHttp } from './net/guarded.ts'
import { createHomeserverHttp } from './net/homeserver.ts'
import { standIn } from './stand-in.ts'
import { inspectDatabase } from './store/inspect.ts'
import { userAgentOf } from './version.ts'

/**
 * The doctor in a process of its own, whether the bridge runs or not: where it does not, we listen in
 * its place meanwhile. `reach`: undefined for the usual one.
 */
export async function examineFromOutside(
  config: Config,
  { configFile, reach = usualReach(config) }: Place,
): Promise<readonly Finding[]> {
  const clock = createSystemClock()
  const place = { configFile, reach }
  const userAgent = userAgentOf(config.activitypub)
  const there = await standIn(config, clock)
  const { close: closeMachine, ...machine } = machineOf(config, place, userAgent)
  // As the bridge speaks to the fediverse.
  const world = createGuardedHttp({ ...config.network, userAgent })
  const home = createHomeserverHttp({ baseUrl: config.homeserver.url })
  const { close: leave, ...standing } = there
  try {
    const means = {
      ...machine,
      ...standing,
      now: clock.now,
      homeserver: home.http,
      world: world.http,
      database: async () => inspectDatabase(databasePathOf(config)),
      signatures: await someSignatures(config, clock.now),
    }
    return await examine(patientOf(config, place), means, createSystemRandom().id())
  } finally {
    await Promise.all([leave(), closeMachine(), world.close(), home.close()])
  }
}
