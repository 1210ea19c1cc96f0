import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Config } from '../config/config.ts'
import { isConfiguration } from '../config/environment.ts'
import { loadConfig } from '../config/load.ts'
import type { Loaded } from '../config/load.ts'
import type { Problem } from '../config/problem.ts'
import { BadConfig, Failure, exitCodes } from './failure.ts'
import type { World } from './world.ts'

/** For the help texts. */
export const placesHelp =
  'The configuration is what -c names, else FOOTBRIDGE_CONFIG, else ./config.yaml, else /data/config.yaml.'

/** The file to read, by the first rule that gives one; undefined where none does. */
export function findConfigFile(world: World, named: string | undefined): string | undefined {
  const chosen = named ?? nonEmpty(world.environment['FOOTBRIDGE_CONFIG'])
  if (chosen !== undefined) return resolve(world.folder, chosen)
  return usualPlaces(world).find((path) => existsSync(path))
}

/** In the image they are one. */
const usualPlaces = ({ folder }: World): readonly string[] => [
  ...new Set([join(folder, 'config.yaml'), '/data/config.yaml']),
]

const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text)

/** Finds and reads the configuration, or says as a Failure that there is none. */
export function readConfig(
  world: World,
  named: string | undefined,
): { readonly file: string; readonly loaded: Loaded } {
  const path = findConfigFile(world, named)
  if (path === undefined && !isConfiguration(world.environment)) {
    const mend = 'Write one with "footbridge init", or name it with -c.'
    const places = usualPlaces(world).join(' and no ')
    throw new Failure(exitCodes.badConfig, `there is no configuration: no ${places}.`, mend)
  }
  const { environment, folder } = world
  const readFile = (file: string) => readFileSync(resolve(folder, file), 'utf8')
  if (path === undefined) {
    return { file: 'the environment', loaded: loadConfig({ environment, readFile, folder }) }
  }
  const file = { path, text: readText(path) }
  const loaded = loadConfig({ file, environment, readFile, folder })
  return { file: path, loaded: 'config' in loaded ? withModeWarning(loaded, path) : loaded }
}

/** The configuration, its warnings told; BadConfig when it has problems. */
export function needConfig(world: World, named: string | undefined): Config {
  const { loaded } = readConfig(world, named)
  if ('problems' in loaded) throw new BadConfig(loaded.problems)
  for (const { where, what, mend } of loaded.warnings) {
    world.terminal.err(`WARNING ${where}: ${what}\n  ${mend}\n`)
  }
  return loaded.config
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    const isMissing = !existsSync(path)
    const mend = isMissing
      ? 'Write one with "footbridge init", or name another with -c.'
      : 'Make it a file that the user Footbridge runs as can read.'
    const what = isMissing ? 'there is no such file' : 'it cannot be read'
    throw new Failure(exitCodes.badConfig, `${path}: ${what}.`, mend)
  }
}

type Valid = Extract<Loaded, { config: Config }>

function withModeWarning(loaded: Valid, path: string): Valid {
  if ((statSync(path).mode & 0o007) === 0) return loaded
  const warning: Problem = {
    where: path,
    what: 'every user of this machine can read it, and the tokens in it.',
    mend: `chmod 600 ${path}`,
  }
  return { ...loaded, warnings: [...loaded.warnings, warning] }
}
