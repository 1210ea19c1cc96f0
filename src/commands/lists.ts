import type { Command } from './command.ts'
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
  permission: 'user',
  takes: [0, 1],
  doing: () => 'Reading your list.',
  run: async ({ args: [number] }, { sender, deps }) => {
    const follows = await followsOfUser(sender, deps)
    if (follows.length === 0) return { text: 'You follow nobody yet. `follow @user@host` starts.' }
    const lines = follows.map(({ handle, state }) => `${handle}${notes[state]}`)
    return page(lines, { title: 'You follow', command: 'following', number }) ?? usage(following)
  },
}

export const followers: Command = {
  name: 'followers',
  args: '[page]',
  help: 'Lists the accounts that follow you.',
  examples: ['followers', 'followers 2'],
  group: 'Follow',
  permission: 'user',
  takes: [0, 1],
  doing: () => 'Reading your list.',
  run: async ({ args: [number] }, { sender, deps }) => {
    const lines = await followersOfUser(sender, deps)
    if (lines.length === 0)
      return {
        text: 'Nobody follows you yet. `publish` gives you a profile that people can follow.',
      }
    return (
      page(lines, { title: 'Your followers', command: 'followers', number }) ?? usage(followers)
    )
  },
}
