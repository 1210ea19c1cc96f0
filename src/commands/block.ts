import type { Answer, Command, CommandContext } from './command.ts'
import type { LocalActor } from '../model/actor.ts'
import { becomeActor } from '../bridge/actors.ts'
import { blockAccount, unblockAccount } from '../bridge/block-account.ts'
import { handleOfActor } from '../bridge/follows.ts'
import { displayHandle } from '../model/names.ts'
import { findTarget, namesActor } from './target.ts'
import { quote } from './words.ts'

async function listBlocks(owner: LocalActor, { deps }: CommandContext): Promise<Answer> {
  const blocks = await deps.store.blocksBy(owner.id)
  if (blocks.length === 0) return { text: 'You have blocked nobody.' }
  const handles = await Promise.all(blocks.map(({ blocked }) => handleOfActor(blocked, deps)))
  return { text: [`Blocked (${handles.length}):`, ...handles.sort()].join('\n') }
}

export const block: Command = {
  name: 'block',
  args: '[<@user@host>]',
  help: 'Stops everything between you and an account.',
  more: 'Neither reads what the other publishes, follows the other or can write to the other, and their server is told. `unblock` takes it back; whoever followed whom does not any more. Alone, it lists whom you have blocked.',
  examples: ['block @user@social.example', 'block'],
  group: 'Follow',
  permission: 'user',
  takes: [0, 1],
  doing: ([text = '']) => `Looking up ${quote(text)}.`,
  run: async ({ args: [text] }, context) => {
    const { sender, deps } = context
    const { actor, line, actions } = await becomeActor(sender, deps)
    if (text === undefined) return listBlocks(actor, context)
    const target = await findTarget(text, deps)
    if (target.kind === 'nobody') return target.result
    if (target.kind === 'local')
      return { text: 'That person is on this server: your Matrix client can ignore them.' }
    const handle = displayHandle(target.actor)
    if ((await deps.store.findBlock(actor.id, target.actor.id)) !== undefined)
      return { text: `You have blocked ${handle} already.` }
    const said = `You have blocked ${handle}. \`unblock ${handle}\` takes it back.`
    return {
      text: [...line, said].join('\n'),
      actions: [...actions, ...(await blockAccount(actor, target.actor, deps))],
    }
  },
}

export const unblock: Command = {
  name: 'unblock',
  args: '<@user@host>',
  help: 'Takes a block back.',
  examples: ['unblock @user@social.example'],
  group: 'Follow',
  permission: 'user',
  takes: [1, 1],
  doing: () => 'Reading your list.',
  run: async ({ args: [text = ''] }, { sender, deps }) => {
    const owner = await deps.store.findLocalActorByUser(sender)
    for (const one of owner === undefined ? [] : await deps.store.blocksBy(owner.id)) {
      const actor = await deps.store.findRemoteActor(one.blocked)
      const isMeant =
        actor === undefined ? text === one.blocked : await namesActor(text, actor, deps)
      if (!isMeant) continue
      const handle = await handleOfActor(one.blocked, deps)
      return { text: `${handle} is not blocked any more.`, actions: unblockAccount(one, deps) }
    }
    return { text: `You have not blocked ${quote(text)}. \`block\` shows whom you have.` }
  },
}
