import { describeFound, nearest } from './problem.ts'
import type { Problem } from './problem.ts'
import { allSettings } from './settings.ts'
import type { Entry } from './settings.ts'

export type Environment = Readonly<Record<string, string | undefined>>
/** Reads a small text file; throws where that fails. */
export type ReadFile = (path: string) => string

/** What the environment says about one setting, in the same form as the file would. */
export type Given = { readonly variable: string; readonly value: unknown }

const mark = 'FOOTBRIDGE_'
/** Read by the command line itself. */
const ownVariables = ['FOOTBRIDGE_CONFIG']

/** `FOOTBRIDGE_APPSERVICE_AS_TOKEN` */
export const variableOf = (path: readonly string[]): string =>
  mark + path.map((part) => part.toUpperCase()).join('_')

/**
 * True when the environment tries to be a configuration. Settings with a default alone do not: an
 * image gives some of those to everybody.
 */
export function isConfiguration(environment: Environment): boolean {
  const optional = allSettings().filter(
    ({ setting }) => setting.fallback !== undefined || setting.derived !== undefined,
  )
  const others = [...ownVariables, ...optional.flatMap(variablesOf)]
  return namesIn(environment).some((name) => !others.includes(name))
}

/**
 * The settings that environment variables give, by path. An unknown `FOOTBRIDGE_` variable is a
 * problem, since a mistyped one would silently do nothing.
 */
export function readEnvironment(
  environment: Environment,
  readFile: ReadFile,
): { readonly given: ReadonlyMap<string, Given>; readonly problems: readonly Problem[] } {
  const entries = allSettings()
  const known = [...ownVariables, ...entries.flatMap(variablesOf)]
  const problems: Problem[] = namesIn(environment)
    .filter((name) => !known.includes(name))
    .map((name) => unknownVariable(name, known))
  const given = new Map<string, Given>()
  for (const entry of entries) {
    const found = readEntry(entry, environment, readFile)
    if (found === undefined) continue
    if ('what' in found) problems.push(found)
    else given.set(entry.path.join('.'), found)
  }
  return { given, problems }
}

// An empty variable counts as absent: compose files and unit files often pass empty ones on.
const namesIn = (environment: Environment): readonly string[] =>
  Object.keys(environment).filter((name) => name.startsWith(mark) && environment[name] !== '')

function variablesOf(entry: Entry): readonly string[] {
  const variable = variableOf(entry.path)
  return entry.setting.isSecret === true ? [variable, `${variable}_FILE`] : [variable]
}

function unknownVariable(name: string, known: readonly string[]): Problem {
  const meant = nearest(name, known)
  const list = 'config.sample.yaml names the variable of each setting.'
  return {
    where: /^\w+$/.test(name) ? name : describeFound(name),
    what: 'no setting has this environment variable.',
    mend: meant === undefined ? `Unset it; ${list}` : `Did you mean ${meant}?`,
  }
}

function readEntry(
  entry: Entry,
  environment: Environment,
  readFile: ReadFile,
): Given | Problem | undefined {
  const variable = variableOf(entry.path)
  const text = environment[variable] ?? ''
  const file = entry.setting.isSecret === true ? (environment[`${variable}_FILE`] ?? '') : ''
  if (text !== '' && file !== '') {
    const mend = `Unset one of ${variable} and ${variable}_FILE.`
    return { where: variable, what: 'it is given twice, directly and as a file.', mend }
  }
  if (text !== '') return { variable, value: decode(text, entry) }
  if (file === '') return undefined
  try {
    return { variable: `${variable}_FILE`, value: readFile(file).trim() }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const mend = `Make the file ${describeFound(file)} readable for the user Footbridge runs as.`
    return { where: `${variable}_FILE`, what: `the file cannot be read: ${reason}.`, mend }
  }
}

/** Variables are texts: numbers, comma separated lists and `key=value` lists are made from them. */
function decode(text: string, entry: Entry): unknown {
  switch (entry.setting.value.kind) {
    case 'text':
      return text
    case 'number':
      return /^[0-9]+$/.test(text) ? Number(text) : text
    case 'list':
      return partsOf(text)
    case 'map':
      return Object.fromEntries(partsOf(text).map(splitPair))
  }
}

const partsOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

function splitPair(part: string): readonly [string, string] {
  const at = part.lastIndexOf('=')
  return at < 0 ? [part, ''] : [part.slice(0, at).trim(), part.slice(at + 1).trim()]
}
