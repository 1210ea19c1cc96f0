import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type { Config } from '../../src/config/config.ts'
import type { World } from '../../src/assembly.ts'
import { signRequestInPool } from '../../src/activitypub/signature.ts'
import { loadConfig } from '../../src/config/load.ts'
import { permissionOf } from '../../src/config/permission.ts'
import { createFiles } from '../../src/files/files.ts'
import { createLog, gatherLines } from '../../src/log.ts'
import { createSystemClock, createSystemRandom } from '../../src/net/clock.ts'
import { createGuardedHttp } from '../../src/net/guarded.ts'
import { createHomeserverHttp } from '../../src/net/homeserver.ts'
import { openDatabase } from '../../src/store/database.ts'
import { gathered } from '../../src/store/gathered.ts'

export function readConfig(path: string): Config {
  const text = readFileSync(path, 'utf8')
  const file = { path, text }
  const loaded = loadConfig({ file, environment: {}, readFile: () => '', folder: '/' })
  if ('config' in loaded) return loaded.config
  throw new Error(loaded.problems.map(({ what }) => what).join('\n'))
}

/** The world as `main.ts` makes it. */
export async function realWorld(config: Config): Promise<World> {
  const userAgent = `Footbridge/bench (+${config.activitypub.publicUrl}/)`
  return {
    config,
    database: gathered(await openDatabase(config.database)),
    http: createGuardedHttp({ ...config.network, userAgent }).http,
    homeserverHttp: createHomeserverHttp({ baseUrl: config.homeserver.url }).http,
    files: createFiles(tmpdir()),
    permissionOf: permissionOf(config),
    clock: createSystemClock(),
    random: createSystemRandom(),
    log: createLog(
      { ...config.logging, secrets: [tokensOf(config)].flat() },
      gatherLines(process.stdout),
    ),
    userAgent,
    keyPool: 0,
    sign: signRequestInPool,
  }
}

const tokensOf = ({ appservice }: Config): string[] => [appservice.asToken, appservice.hsToken]
