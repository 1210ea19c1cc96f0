import type { Problem } from '../config/problem.ts'
import { TroubleError, pageOf, type Trouble } from '../model/trouble.ts'
import { formatProblem } from '../config/problem.ts'

export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  badConfig: 3,
  oldNode: 4,
  inUse: 5,
  wrongKey: 6,
  badDatabase: 7,
  unwell: 8,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** For `--help`, in the order of the codes. */
export const exitCodeHelp = `Exit codes:
  0  all is well
  1  it failed; the last lines say why
  2  the command line is wrong
  3  the configuration is wrong or missing
  4  this version of Node.js is too old
  5  a port or the database is in use: Footbridge may be running already
  6  encryption_key is not the one that the database was written with
  7  the database is damaged, or was written by a newer version
  8  the doctor found something that has to be mended`

/** Ends the command; told in two lines, what happened and how to mend it. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: ExitCode
  readonly mend: string
  /** The section of the troubleshooting guide. */
  readonly trouble: Trouble | undefined
  constructor(code: ExitCode, what: string, how: string | { mend: string; trouble: Trouble }) {
    super(what)
    this.code = code
    this.mend = typeof how === 'string' ? how : how.mend
    this.trouble = typeof how === 'string' ? undefined : how.trouble
  }
}

/** The configuration has problems; each is told. */
export class BadConfig extends Error {
  override readonly name = 'BadConfig'
  readonly problems: readonly Problem[]
  constructor(problems: readonly Problem[]) {
    super('the configuration is wrong')
    this.problems = problems
  }
}

/** What a command that ended with `error` says, and its exit code. */
export function explain(error: unknown): { readonly code: ExitCode; readonly lines: string } {
  if (error instanceof BadConfig) {
    return { code: exitCodes.badConfig, lines: error.problems.map(formatProblem).join('\n') }
  }
  const failure = error instanceof Failure ? error : failureOf(error)
  const { code, message, mend, trouble } = failure
  const more = trouble === undefined ? '' : `\n  More: ${pageOf(trouble)}`
  return { code, lines: `footbridge: ${message}\n  ${mend}${more}` }
}

type Known = {
  readonly codes: RegExp
  /** Of these calls of the system alone. */
  readonly call?: RegExp
  readonly exit: ExitCode
  readonly trouble: Trouble
  readonly mend: string
}

/** Errors of the system and the database, put in the administrator's terms; the first that fits. */
const known: readonly Known[] = [
  {
    codes: /^EADDRINUSE$/,
    exit: exitCodes.inUse,
    trouble: 'port-taken',
    mend: 'Stop what listens there (another Footbridge?), or give another port in the configuration.',
  },
  {
    codes: /^(?:EADDRNOTAVAIL|EACCES|EPERM)$/,
    call: /^listen$/,
    exit: exitCodes.failure,
    trouble: 'address-unavailable',
    mend: 'Give an address of this machine as bind, and a port above 1023.',
  },
  {
    codes: /^SQLITE_(?:BUSY|LOCKED)/,
    exit: exitCodes.inUse,
    trouble: 'database-in-use',
    mend: 'Stop the other Footbridge first, or give this one a database of its own.',
  },
  {
    codes: /^WRONG_ENCRYPTION_KEY$/,
    exit: exitCodes.wrongKey,
    trouble: 'encryption-key',
    mend: 'Put that encryption_key back into the configuration; to change it, give the one before as old_encryption_key.',
  },
  {
    codes: /^SQLITE_(?:CORRUPT|NOTADB)/,
    exit: exitCodes.badDatabase,
    trouble: 'database-damaged',
    mend: 'The database is damaged: move it away with its -wal and -shm, and put the newest backup in its place.',
  },
  {
    codes: /^(?:ENOSPC|EDQUOT|SQLITE_FULL)$/,
    exit: exitCodes.failure,
    trouble: 'disk-full',
    mend: 'Make room on the disk; nothing is lost.',
  },
  {
    codes: /^(?:EACCES|EPERM|ENOENT|ENOTDIR|EROFS|SQLITE_(?:CANTOPEN|READONLY|PERM).*)$/,
    exit: exitCodes.failure,
    trouble: 'data-unwritable',
    mend: 'Check that the path exists and that the user Footbridge runs as may write there.',
  },
]

/** Troubles that have an exit code of their own. */
const exitOf: Partial<Readonly<Record<Trouble, ExitCode>>> = {
  'database-newer': exitCodes.badDatabase,
  'names-changed': exitCodes.badConfig,
}

function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof TroubleError) {
    const code = exitOf[error.trouble] ?? exitCodes.failure
    return new Failure(code, sentence(message), error)
  }
  const { codes, calls } = codesOf(error)
  const found = known.find(
    (one) =>
      codes.some((code) => one.codes.test(code)) &&
      (one.call === undefined || calls.some((call) => one.call?.test(call) === true)),
  )
  if (found !== undefined) return new Failure(found.exit, sentence(message), found)
  const stack = error instanceof Error && codes.length === 0 ? `\n${error.stack ?? ''}` : ''
  const mend = `If this is not about your machine or configuration, please report it.${stack}`
  return new Failure(exitCodes.failure, sentence(message), mend)
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

function codesOf(error: unknown): {
  readonly codes: readonly string[]
  readonly calls: readonly string[]
} {
  const [codes, calls]: [string[], string[]] = [[], []]
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string') codes.push(at.code)
    if ('syscall' in at && typeof at.syscall === 'string') calls.push(at.syscall)
  }
  return { codes, calls }
}
