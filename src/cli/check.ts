import { relative } from 'node:path'
import type { Config } from '../config/config.ts'
import { formatProblem } from '../config/problem.ts'
import { exitCodes } from './failure.ts'
import type { ExitCode } from './failure.ts'
import { readConfig } from './find-config.ts'
import type { World } from './world.ts'

export type CheckOptions = { readonly config?: string; readonly json?: boolean }

/** Says whether the configuration is valid and what it comes to; starts nothing. */
export function check(world: World, options: CheckOptions): ExitCode {
  const { file, loaded } = readConfig(world, options.config)
  const isValid = 'config' in loaded
  const problems = isValid ? [] : loaded.problems
  const warnings = isValid ? loaded.warnings : []
  const code = isValid ? exitCodes.ok : exitCodes.badConfig
  if (options.json === true) {
    world.terminal.out(`${JSON.stringify({ file, valid: isValid, problems, warnings })}\n`)
    return code
  }
  const told = [
    ...problems.map(formatProblem),
    ...warnings.map((warning) => `WARNING ${formatProblem(warning)}`),
  ]
  if (told.length > 0) world.terminal.err(`${told.join('\n')}\n`)
  if (isValid) world.terminal.out(`${shorten(world, file)} is valid.\n${summary(loaded.config)}`)
  return code
}

const shorten = (world: World, file: string): string => {
  const short = relative(world.folder, file)
  return file.startsWith('/') && !short.startsWith('..') ? short : file
}

function summary(config: Config): string {
  const { homeserver, appservice, activitypub, metrics, adminPage, database } = config
  const rows = [
    ['bot', `@${appservice.botLocalpart}:${homeserver.serverName}`],
    ['handles', `@alice@${activitypub.handleDomain}`],
    ['public', activitypub.publicUrl],
    ['homeserver', homeserver.url],
    ['listens', `${listener(appservice)} for the homeserver (it asks ${appservice.url})`],
    ['', `${listener(activitypub)} for the fediverse`],
    ...(metrics === undefined ? [] : [['', `${listener(metrics)} for Prometheus`]]),
    ...(adminPage === undefined
      ? []
      : [['', `${listener(adminPage)} for admins (${adminPage.url}/admin)`]]),
    ['database', database],
  ]
  return rows.map(([name = '', value = '']) => `  ${name.padEnd(12)}${value}\n`).join('')
}

const listener = ({ bind, port }: { readonly bind: string; readonly port: number }): string =>
  `${bind.includes(':') ? `[${bind}]` : bind}:${port}`
