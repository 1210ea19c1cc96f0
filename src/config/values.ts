import { isIP } from 'node:net'
import { z } from 'zod'
import { isCidr, isHost, parseHostPort } from './hosts.ts'

/**
 * The kinds of values a setting may have. Each says in words what is allowed, so that an error
 * can name it; the schemas themselves carry no messages.
 */
export type Kind = 'text' | 'number' | 'list' | 'map'

export type Value<T> = {
  readonly kind: Kind
  readonly schema: z.ZodType<T>
  /** Completes "Allowed: …". */
  readonly allowed: string
}

const text = (accepts: (value: string) => boolean, allowed: string): Value<string> => ({
  kind: 'text',
  schema: z.string().max(2048).refine(accepts),
  allowed,
})

const matching = (pattern: RegExp, allowed: string): Value<string> =>
  text((value) => pattern.test(value), allowed)

/** Scheme, host and port alone; returned without the slash at the end. */
export function parseOrigin(value: string): URL | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || !isHost(bare(url))) return undefined
  // A lone "?" or "#" leaves no trace in the parsed parts.
  const isBare = url.pathname === '/' && url.username === '' && !/[?#@]/.test(value)
  return isBare ? url : undefined
}

const bare = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1')

export const origin = (example: string): Value<string> => ({
  kind: 'text',
  schema: z
    .string()
    .refine((value) => parseOrigin(value) !== undefined)
    .transform((value) => parseOrigin(value)?.origin ?? value),
  allowed: `http:// or https://, a host and perhaps a port, without path, such as ${example}`,
})

export const webAddress = (example: string): Value<string> =>
  text((value) => {
    const url = URL.parse(value)
    return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.hash === ''
  }, `an address with http:// or https://, such as ${example}`)

export const domain = (example: string): Value<string> =>
  text(
    (value) => parseHostPort(value) !== undefined,
    `a domain in lower case (with its port where it has one), such as ${example}`,
  )

export const bindAddress: Value<string> = text(
  (value) => isIP(value) !== 0 || value === 'localhost',
  'an IP address of this machine, such as 127.0.0.1, or 0.0.0.0 for all',
)

export const port: Value<number> = {
  kind: 'number',
  schema: z.number().int().min(1).max(65_535),
  allowed: 'a number from 1 to 65535',
}

export const wholeNumber = (most: number, unit: string, least = 0): Value<number> => ({
  kind: 'number',
  schema: z.number().int().min(least).max(most),
  allowed: `a whole number of ${unit} from ${least} to ${most}`,
})

export const token: Value<string> = matching(
  /^[\x21-\x7e]{16,}$/,
  'at least 16 printable characters without spaces; `openssl rand -hex 32` prints one',
)

export const instant: Value<string> = text(
  (value) =>
    /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?Z)?$/.test(value) && !Number.isNaN(Date.parse(value)),
  'a date, or a time in UTC, such as 2030-01-31T12:00Z',
)

export const secret: Value<string> = matching(
  /^[\x21-\x7e]{32,}$/,
  'at least 32 printable characters without spaces; `openssl rand -hex 32` prints one',
)

export const roomId: Value<string> = matching(
  /^![^\s:]{1,200}(?::[^\s]{1,250})?$/,
  'the id of a room, such as !abcdef:example.org',
)

export const registrationId: Value<string> = matching(
  /^[A-Za-z0-9._-]{1,64}$/,
  'letters, digits, dots, hyphens and underscores, such as footbridge',
)

/** One line for people. */
export const line = (most: number, example: string): Value<string> => ({
  kind: 'text',
  schema: z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((value) => !/\p{Cc}/u.test(value)),
  allowed: `one line of at most ${most} characters, such as ${example}`,
})

export const lines = (most: number, example: string): Value<readonly string[]> => ({
  kind: 'list',
  schema: z.array(line(most, example).schema).max(100),
  allowed: `a list of lines of at most ${most} characters, such as ${example}`,
})

export const localpart: Value<string> = matching(
  /^[a-z0-9._=/+-]{1,100}$/,
  'lower-case letters, digits and . _ = / + -, such as apbot',
)

// Ghost and alias names are cut at the last underscore, so the prefix must be closed by one.
export const ghostPrefix: Value<string> = matching(
  /^_[a-z0-9]{1,20}_$/,
  'lower-case letters and digits between two underscores, such as _ap_',
)

export const commandPrefix: Value<string> = matching(
  /^![a-z0-9]{1,16}$/,
  '! and lower-case letters or digits, such as !ap',
)

export const database: Value<string> = matching(
  /^sqlite:(?!\/\/)[^?#\0:]+$/,
  'sqlite: and the path of a file, such as sqlite:footbridge.db',
)

export const levels = ['none', 'follow', 'user', 'admin'] as const
const isPermissionKey = (key: string): boolean =>
  key === '*' || parseHostPort(key.replace(/^@[^:]{1,250}:/, '')) !== undefined

export const permissions: Value<Readonly<Record<string, (typeof levels)[number]>>> = {
  kind: 'map',
  schema: z
    .record(z.string().refine(isPermissionKey), z.enum(levels))
    .refine((map) => Object.keys(map).length > 0),
  allowed:
    'one line for each user id, domain or "*" with none, follow, user or admin, such as example.org: user',
}

/** A user, or nobody. */
export const userOrNobody: Value<string> = text(
  (value) => value === '' || (value.startsWith('@') && isPermissionKey(value)),
  'a Matrix id, such as @you:example.org, or nothing',
)

const listOf = (
  accepts: (entry: string) => boolean,
  allowed: string,
): Value<readonly string[]> => ({
  kind: 'list',
  schema: z.array(z.string().refine(accepts)).max(1000),
  allowed,
})

export const privateNetworks = listOf(
  (entry) => isCidr(entry) || isHost(entry),
  'a list of host names, IP addresses or networks, such as [fedi.internal, 172.18.0.0/16]',
)

export const hostNames = listOf(isHost, 'a list of host names, such as [threads.net]')

export const userPatterns = listOf(
  (entry) => /^@[^\s:]{1,250}(?::\S{1,250})?$/.test(entry),
  "a list of user ids, in which * stands for anything, such as ['@_*', '@telegram_*']",
)

export const hostsWithPort = listOf(
  (entry) => parseHostPort(entry) !== undefined,
  'a list of hosts, with a port where they have one, such as [fedi.test:8080]',
)

export const trueOrFalse: Value<boolean> = {
  kind: 'text',
  // The environment has texts alone.
  schema: z.union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')]),
  allowed: 'true, false',
}

/** One of a few words. */
export function oneOf<const Words extends readonly string[]>(words: Words): Value<Words[number]> {
  return { kind: 'text', schema: z.enum(words), allowed: words.join(', ') }
}
