import type { Router } from 'express'
import type { Assembly } from './assembly.ts'
import type { Config } from './config/config.ts'
import type { Clock, Log, Random } from './model/clock.ts'
import type { Http } from './model/http.ts'
import type { Deps } from './bridge/ports.ts'
import { createRates } from './activitypub/rates.ts'
import { sampleQueue } from './bridge/queue-samples.ts'
import { createOpenIdCheck } from './matrix/openid.ts'
import type { Sessions } from './web/admin/sessions.ts'

const minute = 60_000
/** Tries to log in: of one visitor, and of all together. */
const perVisitor = { most: 10, within: minute }
const inAll = { most: 60, within: minute }

type Surroundings = {
  readonly config: Config
  readonly http: Http
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

type AdminPage = {
  readonly place: NonNullable<Config['adminPage']>
  readonly loginLink: NonNullable<Deps['loginLink']>
  readonly routesOf: (assembly: Pick<Assembly, 'deps'>) => readonly Router[]
  /** Notes how much waits, from now on. */
  readonly start: (assembly: Pick<Assembly, 'deps'>) => void
  readonly stop: () => Promise<void>
}

/** What may be shown with that; who is logged in with the bot's name came from the machine. */
function accessOf(sessions: Sessions, { config, http, clock, log }: Surroundings) {
  const each = createRates(perVisitor, 1_000)
  const all = createRates(inAll, 1)
  const { serverName, url: baseUrl } = config.homeserver
  const take = (visitor: string): number =>
    each.take(visitor, clock.now()) || all.take('', clock.now())
  const checkOpenId = createOpenIdCheck({ http, baseUrl, serverName, take: () => 0, clock })
  return {
    ...{ sessions, log, takeTry: take },
    ...(config.adminPage?.takesOpenId === true ? { checkOpenId } : {}),
  }
}

/** The page for admins; undefined where there is none: then nothing of it is even loaded. */
export async function buildAdminPage(surroundings: Surroundings): Promise<AdminPage | undefined> {
  const { config, clock, random } = surroundings
  const { adminPage: place } = config
  if (place === undefined) return undefined
  const { createAdminDesk } = await import('./commands/admin-desk.ts')
  const { adminRoutes } = await import('./web/admin/routes.ts')
  const { createSessions } = await import('./web/admin/sessions.ts')
  const sessions = createSessions({ clock, random })
  const stopping = new AbortController()
  let sampling: Promise<void> | undefined
  const bot = `@${config.appservice.botLocalpart}:${config.homeserver.serverName}`
  return {
    place,
    loginLink: (userId) =>
      `${place.url}/admin/login?link=${sessions.invite({ userId, isMachine: userId === bot })}`,
    routesOf({ deps }) {
      const isAllowList = (): boolean => config.moderation.allowListOnly
      const desk = createAdminDesk(deps, { isAllowList })
      return [adminRoutes({ ...accessOf(sessions, surroundings), desk })]
    },
    start({ deps }) {
      sampling = sampleQueue(deps, stopping.signal)
    },
    async stop() {
      stopping.abort()
      await sampling
    },
  }
}
