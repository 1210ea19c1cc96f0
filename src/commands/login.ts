import type { Command, CommandContext } from './command.ts'

/** Whether others read what is answered there. */
async function isOverheard({ sender, message, deps }: CommandContext): Promise<boolean> {
  const { bot } = deps.identity
  // At the machine.
  if (sender === bot) return false
  const portal = await deps.store.findPortalByRoom(message.roomId)
  if (portal?.kind !== 'management' || portal.userId !== sender) return true
  const members = await deps.homeserver.members(bot, message.roomId)
  return members.some(
    ({ userId, membership }) =>
      userId !== bot && userId !== sender && (membership === 'join' || membership === 'invite'),
  )
}

export const login: Command = {
  name: 'login',
  args: '',
  help: 'Gives a link that logs you in to the page for admins.',
  more: 'It is good once, for ten minutes, for whoever opens it.',
  examples: ['login'],
  group: 'Admin',
  permission: 'admin',
  takes: [0, 0],
  doing: () => 'Making a link.',
  run: async (_, context) => {
    const { sender, deps } = context
    const { loginLink } = deps
    if (loginLink === undefined)
      return {
        text: 'There is no page for admins here: it needs `admin_page.port` in the configuration, and a restart.',
      }
    if (await isOverheard(context))
      return { text: 'Others can read this room. Ask me in a chat of just the two of us.' }
    return {
      text: `This link logs you in, once, within ten minutes; give it to nobody. ${loginLink(sender)}`,
      isSecret: true,
    }
  },
}
