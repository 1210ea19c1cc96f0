/**
 * What can be wrong with a deployment, one word for each. Every one is a section of
 * docs/troubleshooting.md by that anchor, which log lines, start-up errors and the doctor name.
 */
export const troubles = [
  'homeserver-unreachable',
  'not-a-homeserver',
  'registration-not-loaded',
  'wrong-token',
  'wrong-server-name',
  'wrong-bot',
  'bot-taken',
  'namespaces',
  'homeserver-cannot-reach-us',
  'homeserver-refused',
  'another-bridge',
  'encryption-forced',
  'clock',
  'disk-full',
  'data-unwritable',
  'database-in-use',
  'database-damaged',
  'database-newer',
  'encryption-key',
  'names-changed',
  'config-read-only',
  'port-taken',
  'address-unavailable',
  'public-url-unreachable',
  'private-address',
  'certificate',
  'web-server-cannot-reach-us',
  'another-server',
  'documents',
  'proxy-headers',
  'proxy-path',
  'body-limit',
  'signatures',
  'handle-domain',
  'outbound',
] as const

export type Trouble = (typeof troubles)[number]

/** The page for an administrator, as log lines and findings name it. */
export const pageOf = (trouble: Trouble): string => `docs/troubleshooting.md#${trouble}`

/** What the system and SQLite say, by code or in words. */
const signs: readonly (readonly [RegExp, Trouble])[] = [
  [/\b(?:ENOSPC|EDQUOT|SQLITE_FULL)\b|database or disk is full/, 'disk-full'],
  [
    /\bSQLITE_(?:CORRUPT|NOTADB)|disk image is malformed|file is not a database/,
    'database-damaged',
  ],
  [/\b(?:EROFS|SQLITE_READONLY)|attempt to write a readonly database/, 'data-unwritable'],
]

/** What of this machine an error while the bridge runs is about; undefined: something else. */
export const troubleIn = (error: string): Trouble | undefined =>
  signs.find(([sign]) => sign.test(error))?.[1]

/** Keeps the bridge from starting, or from going on, until an administrator has mended it. */
export class TroubleError extends Error {
  override readonly name = 'TroubleError'
  readonly trouble: Trouble
  /** One line: what to do. */
  readonly mend: string
  constructor(trouble: Trouble, message: string, options: { mend: string; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.trouble = trouble
    this.mend = options.mend
  }
}
