import type { Command } from './command.ts'
import { becomeActor, movedAway } from '../bridge/actors.ts'
import { prepareBoost } from '../bridge/boost.ts'

const refusals: Readonly<Record<string, string>> = {
  'not-public': 'Not boosted: this is not public. Only what everybody may read can be passed on.',
  blocked:
    'Not boosted: its author has blocked you, or you them. `block` lists whom you have blocked.',
  deleted: 'Not boosted: this post was deleted.',
  'already-known': 'You have boosted this post already.',
}

export const boost: Command = {
  name: 'boost',
  args: '',
  help: 'Shows the post that you reply to, to your followers.',
  more: 'A 🔁 reaction does the same. Deleting your reply, or the reaction, takes it back.',
  examples: ['boost'],
  group: 'Publish',
  permission: 'user',
  takes: [0, 0],
  doing: () => 'Boosting it.',
  run: async (_input, { sender, message, deps }) => {
    const { actor, line, actions } = await becomeActor(sender, deps)
    if (actor.profile?.movedTo !== undefined) return { text: movedAway, actions }
    const prepared = await prepareBoost(message, deps)
    if (prepared === 'unknown-target')
      return {
        text: `Reply with \`${deps.identity.commandPrefix} boost\` to the post that your followers shall see.`,
        actions,
      }
    if (typeof prepared === 'string')
      return { text: refusals[prepared] ?? 'Not boosted: I do not know this post.', actions }
    return { text: [...line, 'Boosted.'].join('\n'), actions: [...actions, ...prepared] }
  },
}
