import type { CommandContext, CommandResult } from './command.ts'
import type { Deps } from '../bridge/ports.ts'
import type { PersonalRule } from '../model/personal-rule.ts'
import type { RemoteActor } from '../model/actor.ts'
import { postAnswered } from '../bridge/answered.ts'
import { domainIn } from '../bridge/blocklist-csv.ts'
import { isOurDomain } from '../bridge/blocklists.ts'
import { findTarget } from './target.ts'
import { quote } from './words.ts'

/** Whom a user wants to hear nothing of: an account, or everybody of a domain; or the answer to give. */
export type RuleTarget =
  | { readonly kind: 'account'; readonly actor: RemoteActor }
  | { readonly kind: 'domain'; readonly domain: string }
  | { readonly kind: 'nobody'; readonly result: CommandResult }

const isOnServer: RuleTarget = {
  kind: 'nobody',
  result: { text: 'That person is on this server: your Matrix client can ignore them.' },
}

/** A domain alone, without anything that makes it an address or a link. */
export const domainNamed = (word: string): string | undefined =>
  /[@/:]/.test(word) ? undefined : domainIn(word)

/** Whoever wrote the post that this command answers. */
async function ofPost({ message, deps }: CommandContext): Promise<RuleTarget | undefined> {
  const post = await postAnswered(message, deps)
  if (post === undefined) return undefined
  if (post.isLocal) return isOnServer
  const actor = await deps.store.findRemoteActor(post.author)
  return actor === undefined ? undefined : { kind: 'account', actor }
}

/** By a word, or by the post that is answered. Undefined: neither names anybody. */
export async function ruleTarget(
  word: string | undefined,
  context: CommandContext,
): Promise<RuleTarget | undefined> {
  const { deps } = context
  if (word === undefined) return ofPost(context)
  const domain = domainNamed(word)
  if (domain !== undefined) {
    if (!isOurDomain(domain, deps)) return { kind: 'domain', domain }
    return { kind: 'nobody', result: { text: `${quote(domain)} is this server.` } }
  }
  const target = await findTarget(word, deps)
  if (target.kind === 'local') return isOnServer
  return target.kind === 'remote' ? { kind: 'account', actor: target.actor } : target
}

/** What that user keeps away from themselves by such rules. */
export async function rulesOf(
  { sender, deps }: CommandContext,
  kinds: readonly PersonalRule['rule'][],
): Promise<readonly PersonalRule[]> {
  const owner = await deps.store.findLocalActorByUser(sender)
  const rules = owner === undefined ? [] : await deps.store.personalRules(owner.id)
  return rules.filter(({ rule }) => kinds.includes(rule))
}

export const putRule = (rule: PersonalRule, { clock }: Pick<Deps, 'clock'>) =>
  ({
    do: 'commit',
    changes: [{ change: 'put-personal-rule', rule, at: clock.now() }],
  }) as const

export const removeRule = (rule: PersonalRule) =>
  ({ do: 'commit', changes: [{ change: 'remove-personal-rule', rule }] }) as const
