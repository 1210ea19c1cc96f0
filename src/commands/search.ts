import type { Answer, Command, CommandContext, CommandResult } from './command.ts'
import type { Deps } from '../bridge/ports.ts'
import type { RemoteActor } from '../model/actor.ts'
import { handleOf, mayPublish } from '../bridge/actors.ts'
import { suspensionOf } from '../bridge/domain-blocks.ts'
import { ensureGhostRow, ghostName } from '../bridge/ghosts.ts'
import { matrixLink } from '../bridge/portals.ts'
import { leftAloneLine, optOutOf } from '../bridge/wishes.ts'
import { searchWords } from '../model/account-words.ts'
import { displayHandle, parseTarget } from '../model/names.ts'
import { findTarget } from './target.ts'
import { quote } from './words.ts'

const mostShown = 20

const line = (actor: RemoteActor, { deps }: Pick<CommandContext, 'deps'>): string =>
  `${displayHandle(actor)} · ${ghostName(actor, deps)}`

/** Who that is, and where to find them on either side. */
async function describe(actor: RemoteActor, { sender, deps }: CommandContext): Promise<Answer> {
  const { userId } = await ensureGhostRow(actor, deps)
  const portal = await deps.store.findPortal({ kind: 'actor', actorId: actor.id })
  const isThere =
    portal !== undefined && (await deps.store.findMembership(portal.roomId, sender)) === 'join'
  const handle = displayHandle(actor)
  const chat = mayPublish(sender, deps) ? `, \`dm ${handle}\` opens a private chat` : ''
  return {
    text: [
      line(actor, { deps }),
      `On Matrix: ${matrixLink(userId)}`,
      `On the fediverse: ${actor.url ?? actor.id}`,
      isThere
        ? `Its room: ${matrixLink(portal.roomId)}`
        : `\`follow ${handle}\` brings its posts${chat}.`,
    ].join('\n'),
  }
}

async function resolveAccount(text: string, context: CommandContext): Promise<CommandResult> {
  const target = await findTarget(text, context.deps)
  if (target.kind === 'nobody') return target.result
  if (target.kind === 'remote') {
    const alone = await leftAloneLine(target.actor, context.deps)
    return alone === undefined ? describe(target.actor, context) : { text: alone }
  }
  const handle = handleOf(target.actor, context.deps)
  return { text: `${handle} is on this server, as ${target.actor.userId}.` }
}

/** Its profile lets it be found; what an admin here says, and what it said to us, counts as well. */
const isOpen = async ({ id }: RemoteActor, deps: Deps): Promise<boolean> =>
  (await suspensionOf(id, deps)) === undefined && (await optOutOf(id, deps)) === undefined

async function searchKnown(text: string, context: CommandContext): Promise<Answer> {
  const { deps } = context
  const found = await deps.store.searchAccounts(searchWords(text), mostShown + 1)
  const open: RemoteActor[] = []
  for (const id of found) {
    const actor = await deps.store.findRemoteActor(id)
    if (actor !== undefined && (await isOpen(actor, deps))) open.push(actor)
  }
  if (open.length === 0)
    return {
      text: `I know nobody called ${quote(text)}. I only know accounts that somebody here met and that wish to be found; with its whole address (\`search @user@host\`) any account is looked up.`,
    }
  const lines = open.slice(0, mostShown).map((actor) => line(actor, context))
  const more = open.length > mostShown ? ['There are more: say another word of the name.'] : []
  return { text: [`Called ${quote(text)}:`, ...lines.sort(), ...more].join('\n') }
}

export const search: Command = {
  name: 'search',
  args: '<words|@user@host>',
  help: 'Finds accounts by name, or says who an address is.',
  more: 'By words it finds accounts that somebody on this server met, and that have said on their own server that they may be found. By a whole address, or the link of a profile, it looks up any account.',
  examples: ['search jane', 'search @user@social.example'],
  group: 'Follow',
  permission: 'follow',
  takes: [1, 10],
  doing: (words) => `Looking for ${quote(words.join(' '))}.`,
  run: ({ args }, context) => {
    const [first = ''] = args
    const isAddress = args.length === 1 && parseTarget(first) !== undefined
    return isAddress ? resolveAccount(first, context) : searchKnown(args.join(' '), context)
  },
}

export const resolve: Command = {
  name: 'resolve',
  args: '<@user@host>',
  help: 'Says who an address is, on Matrix and on the fediverse.',
  more: 'The address may also be the link of a profile, or the Matrix id of somebody who stands for an account. Nothing is followed by it.',
  examples: ['resolve @user@social.example', 'resolve https://social.example/@user'],
  group: 'Follow',
  permission: 'follow',
  takes: [1, 1],
  doing: ([text = '']) => `Looking up ${quote(text)}.`,
  run: ({ args: [text = ''] }, context) => resolveAccount(text, context),
}
