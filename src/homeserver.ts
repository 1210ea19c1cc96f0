import type { Clock, Log } from './model/clock.ts'
import type { Config } from './config/config.ts'
import type { Http } from './model/http.ts'
import { createHomeserver } from './matrix/client.ts'
import { createMediaReader } from './matrix/media.ts'
import { createHomeserverProbe } from './matrix/probe.ts'
import { identityOf } from './startup.ts'

type HomeserverDeps = {
  readonly config: Config
  readonly homeserverHttp: Http
  readonly clock: Clock
  readonly log: Log
}

/** Everything that asks the homeserver. */
export function homeserverOf({ config, homeserverHttp, clock, log }: HomeserverDeps) {
  const access = {
    http: homeserverHttp,
    baseUrl: config.homeserver.url,
    asToken: config.appservice.asToken,
    botUserId: identityOf(config).bot,
    clock,
    log,
  }
  return {
    homeserver: createHomeserver(access),
    readMedia: createMediaReader(access),
    probe: createHomeserverProbe({ ...access, appserviceId: config.appservice.id }),
  }
}
