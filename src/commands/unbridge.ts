import type { Command } from './command.ts'
import { unbridgeJob } from '../bridge/unbridge.ts'
import { aimOf, findPortal } from './room-facts.ts'

export const unbridge: Command = {
  name: 'unbridge',
  args: '<room>',
  help: 'Ends what a room is for: everybody of the fediverse leaves it, and so do I.',
  more: 'Who read an account there follows it no more, and is told. What was written stays. A private chat, a Home room or a public room can be opened anew later; a room that was a group only by an admin.',
  examples: ['unbridge !abc:example.org'],
  group: 'Admin',
  permission: 'admin',
  takes: [1, 1],
  doing: () => 'Looking it up.',
  run: async ({ args: [text = ''] }, { deps }) => {
    const portal = await findPortal(text, unbridge, deps)
    if ('text' in portal) return portal
    if (portal.kind === 'management')
      return {
        text: `${await aimOf(portal, deps)}: it cannot be ended. What they may do stands in the configuration, under \`permissions\`.`,
      }
    const job = unbridgeJob(portal.roomId, deps.clock.now())
    return {
      text: `${await aimOf(portal, deps)} ends now.`,
      actions: [{ do: 'commit', changes: [job] }],
    }
  },
}
