import type { Answer, Command, CommandContext } from './command.ts'
import type { Block } from '../model/relation.ts'
import { becomeActor } from '../bridge/actors.ts'
import { blockAccount, unblockAccount } from '../bridge/block-account.ts'
import { handleOfActor } from '../bridge/follows.ts'
import { displayHandle } from '../model/names.ts'
import { findTarget, namesActor } from './target.ts'
import { page } from './page.ts'
import { quote } from './words.ts'
import { usage } from './command.ts'

async function blocksOf({ sender, deps }: CommandContext): Promise<readonly Block[]> {
  const owner = await deps.store.findLocalActorByUser(sender)
  return owner === undefined ? [] : deps.store.blocksBy(owner.id)
}

async function listBlocks(number: string | undefined, context: CommandContext): Promise<Answer> {
  const blocks = await blocksOf(context)
  if (blocks.length === 0) return { text: 'You have blocked nobody.' }
  const handles = await Promise.all(
    blocks.map(({ blocked }) => handleOfActor(blocked, context.deps)),
  )
  const sorted = handles.sort((a, b) => a.localeCompare(b))
  return page(sorted, { title: 'Blocked', command: 'block', number }) ?? usage(block)
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
    if (text === undefined || /^\d+$/.test(text)) return listBlocks(text, context)
    const target = await findTarget(text, deps)
    if (target.kind === 'nobody') return target.result
    if (target.kind === 'local')
      return { text: 'That person is on this server: your Matrix client can ignore them.' }
    const { actor, line, actions } = await becomeActor(sender, deps)
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
  run: async ({ args: [text = ''] }, context) => {
    const { deps } = context
    for (const one of await blocksOf(context)) {
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
