import type { CommandContext } from './command.ts'
import type { Mxc } from '../model/ids.ts'

/** The file of the message that a command answers. Undefined: it answers none, or one without a file. */
export async function fileAnswered({
  message,
  deps,
}: Pick<CommandContext, 'message' | 'deps'>): Promise<Mxc | undefined> {
  const { replyTo } = message.relation
  if (replyTo === undefined) return undefined
  const event = await deps.homeserver.findEvent(deps.identity.bot, message.roomId, replyTo)
  return event?.type === 'message' ? event.media[0]?.mxc : undefined
}
