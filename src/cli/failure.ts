import type { Problem } from '../config/problem.ts'
import { formatProblem } from '../config/problem.ts'

export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  badConfig: 3,
  oldNode: 4,
  inUse: 5,
  wrongKey: 6,
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
  6  encryption_key is not the one that the database was written with`

/** Ends the command; told in two lines, what happened and how to mend it. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: ExitCode
  readonly mend: string
  constructor(code: ExitCode, what: string, mend: string) {
    super(what)
    this.code = code
    this.mend = mend
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
  return { code: failure.code, lines: `footbridge: ${failure.message}\n  ${failure.mend}` }
}

/** Errors of the system and the database, put in the administrator's terms. */
function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error)
  const codes = codesOf(error)
  const has = (pattern: RegExp) => codes.some((code) => pattern.test(code))
  if (has(/^EADDRINUSE$/)) {
    const mend =
      'Stop what listens there (another Footbridge?), or give another port in the configuration.'
    return new Failure(exitCodes.inUse, sentence(message), mend)
  }
  if (has(/^SQLITE_(?:BUSY|LOCKED)/)) {
    const mend = 'Stop the other Footbridge first, or give this one a database of its own.'
    return new Failure(exitCodes.inUse, sentence(message), mend)
  }
  if (has(/^WRONG_ENCRYPTION_KEY$/)) {
    const mend =
      'Put that encryption_key back into the configuration; to change it, give the one before as old_encryption_key.'
    return new Failure(exitCodes.wrongKey, sentence(message), mend)
  }
  if (has(/^(?:EADDRNOTAVAIL|EACCES|EPERM|ENOENT|EROFS|SQLITE_(?:CANTOPEN|READONLY|PERM).*)$/)) {
    const mend =
      'Check that the path or address exists and that the user Footbridge runs as may use it.'
    return new Failure(exitCodes.failure, sentence(message), mend)
  }
  if (has(/^(?:ENOSPC|SQLITE_FULL)$/)) {
    return new Failure(
      exitCodes.failure,
      sentence(message),
      'Make room on the disk; nothing is lost.',
    )
  }
  const stack = error instanceof Error && codes.length === 0 ? `\n${error.stack ?? ''}` : ''
  const mend = `If this is not about your machine or configuration, please report it.${stack}`
  return new Failure(exitCodes.failure, sentence(message), mend)
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

function codesOf(error: unknown): readonly string[] {
  const codes: string[] = []
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string') codes.push(at.code)
  }
  return codes
}
