import { join, resolve } from 'node:path'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import { printRegistration } from '../config/registration.ts'
import { printConfig } from '../config/sample.ts'
import { settings } from '../config/settings.ts'
import { userOrNobody } from '../config/values.ts'
import type { Value } from '../config/values.ts'
import { Failure, exitCodes } from './failure.ts'
import type { ExitCode } from './failure.ts'
import { assertAbsent, assertWritable, writePrivate } from './files.ts'
import { propose, survey } from './handle-domain.ts'
import type { Proposal } from './handle-domain.ts'
import { recipes } from './recipes.ts'
import type { World } from './world.ts'

export type InitOptions = {
  readonly serverName?: string
  readonly homeserverUrl?: string
  readonly publicUrl?: string
  readonly handleDomain?: string
  readonly admin?: string
  readonly appserviceUrl?: string
  readonly out?: string
}

type Answers = {
  readonly serverName: string
  readonly homeserverUrl: string
  readonly publicUrl: string
  readonly handleDomain: string
  /** Empty: nobody. */
  readonly admin: string
}

/** Writes a new configuration and its registration, and says what else is to be done. */
export async function init(world: World, options: InitOptions): Promise<ExitCode> {
  const folder = resolve(world.folder, options.out ?? '.')
  const paths = {
    config: join(folder, 'config.yaml'),
    registration: join(folder, 'registration.yaml'),
  }
  assertWritable(folder)
  assertAbsent(paths.config)
  assertAbsent(paths.registration)
  const answers = await askAll(world, options)
  const text = printConfig(valuesOf(world, answers, options))
  const config = selfCheck(world, paths.config, text)
  const registration = await printRegistration(config)
  writePrivate(paths.config, text)
  writePrivate(paths.registration, registration)
  world.terminal.out(`
Wrote ${paths.config}
  and ${paths.registration}
Your users will be @alice@${answers.handleDomain} on the fediverse. This cannot change later.
${adminLine(answers)}
${recipes(config, paths.registration)}
Keep a copy of encryption_key, which is in config.yaml, apart from the copies of the database: without
it the private keys of your users' accounts are lost.

Then: footbridge run -c ${paths.config}
and, in another terminal, for whether all of it is well:
      footbridge doctor -c ${paths.config}
`)
  return exitCodes.ok
}

const adminLine = ({ admin, serverName }: Answers): string =>
  admin === ''
    ? `Nobody is an administrator yet: a line such as "@you:${serverName}": admin under permissions names one.\n`
    : ''

async function askAll(world: World, options: InitOptions): Promise<Answers> {
  const { homeserver, activitypub } = settings
  const given = { serverName: options.serverName, publicUrl: options.publicUrl }
  if (world.terminal.ask === undefined)
    assertGiven({ ...given, homeserverUrl: options.homeserverUrl })
  const serverName = await answer(world, {
    question: "Server name, the part after the colon in your users' Matrix ids",
    flag: '--server-name',
    given: options.serverName,
    value: homeserver.server_name.value,
  })
  const homeserverUrl = await answer(world, {
    question: 'URL of the homeserver, as this machine reaches it',
    flag: '--homeserver-url',
    given: options.homeserverUrl,
    proposed: 'http://127.0.0.1:8008',
    value: homeserver.url.value,
  })
  const publicUrl = await answer(world, {
    question: 'URL at which the fediverse will reach Footbridge, on a host of its own',
    flag: '--public-url',
    given: options.publicUrl,
    proposed: `https://fedi.${serverName.replace(/:\d+$/, '')}`,
    value: activitypub.public_url.value,
  })
  const handleDomain = await askHandleDomain(world, {
    serverName,
    publicUrl,
    given: options.handleDomain,
  })
  const admin = await answer(world, {
    question: `Matrix id of an administrator, such as @you:${serverName}, or nothing`,
    flag: '--admin',
    given: options.admin,
    proposed: '',
    value: userOrNobody,
  })
  return { serverName, homeserverUrl, publicUrl, handleDomain, admin }
}

