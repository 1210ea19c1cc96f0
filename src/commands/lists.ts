import type { Command } from './command.ts'
import type { Deps } from '../bridge/ports.ts'
import type { UserId } from '../model/ids.ts'
import { handleOf } from '../bridge/actors.ts'
import { usage } from './command.ts'
import { followersOfUser, followsOfUser } from '../bridge/follows.ts'
import { page } from './page.ts'

const notes = { accepted: '', requested: ' (not answered yet)', rejected: ' (declined)' } as const

export const following: Command = {
  name: 'following',
  args: '[page]',
  help: 'Lists the accounts you follow.',
  examples: ['following', 'following 2'],
  group: 'Follow',
  permission: 'follow',
  takes: [0, 1],
  doing: () => 'Reading your list.',
  run: async ({ args: [number] }, { sender, deps }) => {
    const follows = await followsOfUser(sender, deps)
    if (follows.length === 0) return { text: 'You follow nobody yet. `follow @user@host` starts.' }
    const lines = follows.map(
      ({ handle, state, shownIn }) =>
        `${handle}${shownIn === 'home' ? ' (in your Home room)' : ''}${notes[state]}`,
    )
    return page(lines, { title: 'You follow', command: 'following', number }) ?? usage(following)
  },
}

async function nobodyYet(sender: UserId, deps: Deps): Promise<string> {
  const own = await deps.store.findLocalActorByUser(sender)
  const next =
    own === undefined
      ? '`publish` gives you a profile that people can follow.'
      : `People find you as ${handleOf(own, deps)}; \`publish\` opens the room where you write to them.`
  return `Nobody follows you yet. ${next}`
}

export const followers: Command = {
  name: 'followers',
  args: '[page]',
  help: 'Lists the accounts that follow you.',
  examples: ['followers', 'followers 2'],
  group: 'Follow',
  permission: 'follow',
  takes: [0, 1],
  doing: () => 'Reading your list.',
  run: async ({ args: [number] }, { sender, deps }) => {
    const lines = await followersOfUser(sender, deps)
    if (lines.length === 0) return { text: await nobodyYet(sender, deps) }
    return (
      page(lines, { title: 'Your followers', command: 'followers', number }) ?? usage(followers)
    )
  },
}
