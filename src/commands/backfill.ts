import type { Command, CommandContext, CommandResult } from './command.ts'
import { olderPosts } from '../bridge/backlog.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { awayBy, usage } from './command.ts'

const mostPosts = 50

async function fill(limit: number, { message, deps }: CommandContext): Promise<CommandResult> {
  const portal = await deps.store.findPortalByRoom(message.roomId)
  if (portal?.kind !== 'actor')
    return {
      text: `Write this in the room of an account that you follow: \`${deps.identity.commandPrefix} backfill 20\`.`,
    }
  const { host } = new URL(portal.actorId)
  try {
    const notes = await olderPosts(portal, limit, deps)
    if (notes.length === 0) return { text: `${host} shows me no older posts of this account.` }
    const posts = notes.length === 1 ? 'One older post comes' : `${notes.length} older posts come`
    return {
      text: `${posts} to the end of this room, with their own dates.`,
      actions: [{ do: 'backfill', actorId: portal.actorId, notes }],
    }
  } catch (error) {
    if (error instanceof TransientError && error.of === 'remote') return awayBy(host, error)
    if (error instanceof RejectedError)
      return { text: `${host} shows me no older posts of this account.` }
    throw error
  }
}

export const backfill: Command = {
  name: 'backfill',
  args: '<number>',
  help: 'Brings older posts of an account into its room.',
  more: `Public ones, at most ${mostPosts} at a time; again, it goes on further back. They stand at the end of the room with their own dates, and ping nobody.`,
  examples: ['backfill 20'],
  group: 'Follow',
  permission: 'follow',
  takes: [1, 1],
  doing: () => 'Looking for older posts.',
  run: async ({ args: [number = ''] }, context) => {
    const limit = /^\d{1,4}$/.test(number) ? Math.min(Number(number), mostPosts) : 0
    return limit === 0 ? usage(backfill) : fill(limit, context)
  },
}
