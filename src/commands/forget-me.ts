import type { Command } from './command.ts'
import { handleOf } from '../bridge/actors.ts'
import { forgetMe } from '../bridge/forget-steps.ts'
import { usage } from './command.ts'

export const forgetMeCommand: Command = {
  name: 'forget-me',
  args: '[confirm]',
  help: 'Deletes your account on the fediverse, and everything that is kept of it here.',
  more: 'Every server that ever got something of yours is told to delete it, for a week if need be; then you hear here which did. Rooms that were made for you are left, what you followed, blocked and chose is gone, and nobody gets your address again. Your messages on Matrix stay in their rooms. It asks once more before it does anything; `export` gives you a copy first.',
  examples: ['forget-me', 'forget-me confirm'],
  group: 'You',
  permission: 'follow',
  takes: [0, 1],
  doing: () => 'Reading what there is of you.',
  run: async ({ args: [word] }, { sender, deps }) => {
    const actor = await deps.store.findLocalActorByUser(sender)
    if (actor === undefined)
      return { text: 'You have no account on the fediverse, so there is nothing to take back.' }
    const handle = handleOf(actor, deps)
    if (word === undefined)
      return {
        text: [
          `${handle} would be deleted on every server that ever got something of yours, with all your posts. Here your follows, blocks and settings go.`,
          'This cannot be undone, and nobody gets that address again. Your messages on Matrix stay. `export` gives you a copy before.',
          '`forget-me confirm` does it.',
        ].join('\n'),
      }
    if (word.toLowerCase() !== 'confirm') return usage(forgetMeCommand)
    return {
      text: `${handle} is deleted. The servers that had something of yours are being told; within a week I tell you here which of them took it.`,
      actions: [{ do: 'commit', changes: forgetMe(actor, deps) }],
    }
  },
}
