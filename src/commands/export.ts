import type { Command } from './command.ts'
import { beginExport } from '../bridge/export.ts'
import { hour, inMinutes } from '../model/limits.ts'

const lastExport = (userId: string): string => `exported ${userId}`

export const exportCommand: Command = {
  name: 'export',
  args: '',
  help: 'Sends you everything that you have on the fediverse, as a zip file.',
  more: 'In it are your profile, your posts with their files, whom you follow, block and like, and who follows you. Names and columns are those of Mastodon’s archive: `following_accounts.csv` and `blocked_accounts.csv` can be imported there, or here with `import`. It comes into the chat with me, in several files where it is large. Once an hour.',
  examples: ['export'],
  group: 'You',
  permission: 'follow',
  takes: [0, 0],
  doing: () => 'Looking for what you have.',
  run: async (_input, { sender, message, deps }) => {
    const actor = await deps.store.findLocalActorByUser(sender)
    if (actor === undefined)
      return { text: 'You have no account on the fediverse, so there is nothing to take along.' }
    const now = deps.clock.now()
    const key = lastExport(sender)
    const since = Number((await deps.store.findMark(key)) ?? -hour)
    if (since + hour > now)
      return {
        text: `You have asked for that within this hour. Ask again in ${inMinutes(since + hour, now)}.`,
      }
    return {
      text: 'I put it together and send it into our chat. With many files that takes a while.',
      actions: [
        {
          do: 'commit',
          changes: [
            { change: 'mark', key, value: String(now), at: now },
            beginExport(actor, message.eventId),
          ],
        },
      ],
    }
  },
}