function assertGiven(flags: Readonly<Record<string, string | undefined>>): void {
  const missing = Object.entries(flags).filter(([, value]) => value === undefined)
  if (missing.length === 0) return
  const names = missing.map(([name]) => `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`)
  const mend = 'Give them, or run it on a terminal, where it asks.'
  throw new Failure(exitCodes.usage, `init needs ${names.sort().join(', ')}.`, mend)
}

type Question = {
  readonly question: string
  readonly flag: string
  readonly given: string | undefined
  readonly proposed?: string
  readonly value: Value<string>
}

const givenUp = ['nothing was written.', 'Start "footbridge init" again when you like.'] as const

/** A given flag must be right at once; a typed answer is asked for again. */
async function answer(world: World, q: Question): Promise<string> {
  const { ask, out } = world.terminal
  if (q.given !== undefined || ask === undefined) {
    const parsed = q.value.schema.safeParse(q.given ?? q.proposed)
    if (parsed.success) return parsed.data
    const what = `${q.flag} is ${JSON.stringify(q.given)}.`
    throw new Failure(exitCodes.usage, what, `Allowed: ${q.value.allowed}.`)
  }
  for (;;) {
    const hint = (q.proposed ?? '') === '' ? '' : ` [${q.proposed}]`
    const typed = await ask(`${q.question}${hint}: `)
    if (typed === undefined) throw new Failure(exitCodes.failure, ...givenUp)
    const parsed = q.value.schema.safeParse(typed.trim() === '' ? q.proposed : typed.trim())
    if (parsed.success) return parsed.data
    out(`  Allowed: ${q.value.allowed}.\n`)
  }
}

async function askHandleDomain(
  world: World,
  names: {
    readonly serverName: string
    readonly publicUrl: string
    readonly given: string | undefined
  },
): Promise<string> {
  const proposal = names.given === undefined ? await proposeDomain(world, names) : undefined
  if (proposal !== undefined) {
    world.terminal.out(`Handles can be @alice@${proposal.domain}: ${proposal.because}.\n`)
  }
  return answer(world, {
    question: 'Domain of the handles; it cannot change later',
    flag: '--handle-domain',
    given: names.given,
    ...(proposal === undefined ? {} : { proposed: proposal.domain }),
    value: settings.activitypub.handle_domain.value,
  })
}

async function proposeDomain(
  world: World,
  { serverName, publicUrl }: { readonly serverName: string; readonly publicUrl: string },
): Promise<Proposal> {
  const publicHost = new URL(publicUrl).host
  const domain = serverName.replace(/:\d+$/, '')
  if (publicUrl.startsWith('http:') || domain === publicHost) {
    return { domain: publicHost, because: 'that is where Footbridge will be' }
  }
  const { http, close } = await world.openWeb()
  try {
    const names = {
      serverName: domain,
      publicUrl,
      bot: settings.appservice.bot_localpart.fallback ?? '',
    }
    return propose(await survey(http, names), names)
  } finally {
    await close()
  }
}

function valuesOf(
  { random }: World,
  answers: Answers,
  { appserviceUrl }: InitOptions,
): ReadonlyMap<string, unknown> {
  const token = () => random.id() + random.id()
  const own = { [answers.serverName]: 'user' }
  return new Map<string, unknown>([
    ['homeserver.url', answers.homeserverUrl],
    ['homeserver.server_name', answers.serverName],
    ...(appserviceUrl === undefined ? [] : [['appservice.url', appserviceUrl] as const]),
    ['appservice.as_token', token()],
    ['appservice.hs_token', token()],
    ['activitypub.public_url', answers.publicUrl],
    ['activitypub.handle_domain', answers.handleDomain],
    ['encryption_key', token()],
    ['permissions', answers.admin === '' ? own : { ...own, [answers.admin]: 'admin' }],
  ])
}

/** What is written must be valid: the rules between the answers are those of every start. */
function selfCheck(world: World, path: string, text: string): Config {
  const source = { file: { path, text }, environment: {}, folder: world.folder, readFile: () => '' }
  const loaded = loadConfig(source)
  if ('config' in loaded) return loaded.config
  const told = loaded.problems.map(({ what, mend }) => formatProblem({ where: 'init', what, mend }))
  throw new Failure(
    exitCodes.usage,
    `these answers do not fit together.`,
    `Nothing was written.\n${told.join('\n')}`,
  )
}
