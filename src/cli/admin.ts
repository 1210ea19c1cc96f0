import { Failure, exitCodes } from './failure.ts'
import type { ExitCode } from './failure.ts'
import { needConfig } from './find-config.ts'
import type { World } from './world.ts'
import { databasePathOf } from '../config/database-path.ts'
import { consolePath } from '../console/path.ts'

export type AdminOptions = { readonly config?: string; readonly words: readonly string[] }

const absent: ReadonlySet<unknown> = new Set(['ENOENT', 'ECONNREFUSED'])

function unreachable(path: string, error: unknown): Failure {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (absent.has(code)) {
    const mend = 'Start it with "footbridge run"; its log says so where it could make no socket.'
    return new Failure(exitCodes.failure, `no running bridge answers at ${path}.`, mend)
  }
  if (code === 'EACCES') {
    const mend = 'Do this as the user that Footbridge runs as, such as with "sudo -u footbridge".'
    return new Failure(exitCodes.failure, `${path} is not for this user.`, mend)
  }
  const reason = error instanceof Error ? error.message : String(error)
  const what = `the bridge at ${path} ended before it had answered: ${reason}.`
  return new Failure(exitCodes.failure, what, 'Its log says why.')
}

/** Has the running bridge do one of the commands for admins. */
export async function admin(world: World, { config, words }: AdminOptions): Promise<ExitCode> {
  const quiet: World = { ...world, terminal: { ...world.terminal, err: () => undefined } }
  const path = consolePath(databasePathOf(needConfig(quiet, config))) ?? ''
  const asked = words.length === 0 ? ['help'] : words
  const { end, text } = await world.askBridge(path, asked).catch((error: unknown) => {
    throw unreachable(path, error)
  })
  const say = end === 'done' ? world.terminal.out : world.terminal.err
  say(`${text}\n`)
  if (end === 'done') return exitCodes.ok
  return end === 'usage' ? exitCodes.usage : exitCodes.failure
}
