import { dirname, resolve } from 'node:path'
import type { z } from 'zod'
import { checkTogether } from './check.ts'
import type { Config } from './config.ts'
import { databasePathOf } from './database-path.ts'
import { emptyDocument, parseDocument } from './document.ts'
import type { ConfigDocument } from './document.ts'
import { readEnvironment, variableOf } from './environment.ts'
import type { Environment, Given, ReadFile } from './environment.ts'
import { describeFound } from './problem.ts'
import type { Problem, WhereIs } from './problem.ts'
import { allSettings } from './settings.ts'
import type { Entry, Values } from './settings.ts'
import { asRoomId } from '../model/ids.ts'

export type Loaded =
  | { readonly config: Config; readonly warnings: readonly Problem[] }
  | { readonly problems: readonly Problem[] }

export type Source = {
  /** Absent: the environment alone has to say everything. */
  readonly file?: { readonly path: string; readonly text: string }
  readonly environment: Environment
  readonly readFile: ReadFile
  /** Where a relative database path begins when there is no file. */
  readonly folder: string
}

/** Reads file and environment (which wins); all problems at once, or a valid configuration. */
export function loadConfig(source: Source): Loaded {
  const { document, problems: inFile } =
    source.file === undefined
      ? { document: emptyDocument('configuration'), problems: [] }
      : parseDocument(source.file.path, source.file.text)
  const { given, problems: inEnvironment } = readEnvironment(source.environment, source.readFile)
  const whereIs: WhereIs = (path) =>
    given.get(path.slice(0, 2).join('.'))?.variable ??
    given.get(String(path[0]))?.variable ??
    (source.file === undefined ? variableOf(path.slice(0, 2).map(String)) : document.whereIs(path))
  if (!document.isReadable) return { problems: inFile }
  const found = allSettings().map((entry) => readSetting(entry, { document, given, whereIs }))
  const problems = [...inFile, ...inEnvironment, ...found.flatMap((one) => one.problems)]
  if (problems.length > 0) return { problems }
  // Each value passed the schema of its own setting, from whose table the type is made.
  const values = nest(found.map((one) => [one.path, one.value])) as Values
  const { problems: together, warnings } = checkTogether(values, whereIs)
  if (together.length > 0) return { problems: together }
  const folder = source.file === undefined ? source.folder : dirname(resolve(source.file.path))
  return { config: toConfig(values, folder), warnings }
}

type Sources = {
  readonly document: ConfigDocument
  readonly given: ReadonlyMap<string, Given>
  readonly whereIs: WhereIs
}

type Found = {
  readonly path: readonly string[]
  readonly value?: unknown
  readonly problems: readonly Problem[]
}

function readSetting({ path, setting }: Entry, sources: Sources): Found {
  const name = path.join('.')
  const raw = sources.given.get(name)?.value ?? sources.document.valueAt(path) ?? undefined
  const where = sources.whereIs(path)
  const mend = `Allowed: ${setting.value.allowed}.`
  if (raw === undefined) {
    if (setting.fallback !== undefined || setting.derived !== undefined) {
      return { path, value: setting.fallback, problems: [] }
    }
    return { path, problems: [{ where, what: `${name} is missing.`, mend }] }
  }
  const parsed = setting.value.schema.safeParse(raw)
  if (!parsed.success) {
    return { path, problems: parsed.error.issues.map((issue) => explain(issue, raw)) }
  }
  if (setting.isPlaceholder === true && isSample(parsed.data, setting.sample)) {
    const what = `${name} still has the value of the sample file.`
    return { path, problems: [{ where, what, mend: `Give your own: ${setting.value.allowed}.` }] }
  }
  return { path, value: parsed.data, problems: [] }

  function explain(issue: z.core.$ZodIssue, value: unknown): Problem {
    const inside = issue.path.filter((part) => typeof part !== 'symbol')
    const at = [...path, ...inside]
    const culprit = issue.code === 'invalid_key' ? inside.at(-1) : valueAt(value, inside)
    const found = describeFound(culprit, setting.isSecret)
    return { where: sources.whereIs(at), what: `${nameOf(path, inside)} is ${found}.`, mend }
  }
}

const nameOf = (path: readonly string[], inside: readonly (string | number)[]): string =>
  path.join('.') +
  inside.map((part) => `[${typeof part === 'number' ? part : describeFound(part)}]`).join('')

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (parent, key) =>
      typeof parent === 'object' && parent !== null
        ? (parent as Readonly<Record<string | number, unknown>>)[key]
        : undefined,
    value,
  )
}

const isSample = (value: unknown, sample: unknown): boolean =>
  JSON.stringify(value) === JSON.stringify(sample)

function nest(found: readonly (readonly [readonly string[], unknown])[]): unknown {
  const tree: Record<string, unknown> = {}
  for (const [[section, key], value] of found) {
    if (section === undefined) continue
    if (key === undefined) tree[section] = value
    else tree[section] = { ...(tree[section] as object | undefined), [key]: value }
  }
  return tree
}

