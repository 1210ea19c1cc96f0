import type { Action } from '../model/action.ts'
import type { Deps, Permission } from '../bridge/ports.ts'
import type { RoomId, UserId } from '../model/ids.ts'

/** Who typed a command, and where. */
export type CommandContext = {
  readonly sender: UserId
  readonly roomId: RoomId
  readonly deps: Deps
}

/** What the bot answers, and what is to be done; the answer comes first. */
export type CommandResult = { readonly text: string; readonly actions?: readonly Action[] }

export const commandGroups = ['Follow', 'Talk', 'Publish', 'You', 'Help'] as const

export type Command = {
  readonly name: string
  /** As shown in help, `<angle>` for what must be given, `[square]` for what may. */
  readonly args: string
  /** One line, a sentence. */
  readonly help: string
  readonly group: (typeof commandGroups)[number]
  /** The least permission that may use it; `none`: everybody. */
  readonly permission: Permission
  /** Words after the command's name. May throw RejectedError with `tell`. */
  readonly run: (args: readonly string[], context: CommandContext) => Promise<CommandResult>
}

/** The answer to a command that was given too little or something odd. */
export const usage = (command: Pick<Command, 'name' | 'args'>): CommandResult => ({
  text: `Please write it like this: \`${command.name} ${command.args}\``.trimEnd(),
})
