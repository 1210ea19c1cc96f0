import type { Config } from './config/config.ts'
import type { Loaded } from './config/load.ts'
import type { LevelledLog } from './log.ts'
import type { UserId } from './model/ids.ts'
import { permissionOf, type Permission } from './config/permission.ts'
import { formatProblem } from './config/problem.ts'

export type Live = {
  /** What may change while the bridge runs is what it is now. */
  readonly config: Config
  readonly permissionOf: (userId: UserId) => Permission
  /** Takes what may change from a configuration that was read anew; refuses all of one with problems. */
  readonly reload: (loaded: Loaded) => void
}

/** What is taken while the bridge runs; everything else waits for the next start. */
const taken: ReadonlySet<string> = new Set(['permissions', 'moderation', 'logging'])

/** A setting of the log that is not its level waits like the others. */
function waitingIn(before: Config, after: Config): readonly string[] {
  const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  const others = [...names].filter((name) => {
    const key = name as keyof Config
    return !taken.has(name) && !isSame(before[key], after[key])
  })
  return before.logging.format === after.logging.format ? others : [...others, 'logging.format']
}

/** The configuration of a bridge that may be told to read it again (SIGHUP). */
export function liveConfig(first: Config, log: LevelledLog): Live {
  let current = first
  let permitted = permissionOf(first)
  return {
    config: {
      ...first,
      get permissions() {
        return current.permissions
      },
      get moderation() {
        return current.moderation
      },
    },
    permissionOf: (userId) => permitted(userId),
    reload(loaded) {
      if ('problems' in loaded) {
        const problems = loaded.problems.map(formatProblem)
        log.error({ problems }, 'the configuration is wrong: the one before stays in force')
        return
      }
      const { permissions, moderation, logging } = loaded.config
      const waiting = waitingIn(first, loaded.config)
      current = { ...current, permissions, moderation }
      permitted = permissionOf(current)
      const rest = waiting.length === 0 ? {} : { waitForTheNextStart: waiting }
      // Whoever asked is to read this, whatever else they want to read.
      log.level = 'info'
      log.info({ logLevel: logging.level, ...rest }, 'the configuration was read anew')
      log.level = logging.level
    },
  }
}
