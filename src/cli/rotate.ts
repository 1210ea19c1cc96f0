import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parse, parseDocument } from 'yaml'
import type { Config } from '../config/config.ts'
import { variableOf } from '../config/environment.ts'
import { loadConfig } from '../config/load.ts'
import { printRegistration } from '../config/registration.ts'
import { Failure, exitCodes } from './failure.ts'
import type { ExitCode } from './failure.ts'
import { needConfig, findConfigFile } from './find-config.ts'
import { assertWritable, replacePrivate } from './files.ts'
import type { World } from './world.ts'

export type RotateOptions = {
  readonly config?: string
  /** The registration that the homeserver reads; absent: the one beside the configuration. */
  readonly output?: string
  readonly finish?: boolean
}

/** How long the tokens of before stay good, milliseconds. */
const overlap = 7 * 86_400_000

type Pair = { readonly asToken: string; readonly hsToken: string }

/** Both files, with what they say. */
type Files = {
  readonly path: string
  readonly text: string
  readonly config: Config
  readonly registration: string
  readonly registered: Pair
}

const isPair = (a: Pair, b: Pair | undefined): boolean =>
  a.asToken === b?.asToken && a.hsToken === b.hsToken

const fail = (what: string, mend: string): Failure => new Failure(exitCodes.failure, what, mend)

function readRegistration(path: string): Pair {
  let value: unknown
  try {
    value = parse(readFileSync(path, 'utf8'))
  } catch {
    throw fail(
      `${path} cannot be read as a registration.`,
      'Nothing was changed. Name the one that the homeserver reads with -o.',
    )
  }
  const { as_token: asToken, hs_token: hsToken } = (value ?? {}) as Record<string, unknown>
  if (typeof asToken === 'string' && typeof hsToken === 'string') return { asToken, hsToken }
  throw fail(`${path} holds no tokens.`, 'Nothing was changed. Name the right file with -o.')
}

const settingsOfTokens = ['as_token', 'hs_token', 'old_as_token', 'old_hs_token'] as const

/** What stands in the environment wins over the file: to write there would change nothing. */
function assertInFile({ environment }: World): void {
  const names = settingsOfTokens.flatMap((name) => {
    const variable = variableOf(['appservice', name])
    return [variable, `${variable}_FILE`]
  })
  const given = names.find((name) => (environment[name] ?? '') !== '')
  if (given === undefined) return
  throw fail(
    `the tokens come from ${given}, which I cannot change.`,
    'Give old_as_token, old_hs_token and old_tokens_until in the same way, and new tokens; then write the registration anew.',
  )
}

function readFiles(world: World, options: RotateOptions): Files {
  assertInFile(world)
  const path = findConfigFile(world, options.config)
  if (path === undefined)
    throw fail('there is no configuration file to change.', 'Name it with -c.')
  const config = needConfig(world, options.config)
  const registration =
    options.output === undefined
      ? join(dirname(path), 'registration.yaml')
      : resolve(world.folder, options.output)
  const registered = readRegistration(registration)
  for (const file of [path, registration]) assertWritable(dirname(file))
  return { path, text: readFileSync(path, 'utf8'), config, registration, registered }
}

type Change = Readonly<Record<string, string | undefined>>

/** The file with some settings of `appservice` changed or taken out; its comments stay. */
function changed(text: string, change: Change): string {
  const document = parseDocument(text)
  for (const [key, value] of Object.entries(change)) {
    if (value === undefined) document.deleteIn(['appservice', key])
    else document.setIn(['appservice', key], value)
  }
  return document.toString({ lineWidth: 0 })
}

/** Written only when it says what it shall say. */
function writeConfig(
  { path, text, config }: Files,
  change: Change,
  { world, tokens }: { readonly world: World; readonly tokens: Pair },
): Config {
  const fresh = changed(text, change)
  const { environment, folder } = world
  const readFile = (file: string) => readFileSync(resolve(folder, file), 'utf8')
  const loaded = loadConfig({ file: { path, text: fresh }, environment, folder, readFile })
  const isMeant =
    'config' in loaded &&
    isPair(loaded.config.appservice, tokens) &&
    loaded.config.database === config.database
  if (!isMeant) throw new Error('the changed configuration would not say what it should')
  replacePrivate(path, fresh)
  return loaded.config
}