function toConfig(values: Values, folder: string): Config {
  const { homeserver, appservice, activitypub, network, publish, media, signatures, prune } = values
  const { access, token } = values.provisioning
  return {
    homeserver: { url: homeserver.url, serverName: homeserver.server_name },
    appservice: {
      id: appservice.id,
      bind: appservice.bind,
      port: appservice.port,
      url: appservice.url ?? `http://${reachable(appservice.bind)}:${appservice.port}`,
      asToken: appservice.as_token,
      hsToken: appservice.hs_token,
      ...previousIn(appservice),
      botLocalpart: appservice.bot_localpart,
      prefix: appservice.prefix,
      commandPrefix: appservice.command_prefix,
      hasSpaces: appservice.spaces === 'on',
      sendsStatus: appservice.send_status === 'on',
    },
    activitypub: {
      bind: activitypub.bind,
      port: activitypub.port,
      publicUrl: activitypub.public_url,
      handleDomain: activitypub.handle_domain,
      fetchMode: activitypub.fetch_mode,
      unsignedFetchFrom: activitypub.unsigned_fetch_from,
      ...(activitypub.rotate_keys_after === 0
        ? {}
        : { rotateKeysAfter: activitypub.rotate_keys_after * 86_400_000 }),
    },
    permissions: values.permissions,
    database: `sqlite:${resolve(folder, databasePathOf(values))}`,
    encryptionKey: values.encryption_key,
    ...(values.old_encryption_key === undefined
      ? {}
      : { oldEncryptionKey: values.old_encryption_key }),
    ...(prune.remote_after === 0 ? {} : { pruneAfter: prune.remote_after * 86_400_000 }),
    ...(values.rooms.federate ? {} : { localRoomsOnly: true }),
    publish: { joinMediaWithin: publish.join_media_within * 1_000 },
    media: {
      ...(media.max_size === 0 ? {} : { maxSize: media.max_size * 1_000_000 }),
      sensitive: media.sensitive_media,
      emojiReactions: media.emoji_reactions,
      cacheSize: media.cache_size * 1_000_000,
    },
    ...(access === 'off' ? {} : { provisioning: token === undefined ? {} : { token } }),
    signatures: { maxAge: signatures.max_age * 60_000, ahead: signatures.max_ahead * 60_000 },
    limits: limitsIn(values),
    moderation: moderationIn(values.moderation),
    network: { allowPrivate: network.allow_private, allowHttp: network.allow_http },
    about: aboutIn(values.about),
    ...metricsIn(values.metrics),
    ...tracingIn(values.tracing),
    ...adminPageIn(values.admin_page),
    logging: values.logging,
  }
}

const aboutIn = ({
  operator,
  contact,
  rules,
  blocked_servers: blockedServers,
}: Values['about']): Config['about'] => ({
  ...(operator === undefined ? {} : { operator }),
  ...(contact === undefined ? {} : { contact }),
  rules,
  blockedServers,
})

const moderationIn = ({
  allow_list: allowList,
  bridged_users: bridgedUsers,
  matrix_bridges: matrixBridges,
  reports_room: reportsRoom,
}: Values['moderation']): Config['moderation'] => ({
  allowListOnly: allowList === 'on',
  bridgedUsers,
  ...(matrixBridges.length === 0 ? {} : { matrixBridges }),
  ...(reportsRoom === undefined ? {} : { reportsRoom: asRoomId(reportsRoom) }),
})

const metricsIn = ({ bind, port }: Values['metrics']): Pick<Config, 'metrics'> =>
  port === undefined ? {} : { metrics: { bind, port } }

const tracingIn = ({ url, percent }: Values['tracing']): Pick<Config, 'tracing'> =>
  url === undefined ? {} : { tracing: { url, share: percent / 100 } }

function adminPageIn({ bind, port, url, openid }: Values['admin_page']): Pick<Config, 'adminPage'> {
  if (port === undefined) return {}
  const own = `http://${reachable(bind)}:${port}`
  return { adminPage: { bind, port, url: url ?? own, takesOpenId: openid === 'on' } }
}

const limitsIn = ({ limits, new_accounts: young }: Values): Config['limits'] => ({
  activitiesPerActor: limits.activities_per_account,
  activitiesPerServer: limits.activities_per_server,
  postsPerHour: limits.posts_per_hour,
  followsPerHour: limits.follows_per_hour,
  mentionsPerHour: limits.mentions_per_hour,
  newAccounts: {
    age: young.age * 3_600_000,
    postsPerHour: young.posts_per_hour,
    followsPerHour: young.follows_per_hour,
    mentionsPerHour: young.mentions_per_hour,
  },
  mentionsPerPost: limits.mentions_per_post,
  accountsPerRequest: limits.accounts_per_request,
})

/** The rules between settings let all three stand, or none. */
function previousIn({
  old_as_token: asToken,
  old_hs_token: hsToken,
  old_tokens_until: until,
}: Values['appservice']): Pick<Config['appservice'], 'previous'> {
  if (asToken === undefined || hsToken === undefined || until === undefined) return {}
  return { previous: { asToken, hsToken, until: Date.parse(until) } }
}

/** The address under which a listener on `bind` is reached from the same machine. */
export function reachable(bind: string): string {
  if (bind === '0.0.0.0') return '127.0.0.1'
  if (bind === '::') return '[::1]'
  return bind.includes(':') ? `[${bind}]` : bind
}
