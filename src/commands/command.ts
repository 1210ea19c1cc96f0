import type { Action } from '../model/action.ts'
import type { Deps, Permission } from '../bridge/ports.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { TransientError } from '../model/errors.ts'
import type { UserId } from '../model/ids.ts'

/** Who typed a command, and the message it stood in: where, in answer to what. */
export type CommandContext = {
  readonly sender: UserId
  readonly message: MatrixEvent & { readonly type: 'message' }
  readonly deps: Deps
}

/** The words after a command's name; `options` are those that begin with `--`. */
export type CommandInput = {
  readonly args: readonly string[]
  readonly options: ReadonlySet<string>
  /** Options that were given a word of their own. */
  readonly values: ReadonlyMap<string, string>
  /** What follows the words of a command that `takesText`, as typed. */
  readonly text: string
}

/** What the bot answers, and what is to be done; the answer comes first. */
export type Answer = {
  readonly text: string
  readonly actions?: readonly Action[]
  /** Whoever reads the text may do something: it is written down nowhere. */
  readonly isSecret?: true
}

/** A server that is needed does not answer: the same command is to be run again later. */
export type Away = {
  readonly away: {
    readonly host: string
    /** When it asked to be left alone until, milliseconds since the epoch. */
    readonly retryAt?: number
    /** How it failed, for the log. */
    readonly why?: string
  }
}

/** What comes of a command that needs a server which failed so. */
export const awayBy = (host: string, { message, retryAt }: TransientError): Away => ({
  away: { host, why: message, ...(retryAt === undefined ? {} : { retryAt }) },
})

export type CommandResult = Answer | Away

export const commandGroups = ['Follow', 'Talk', 'Publish', 'You', 'Admin', 'Help'] as const

export type Command = {
  readonly name: string
  /** As shown in help, `<angle>` for what must be given, `[square]` for what may. */
  readonly args: string
  /** One line, a sentence. */
  readonly help: string
  /** What else is worth knowing, in sentences. */
  readonly more?: string
  readonly examples: readonly string[]
  readonly group: (typeof commandGroups)[number]
  /** The least permission that may use it. */
  readonly permission: Exclude<Permission, 'none'>
  /** How many words may follow; others are answered with the usage. */
  readonly takes: readonly [least: number, most: number]
  readonly options?: readonly string[]
  /** Options that are followed by a word, or several in quotes: `--lang de`. */
  readonly valueOptions?: readonly string[]
  /** Whatever follows the most words it takes is free text. */
  readonly takesText?: true
  /** Takes a file that its message answers, which nobody can send from a terminal. */
  readonly takesFile?: true
  /** Brings who asks into a room that the bridge makes. */
  readonly opensRoom?: true
  /** Said first when it takes longer than two seconds. */
  readonly doing: (args: readonly string[]) => string
  /**
   * Decides, and may make what is there at most once (an account, a room). May be run again after
   * a crash. RejectedError with `tell` is an answer too.
   */
  readonly run: (input: CommandInput, context: CommandContext) => Promise<CommandResult>
}

export const syntaxOf = ({ name, args }: Pick<Command, 'name' | 'args'>): string =>
  `${name} ${args}`.trim()

/** The answer to a command that was given too little, too much or something odd. */
export const usage = (command: Command): Answer => ({
  text: `${command.help}\nIt is written like this: \`${syntaxOf(command)}\``,
})