function begin(files: Files, world: World): Config {
  const { asToken, hsToken } = files.config.appservice
  const token = (): string => world.random.id() + world.random.id()
  const tokens = { asToken: token(), hsToken: token() }
  const until = `${new Date(world.now() + overlap).toISOString().slice(0, 16)}Z`
  const change = {
    as_token: tokens.asToken,
    hs_token: tokens.hsToken,
    old_as_token: asToken,
    old_hs_token: hsToken,
    old_tokens_until: until,
  }
  return writeConfig(files, change, { world, tokens })
}

const steps = ({ path, registration }: Files, { appservice }: Config): string => {
  const until = new Date(appservice.previous?.until ?? 0).toISOString().slice(0, 16)
  return `${path} and ${registration} hold new tokens. Now, in this order:
  1. Restart Footbridge. It knows both: nothing is lost, whichever the homeserver has.
  2. Give ${registration} to the homeserver, if it reads a copy, and restart the homeserver
     whenever it suits you before ${until} UTC. Until then the old tokens are good too.
  3. footbridge registration rotate --finish -c ${path}
     asks the homeserver, and takes the old tokens out. Restart Footbridge once more.
`
}

/**
 * New tokens in two files, the configuration first: stopped in between, the old registration still
 * fits, and to run it again writes the second file.
 */
async function rotateTokens(files: Files, world: World): Promise<ExitCode> {
  const { config, registered } = files
  const { previous } = config.appservice
  const isBegun = previous !== undefined
  if (!isBegun && !isPair(registered, config.appservice)) throw foreign(files)
  if (isBegun && isPair(registered, config.appservice)) {
    world.terminal.out(`The tokens were changed already.\n${steps(files, config)}`)
    return exitCodes.ok
  }
  if (isBegun && !isPair(registered, previous)) throw foreign(files)
  const after = isBegun ? config : begin(files, world)
  replacePrivate(files.registration, await printRegistration(after))
  world.terminal.out(steps(files, after))
  return exitCodes.ok
}

const foreign = ({ path, registration }: Files): Failure =>
  fail(
    `the tokens in ${registration} are not those of ${path}.`,
    'Nothing was changed. Name the one that the homeserver reads with -o, or write it anew with "footbridge registration".',
  )

const longestAnswer = 100_000
const answerTime = 30_000

/** Why the homeserver does not know the token in use; undefined: it does, and has read the new registration. */
async function refusal({ homeserver, appservice }: Config, world: World) {
  const { http, close } = await world.openServer(homeserver.url)
  try {
    const { status } = await http({
      method: 'GET',
      url: `${homeserver.url}/_matrix/client/v3/account/whoami`,
      headers: { authorization: `Bearer ${appservice.asToken}`, accept: 'application/json' },
      timeout: answerTime,
      maxBytes: longestAnswer,
    })
    return status === 200 ? undefined : `it answered ${status}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    await close()
  }
}

async function assertTaken(config: Config, world: World): Promise<void> {
  const why = await refusal(config, world)
  if (why === undefined) return
  throw fail(
    `the homeserver does not take the new token: ${why}.`,
    'Nothing was changed. Restart the homeserver with the new registration first.',
  )
}

async function finish(files: Files, world: World): Promise<ExitCode> {
  const { config, registered } = files
  const { asToken, hsToken, previous } = config.appservice
  if (previous === undefined) {
    world.terminal.out('There are no old tokens: nothing to finish.\n')
    return exitCodes.ok
  }
  if (!isPair(registered, config.appservice)) throw foreign(files)
  await assertTaken(config, world)
  const change = {
    old_as_token: undefined,
    old_hs_token: undefined,
    old_tokens_until: undefined,
  }
  writeConfig(files, change, { world, tokens: { asToken, hsToken } })
  world.terminal.out(
    'The homeserver has the new tokens; the old ones are taken out. Restart Footbridge.\n',
  )
  return exitCodes.ok
}

/** Changes the tokens between the homeserver and Footbridge, in steps that lose nothing. */
export async function rotate(world: World, options: RotateOptions): Promise<ExitCode> {
  const files = readFiles(world, options)
  return options.finish === true ? finish(files, world) : rotateTokens(files, world)
}
