import type { Command } from './command.ts'
import { prepareTakeBack } from '../bridge/take-back.ts'

const nothing =
  'Nothing to delete: this message was deleted on the fediverse before, or never was there.'

const refusals: Readonly<Record<string, string>> = {
  'unknown-target': nothing,
  deleted: nothing,
  'not-the-owner': 'Not deleted: only its author can. Write it as a reply to a message of yours.',
}

export const deleteCommand: Command = {
  name: 'delete',
  args: '',
  help: 'Deletes a post or message of yours on the fediverse, as a reply to it.',
  more: 'Deleting it in your client does the same, where your server tells me of it. Your message stays in the room until you delete it there.',
  examples: ['delete'],
  group: 'Publish',
  permission: 'user',
  takes: [0, 0],
  doing: () => 'Looking for your message.',
  run: async (_, { message, deps }) => {
    const { replyTo, isFallback } = message.relation
    if (replyTo === undefined || isFallback)
      return { text: 'Write it as a reply to your message, in the room where it stands.' }
    const prepared = await prepareTakeBack(message, deps)
    if (typeof prepared === 'string')
      return {
        text:
          refusals[prepared] ??
          'Not deleted. `status`, as a reply to it, says where this message is.',
      }
    return {
      text: 'I tell the servers that have it to delete it. Delete your message here, too.',
      actions: prepared,
    }
  },
}
