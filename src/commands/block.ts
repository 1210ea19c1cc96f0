import type { Answer, Command, CommandContext } from './command.ts'
import type { Block } from '../model/relation.ts'
import { becomeActor } from '../bridge/actors.ts'
import { blockAccount, blockDomainFor, unblockAccount } from '../bridge/block-account.ts'
import { handleOfActor } from '../bridge/follows.ts'
import { displayHandle } from '../model/names.ts'
import { domainNamed, removeRule, rulesOf, ruleTarget } from './rule-target.ts'
import { namesId } from './target.ts'
import { page } from './page.ts'
import { quote } from './words.ts'
import { usage } from './command.ts'

async function blocksOf({ sender, deps }: CommandContext): Promise<readonly Block[]> {
  const owner = await deps.store.findLocalActorByUser(sender)
  return owner === undefined ? [] : deps.store.blocksBy(owner.id)
}

async function listBlocks(number: string | undefined, context: CommandContext): Promise<Answer> {
  const blocks = await blocksOf(context)
  const domains = (await rulesOf(context, ['block-domain'])).map(({ target }) => target)
  if (blocks.length + domains.length === 0) return { text: 'You have blocked nobody.' }
  const handles = await Promise.all(
    blocks.map(({ blocked }) => handleOfActor(blocked, context.deps)),
  )
  const sorted = [...handles, ...domains].sort((a, b) => a.localeCompare(b))
  return page(sorted, { title: 'Blocked', command: 'block', number }) ?? usage(block)
}

export const block: Command = {
  name: 'block',
  args: '[<@user@host> | <domain>]',
  help: 'Stops everything between you and an account, or between you and a whole server.',
  more: 'As a reply to a post it means its author. Neither reads what the other publishes, follows the other or can write to the other, and the server of an account is told. `unblock` takes it back; whoever followed whom does not any more. Alone, it lists whom you have blocked. What you ignore in your Matrix client is hidden in that client alone: nobody here can see it, and the account goes on to get what you write.',
  examples: ['block @user@social.example', 'block loud.example', 'block'],
  group: 'Follow',
  permission: 'follow',
  takes: [0, 1],
  doing: ([text = '']) => `Looking up ${quote(text)}.`,
  run: async ({ args: [text] }, context) => {
    const { deps } = context
    if (text !== undefined && /^\d+$/.test(text)) return listBlocks(text, context)
    const target = await ruleTarget(text, context)
    if (target === undefined) return listBlocks(undefined, context)
    if (target.kind === 'nobody') return target.result
    if (target.kind === 'domain') return ownDomain(target.domain, context)
    const { actor, line, actions } = await becomeActor(context.sender, deps)
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

/** Everybody of a domain, for that user alone. */
async function ownDomain(domain: string, { sender, deps }: CommandContext): Promise<Answer> {
  const { actor, line, actions } = await becomeActor(sender, deps)
  const said = `You have blocked ${domain} and all below it. \`unblock ${domain}\` takes it back.`
  return {
    text: [...line, said].join('\n'),
    actions: [...actions, ...(await blockDomainFor(actor, domain, deps))],
  }
}

export const unblock: Command = {
  name: 'unblock',
  args: '<@user@host> | <domain>',
  help: 'Takes a block back.',
  examples: ['unblock @user@social.example'],
  group: 'Follow',
  permission: 'follow',
  takes: [1, 1],
  doing: () => 'Reading your list.',
  run: async ({ args: [text = ''] }, context) => {
    const { deps } = context
    const domain = domainNamed(text)
    const rule = (await rulesOf(context, ['block-domain'])).find(({ target }) => target === domain)
    if (rule !== undefined)
      return { text: `${rule.target} is not blocked any more.`, actions: [removeRule(rule)] }
    for (const one of await blocksOf(context)) {
      if (!(await namesId(text, one.blocked, deps))) continue
      const handle = await handleOfActor(one.blocked, deps)
      return { text: `${handle} is not blocked any more.`, actions: unblockAccount(one, deps) }
    }
    return { text: `You have not blocked ${quote(text)}. \`block\` shows whom you have.` }
  },
}
