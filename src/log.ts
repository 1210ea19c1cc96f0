import { pino } from 'pino'
import type { Log } from './model/clock.ts'
import { faultOf } from './model/machine.ts'
import { pageOf, troubleIn } from './model/trouble.ts'
import type { LogLevel } from './model/operations.ts'

/** A log whose level can be changed while it is written. */
export type LevelledLog = Log & { level: LogLevel }

export type LogOptions = {
  readonly level: LogLevel
  /** `auto`: pretty on a terminal, JSON elsewhere. */
  readonly format: 'auto' | 'json' | 'pretty'
  /** Texts that never appear in a line, wherever they stand in it: the tokens. */
  readonly secrets: readonly string[]
}

/** A line of an error that an administrator can mend names the page that tells how. */
function withPage(fields: Record<string, unknown>): Record<string, unknown> {
  const { err, error, see } = fields
  if ((err === undefined && typeof error !== 'string') || see !== undefined) return fields
  const { code, reason } = faultOf(err ?? error)
  const trouble = troubleIn(`${code} ${reason}`)
  return trouble === undefined ? fields : { ...fields, see: pageOf(trouble) }
}

/** Where lines go: standard output, or a test. */
export type LogTarget = {
  write(line: string): unknown
  readonly isTTY?: boolean
}

/** Fields that hold what people wrote, or keys. */
const withheld = ['body', 'content', 'formatted_body', 'payload', 'document', 'privateKey', 'token']

/**
 * The log of the process: JSON lines, or for people. Bodies are left out by the name of their
 * field; tokens are cut from the finished line, so that no error message or URL carries one.
 */
export function createLog(
  options: LogOptions,
  target: LogTarget = process.stdout,
  colour: boolean = (process.env['NO_COLOR'] ?? '') === '',
): LevelledLog {
  const isPretty =
    options.format === 'pretty' || (options.format === 'auto' && target.isTTY === true)
  const conceal = concealer(options.secrets)
  const paint = isPretty && colour && target.isTTY === true
  const write = (line: string) => {
    const safe = conceal(line)
    target.write(isPretty ? prettyLine(safe, paint) : safe)
  }
  const log = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: withPage },
      redact: { paths: withheld.flatMap((name) => [name, `*.${name}`]), censor: '[withheld]' },
    },
    { write },
  )
  // pino's own levels are these and more.
  return log as LevelledLog
}

/** Beyond this many characters lines do not wait for the end of the turn. */
const longestWait = 65_536

/**
 * Lines of one turn of the event loop are written together: a write is a call of the system, which
 * costs more than the line. `flush` writes what waits, for the end of the process.
 */
export function gatherLines(target: LogTarget): LogTarget & { readonly flush: () => void } {
  let waiting = ''
  const flush = (): void => {
    const lines = waiting
    waiting = ''
    if (lines !== '') target.write(lines)
  }
  return {
    isTTY: target.isTTY === true,
    write(line) {
      if (waiting === '') setImmediate(flush)
      waiting += line
      if (waiting.length > longestWait) flush()
    },
    flush,
  }
}

const carriers = /\b((?:access_token|as_token|hs_token)=|Bearer )[^\s"'&\\]+/g

function concealer(secrets: readonly string[]): (line: string) => string {
  // As they stand inside of JSON text, where quotes and backslashes are escaped.
  const texts = secrets
    .filter((secret) => secret !== '')
    .map((secret) => JSON.stringify(secret).slice(1, -1))
  return (line) => {
    const plain = texts.reduce((text, secret) => text.replaceAll(secret, '[token]'), line)
    return plain.replace(carriers, '$1[token]')
  }
}

const colours: Readonly<Record<string, string>> = {
  debug: '\u001b[2m',
  info: '\u001b[32m',
  warn: '\u001b[33m',
  error: '\u001b[31m',
}

type Line = Readonly<Record<string, unknown>>

function prettyLine(json: string, paint: boolean): string {
  const { time, level, msg, err, ...fields } = JSON.parse(json) as Line
  const name = String(level)
  const shown = name.padEnd(5)
  const label = paint ? `${colours[name] ?? ''}${shown}\u001b[0m` : shown
  const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${plain(value)}`)
  return `${String(time).slice(11, 23)} ${label} ${plainText(String(msg))}${pairs.join('')}${stackOf(err)}\n`
}

const stackOf = (err: unknown): string => {
  if (typeof err !== 'object' || err === null) return err === undefined ? '' : ` err=${plain(err)}`
  const stack: unknown = Object.entries(err).find(([key]) => key === 'stack')?.[1]
  if (typeof stack !== 'string') return ` err=${plain(err)}`
  return stack
    .split('\n')
    .map((line) => `\n    ${plainText(line.trim())}`)
    .join('')
}

const plain = (value: unknown): string => {
  const text =
    typeof value === 'string' && /^[\w:@/.+#!$-]+$/.test(value) ? value : JSON.stringify(value)
  return plainText(text)
}

// A remote server's words must not steer the terminal.
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const plainText = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '�')
