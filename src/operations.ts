import type { Operations } from './model/operations.ts'
import type { World } from './assembly.ts'
import { databasePathOf } from './config/database-path.ts'
import { backUp } from './store/backup.ts'
import { version } from './version.ts'

/** What an admin may have this process do. */
export function operationsOf({ config, database, level, clock }: World): Operations {
  const startedAt = clock.now()
  const path = databasePathOf(config)
  return {
    logLevel: () => level?.get() ?? config.logging.level,
    setLogLevel: (name) => level?.set(name),
    backup: () => backUp(database, path, clock.now()),
    facts: () => ({
      version,
      startedAt,
      memory: process.memoryUsage.rss(),
      databaseSize: database.size(),
    }),
  }
}
