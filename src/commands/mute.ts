import type { Answer, Command, CommandContext } from './command.ts'
import type { PersonalRule } from '../model/personal-rule.ts'
import { becomeActor } from '../bridge/actors.ts'
import { handleOfActor } from '../bridge/follows.ts'
import { asActorId } from '../model/ids.ts'
import { displayHandle } from '../model/names.ts'
import { domainNamed, putRule, removeRule, rulesOf, ruleTarget } from './rule-target.ts'
import { namesId } from './target.ts'
import { page } from './page.ts'
import { quote } from './words.ts'
import { usage } from './command.ts'

const kinds = ['mute', 'mute-domain'] as const

const nameOf = async ({ rule, target }: PersonalRule, { deps }: CommandContext): Promise<string> =>
  rule === 'mute' ? handleOfActor(asActorId(target), deps) : target

async function list(number: string | undefined, context: CommandContext): Promise<Answer> {
  const rules = await rulesOf(context, kinds)
  if (rules.length === 0) return { text: 'You have muted nobody.' }
  const names = await Promise.all(rules.map((rule) => nameOf(rule, context)))
  const sorted = names.sort((a, b) => a.localeCompare(b))
  return page(sorted, { title: 'Muted', command: 'mute', number }) ?? usage(mute)
}

export const mute: Command = {
  name: 'mute',
  args: '[<@user@host> | <domain>]',
  help: 'Shows you nothing more of an account, or of a whole server, which does not learn of it.',
  more: 'As a reply to a post it means its author. Mentions, private messages, boosts, answers and what stands in your Home room are not shown; the room of an account that you follow goes on, because others read there too: `unfollow` ends that. `unmute` takes it back; alone it lists whom you have muted.',
  examples: ['mute @user@social.example', 'mute loud.example', 'mute'],
  group: 'Follow',
  permission: 'follow',
  takes: [0, 1],
  doing: ([text = '']) => `Looking up ${quote(text)}.`,
  run: async ({ args: [text] }, context) => {
    if (text !== undefined && /^\d+$/.test(text)) return list(text, context)
    const target = await ruleTarget(text, context)
    if (target === undefined) return list(undefined, context)
    if (target.kind === 'nobody') return target.result
    const { deps, sender } = context
    const { actor, line, actions } = await becomeActor(sender, deps)
    const rule: PersonalRule =
      target.kind === 'domain'
        ? { owner: actor.id, rule: 'mute-domain', target: target.domain }
        : { owner: actor.id, rule: 'mute', target: target.actor.id }
    const name = target.kind === 'domain' ? target.domain : displayHandle(target.actor)
    const said = `You have muted ${name}. \`unmute ${name}\` takes it back.`
    return { text: [...line, said].join('\n'), actions: [...actions, putRule(rule, deps)] }
  },
}

async function isNamed(
  { rule, target }: PersonalRule,
  text: string,
  { deps }: CommandContext,
): Promise<boolean> {
  return rule === 'mute-domain'
    ? domainNamed(text) === target
    : namesId(text, asActorId(target), deps)
}

export const unmute: Command = {
  name: 'unmute',
  args: '<@user@host> | <domain>',
  help: 'Shows you again what you have muted.',
  examples: ['unmute @user@social.example'],
  group: 'Follow',
  permission: 'follow',
  takes: [1, 1],
  doing: () => 'Reading your list.',
  run: async ({ args: [text = ''] }, context) => {
    for (const rule of await rulesOf(context, kinds)) {
      if (!(await isNamed(rule, text, context))) continue
      const name = await nameOf(rule, context)
      return { text: `${name} is not muted any more.`, actions: [removeRule(rule)] }
    }
    return { text: `You have not muted ${quote(text)}. \`mute\` shows whom you have.` }
  },
}
